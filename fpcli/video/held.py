"""Decoded frames of a short video, kept for the next pass over it."""

import ctypes
import gc
import sys

import av

from fpcli.video.source import StoredFrame

HELD_BYTES = 400 * 2**20  # four seconds of 1080p30, nearly ten of 720p30
HELD_S = 10.0  # of video; of a longer one most is not read again


class HeldFrames:
    """All frames of a video that is no longer than HELD_S and takes no more than HELD_BYTES.

    frames: in order; None from the first that does not fit.
    """

    def __init__(self) -> None:
        self.frames: list[StoredFrame] | None = []
        self._bytes = 0

    def add(self, stored: StoredFrame, frame: av.VideoFrame) -> None:
        """Keep one more, or give all of them up."""
        self._bytes += sum(plane.buffer_size for plane in frame.planes)
        fits = self._bytes <= HELD_BYTES and stored.time_s <= HELD_S
        if self.frames is not None and fits:
            self.frames.append(stored)
        else:
            self.frames = None


def hand_memory_back() -> None:
    """Give freed memory back to the system.

    PyAV's first frame refers to itself through its side data and keeps the decoder's whole pool of
    pictures until it is collected; glibc would then keep their memory for itself.
    """
    gc.collect()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
