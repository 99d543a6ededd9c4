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
LEAST_RISING = 6  # pictures in which a splash is seen
SHIFT_PX = 10  # of the network's picture, that two pictures of one place may be apart
GREATEST_UNREST = 13.0  # grey levels by which they may still differ, root of the mean square
BRIGHTER = 15.0  # grey levels by which a splash is brighter than the water at least
NOISE = 3.0  # times as bright as what the settled water shows by itself
EDGE_SHARE = 1.0  # of the brightness that a shift of a pixel makes
REACH = 0.39  # statures from the middle of the window, where a splash's middle lies
AROUND, ABOVE = 0.58, 0.82  # to either side and below, and above, where the whole of it lies
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
            continue
        diver = cv2.dilate((masks[sample] >= THRESHOLD).astype(np.uint8), LOOKED)
        rows = _rows((moved - settled > least) & (diver == 0), stature_px)
        if len(rows) >= LEAST_PX:
            low, high = np.percentile(rows, ENDS)
            found.append((len(rows), float(high - low) / stature_px, sample))
    if len(found) < LEAST_RISING:
        return None
    heights = [height for _, height, _ in found]
    height = max(float(np.percentile(heights, 90)) - WIDENING, 0.0)
    sample = max(found)[2]
    return Splash(height, ERROR + ERROR_SHARE * height, sample)


def _grey(picture: np.ndarray) -> np.ndarray:
    grey: np.ndarray = cv2.GaussianBlur(picture.mean(axis=2), (0, 0), 0.7)
    return grey


def _shifted(picture: np.ndarray, like: np.ndarray, stature_px: float) -> tuple[np.ndarray, float]:
    """A picture shifted so that around the splash it looks like another, and what differs still.

    The rest is the square root of the mean square, grey levels.
    """
    height, width = like.shape
    reach, above = round(REACH * stature_px), round(ABOVE * stature_px)
    around = (like > 0).astype(np.float32)  # beyond the source's edges the window is black
    around[
        max(height // 2 - above, 0) : height // 2 + reach, width // 2 - reach : width // 2 + reach
    ] = 0
    inner = slice(SHIFT_PX, height - SHIFT_PX), slice(SHIFT_PX, width - SHIFT_PX)
    part, around = like[inner].astype(np.float32), around[inner]
    rest = cv2.matchTemplate(picture.astype(np.float32), part, cv2.TM_SQDIFF, mask=around)
    least, _, (x, y), _ = cv2.minMaxLoc(rest)
    moved = np.roll(picture, (SHIFT_PX - y, SHIFT_PX - x), (0, 1))
    return moved, float(np.sqrt(max(least, 0.0) / max(float(around.sum()), 1.0)))


def _rows(bright: np.ndarray, stature_px: float) -> np.ndarray:
    """Rows of the pixels of the largest bright piece near the middle of a window."""
    height, width = bright.shape
    middle, around = np.array([width / 2, height / 2]), round(AROUND * stature_px)
    near = np.zeros_like(bright)
    top = max(height // 2 - round(ABOVE * stature_px), 0)
    left = max(width // 2 - around, 0)
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
