"""What reading needs from any kind of video: a stream of frames that become pictures on demand."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from fpcli.errors import VideoError
from fpcli.video.orientation import Box

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)  # a path keeps one of its slashes


@dataclass(frozen=True, eq=False)
class StoredFrame:
    """A decoded frame that has not become a picture yet.

    index: its place among the decodable frames. time_s: seconds since the first frame.
    duration_s: how long it is shown. picture: makes the upright (H, W, 3) uint8 RGB picture, its
    longer side at most the given pixels (None: as it is). part: the same within a box, full size.
    """

    index: int
    time_s: float
    duration_s: float
    picture: Callable[[int | None], np.ndarray]
    part: Callable[[Box], np.ndarray]


class VideoSource(Protocol):
    """A video on disk, read as often as wanted.

    has_audio: whether there is a sound track. What is said of its pictures is known once `frames`
    ran.
    """

    path: Path
    has_audio: bool

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright picture, pixels."""
        ...

    @property
    def rotation_degrees(self) -> int:
        """Clockwise rotation applied."""
        ...

    @property
    def corrupt_frames(self) -> int:
        """Frames skipped so far."""
        ...

    def expected_times(self) -> np.ndarray:
        """Times that `frames` will most likely give, (N,) float64 seconds, found cheaply."""
        ...

    def frames(self, from_s: float = 0.0) -> Iterator[StoredFrame]:
        """Every decodable frame in presentation order, none missing from `from_s` on.

        Frames before that moment may come too. Raises VideoError.
        """
        ...

    def forget(self) -> None:
        """Let go of what was kept for another pass."""
        ...


def absent(name: str | Path, what: str = "There is no file") -> VideoError:
    """The error for a name that nothing has; an address is told from a mistyped name."""
    if _ADDRESS.match(str(name)):
        return VideoError(
            f"{name} is an address, and videos are read from files only.",
            "Download the video first, then give the file.",
        )
    return VideoError(f"{what} {name}.", "Check the name and the folder.")


def unreadable(path: Path, error: OSError) -> VideoError:
    """The error for what the system refuses to read."""
    reason = (error.strerror or "the disk failed").lower()
    return VideoError(
        f"{path.name or path} cannot be read: {reason}.", "Check its name, permissions and disk."
    )
