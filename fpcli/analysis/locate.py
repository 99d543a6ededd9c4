"""Where in a video the dives are: who flies on a parabola from a board to the water."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from fpcli.analysis.closer_look import look_closer, seen_closer
from fpcli.analysis.diver_track import clip_around, flight_track, follow_dive
from fpcli.analysis.finding import DiverFinder
from fpcli.analysis.flight_path import FlightPath, Sightings
from fpcli.analysis.flight_search import find_flights
from fpcli.analysis.flight_track import FlightTrack
from fpcli.analysis.moments import (
    AIR_S,
    Moments,
    PhaseShares,
    find_moments,
    phase_shares,
    stature_of,
)
from fpcli.analysis.scene import Stretch
from fpcli.analysis.survey import SURVEY_SIDE_PX, survey
from fpcli.errors import VideoError
from fpcli.video.follow import Track
from fpcli.video.inset import Inset
from fpcli.video.orientation import Box
from fpcli.video.read import Video, opened

LEAST_DROP = -0.1  # statures between the middle of the body at take-off and at entry
LEAST_FLIGHT, LEAST_ENTRY = 0.7, 0.25  # means of the finder's probabilities of the phases
FAR_STATURE_PX = 20.0  # of divers in a survey's pictures, of whose phases the finder is unsure
LEAST_UNSURE_FLIGHT = 0.4  # of them, and of others whose entry is sure; a closer look decides
SURE_ENTRY = 0.7
LEAST_EVIDENCE = 15.0  # natural logarithm
LEAST_SLOW_EVIDENCE = 2 * LEAST_EVIDENCE  # of a flight shown in slow motion
SLOWNESSES = (1.0, 2.0, 3.2, 5.0)  # how much slower than life videos are shown, tried in turn
LEAST_AFTER_S = 0.35  # of water after the entry; with less the splash cannot be seen
APART_S = 1.0  # from the entry of one dive to the take-off of another; a hurdle lands later
SAME_BARS = 0.03  # of what they leave, that bars may differ by from scene to scene
UNTOLD_S = 1.0  # of a scene that may be too short to tell its bars
SETTLED_S = 1.6  # of video after a flight, before it is judged in an unfinished scene


class NoDiveError(VideoError):
    """A video in which no dive can be found."""


@dataclass(frozen=True, eq=False)
class LocatedDive:
    """A dive found in a video; times in seconds of the video.

    takeoff_s: the feet leave the board. entry_s: the water is touched. start_s, end_s: the clip
    around them. slowness: how much slower than life it is shown. track: the diver, in pixels of
    the source. size_px: width and height of that. way: its flight as each picture of the track
    shows it. path: its flight in the scene's units, in which
    the background stands still. evidence: of its flight, natural logarithm.
    after_cut: whether another scene came before. is_cut_short: whether its clip is cut off by the
    scene's ends. is_sure: whether nothing is left for a closer look to decide.
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
    way: FlightTrack | None = None
    is_sure: bool = True

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
    video: Video,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    finder: DiverFinder | None = None,
) -> Search:
    """Find every dive of a video, in the order of time.

    start_s, end_s: look only between them. Raises VideoError where nothing can be read.
    """
    with opened(video) as source:  # what it keeps of the survey serves the closer looks
        with closing(survey(source, start_s=start_s, end_s=end_s, finder=finder)) as stretches:
            rough, between_bars, seen, flew = _surveyed(stretches)
        judged = [_closer(source, dive, finder) for dive in rough]
        found = [dive for dive in judged if dive is not None]
        for inset in between_bars:
            inside = locate_dives(
                Inset(source, inset.box), start_s=inset.start_s, end_s=inset.end_s, finder=finder
            )
            found = merged(found, [inset.in_the_whole(dive, source.size) for dive in inside.dives])
            seen, flew = seen or inside.seen, flew or inside.flew
    return Search(tuple(sorted(found, key=lambda dive: dive.takeoff_s)), seen, flew)


