"""Cutting a window out of a picture."""

import cv2
import numpy as np


def cut_window(picture: np.ndarray, window: np.ndarray, size: int) -> np.ndarray:
    """Cut one window out of a picture and bring it to size × size.

    picture: (H, W, C) uint8. window: (3,) left, top, side. Beyond the picture's edges it is black.
    Shrinks by area and enlarges bilinearly. Returns (size, size, C) uint8.
    """
    side = max(round(float(window[2])), 1)
    left, top = (round(float(value)) for value in window[:2])
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    square = np.zeros((side, side, picture.shape[2]), np.uint8)
    if x0 < x1 and y0 < y1:
        square[y0 - top : y1 - top, x0 - left : x1 - left] = picture[y0:y1, x0:x1]
    method = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    resized: np.ndarray = cv2.resize(square, (size, size), interpolation=method)
    return resized
