"""Watching a video: what every pass over its pictures has in common."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace

import cv2
import numpy as np

from fpcli.analysis.camera_motion import CameraMotion, CameraStep, scaled
from fpcli.video.ahead import ReadAhead
from fpcli.video.read import Frame

TICK_TOLERANCE = 0.2  # of a searched picture's distance that it may come early


@dataclass(frozen=True, eq=False)
class Watched:
    """A frame, and how the camera moved on the way to it.

    grain: pixels of the source that one of its pixels spans. step: in pixels of the source.
    """

    frame: Frame
    grain: float
    step: CameraStep


def watched(frames: Generator[Frame]) -> ReadAhead[Watched]:
    """The same frames with the camera's motion; decoding and following run ahead in threads."""
    return ReadAhead(_followed(ReadAhead(frames)))


def _followed(frames: ReadAhead[Frame]) -> Generator[Watched]:
    camera = CameraMotion()
    with closing(frames):
        for frame in frames:
            grain = max(frame.source_size) / max(frame.image.shape)
            step = camera.step(cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY))
            yield Watched(frame, grain, replace(step, matrix=scaled(step.matrix, grain)))


class Pace:
    """Tells which pictures of a stream are due to be searched."""

    def __init__(self) -> None:
        self._last_s = -np.inf

    def is_due(self, time_s: float, interval_s: float) -> bool:
        """Whether the last one that was due lies an interval back; then this is the last one."""
        due = time_s - self._last_s >= (1 - TICK_TOLERANCE) * interval_s
        if due:
            self._last_s = time_s
        return bool(due)
