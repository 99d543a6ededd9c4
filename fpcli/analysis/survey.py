"""One pass over a video at reduced size: how the camera moved, what may be a diver."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from fpcli.analysis.bars import Bars
from fpcli.analysis.finding import DiverFinder
from fpcli.analysis.lookout import Lookout
from fpcli.analysis.scene import Scene, Stretch, View
from fpcli.analysis.watching import Pace, watched
from fpcli.video.ahead import ReadAhead
from fpcli.video.read import Video, iterate_frames

SURVEY_SIDE_PX = 448  # longer side of the pictures that are searched
SURVEY_RATE_HZ = 32.0  # pictures a second, at most, in which the camera is followed
LOOK_RATE_HZ = 12.0  # of them that are searched: the shortest flight in nine pictures
BARS_RATE_HZ = 4.0  # of them in which bars are looked for
HELD_S = 14.0  # of the past that a search looks at: a flight shown four times slower fits
SEARCHED_S = 6.0  # of new pictures between two searches


def survey(
    video: Video,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    finder: DiverFinder | None = None,
) -> ReadAhead[Stretch]:
    """Stretches of a video's scenes, overlapping each other, a bounded length at a time.

    start_s, end_s: as for `iterate_frames`. Raises VideoError where there is no frame. The next one
    is watched in a thread while the last one is worked on, until it is closed.
    """
    return ReadAhead(_stretches(video, start_s, end_s, finder), most=1)


def _stretches(
    video: Video, start_s: float | None, end_s: float | None, finder: DiverFinder | None
) -> Iterator[Stretch]:
    frames = iterate_frames(
        video, start_s=start_s, end_s=end_s, max_side=SURVEY_SIDE_PX, rate_hz=SURVEY_RATE_HZ
    )
    searched_s, pace = None, Pace()
    bars, bars_pace = Bars(), Pace()
    with closing(Lookout(finder)) as lookout, closing(watched(frames)) as pictures:
        scene = Scene(lookout, after_cut=False)
        for seen in pictures:
            frame = seen.frame
            searched_s = frame.time_s if searched_s is None else searched_s
            if seen.step.is_cut:
                yield from _known(scene.close(), bars)
                scene, bars = Scene(lookout, after_cut=True), Bars()
                searched_s = frame.time_s
            if bars_pace.is_due(frame.time_s, 1 / BARS_RATE_HZ):
                bars.add(frame.image)
            is_due = pace.is_due(frame.time_s, 1 / LOOK_RATE_HZ)
            scene.watch(
                frame.time_s,
                View(frame.image, frame.source_size, grain=seen.grain),
                seen.step,
                is_looked_at=is_due and not seen.step.is_frozen,
            )
            if scene.newest_s - searched_s >= SEARCHED_S:
                searched_s = scene.newest_s
                yield from _known(scene.stretch(HELD_S), bars)
        yield from _known(scene.close(), bars)


def _known(stretch: Stretch | None, bars: Bars) -> Iterator[Stretch]:
    if stretch is not None:
        yield replace(stretch, inset=bars.inset(stretch.size_px))
