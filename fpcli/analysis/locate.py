"""Where in a video the dives are: who flies on a parabola from a board to the water."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fpcli.analysis.diver_track import clip_around, follow_dive
from fpcli.analysis.flight_path import GRAVITY, FlightPath, find_flights
from fpcli.analysis.moments import entry_s, takeoff_s
from fpcli.analysis.survey import Stretch, survey
from fpcli.errors import VideoError
from fpcli.video.follow import Track

LEAST_DROP = 0.3  # statures between the middle of the body at take-off and at entry
LEAST_SCORE = 0.7  # seconds' worth of a flight path
SLOWNESSES = (1.0, 2.0, 3.2, 5.0)  # how much slower than life videos are shown, tried in turn
REAL_SPEED = (0.7, 1.45)  # slowness that the errors of a body's size explain
LEAST_AFTER_S = 0.35  # of water after the entry; with less the splash cannot be seen
SETTLED_S = 1.6  # of video after a flight, before it is judged in an unfinished scene


class NoDiveError(VideoError):
    """A video in which no dive can be found."""


@dataclass(frozen=True, eq=False)
class LocatedDive:
    """A dive found in a video; times in seconds of the video.

    takeoff_s: the feet leave the board. entry_s: the water is touched. start_s, end_s: the clip
    around them. slowness: how much slower than life it is shown. track: the diver, in pixels of
    the source. score: seconds' worth of flight path that speak for it. after_cut: whether another
    scene came before. cut_short: whether its clip is cut off by the scene's ends.
    """

    takeoff_s: float
    entry_s: float
    start_s: float
    end_s: float
    slowness: float
    track: Track
    path: FlightPath
    stature_px: float
    score: float
    after_cut: bool
    is_cut_short: bool

    @property
    def is_slow(self) -> bool:
        """Whether it is shown in slow motion."""
        return self.slowness > 1


@dataclass(frozen=True)
class Search:
    """What a search for dives came to. seen: whether anybody moved; flew: whether anybody flew."""

    dives: tuple[LocatedDive, ...]
    seen: bool
    flew: bool


def locate_dives(path: Path, *, start_s: float | None = None, end_s: float | None = None) -> Search:
    """Find every dive of a video, in the order of time.

    start_s, end_s: look only between them. Raises VideoError where nothing can be read.
    """
    found: list[LocatedDive] = []
    seen = flew = False
    for stretch in survey(path, start_s=start_s, end_s=end_s):
        sightings = stretch.sightings()
        seen = seen or len(sightings.picture) > 0
        for slowness in SLOWNESSES:
            paths = find_flights(sightings, slowness)
            flew = flew or bool(paths)
            dives = [
                _located(stretch, sightings, flight, slowness)
                for flight in paths
                if _is_dive(flight, stretch)
            ]
            if dives:
                break
        found = _merged(found, dives)
    return Search(tuple(sorted(found, key=lambda dive: dive.takeoff_s)), seen, flew)


def _is_dive(flight: FlightPath, stretch: Stretch) -> bool:
    settled = stretch.closes or flight.end_s <= stretch.times_s[-1] - SETTLED_S
    return settled and flight.drop >= LEAST_DROP and flight.score >= LEAST_SCORE


def _located(stretch: Stretch, sightings, flight: FlightPath, slowness: float) -> LocatedDive:
    stature = flight.gravity / GRAVITY * slowness**2
    moments = (
        takeoff_s(sightings, flight, stature, slowness),
        entry_s(sightings, flight, stature, slowness),
    )
    track = follow_dive(stretch, sightings, flight, stature, moments, slowness)
    start, end = clip_around(*moments, slowness)
    return LocatedDive(
        takeoff_s=moments[0],
        entry_s=moments[1],
        start_s=max(start, 0.0),
        end_s=end,
        slowness=slowness,
        track=track,
        path=flight,
        stature_px=float(np.median(track.stature_px)),
        score=flight.score,
        after_cut=stretch.after_cut,
        is_cut_short=float(track.times_s[-1]) < moments[1] + LEAST_AFTER_S * slowness
        or float(track.times_s[0]) > moments[0],
    )


def _merged(found: list[LocatedDive], more: list[LocatedDive]) -> list[LocatedDive]:
    """Dives of two overlapping stretches; of two in the same seconds the better stays."""
    kept: list[LocatedDive] = []
    for dive in sorted([*found, *more], key=lambda dive: -dive.score):
        if all(
            dive.takeoff_s > other.entry_s + 0.5 or dive.entry_s < other.takeoff_s - 0.5
            for other in kept
        ):
            kept.append(dive)
    return kept
