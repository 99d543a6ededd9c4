"""The 96 frames of one dive as the network is to see them, and where they were cut out."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fpcli.analysis.begun import search_dives
from fpcli.analysis.flight_track import FlightTrack
from fpcli.analysis.locate import LocatedDive, NoDiveError, Search
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import Flag
from fpcli.errors import UsageError
from fpcli.video.clip import Clip
from fpcli.video.cut import MovingWindow
from fpcli.video.follow import at_times, follow_windows
from fpcli.video.read import Video, opened, read_clip
from fpcli.video.source import VideoSource
from fpcli.video.transform import CENTRE, FOLLOW, PUBLISHED, InputGeometry, window

READING_SIDE_PX = 640  # the network sees 112 of a whole picture; more only costs memory
GEOMETRIES = {geometry.name: geometry for geometry in (FOLLOW, CENTRE, PUBLISHED)}


@dataclass(frozen=True, eq=False)
class DiveClip:
    """A dive, cut for the network.

    clip: the sampled frames; where they follow the diver, already of the network's size.
    windows_px: (96, 4) x0, y0, x1, y1 in pixels of the upright source: what the network sees.
    geometry: how the frames become the network's input. dive: as it was found, None where it was
    not. flags: what the result must say of it.
    """

    clip: Clip
    windows_px: np.ndarray
    geometry: InputGeometry
    dive: LocatedDive | None
    flags: tuple[Flag, ...]

    @property
    def duration_s(self) -> float:
        """How long the dive took from the first frame to the last; not a number if unknown.

        How slow a slow motion is, is only known roughly.
        """
        if self.dive is None or self.dive.is_slow:
            return math.nan
        return float(self.clip.times_s[-1] - self.clip.times_s[0])

    @property
    def track(self) -> FlightTrack | None:
        """The diver's way through the air in the sampled pictures; None: not followed."""
        if self.dive is None or self.dive.way is None:
            return None
        return self.dive.way.in_pictures_of(self.clip.times_s)

    @property
    def diver_boxes_px(self) -> np.ndarray | None:
        """(96, 4) x0, y0, x1, y1 of squares a stature wide around the diver; None: not followed."""
        if self.dive is None:
            return None
        times, track = self.clip.times_s, self.dive.track
        middles = at_times(times, track.times_s, track.centres)
        half = at_times(times, track.times_s, track.stature_px[:, None]) / 2
        return np.concatenate([middles - half, middles + half], axis=1)


def chosen_geometry(request: AnalysisRequest, trained: InputGeometry) -> InputGeometry:
    """Return the geometry asked for, or the one that the weights were trained with.

    Raises UsageError for a name that there is not.
    """
    if request.geometry is None:
        return trained
    if request.geometry not in GEOMETRIES:
        raise UsageError(
            f"There is no geometry {request.geometry!r}.", f"Choose one of {', '.join(GEOMETRIES)}."
        )
    return GEOMETRIES[request.geometry]


def read_dive(video: Video, request: AnalysisRequest, geometry: InputGeometry) -> DiveClip:
    """Find the dive of a video and read its frames.

    Of several dives it takes the best supported one. Raises VideoError where the video cannot be
    read, NoDiveError where it holds no dive, unless the request forces a score.
    """
    with opened(video) as source:
        search = _search(source, request)
        if not search.dives and not request.force:
            raise no_dive_in(source.path, search)
        best = max(search.dives, key=lambda dive: dive.evidence, default=None)
        flags = (Flag.SEVERAL_DIVES,) if len(search.dives) > 1 else ()
        clip = _cut(source, request, geometry, best, flags)
        source.forget()  # the network needs the room now
        return clip


def read_dives(
    video: Video, request: AnalysisRequest, geometry: InputGeometry
) -> Iterator[DiveClip]:
    """Find every dive of a video and read their frames, one dive at a time, in order of time.

    Raises as `read_dive`; nothing can be forced.
    """
    with opened(video) as source:
        for dive in find_dives(source, request):
            yield _cut(source, request, geometry, dive, every=True)