@dataclass(frozen=True)
class _BetweenBars:
    """Seconds of a video in which bars leave a box of its pictures, and whether a cut was before.

    What moves in the bars is the scene again, larger: it is neither searched nor followed.
    """

    start_s: float
    end_s: float
    box: Box
    after_cut: bool

    def goes_on(self, later: "_BetweenBars") -> bool:
        """Whether the bars stay: a cut lies between, or a quick move that was taken for one."""
        if later.start_s > self.end_s + UNTOLD_S:
            return False
        near = zip(self.box, later.box, strict=True)
        least = min(self.box[2] - self.box[0], self.box[3] - self.box[1])
        return all(abs(edge - other) <= SAME_BARS * least for edge, other in near)

    def in_the_whole(self, dive: LocatedDive, size_px: tuple[int, int]) -> LocatedDive:
        """A dive found in the box as the whole pictures, of width and height size_px, show it."""
        corner = np.array(self.box[:2], float)
        way = dive.way
        return replace(
            dive,
            track=replace(dive.track, centres=dive.track.centres + corner),
            way=None if way is None else replace(way, places_px=way.places_px + corner),
            size_px=size_px,
            after_cut=dive.after_cut or self.after_cut,
        )


def _joined(parts: list[_BetweenBars]) -> list[_BetweenBars]:
    """Parts in order of their time, those that go on or overlap as one."""
    whole: list[_BetweenBars] = []
    for part in parts:
        if whole and whole[-1].goes_on(part):
            whole[-1] = replace(whole[-1], end_s=part.end_s)
        else:
            whole.append(part)
    return whole


def _surveyed(
    stretches: Iterator[Stretch],
) -> tuple[list[LocatedDive], list[_BetweenBars], bool, bool]:
    """Dives as a survey shows them, what is to be searched again between bars, who was seen.

    The last two tell whether anybody was seen and whether anybody flew.
    """
    rough: list[LocatedDive] = []
    between_bars: list[_BetweenBars] = []
    seen = flew = False
    for stretch in stretches:
        if stretch.inset is not None:
            first_s, last_s = stretch.times_s[[0, -1]].tolist()
            between_bars.append(_BetweenBars(first_s, last_s, stretch.inset, stretch.after_cut))
            continue
        sightings = stretch.sightings()
        seen = seen or len(sightings.picture) > 0
        at_real_speed = find_flights(sightings)
        for slowness in SLOWNESSES:
            paths = find_flights(sightings, slowness) if slowness > 1 else at_real_speed
            flew = flew or bool(paths)
            likely = [
                dive
                for flight in strong_flights(paths, slowness, at_real_speed)
                if (dive := likely_dive(sightings, flight, slowness)) is not None
            ]
            rough = merged(rough, _settled(stretch, sightings, likely, slowness))
    return rough, _joined(between_bars), seen, flew


def strong_flights(
    paths: list[FlightPath], slowness: float, at_real_speed: list[FlightPath]
) -> list[FlightPath]:
    """The flights to be believed at this slowness.

    The slower a fall may be, the more of what walks, swims or stands still passes for one, and
    slow motion is rare: it must be as much likelier than what real speed makes of the same seconds
    as a flight must be likelier than chance. at_real_speed: all flights found at slowness 1.
    """
    if slowness == 1:
        return [path for path in paths if path.evidence >= LEAST_EVIDENCE]
    strong = []
    for path in paths:
        rivals = (
            other.evidence
            for other in at_real_speed
            if other.start_s < path.end_s and other.end_s > path.start_s
        )
        least = max(LEAST_SLOW_EVIDENCE, LEAST_EVIDENCE + max(rivals, default=0.0))
        if path.evidence >= least:
            strong.append(path)
    return strong


@dataclass(frozen=True, eq=False)
class LikelyDive:
    """A flight that may be a dive's. is_sure: whether the finder saw it fly and enter the water."""

    flight: FlightPath
    moments: Moments
    is_sure: bool = True


def likely_dive(sightings: Sightings, flight: FlightPath, slowness: float) -> LikelyDive | None:
    """Take-off and entry of a flight that may be a dive's; None where it is another's.

    What a survey hardly sees, as it is so small, is left to the closer look to decide, and so is a
    body of which it sees the entry surely and the flight less so.
    """
    moments = find_moments(sightings, flight, slowness)
    if not _falls_from_a_board(moments, slowness):
        return None
    if not sightings.is_found.any():
        return LikelyDive(flight, moments)
    shares = _shares(sightings, moments, slowness)
    if _is_a_dives(shares):
        return LikelyDive(flight, moments)
    if slowness > 1 or shares.flight < LEAST_UNSURE_FLIGHT:
        return None
    if _is_far(moments.path.size / sightings.grain):
        return LikelyDive(flight, moments)
    enters = shares.entry is not None and shares.entry >= SURE_ENTRY
    return LikelyDive(flight, moments, is_sure=False) if enters else None


