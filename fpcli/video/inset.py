"""A video that fills only a part of its pictures, read as if it filled them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from fpcli.video.orientation import Box
from fpcli.video.picture import fitted_size
from fpcli.video.source import StoredFrame, VideoSource


class Inset:
    """A part of another video's pictures; all else is as there.

    corner_px: (left, top) of the part in the upright picture.
    """

    def __init__(self, whole: VideoSource, box: Box) -> None:
        """box: of the part, pixels of the upright picture."""
        self._whole = whole
        self._box = box
        self.path: Path = whole.path
        self.has_audio = whole.has_audio
        self.corner_px = box[:2]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the part, pixels."""
        left, top, right, bottom = self._box
        return right - left, bottom - top

    @property
    def rotation_degrees(self) -> int:
        """Clockwise rotation applied."""
        return self._whole.rotation_degrees

    @property
    def corrupt_frames(self) -> int:
        """Frames skipped so far."""
        return self._whole.corrupt_frames

    def expected_times(self) -> np.ndarray:
        """Times that `frames` will most likely give, (N,) float64 seconds."""
        return self._whole.expected_times()

    def frames(self, from_s: float = 0.0) -> Iterator[StoredFrame]:
        """The part in every frame of the whole, by its times. Raises VideoError."""
        for stored in self._whole.frames(from_s):
            yield StoredFrame(
                index=stored.index,
                time_s=stored.time_s,
                duration_s=stored.duration_s,
                picture=partial(self._picture, stored),
                part=partial(self._part, stored),
            )

    def forget(self) -> None:
        """Let go of what the whole kept for another pass."""
        self._whole.forget()

    def _picture(self, stored: StoredFrame, max_side: int | None) -> np.ndarray:
        picture = stored.part(self._box)
        size = fitted_size(*self.size, max_side)
        if size == self.size:
            return picture
        smaller: np.ndarray = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        return smaller

    def _part(self, stored: StoredFrame, box: Box) -> np.ndarray:
        left, top = self.corner_px
        return stored.part((box[0] + left, box[1] + top, box[2] + left, box[3] + top))
