import dataclasses

from fpcli.analysis.observations import observe
from fpcli.analysis.result import DiveMeasures, Measure, Missing, Seen

NOTHING = Measure(missing=Missing.BODY_UNCLEAR)
EMPTY = DiveMeasures(0.9, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)


def seen_in(**measures: Measure) -> list[Seen]:
    return [one.seen for one in observe(dataclasses.replace(EMPTY, **measures))]


def test_only_what_is_clearly_beyond_its_uncertainty_is_said():
    assert seen_in(entry_angle_deg=Measure(-12.0, -18.0, -6.0, 7, 0.2)) == [Seen.SHORT_OF_VERTICAL]
    assert seen_in(entry_angle_deg=Measure(9.0, 3.0, 15.0, 7, 0.2)) == [Seen.PAST_VERTICAL]
    assert seen_in(entry_angle_deg=Measure(4.0, -2.0, 10.0, 7, 0.2)) == []
    assert seen_in(splash_statures=Measure(0.1, 0.0, 0.25, 7, 0.2)) == []
    assert seen_in(splash_statures=Measure(0.15, 0.03, 0.27, 7, 0.2)) == []  # shows as 0.0


def test_the_least_distance_is_what_counts():
    assert seen_in(distance_m=Measure(1.4, 1.2, None, 7, 0.2)) == [Seen.TRAVEL]
    assert seen_in(distance_m=Measure(0.6, 0.4, None, 7, 0.2)) == []


def test_an_observation_repeats_its_measure():
    angle = Measure(-12.0, -18.0, -6.0, 7, 0.2)
    (seen,) = observe(dataclasses.replace(EMPTY, entry_angle_deg=angle))
    told = (seen.value, seen.low, seen.high, seen.frame, seen.time_s)
    assert told == (angle.value, angle.low, angle.high, angle.frame, angle.time_s)
    assert getattr(EMPTY, seen.measure) is NOTHING


def test_nothing_measured_is_nothing_seen():
    assert observe(EMPTY) == ()