def _is_far(stature_px: float) -> bool:
    """Whether a diver is so small in a survey's pictures that the closer look has to decide."""
    return stature_px < FAR_STATURE_PX


def _settled(
    stretch: Stretch,
    sightings: Sightings,
    likely: list[LikelyDive],
    slowness: float,
) -> list[LocatedDive]:
    """Dives after which enough was watched; the others come again in a later stretch."""
    until_s = np.inf if stretch.closes else stretch.times_s[-1] - SETTLED_S * slowness
    return [
        replace(
            located_dive(stretch, sightings, dive.moments, dive.flight.evidence, slowness),
            is_sure=dive.is_sure,
        )
        for dive in likely
        if dive.moments.entry_s <= until_s
    ]


def _falls_from_a_board(moments: Moments, slowness: float) -> bool:
    """Whether a flight is as long as a dive's and ends lower than it began."""
    ends = moments.path.at(np.array([moments.takeoff_s, moments.entry_s]))
    drop = float(ends[1, 1] - ends[0, 1]) / stature_of(moments.path, slowness)
    air_s = (moments.entry_s - moments.takeoff_s) / slowness
    return drop >= LEAST_DROP and AIR_S[0] < air_s < AIR_S[1]


def _shares(sightings: Sightings, moments: Moments, slowness: float) -> PhaseShares:
    return phase_shares(sightings, moments, stature_of(moments.path, slowness), slowness)


def _is_a_dives(shares: PhaseShares, least_flight: float = LEAST_FLIGHT) -> bool:
    """Whether the finder sees somebody fly and enter the water; what lies outside is no matter."""
    enters = shares.entry is None or shares.entry >= LEAST_ENTRY
    return enters and shares.flight >= least_flight


def _closer(video: Video, dive: LocatedDive, finder: DiverFinder | None) -> LocatedDive | None:
    """The same dive after a second look; None where that shows that it is none."""
    known = (dive.takeoff_s, dive.entry_s)
    stretch = look_closer(video, dive.track, dive.size_px, known, dive.slowness, finder)
    if stretch is None:
        return dive if dive.is_sure else None
    again = seen_closer(stretch, dive.track, known, dive.slowness)
    if again is None:
        return None
    flight, slowness = again
    if flight.evidence < (LEAST_SLOW_EVIDENCE if slowness > 1 else LEAST_EVIDENCE):
        return None
    sightings = stretch.sightings()
    moments = find_moments(sightings, flight, slowness)
    if not _falls_from_a_board(moments, slowness):
        return None
    is_far = _is_far(float(np.median(dive.track.stature_px)) * SURVEY_SIDE_PX / max(dive.size_px))
    if (is_far or not dive.is_sure) and sightings.is_found.any():
        least_flight = LEAST_FLIGHT if not dive.is_sure else LEAST_UNSURE_FLIGHT
        if not _is_a_dives(_shares(sightings, moments, slowness), least_flight):
            return None
    seen = located_dive(stretch, sightings, moments, flight.evidence, slowness)
    return replace(seen, after_cut=dive.after_cut)


def located_dive(
    stretch: Stretch, sightings: Sightings, moments: Moments, evidence: float, slowness: float
) -> LocatedDive:
    """A flight from a board to the water as a dive, its diver followed through the stretch.

    evidence: of the flight, natural logarithm.
    """
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
        way=flight_track(stretch, moments, track.times_s, slowness),
        is_cut_short=last_s < entry + LEAST_AFTER_S * slowness or float(track.times_s[0]) > takeoff,
    )


def merged(found: list[LocatedDive], more: list[LocatedDive]) -> list[LocatedDive]:
    """Dives of two overlapping stretches; of two in the same seconds the surer and better stays."""
    kept: list[LocatedDive] = []
    for dive in sorted([*found, *more], key=lambda dive: (not dive.is_sure, -dive.evidence)):
        if all(
            dive.takeoff_s > other.entry_s + APART_S or dive.entry_s < other.takeoff_s - APART_S
            for other in kept
        ):
            kept.append(dive)
    return kept
