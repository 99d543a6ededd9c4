"""Bring what the network says about its square back into the source picture."""

import numpy as np

from fpcli.video.transform import InputGeometry, window


def mask_to_source(
    mask: np.ndarray, geometry: InputGeometry, width: int, height: int
) -> np.ndarray:
    """Place a mask of the network's picture into the upright source picture.

    mask: (h, w) float probabilities or bool, over the whole square that the network saw. width,
    height: of the source, pixels. Returns (height, width) float32, 0 outside the part that the
    network saw, bilinear in between.
    """
    return mask_into_box(mask, window(geometry, width, height), width, height)


def mask_into_box(mask: np.ndarray, box: np.ndarray, width: int, height: int) -> np.ndarray:
    """Place a mask into a rectangle of a picture.

    mask: (h, w) float probabilities or bool. box: (4,) x0, y0, x1, y1 in pixels of the picture,
    edges, fractions allowed, parts outside the picture too. Returns (height, width) float32, 0
    outside the box. Raises ValueError for an empty box.
    """
    import cv2

    x0, y0, x1, y1 = (float(edge) for edge in box)
    if x1 <= x0 or y1 <= y0:
        raise ValueError(f"a box from ({x0}, {y0}) to ({x1}, {y1}) holds no pixel")
    mask_height, mask_width = mask.shape
    scale_x, scale_y = (x1 - x0) / mask_width, (y1 - y0) / mask_height
    # Pixel centres lie half a pixel inside the edges, in the mask as in the picture.
    placement = np.array(
        [
            [scale_x, 0, x0 + (scale_x - 1) / 2],
            [0, scale_y, y0 + (scale_y - 1) / 2],
        ]
    )
    placed = cv2.warpAffine(
        np.ascontiguousarray(mask, dtype=np.float32),
        placement,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    centres_x, centres_y = np.arange(width) + 0.5, np.arange(height) + 0.5
    placed[:, (centres_x < x0) | (centres_x >= x1)] = 0
    placed[(centres_y < y0) | (centres_y >= y1)] = 0
    return placed
