"""A part of a video, chosen by time."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Part:
    """All frames whose time lies between two moments, ends included; None leaves an end open.

    start_s, end_s: seconds since the first frame.
    """

    start_s: float | None = None
    end_s: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.start_s is None and self.end_s is None

    @property
    def begins_s(self) -> float:
        """The first moment that may lie inside, seconds."""
        return self.start_s or 0.0

    def contains(self, times_s: np.ndarray) -> np.ndarray:
        """Which of these times lie inside, bool of the same shape."""
        after = times_s >= (-np.inf if self.start_s is None else self.start_s)
        before = times_s <= (np.inf if self.end_s is None else self.end_s)
        return np.asarray(after & before)

    def is_over(self, time_s: float) -> bool:
        """Whether nothing from this moment on lies inside."""
        return self.end_s is not None and time_s > self.end_s

    @property
    def words(self) -> str:
        """Where it lies, to follow a noun; empty for the whole."""
        if self.is_whole:
            return ""
        if self.end_s is None:
            return f" after {self.start_s:g} s"
        if self.start_s is None:
            return f" before {self.end_s:g} s"
        return f" between {self.start_s:g} s and {self.end_s:g} s"
