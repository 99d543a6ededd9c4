"""How high a splash rises: what is brighter at the place of the entry than the water settled.

The window that follows the diver stays with the place where he went in, so the pictures after the
entry show one place; what is left of a camera's motion is taken out by the shift that fits best.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from fpcli.analysis.doubt import THRESHOLD

RISING_S = (0.15, 0.75)  # after the touch, in which a splash stands
SETTLED_S = 0.8  # after the touch, when most of it has fallen
SETTLED_PICTURES = 8  # the last ones
LEAST_SETTLED = 3
SHIFT_PX = 4  # of the network's picture, that two pictures of one place may be apart
GREATEST_UNREST = 9.0  # mean grey levels that they may still differ by
BRIGHTER = 15.0  # grey levels by which a splash is brighter than the water at least
NOISE = 3.0  # times as bright as what the settled water shows by itself
EDGE_SHARE = 1.0  # of the brightness that a shift of a pixel makes
REACH = 0.39  # statures from the middle of the window, where a splash's middle lies
AROUND = 0.58  # and the whole of it
LEAST_PX = 20
ENDS = (5.0, 95.0)  # percentiles of its rows that count as its ends
WIDENING = 0.06  # statures by which its foot, seen from above, and its blur make it look higher
LOOKED, CLOSED = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
ERROR, ERROR_SHARE = 0.06, 0.15  # standard deviation, statures and share of the height


@dataclass(frozen=True)
class Splash:
    """Height of a splash and standard deviation, statures, and the picture in which it is seen."""

    height: float
    error: float
    sample: int


def splash_height(
    frames: np.ndarray,
    masks: np.ndarray,
    samples: np.ndarray,
    since_s: np.ndarray,
    stature_px: float,
) -> Splash | None:
    """Measure the splash; None where it cannot be told from the water.

    frames: (96, h, w, 3) uint8, windows whose middle lies where the diver went in. masks: (96, h,
    w) probabilities of the diver. samples: (S,) those to look at, rising. since_s: (96,) seconds of
    life after the touch. stature_px: of the diver, pixels of the window.
    """
    grey = {s: _grey(frames[s]) for s in samples if since_s[s] > RISING_S[0]}
    late = [s for s in grey if since_s[s] > SETTLED_S][-SETTLED_PICTURES:]
    if len(late) < LEAST_SETTLED:
        return None
    still = [_shifted(grey[s], grey[late[-1]], stature_px)[0] for s in late]
    settled = np.median(still, axis=0)
    noise = np.percentile(np.abs(np.array(still) - settled), 90, axis=0)
    edges = np.hypot(cv2.Sobel(settled, cv2.CV_64F, 1, 0), cv2.Sobel(settled, cv2.CV_64F, 0, 1))
    least = np.maximum(NOISE * noise, BRIGHTER) + EDGE_SHARE * edges / 8
    found: list[tuple[int, float, int]] = []
    for sample in (s for s in grey if since_s[s] < RISING_S[1]):
        moved, unrest = _shifted(grey[sample], settled, stature_px)
        if unrest > GREATEST_UNREST:
            return None
        diver = cv2.dilate((masks[sample] >= THRESHOLD).astype(np.uint8), LOOKED)
        rows = _rows((moved - settled > least) & (diver == 0), stature_px)
        if len(rows) >= LEAST_PX:
            low, high = np.percentile(rows, ENDS)
            found.append((len(rows), float(high - low) / stature_px, sample))
    if not found:
        return None
    heights = [height for _, height, _ in found]
    height = max(float(np.percentile(heights, 90)) - WIDENING, 0.0)
    sample = max(found)[2]
    return Splash(height, ERROR + ERROR_SHARE * height, sample)


def _grey(picture: np.ndarray) -> np.ndarray:
    grey: np.ndarray = cv2.GaussianBlur(picture.mean(axis=2), (0, 0), 0.7)
    return grey


def _shifted(picture: np.ndarray, like: np.ndarray, stature_px: float) -> tuple[np.ndarray, float]:
    """A picture shifted so that around the splash it looks like another, and the rest."""
    height, width = like.shape
    reach = round(REACH * stature_px)
    around = np.ones(like.shape, bool)
    middle = height // 2, width // 2
    around[middle[0] - reach : middle[0] + reach, middle[1] - reach : middle[1] + reach] = False
    around &= like > 0  # beyond the source's edges the window is black
    inner = slice(SHIFT_PX, -SHIFT_PX)
    around = around[inner, inner]
    best = picture, np.inf
    for down in range(-SHIFT_PX, SHIFT_PX + 1):
        for right in range(-SHIFT_PX, SHIFT_PX + 1):
            moved = np.roll(picture, (down, right), (0, 1))
            rest = float(np.abs(moved - like)[inner, inner][around].mean())
            if rest < best[1]:
                best = moved, rest
    return best


def _rows(bright: np.ndarray, stature_px: float) -> np.ndarray:
    """Rows of the pixels of the largest bright piece near the middle of a window."""
    height, width = bright.shape
    middle, around = np.array([width / 2, height / 2]), round(AROUND * stature_px)
    near = np.zeros_like(bright)
    top, left = max(height // 2 - around, 0), max(width // 2 - around, 0)
    near[top : height // 2 + around, left : width // 2 + around] = True
    bright = bright & near
    count, pieces, sizes, centres = cv2.connectedComponentsWithStats(
        cv2.morphologyEx(bright.astype(np.uint8), cv2.MORPH_CLOSE, CLOSED)
    )
    close = np.abs(centres[1:] - middle).max(axis=1, initial=0) < REACH * stature_px
    if count < 2 or not close.any():
        return np.zeros(0, np.int64)
    largest = 1 + int(np.argmax(np.where(close, sizes[1:, cv2.CC_STAT_AREA], 0)))
    return np.nonzero(bright & (pieces == largest))[0]
