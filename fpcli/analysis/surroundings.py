"""Pictures with their neighbours in time, brought to where the camera looks now."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

HELD_S = 0.36  # of pictures on either side
NEAR_ENOUGH = 0.4  # of a reach in time that the nearest picture may be off


@dataclass(frozen=True, eq=False)
class _Held:
    picture: np.ndarray
    time_s: float
    to_newest: np.ndarray


@dataclass(frozen=True, eq=False)
class Surrounded:
    """A picture, (H, W, 3) uint8 from 1 to 255, that can be compared with those around it."""

    picture: np.ndarray
    time_s: float
    speed: float
    _to_newest: np.ndarray
    _others: tuple[_Held, ...]

    def neighbour(self, reach_s: float) -> np.ndarray | None:
        """The picture about `reach_s` later (or earlier), its background moved onto this one's.

        Returns (H, W, 3) uint8, 0 where it shows nothing; None where there is none.
        """
        nearest = self._nearest(reach_s)
        return None if nearest is None else self._moved(nearest.picture, nearest.to_newest)

    def neighbour_luma(self, reach_s: float) -> np.ndarray | None:
        """The same picture's luma, (H, W) uint8, which is less to move."""
        nearest = self._nearest(reach_s)
        if nearest is None:
            return None
        luma = cv2.cvtColor(nearest.picture, cv2.COLOR_RGB2GRAY)
        return self._moved(luma, nearest.to_newest)

    def _nearest(self, reach_s: float) -> _Held | None:
        moment = self.time_s + reach_s
        nearest = min(self._others, key=lambda held: abs(held.time_s - moment), default=None)
        if nearest is None or abs(nearest.time_s - moment) > NEAR_ENOUGH * abs(reach_s):
            return None
        return nearest

    def _moved(self, other: np.ndarray, to_newest: np.ndarray) -> np.ndarray:
        matrix = np.linalg.solve(self._to_newest, to_newest)
        height, width = self.picture.shape[:2]
        moved: np.ndarray = cv2.warpAffine(
            other, matrix[:2], (width, height), flags=cv2.INTER_LINEAR
        )
        return moved


class Surroundings:
    """Holds a stream's last pictures; each comes out once what follows it was seen."""

    def __init__(self) -> None:
        self._held: deque[_Held] = deque()
        self._next = 0

    def add(
        self, picture: np.ndarray, time_s: float, from_before: np.ndarray
    ) -> Iterator[Surrounded]:
        """Take the next picture and yield those whose surroundings are complete.

        picture: (H, W, 3) uint8. from_before: (3, 3), maps the picture before to this one.
        """
        self._held = deque(
            _Held(held.picture, held.time_s, from_before @ held.to_newest) for held in self._held
        )
        self._held.append(_Held(np.maximum(picture, 1), time_s, np.eye(3)))
        while self._next < len(self._held) and self._held[self._next].time_s <= time_s - HELD_S:
            yield self._surrounded()

    def finish(self) -> Iterator[Surrounded]:
        """Yield the pictures that are left; what comes next has nothing to do with them."""
        while self._next < len(self._held):
            yield self._surrounded()
        self._held.clear()
        self._next = 0

    def _surrounded(self) -> Surrounded:
        here = self._held[self._next]
        others = tuple(held for held in self._held if held is not here)
        self._next += 1
        while self._held[0].time_s < here.time_s - HELD_S:
            self._held.popleft()
            self._next -= 1
        return Surrounded(
            here.picture, here.time_s, self._speed(here, others), here.to_newest, others
        )

    @staticmethod
    def _speed(here: _Held, others: tuple[_Held, ...]) -> float:
        """How fast the background moves, longer sides a second."""
        nearest = min(others, key=lambda held: abs(held.time_s - here.time_s), default=None)
        if nearest is None or nearest.time_s == here.time_s:
            return 0.0
        height, width = here.picture.shape[:2]
        middle = np.array([width / 2, height / 2, 1.0])
        shift = (np.linalg.solve(here.to_newest, nearest.to_newest) @ middle - middle)[:2]
        return float(np.hypot(*shift)) / abs(nearest.time_s - here.time_s) / max(height, width)
