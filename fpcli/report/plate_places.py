"""Where plates lie on a picture: as little over the diver as can be, and not while he passes."""

from collections.abc import Sequence

import numpy as np

from fpcli.analysis.result import DiveAnalysis
from fpcli.report.drawing import Box

AROUND_SAMPLES = 2  # before and after the diver is behind a plate, so that it does not flicker


class DiverWay:
    """Where the diver is, sample by sample, on the pictures that plates are laid over.

    frames: (96,) of the source, rising.
    """

    def __init__(self, analysis: DiveAnalysis) -> None:
        self.frames = analysis.sample_frames
        seen = np.isfinite(analysis.masks.boxes_px).all(axis=1)
        self._boxes = np.where(seen[:, None], analysis.masks.boxes_px, 0).astype(np.float64)
        self._boxes_then_splash = _then_splash(self._boxes, seen)

    def covered(self, places: Sequence[Box], *, splash: bool = False) -> np.ndarray:
        """Return the share of the diver that a place covers in each sample, (96,), 0 unseen.

        places: one for each sample. splash: count the place where the diver was last seen too.
        """
        edges = np.array([(p.left, p.top, p.right, p.bottom) for p in places], dtype=np.float64)
        boxes = self._boxes_then_splash if splash else self._boxes
        low, high = np.maximum(boxes[:, :2], edges[:, :2]), np.minimum(boxes[:, 2:], edges[:, 2:])
        shared = np.maximum(high - low, 0).prod(axis=1)
        shares: np.ndarray = shared / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1)
        return shares

    def covered_by(self, place: Box) -> float:
        """Return the mean share of the diver that one place covers."""
        return float(self.covered([place] * len(self.frames)).mean())

    def behind(self, places: Sequence[Box]) -> np.ndarray:
        """Return in which samples the diver is behind a place or just about to be, (96,) bool."""
        hit = self.covered(places) > 0
        near: np.ndarray = np.convolve(hit, np.ones(2 * AROUND_SAMPLES + 1), mode="same") > 0
        return near

    def sample_at(self, frame: int) -> int | None:
        """Return the sample that a frame of the source is shown with; None outside the dive."""
        if not self.frames[0] <= frame <= self.frames[-1]:
            return None
        return int(np.searchsorted(self.frames, frame))


def _then_splash(boxes: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return boxes (96, 4) that go on, when the diver is gone, around where he was last seen."""
    if not seen.any():
        return boxes
    last = int(np.flatnonzero(seen)[-1])
    reach = (boxes[:, 2:] - boxes[:, :2])[seen].max() / 2
    middle = (boxes[last, :2] + boxes[last, 2:]) / 2
    around = np.concatenate([middle - reach, middle + reach])
    return np.where((np.arange(len(boxes)) > last)[:, None], around, boxes)
