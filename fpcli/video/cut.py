"""Cutting a window out of a picture."""

from collections.abc import Callable

import cv2
import numpy as np

from fpcli.video.orientation import Box

MakePart = Callable[[Box], np.ndarray]  # a box inside a picture to (H, W, C) uint8


def cut_window(picture: np.ndarray, window: np.ndarray, size: int) -> np.ndarray:
    """Cut one window out of a picture and bring it to size × size.

    picture: (H, W, C) uint8. window: (3,) left, top, side. Beyond the picture's edges it is black.
    Shrinks by area and enlarges bilinearly. Returns (size, size, C) uint8.
    """
    height, width, channels = picture.shape

    def part(box: Box) -> np.ndarray:
        left, top, right, bottom = box
        return picture[top:bottom, left:right]

    return cut_part(part, (width, height), window, size, channels)


def cut_part(
    part: MakePart, size_px: tuple[int, int], window: np.ndarray, size: int, channels: int = 3
) -> np.ndarray:
    """Cut a window out of a picture of which only the part that is needed is made.

    size_px: (width, height) of the whole picture. The rest as for `cut_window`.
    """
    side = max(round(float(window[2])), 1)
    left, top = (round(float(value)) for value in window[:2])
    width, height = size_px
    inside = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    x0, y0, x1, y1 = inside
    if inside == (left, top, left + side, top + side):
        square = part(inside)
    else:
        square = np.zeros((side, side, channels), np.uint8)
        if x0 < x1 and y0 < y1:
            square[y0 - top : y1 - top, x0 - left : x1 - left] = part(inside)
    method = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    resized: np.ndarray = cv2.resize(square, (size, size), interpolation=method)
    return resized


class MovingWindow:
    """What is kept of each picture: a square that moves, brought to one size.

    at: left, top and side (3,) at a second, pixels of the upright picture. size: pixels.
    """

    def __init__(self, at: Callable[[float], np.ndarray], size: int) -> None:
        self._at = at
        self._size = size

    def cut(self, part: MakePart, size_px: tuple[int, int], time_s: float) -> np.ndarray:
        """(size, size, 3) uint8 of a picture as `cut_part` takes it."""
        return cut_part(part, size_px, self._at(time_s), self._size)
