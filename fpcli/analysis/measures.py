"""The measures of one dive from its track, its parabola and its masks, each with its interval.

How often the intervals hold is told by tests/measures_table.py; what did not hold there is left
out, with the reason.
"""

import numpy as np

from fpcli.analysis.body_axis import body_axis, entry_line, sinks_at_touch, spin
from fpcli.analysis.dive_clip import DiveClip
from fpcli.analysis.flight_measures import Flight, measure_flight
from fpcli.analysis.locate import LocatedDive
from fpcli.analysis.result import DiveFacts, DiveMeasures, Measure, Missing, Origin
from fpcli.analysis.splash_size import splash_height
from fpcli.diving.numbers import TakeOff, parse

LEVEL = 0.9
SPREAD = 1.645  # standard deviations from the middle to the ends of an interval of that level
WENT_IN_S = 0.2  # after the touch, when the track stays with the place of the entry
ROOM = 0.1  # statures from that place to the picture's edges, for the touch to be timed
WATER_ROOM = 0.2  # and for the body in the water and its splash to be seen
STEP_WITHIN_S = 0.45  # of the moments begin the steps: a position is reached, a body has opened
TOLD = (Origin.GIVEN, Origin.START_LIST)
LEAST_DISTANCE_M = 0.4  # what is less may be a view along the flight


def measure_dive(
    dive: DiveClip, masks: np.ndarray, facts: DiveFacts, begin_s: tuple[float, float]
) -> DiveMeasures:
    """Measure a dive.

    masks: (96, h, w) probabilities of the diver. begin_s: when flight and entry begin, as the
    network sees it; where that does not fit the flight, nothing is held against a told height.
    """
    found = dive.dive
    if found is None:
        return _none(Missing.NO_DIVE)
    if facts.synchro:
        return _none(Missing.TWO_DIVERS)
    if found.is_cut_short or _room(found) < ROOM:
        return _none(Missing.OUT_OF_PICTURE)
    axis = body_axis(masks, dive.windows_px, dive.clip.times_s, dive.clip.indices)
    takeoff, touch, slowness = found.takeoff_s, found.entry_s, found.slowness
    line = None
    if _room(found) >= WATER_ROOM and sinks_at_touch(axis, touch, slowness):
        line = entry_line(axis, touch, slowness)
    turning = None if found.is_slow else spin(axis, takeoff, touch, slowness)
    unclear = Measure(missing=Missing.BODY_UNCLEAR)
    return DiveMeasures(
        level=LEVEL,
        **_of_flight(dive, found, facts, begin_s),
        somersaults_per_s=(
            Measure(missing=Missing.SLOW_MOTION)
            if found.is_slow
            else unclear
            if turning is None
            else _measure(dive, turning.rate, turning.error, turning.sample)
        ),
        entry_angle_deg=(
            unclear
            if line is None
            else _measure(dive, line.angle_deg, line.error_deg, line.sample, signed=True)
        ),
        splash_statures=_splash(dive, found, masks),
    )


def measured_board(dive: DiveClip, *, armstand: bool) -> Measure:
    """Measure how high a board or platform is above the water, by the flight alone."""
    found = dive.dive
    if found is None:
        return Measure(missing=Missing.NO_DIVE)
    if found.is_slow:
        return Measure(missing=Missing.SLOW_MOTION)
    if found.is_cut_short or _room(found) < ROOM:
        return Measure(missing=Missing.OUT_OF_PICTURE)
    flight = measure_flight(found, None, armstand=armstand)
    if flight is None or not flight.agree:
        return Measure(missing=Missing.IMPRECISE)
    board = flight.board_m
    return _measure(dive, board.value, board.error, _sample_at(dive, found.entry_s))


def confirmed_board(dive: DiveClip, begin_s: tuple[float, float], *, armstand: bool) -> Measure:
    """Measure how high a board is where the network's steps confirm both moments of the flight.

    begin_s: when flight and entry begin, as the network sees it.
    """
    board = measured_board(dive, armstand=armstand)
    if board.value is None or dive.dive is None or _is_confirmed(dive.dive, begin_s):
        return board
    return Measure(missing=Missing.IMPRECISE)


def height_doubted(measures: DiveMeasures, facts: DiveFacts) -> bool:
    """Whether the flight clearly contradicts the height that was told.

    The board is then measured all the same, and nothing that a flight from the told height implies.
    """
    return facts.height_origin in TOLD and measures.board_m.value is not None


