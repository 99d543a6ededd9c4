"""What moves against the background, the camera's own motion taken out."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

REACHES_S = (0.14, 0.32)  # how far back and ahead the background is looked for, seconds
SOFTENING_PX = 1.2  # standard deviation; finer detail is noise and misfit
NOISE_LEVELS = 6.0  # grey levels that a still picture differs by
EDGE_LEVELS = 0.35  # of the gradient per pixel: what a misfit of a third of a pixel makes
FROM_RATIO = 2.2  # times what noise and misfit explain, from which a pixel moves
JOIN_SHARE = 1 / 96  # of the longer side: parts of a body nearer than this belong together
LEAST_AREA_PX = 12.0
MOST_BLOBS = 24  # a picture
AREA_PER_STATURE = (
    0.17  # area of a body in the air, in squares of its stature (tuck 0.15, pike 0.2)
)


@dataclass(frozen=True, eq=False)
class Blobs:
    """Moving pieces of one picture, N of them, the largest first.

    centres: (N, 2) x and y, pixels. boxes: (N, 4) x0, y0, x1, y1. areas: (N,) pixels.
    """

    centres: np.ndarray
    boxes: np.ndarray
    areas: np.ndarray

    @property
    def stature_px(self) -> np.ndarray:
        """(N,) standing height of a body with each piece's area in the air, pixels."""
        return np.sqrt(self.areas / AREA_PER_STATURE)


@dataclass(frozen=True, eq=False)
class _Held:
    picture: np.ndarray
    time_s: float
    to_here: np.ndarray  # from this picture to the newest


class MovingPieces:
    """Finds moving pieces in a stream of pictures; answers come a third of a second late."""

    def __init__(self) -> None:
        self._held: deque[_Held] = deque()
        self._next = 0

    def add(self, picture: np.ndarray, time_s: float, from_before: np.ndarray) -> Iterator[Blobs]:
        """Take the next picture and yield the blobs of those that have now been seen around.

        picture: (H, W, 3) uint8. from_before: (3, 3), maps the picture before to this one.
        """
        soft = cv2.GaussianBlur(picture, (0, 0), SOFTENING_PX)
        self._held = deque(
            _Held(held.picture, held.time_s, from_before @ held.to_here) for held in self._held
        )
        self._held.append(_Held(soft, time_s, np.eye(3)))
        while (
            self._next < len(self._held) and self._held[self._next].time_s <= time_s - REACHES_S[-1]
        ):
            yield self._blobs_of_next()

    def finish(self) -> Iterator[Blobs]:
        """Yield the blobs of the pictures that are left; another scene may begin after."""
        while self._next < len(self._held):
            yield self._blobs_of_next()
        self._held.clear()
        self._next = 0

    def _blobs_of_next(self) -> Blobs:
        here = self._held[self._next]
        blobs = _blobs(motion_ratio(here, self._neighbours(here)))
        self._next += 1
        while self._held[0].time_s < self._held[min(self._next, len(self._held) - 1)].time_s - (
            REACHES_S[-1] * 1.2
        ):
            self._held.popleft()
            self._next -= 1
        return blobs

    def _neighbours(self, here: _Held) -> list[_Held]:
        times = np.array([held.time_s for held in self._held])
        found = []
        for reach in REACHES_S:
            for moment in (here.time_s - reach, here.time_s + reach):
                place = int(np.abs(times - moment).argmin())
                if abs(times[place] - moment) < reach / 3:
                    found.append(self._held[place])
        return found


def motion_ratio(here: _Held, others: list[_Held]) -> np.ndarray:
    """How much more each pixel differs from the background than noise explains, (H, W) float32."""
    height, width = here.picture.shape[:2]
    if not others:
        return np.zeros((height, width), np.float32)
    here_inverse = np.linalg.inv(here.to_here)
    least = second = None
    for other in others:
        matrix = (here_inverse @ other.to_here)[:2]
        moved = cv2.warpAffine(other.picture, matrix, (width, height), flags=cv2.INTER_LINEAR)
        seen = cv2.warpAffine(
            np.full((height, width), 255, np.uint8),
            matrix,
            (width, height),
            flags=cv2.INTER_NEAREST,
        )
        difference = cv2.absdiff(here.picture, moved).max(axis=2)
        difference[seen == 0] = 255
        if least is None:
            least, second = difference, np.full_like(difference, 255)
        else:
            second = cv2.min(second, cv2.max(least, difference))
            least = cv2.min(least, difference)
    assert least is not None
    assert second is not None
    chosen = np.where(second == 255, np.where(least == 255, 0, least), second).astype(np.float32)
    grey = cv2.cvtColor(here.picture, cv2.COLOR_RGB2GRAY)
    gradient = cv2.magnitude(
        cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125),
    )
    return chosen / (NOISE_LEVELS + EDGE_LEVELS * gradient)


def _blobs(ratio: np.ndarray) -> Blobs:
    moving = (ratio >= FROM_RATIO).astype(np.uint8)
    reach = max(1, round(max(moving.shape) * JOIN_SHARE))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    joined = cv2.morphologyEx(moving, cv2.MORPH_CLOSE, kernel)
    joined = cv2.medianBlur(joined, 3)
    _, _, stats, centres = cv2.connectedComponentsWithStats(joined)
    areas = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
    order = np.argsort(-areas)[:MOST_BLOBS]
    order = order[areas[order] >= LEAST_AREA_PX] + 1
    left, top, width, height = stats[order, :4].T
    return Blobs(
        centres=centres[order] + 0.5,
        boxes=np.stack([left, top, left + width, top + height], axis=1).astype(np.float64),
        areas=areas[order - 1],
    )
