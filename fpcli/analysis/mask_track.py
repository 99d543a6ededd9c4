"""The diver's masks, from the network's picture back to pixels of the source."""

import cv2
import numpy as np

from fpcli.analysis.doubt import THRESHOLD
from fpcli.analysis.result import MaskTrack


def track_masks(
    probabilities: np.ndarray, windows_px: np.ndarray, size_px: tuple[int, int], *, synchro: bool
) -> MaskTrack:
    """Find the diver's box and area in every sampled frame.

    probabilities: (96, h, w) float32. windows_px: (96, 4) x0, y0, x1, y1, or (4,) for all: the part
    of the upright source that they show. size_px: width and height of the upright source; boxes are
    cut to it.
    synchro: two divers, so everything found counts; otherwise the largest connected piece.
    """
    found = probabilities >= THRESHOLD
    height, width = found.shape[1:]
    windows = np.broadcast_to(np.asarray(windows_px, dtype=np.float64), (len(found), 4))
    corners = np.tile(windows[:, :2], 2)
    scales = np.tile((windows[:, 2:] - windows[:, :2]) / (width, height), 2)
    limits = np.array(size_px * 2, dtype=np.float64)
    boxes = np.full((len(found), 4), np.nan, dtype=np.float32)
    for sample, mask in enumerate(found):
        kept = mask if synchro else largest_piece(mask)
        if kept.any():
            box = np.clip(_bounds(kept) * scales[sample] + corners[sample], 0, limits)
            if box[2] > box[0] and box[3] > box[1]:
                boxes[sample] = box
    return MaskTrack(
        probabilities=probabilities.astype(np.float32, copy=False),
        boxes_px=boxes,
        area_fraction=found.mean(axis=(1, 2)),
        windows_px=windows.astype(np.float32),
    )


def largest_piece(mask: np.ndarray) -> np.ndarray:
    """Keep the largest connected piece of a (h, w) bool mask."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return labels == largest


def _bounds(mask: np.ndarray) -> np.ndarray:
    """Return x0, y0, x1, y1 of a (h, w) bool mask's pixels, the far edges exclusive."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], dtype=np.float64)
