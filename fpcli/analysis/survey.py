"""One pass over a video at reduced size: how the camera moved, what may be a diver."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from fpcli.analysis.camera_motion import CameraMotion, scaled
from fpcli.analysis.finding import DiverFinder
from fpcli.analysis.scene import Scene, Stretch, View
from fpcli.video.ahead import read_ahead
from fpcli.video.read import iterate_frames

SURVEY_SIDE_PX = 448  # longer side of the pictures that are searched
SURVEY_RATE_HZ = 32.0  # pictures a second, at most, in which the camera is followed
LOOK_RATE_HZ = 12.0  # of them that are searched: the shortest flight in nine pictures
HELD_S = 14.0  # of the past that a search looks at: a flight shown four times slower fits
SEARCHED_S = 6.0  # of new pictures between two searches
TICK_TOLERANCE = 0.2  # of a searched picture's distance that it may come early


def survey(
    path: Path,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    finder: DiverFinder | None = None,
) -> Iterator[Stretch]:
    """Stretches of a video's scenes, overlapping each other, a bounded length at a time.

    start_s, end_s: as for `iterate_frames`. Raises VideoError where there is no frame.
    """
    camera = CameraMotion()
    scene = Scene(finder, after_cut=False)
    searched_s, looked_s = None, -np.inf
    frames = iterate_frames(
        path, start_s=start_s, end_s=end_s, max_side=SURVEY_SIDE_PX, rate_hz=SURVEY_RATE_HZ
    )
    for frame in read_ahead(frames):
        grain = max(frame.source_size) / max(frame.image.shape)
        step = camera.step(cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY))
        searched_s = frame.time_s if searched_s is None else searched_s
        if step.is_cut:
            yield from _known(scene.close())
            scene = Scene(finder, after_cut=True)
            searched_s = frame.time_s
        is_due = frame.time_s - looked_s >= (1 - TICK_TOLERANCE) / LOOK_RATE_HZ
        looked_s = frame.time_s if is_due else looked_s
        scene.watch(
            frame.time_s,
            View(frame.image, frame.source_size, grain=grain),
            replace(step, matrix=scaled(step.matrix, grain)),
            is_looked_at=is_due and not step.is_frozen,
        )
        if scene.newest_s - searched_s >= SEARCHED_S:
            searched_s = scene.newest_s
            yield from _known(scene.stretch(HELD_S))
    yield from _known(scene.close())


def _known(stretch: Stretch | None) -> Iterator[Stretch]:
    if stretch is not None:
        yield stretch
