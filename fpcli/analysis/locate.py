"""Where in a video the dives are: who flies on a parabola from a board to the water."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fpcli.analysis.closer_look import look_closer, seen_closer
from fpcli.analysis.diver_track import clip_around, follow_dive
from fpcli.analysis.finding import DiverFinder
from fpcli.analysis.flight_path import FlightPath, Sightings
from fpcli.analysis.flight_search import find_flights
from fpcli.analysis.moments import Moments, find_moments, phase_shares, stature_of
from fpcli.analysis.scene import Stretch
from fpcli.analysis.survey import survey
from fpcli.errors import VideoError
from fpcli.video.follow import Track

LEAST_DROP = -0.1  # statures between the middle of the body at take-off and at entry
LEAST_FLIGHT, LEAST_ENTRY = 0.7, 0.25  # means of the finder's probabilities of the phases
LEAST_EVIDENCE = 15.0  # natural logarithm
SLOWNESSES = (1.0, 2.0, 3.2, 5.0)  # how much slower than life videos are shown, tried in turn
AIR_S = (0.5, 2.1)  # between take-off and entry, of any board
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
    size_px: tuple[int, int]
    path: FlightPath
    evidence: float
    after_cut: bool
    is_cut_short: bool

    @property
    def stature_px(self) -> float:
        """Pixels of the source that the diver's standing height spans."""
        return float(np.median(self.track.stature_px))

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


def locate_dives(
    path: Path,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    finder: DiverFinder | None = None,
) -> Search:
    """Find every dive of a video, in the order of time.

    start_s, end_s: look only between them. Raises VideoError where nothing can be read.
    """
    rough: list[LocatedDive] = []
    seen = flew = False
    for stretch in survey(path, start_s=start_s, end_s=end_s, finder=finder):
        sightings = stretch.sightings()
        seen = seen or len(sightings.picture) > 0
        for slowness in SLOWNESSES:
            paths = find_flights(sightings, slowness)
            flew = flew or bool(paths)
            strong = [path for path in paths if path.evidence >= LEAST_EVIDENCE]
            judged = [_located(stretch, sightings, flight, slowness) for flight in strong]
            dives = [dive for dive in judged if dive is not None]
            if dives:
                break
        rough = _merged(rough, dives)
    judged = [_closer(path, dive, finder) for dive in rough]
    found = [dive for dive in judged if dive is not None]
    return Search(tuple(sorted(found, key=lambda dive: dive.takeoff_s)), seen, flew)


def _located(
    stretch: Stretch, sightings: Sightings, flight: FlightPath, slowness: float
) -> LocatedDive | None:
    """Make a dive of a flight; None where it ends nowhere near the water."""
    moments = find_moments(sightings, flight, slowness)
    settled = stretch.closes or moments.entry_s <= stretch.times_s[-1] - SETTLED_S * slowness
    if not settled or not _falls_from_a_board(moments, slowness):
        return None
    if sightings.is_found.any() and not _looks_like_a_dive(sightings, moments, slowness):
        return None
    return _dive(stretch, sightings, moments, flight.evidence, slowness)


def _falls_from_a_board(moments: Moments, slowness: float) -> bool:
    """Whether a flight is as long as a dive's and ends lower than it began."""
    ends = moments.path.at(np.array([moments.takeoff_s, moments.entry_s]))
    drop = float(ends[1, 1] - ends[0, 1]) / stature_of(moments.path, slowness)
    air_s = (moments.entry_s - moments.takeoff_s) / slowness
    return drop >= LEAST_DROP and AIR_S[0] < air_s < AIR_S[1]


def _looks_like_a_dive(sightings: Sightings, moments: Moments, slowness: float) -> bool:
    """Whether the finder sees somebody fly and enter the water; what lies outside is no matter."""
    stature = stature_of(moments.path, slowness)
    shares = phase_shares(sightings, moments, stature, slowness)
    enters = shares.entry is None or shares.entry >= LEAST_ENTRY
    return shares.flight >= LEAST_FLIGHT and enters


def _closer(path: Path, dive: LocatedDive, finder: DiverFinder | None) -> LocatedDive | None:
    """The same dive after a second look; None where that shows that it is none."""
    known = (dive.takeoff_s, dive.entry_s)
    stretch = look_closer(path, dive.track, dive.size_px, known, dive.slowness, finder)
    if stretch is None:
        return dive
    flight = seen_closer(stretch, dive.track, known, dive.slowness)
    if flight is None or flight.evidence < LEAST_EVIDENCE:
        return None
    sightings = stretch.sightings()
    moments = find_moments(sightings, flight, dive.slowness)
    if not _falls_from_a_board(moments, dive.slowness):
        return None
    seen = _dive(stretch, sightings, moments, flight.evidence, dive.slowness)
    return replace(seen, after_cut=dive.after_cut)


def _dive(
    stretch: Stretch, sightings: Sightings, moments: Moments, evidence: float, slowness: float
) -> LocatedDive:
    takeoff, entry = moments.takeoff_s, moments.entry_s
    track = follow_dive(stretch, sightings, moments, stature_of(moments.path, slowness), slowness)
    start, end = clip_around(takeoff, entry, slowness)
    last_s = float(track.times_s[-1])
    return LocatedDive(
        takeoff_s=takeoff,
        entry_s=entry,
        start_s=max(start, 0.0),
        end_s=end,
        slowness=slowness,
        track=track,
        size_px=stretch.size_px,
        path=moments.path,
        evidence=evidence,
        after_cut=stretch.after_cut,
        is_cut_short=last_s < entry + LEAST_AFTER_S * slowness or float(track.times_s[0]) > takeoff,
    )


def _merged(found: list[LocatedDive], more: list[LocatedDive]) -> list[LocatedDive]:
    """Dives of two overlapping stretches; of two in the same seconds the better stays."""
    kept: list[LocatedDive] = []
    for dive in sorted([*found, *more], key=lambda dive: -dive.evidence):
        if all(
            dive.takeoff_s > other.entry_s + 0.5 or dive.entry_s < other.takeoff_s - 0.5
            for other in kept
        ):
            kept.append(dive)
    return kept