def find_dives(video: Video, request: AnalysisRequest | None = None) -> tuple[LocatedDive, ...]:
    """Find every dive of a video, in order of time.

    Raises VideoError where it cannot be read, NoDiveError where it holds none.
    """
    with opened(video) as source:
        search = _search(source, request or AnalysisRequest())
        if not search.dives:
            raise no_dive_in(source.path, search)
    return search.dives


def _search(video: VideoSource, request: AnalysisRequest) -> Search:
    return search_dives(video, request.start_s, request.end_s)


def no_dive_in(path: Path, search: Search) -> NoDiveError:
    """Say what was missing."""
    if not search.seen:
        missing = "nobody was found in it"
    elif not search.flew:
        missing = "nobody flies through the air in it"
    else:
        missing = "no flight in it ends in the water"
    return NoDiveError(
        f"{path.name} holds no dive: {missing}.",
        "Show the diver from the board to the water, or add --force to score it all the same.",
    )


def _cut(
    video: VideoSource,
    request: AnalysisRequest,
    geometry: InputGeometry,
    dive: LocatedDive | None,
    flags: tuple[Flag, ...] = (),
    *,
    every: bool = False,
) -> DiveClip:
    """Read a dive's part of the video, cut as the geometry says.

    every: the part asked for holds several dives, each to be trimmed.
    """
    given = request.start_s is not None or request.end_s is not None
    trimmed = dive is not None and (every or not given)
    start_s = dive.start_s if dive is not None and trimmed else request.start_s
    end_s = dive.end_s if dive is not None and trimmed else request.end_s
    all_flags = [*flags, *_flags_of(dive, request, trimmed)]
    if geometry.statures is not None and dive is not None:
        windows_at = _Windows(dive, geometry)
        cut = MovingWindow(windows_at.one, geometry.size)
        clip = read_clip(video, start_s=start_s, end_s=end_s, cut=cut)
        windows = windows_at.edges(clip.times_s)
    else:
        clip = read_clip(video, start_s=start_s, end_s=end_s, max_side=READING_SIDE_PX)
        whole = window(geometry, clip.info.width, clip.info.height)
        windows = np.tile(whole, (len(clip.frames), 1))
    if clip.info.corrupt_frames:
        all_flags.append(Flag.CORRUPT_FRAMES)
    return DiveClip(clip, windows, geometry, dive, tuple(all_flags))


def _flags_of(dive: LocatedDive | None, request: AnalysisRequest, trimmed: bool) -> Iterator[Flag]:
    if dive is None:
        yield Flag.NO_DIVE_FOUND
        if request.start_s is None and request.end_s is None:
            yield Flag.WHOLE_CLIP
        return
    if trimmed:
        yield Flag.TRIMMED
    if dive.is_slow:
        yield Flag.SLOW_MOTION
        if dive.after_cut:
            yield Flag.REPLAY
    if dive.is_cut_short:
        yield Flag.CUT_SHORT


class _Windows:
    """The windows that follow a dive, at any moment."""

    def __init__(self, dive: LocatedDive, geometry: InputGeometry) -> None:
        assert geometry.statures is not None
        self._times_s = dive.track.times_s
        self._windows = follow_windows(dive.track, geometry.statures)

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """(T, 3) left, top and side."""
        return at_times(times_s, self._times_s, self._windows)

    def one(self, time_s: float) -> np.ndarray:
        """(3,) left, top and side."""
        return self.at(np.array([time_s]))[0]

    def edges(self, times_s: np.ndarray) -> np.ndarray:
        """(T, 4) x0, y0, x1, y1, rounded as the cut is."""
        left, top, side = np.round(self.at(times_s)).T
        return np.stack([left, top, left + side, top + side], axis=1)