def _of_flight(
    dive: DiveClip, found: LocatedDive, facts: DiveFacts, begin_s: tuple[float, float]
) -> dict[str, Measure]:
    """Time in the air, rise, height of the board and distance, under their names."""
    names = ("time_in_air_s", "rise_m", "board_m", "distance_m")
    if found.is_slow:
        return dict.fromkeys(names, Measure(missing=Missing.SLOW_MOTION))
    known = facts.height_m if facts.height_origin in TOLD else None
    armstand = (
        facts.dive_number is not None and parse(facts.dive_number).take_off is TakeOff.ARMSTAND
    )
    flight = measure_flight(found, known, armstand=armstand)
    if flight is None or not flight.agree:
        board = confirmed_board(dive, begin_s, armstand=armstand)
        if known is not None and _excludes(board, known):
            return dict.fromkeys(names, Measure(missing=Missing.HEIGHT_DOUBTED)) | {
                "board_m": board
            }
        return dict.fromkeys(names, Measure(missing=Missing.IMPRECISE))
    board = Measure(missing=Missing.HEIGHT_GIVEN)
    if known is None:
        board = measured_board(dive, armstand=armstand)
    touch = _sample_at(dive, found.entry_s)
    return {
        "time_in_air_s": _measure(
            dive, flight.time_in_air_s.value, flight.time_in_air_s.error, touch
        ),
        "rise_m": _measure(
            dive, flight.rise_m.value, flight.rise_m.error, _sample_at(dive, flight.top_s)
        ),
        "board_m": board,
        "distance_m": _distance(dive, flight, touch),
    }


def _distance(dive: DiveClip, flight: Flight, sample: int) -> Measure:
    """How far out at least: an oblique view only makes a way look shorter."""
    way = flight.distance_m
    if way.value < LEAST_DISTANCE_M:
        return Measure(missing=Missing.IMPRECISE)
    least = max(way.value - SPREAD * way.error, 0.0)
    return _seen(dive, way.value, least, None, sample)


def _is_confirmed(found: LocatedDive, begin_s: tuple[float, float]) -> bool:
    """Whether both moments of a flight are where the network's steps let one expect them."""
    after_takeoff, before_touch = begin_s[0] - found.takeoff_s, found.entry_s - begin_s[1]
    return 0 <= after_takeoff <= STEP_WITHIN_S and 0 <= before_touch <= STEP_WITHIN_S


def _excludes(measure: Measure, value: float) -> bool:
    if measure.low is None or measure.high is None:
        return False
    return not measure.low <= value <= measure.high


def _splash(dive: DiveClip, found: LocatedDive, masks: np.ndarray) -> Measure:
    unseen = Measure(missing=Missing.SPLASH_UNSEEN)
    if dive.geometry.statures is None or _room(found) < WATER_ROOM:
        return unseen
    clip = dive.clip
    since_s = (clip.times_s - found.entry_s) / found.slowness
    there = int(np.argmin(np.abs(since_s - WENT_IN_S)))
    left, _, right, _ = dive.windows_px[there]
    stature = found.track.stature_px[_place_went_in(found)]
    stature_px = float(stature * clip.frames.shape[2] / (right - left))
    samples = np.unique(clip.indices, return_index=True)[1]
    splash = splash_height(clip.frames, masks, samples, since_s, stature_px)
    if splash is None:
        return unseen
    return _measure(dive, splash.height, splash.error, splash.sample)


def _room(found: LocatedDive) -> float:
    """Statures between the place of the entry and the nearest of the sides and the bottom."""
    place = _place_went_in(found)
    x, y = found.track.centres[place]
    width, height = found.size_px
    return float(min(x, width - x, height - y) / found.track.stature_px[place])


def _place_went_in(found: LocatedDive) -> int:
    went_in = found.entry_s + WENT_IN_S * found.slowness
    return int(np.argmin(np.abs(found.track.times_s - went_in)))


def _sample_at(dive: DiveClip, time_s: float) -> int:
    return int(np.argmin(np.abs(dive.clip.times_s - time_s)))


def _measure(
    dive: DiveClip, value: float, error: float, sample: int, *, signed: bool = False
) -> Measure:
    low = value - SPREAD * error
    return _seen(dive, value, low if signed else max(low, 0.0), value + SPREAD * error, sample)


def _seen(dive: DiveClip, value: float, low: float, high: float | None, sample: int) -> Measure:
    clip = dive.clip
    return Measure(value, low, high, int(clip.indices[sample]), float(clip.times_s[sample]))


def _none(reason: Missing) -> DiveMeasures:
    nothing = Measure(missing=reason)
    return DiveMeasures(LEVEL, nothing, nothing, nothing, nothing, nothing, nothing, nothing)
