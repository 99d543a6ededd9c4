"""A second look at one flight: every picture around its two moments, near the diver only."""

from contextlib import closing

import cv2
import numpy as np

from fpcli.analysis.diver_track import AFTER_S, BEFORE_S
from fpcli.analysis.finding import DiverFinder
from fpcli.analysis.flight_path import FlightPath
from fpcli.analysis.flight_search import flight_along
from fpcli.analysis.lookout import Lookout
from fpcli.analysis.scene import Scene, Stretch, View
from fpcli.analysis.watching import Pace, watched
from fpcli.video.follow import Track, at_times
from fpcli.video.read import Frame, Video, iterate_frames

STATURE_PX = 44.0  # of the diver in the pictures looked at: what the finder knows best
MOST_ENLARGED = 3.0  # times, that a far diver's pictures are enlarged to that size
SIDE_STATURES = 7.0  # of the part of a picture that is looked at
RATE_HZ = 32.0  # pictures a second of the dive
SPARSE_HZ = 12.0  # of them searched where nothing is decided
AROUND_TAKEOFF_S = (0.55, 0.4)  # before and after: every picture is searched
AROUND_ENTRY_S = (0.45, 0.6)
MARGIN_S = 0.4  # read on either side of what the clip shows


def look_closer(
    video: Video,
    track: Track,
    size_px: tuple[int, int],
    moments_s: tuple[float, float],
    slowness: float,
    finder: DiverFinder | None,
) -> Stretch | None:
    """Watch a dive again, at a size at which the diver is well seen.

    track: of the diver, pixels of the source. size_px: width and height of that. moments_s:
    take-off and entry as far as they are known. None where a cut leaves nothing to watch.
    """
    takeoff, entry = moments_s
    frames = iterate_frames(
        video,
        start_s=max(takeoff - (BEFORE_S + MARGIN_S) * slowness, 0.0),
        end_s=entry + (AFTER_S + MARGIN_S) * slowness,
        max_side=_longer_side(track, size_px),
        rate_hz=RATE_HZ,
    )
    pace = Pace()
    with closing(Lookout(finder)) as lookout, closing(watched(frames)) as pictures:
        scene = Scene(lookout, after_cut=False)
        for seen in pictures:
            time_s = seen.frame.time_s
            if seen.step.is_cut:
                if time_s > takeoff:
                    break
                scene = Scene(lookout, after_cut=True)
            rate_hz = RATE_HZ if _decides(time_s, moments_s, slowness) else SPARSE_HZ
            is_due = pace.is_due(time_s, slowness / rate_hz)
            scene.watch(
                time_s,
                diver_view(seen.frame, track, seen.grain),
                seen.step,
                is_looked_at=is_due and not seen.step.is_frozen,
            )
        return scene.close()


def seen_closer(
    stretch: Stretch, track: Track, moments_s: tuple[float, float], slowness: float
) -> tuple[FlightPath, float] | None:
    """The flight that is known from a track, found again in what a closer look shows.

    Returns with it how much slower than life it is shown.
    """
    times = stretch.times_s
    flying = np.flatnonzero((times >= moments_s[0]) & (times <= moments_s[1]))
    if not len(flying):
        return None
    pixels = at_times(times[flying], track.times_s, track.centres)
    glimpses = [stretch.glimpses[place] for place in flying]
    places = np.stack(
        [
            glimpse.to_scene[:2, :2] @ pixel + glimpse.to_scene[:2, 2]
            for glimpse, pixel in zip(glimpses, pixels, strict=True)
        ]
    )
    zoom = float(np.median([glimpse.zoom for glimpse in glimpses]))
    size = zoom * float(np.median(track.stature_px))
    return flight_along(stretch.sightings(), times[flying], places, size, slowness)


def _longer_side(track: Track, size_px: tuple[int, int]) -> int:
    """Longer side, in pixels, of pictures in which the diver is well seen, at the most."""
    stature = float(np.median(track.stature_px))
    return round(max(size_px) * min(STATURE_PX / stature, 1.0))


def _decides(time_s: float, moments_s: tuple[float, float], slowness: float) -> bool:
    """Whether a picture may show one of the two moments."""
    since_takeoff, since_entry = ((time_s - moment) / slowness for moment in moments_s)
    return (
        -AROUND_TAKEOFF_S[0] <= since_takeoff <= AROUND_TAKEOFF_S[1]
        or -AROUND_ENTRY_S[0] <= since_entry <= AROUND_ENTRY_S[1]
    )


def diver_view(frame: Frame, track: Track, grain: float) -> View:
    """The part of a picture around the diver, enlarged where he is small.

    grain: pixels of the source that one of its pixels spans.
    """
    height, width = frame.image.shape[:2]
    enlarged = _enlarged(track, grain)
    side = round(SIDE_STATURES * STATURE_PX / enlarged)
    centre = at_times(np.array([frame.time_s]), track.times_s, track.centres)[0] / grain
    left, top = (
        int(np.clip(round(middle - side / 2), 0, max(length - side, 0)))
        for middle, length in zip(centre, (width, height), strict=True)
    )
    part = np.ascontiguousarray(frame.image[top : top + side, left : left + side])
    if enlarged > 1:
        shown = round(part.shape[1] * enlarged), round(part.shape[0] * enlarged)
        part = cv2.resize(part, shown, interpolation=cv2.INTER_CUBIC)
    return View(part, frame.source_size, left * grain, top * grain, grain / enlarged)


def _enlarged(track: Track, grain: float) -> float:
    """How many times as large as in the pictures a far diver is looked at."""
    stature = float(np.median(track.stature_px)) / grain
    return float(np.clip(STATURE_PX / stature, 1.0, MOST_ENLARGED))
