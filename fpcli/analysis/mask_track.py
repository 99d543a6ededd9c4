"""The diver's masks, from the network's picture back to pixels of the source."""

import cv2
import numpy as np

from fpcli.analysis.doubt import THRESHOLD
from fpcli.analysis.result import MaskTrack

SEEN_FROM = 0.25  # probability from which pixels hang together
JOINING = np.ones((3, 3), np.uint8)  # pieces that are a pixel apart are one
SPECK_SHARE = 0.25  # of the diver's largest piece: what is smaller is no part of him


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


def only_diver(
    probabilities: np.ndarray, windows_px: np.ndarray, boxes_px: np.ndarray | None
) -> np.ndarray:
    """Empty the pieces of the masks that are not the diver's: specks and whoever is beside him.

    probabilities: (96, h, w) float32. windows_px: (96, 4) x0, y0, x1, y1: the part of the upright
    source that they show. boxes_px: (96, 4) likewise, around the diver who was followed: his is the
    piece that lies most in his box, and any that is large enough and mostly inside, as limbs often
    come apart. Where none lies there, or nobody was followed, the largest piece alone is his.
    """
    cleaned = probabilities.copy()
    height, width = probabilities.shape[1:]
    corners, sides = np.tile(windows_px[:, :2], 2), windows_px[:, 2:] - windows_px[:, :2]
    cells = None if boxes_px is None else (boxes_px - corners) / np.tile(sides / (width, height), 2)
    for sample, picture in enumerate(probabilities):
        joined = cv2.dilate((picture >= SEEN_FROM).astype(np.uint8), JOINING)
        count, labels = cv2.connectedComponents(joined)
        sizes = np.bincount(labels[picture >= THRESHOLD], minlength=count)
        if not sizes.any():
            continue
        inside = np.zeros_like(sizes)
        if cells is not None:
            x0, y0, x1, y1 = np.clip(cells[sample], 0, (width, height) * 2).round().astype(int)
            near = picture[y0:y1, x0:x1] >= THRESHOLD
            inside = np.bincount(labels[y0:y1, x0:x1][near], minlength=count)
        diver = (inside if inside.any() else sizes).argmax()
        parts = (2 * inside > sizes) & (sizes >= SPECK_SHARE * sizes[diver])
        parts[diver] = True
        cleaned[sample, ~parts[labels]] = 0
    return cleaned


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
