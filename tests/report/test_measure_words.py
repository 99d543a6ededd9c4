import dataclasses

import pytest

from fpcli.analysis.result import Measure, Missing, Observation, Seen
from fpcli.report.measure_words import (
    AT_LIFE_SPEED,
    closing_words,
    missing_words,
    observation_words,
    shown_measures,
    shown_moments,
)


def test_a_measure_is_shown_with_its_unit_and_its_interval(make_analysis):
    shown = {one.title: one for one in shown_measures(make_analysis().measures)}
    air = shown["time in the air"]
    assert (air.value, air.interval, air.frame) == ("1.72 s", "1.63 – 1.85", "71")
    assert "height of the board" not in shown


@pytest.mark.parametrize(
    ("value", "low", "high", "words", "interval"),
    [
        (-12.3, -18.6, -6.1, "12° short", "6 – 19° short"),
        (20.2, 11.4, 28.4, "20° past", "11 – 28° past"),
        (-6.9, -16.1, 2.3, "7° short", "16° short – 2° past"),
        (0.3, -8.2, 8.8, "0°", "8° short – 9° past"),
        (-12.0, -24.3, 0.4, "12° short", "0 – 24° short"),
        (0.0, -0.2, 0.3, "0°", "0 – 0°"),
    ],
)
def test_an_entry_is_short_or_past_and_needs_no_sign(
    make_analysis, value, low, high, words, interval
):
    angle = Measure(value, low, high, 70, 2.3)
    measures = dataclasses.replace(make_analysis().measures, entry_angle_deg=angle)
    (shown,) = (one for one in shown_measures(measures) if one.title == "entry angle")
    assert (shown.value, shown.interval) == (words, interval)


def test_of_the_distance_only_the_least_is_said(make_analysis):
    shown = {one.title: one for one in shown_measures(make_analysis().measures)}
    way = shown["distance from take-off"]
    assert (way.value, way.interval) == ("at least 1.4 m", "")


def test_an_observation_tells_its_measure_and_its_frame(make_analysis):
    words = list(observation_words(make_analysis().observations))
    assert words == [
        "entry at least 1.4 m out from take-off, frame 71",
        "entry 12° ± 6° short of vertical, frame 70",
        "splash about 0.9 body heights high, frame 81",
    ]
    over = Observation(Seen.PAST_VERTICAL, "entry_angle_deg", 8.0, 3.0, 13.0, 9, 0.3)
    assert list(observation_words((over,))) == ["entry 8° ± 5° past vertical, frame 9"]


def test_moments_come_in_the_order_of_the_video_and_say_nothing_twice(make_analysis):
    analysis = make_analysis()
    told = [(m.frame, m.words, m.value, m.interval) for m in shown_moments(analysis)]
    assert told == [
        (45, "rise above take-off", "0.4 m", "0.2 – 0.8"),
        (70, "entry 12° ± 6° short of vertical", "", ""),
        (71, "time in the air", "1.72 s", "1.63 – 1.85"),
        (71, "entry at least 1.4 m out from take-off", "", ""),
        (81, "splash about 0.9 body heights high", "", "0.5 – 1.2"),
    ]
    unclear = dataclasses.replace(analysis, observations=())
    assert shown_moments(unclear)[1].words == "entry angle"


def test_what_is_missing_is_said_with_its_reason(make_analysis):
    measures = make_analysis().measures
    said = "Not measured: somersaults a second (the masks do not tell it)."
    assert missing_words(measures) == said
    nothing = Measure(missing=Missing.NO_DIVE)
    empty = dataclasses.replace(measures, **dict.fromkeys(measures.by_name, nothing))
    assert closing_words(empty) == "Nothing measured: no dive was found."
    assert closing_words(measures) == f"No part of the score. {AT_LIFE_SPEED} {said}"
    untimed = dataclasses.replace(measures, time_in_air_s=Measure(missing=Missing.SLOW_MOTION))
    assert AT_LIFE_SPEED not in closing_words(untimed)
    assert shown_measures(empty) == ()
