"""A stretch of video in memory: frames, their true times, and where they came from."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True, eq=False)
class VideoInfo:
    """What is known of a video once it was read to its end.

    width, height: the upright picture's size in pixels (rotation applied).
    frame_count: decodable frames. duration_s: from the first frame's time to the end of the last.
    frame_rate: mean frames a second. rotation_degrees: the rotation applied, 0, 90, 180 or 270.
    corrupt_frames: frames that were skipped because they could not be decoded.
    has_audio: whether the container holds a sound track.
    """

    path: Path
    width: int
    height: int
    frame_count: int
    duration_s: float
    frame_rate: float
    rotation_degrees: int = 0
    corrupt_frames: int = 0
    has_audio: bool = False


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames sampled from a video, upright.

    frames: (T, H, W, 3) uint8, RGB. times_s: (T,) float64 seconds, from the container's timestamps
    and not from a nominal rate. indices: (T,) int64, each frame's place in the source, counted from
    0 in presentation order over decodable frames.
    """

    frames: np.ndarray
    times_s: np.ndarray
    indices: np.ndarray
    info: VideoInfo = field(repr=False)

    def __post_init__(self) -> None:
        """Check that the arrays fit together."""
        count = len(self.frames)
        if self.frames.ndim != 4 or self.frames.shape[3] != 3 or self.frames.dtype != np.uint8:
            raise ValueError(
                f"frames must be (T, H, W, 3) uint8, not {self.frames.shape} {self.frames.dtype}"
            )
        if self.times_s.shape != (count,) or self.indices.shape != (count,):
            raise ValueError("times_s and indices must have one entry a frame")
