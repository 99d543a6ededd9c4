import dataclasses

from fpcli.analysis.result import Measure, Missing, Observation, Seen
from fpcli.report.measure_words import missing_words, observation_words, shown_measures


def test_a_measure_is_shown_with_its_unit_and_its_interval(make_analysis):
    shown = {one.title: one for one in shown_measures(make_analysis().measures)}
    air = shown["time in the air"]
    assert (air.value, air.interval, air.frame) == ("1.72 s", "1.63 to 1.85 s", "71")
    assert shown["body off vertical, short −"].interval == "−19 to −6°"
    assert "height of the board" not in shown


def test_of_the_distance_only_the_least_is_said(make_analysis):
    shown = {one.title: one for one in shown_measures(make_analysis().measures)}
    way = shown["way out to the touch"]
    assert (way.value, way.interval) == ("at least 1.4 m", "")


def test_an_observation_tells_its_measure_and_its_frame(make_analysis):
    words = list(observation_words(make_analysis().observations))
    assert words == [
        "at least 1.4 m out from take-off to touch, frame 71",
        "body 12° ± 6° short of vertical at the touch, frame 70",
        "splash about 0.9 statures high, frame 81",
    ]
    over = Observation(Seen.PAST_VERTICAL, "entry_angle_deg", 8.0, 3.0, 13.0, 9, 0.3)
    assert list(observation_words((over,))) == ["body 8° ± 5° past vertical at the touch, frame 9"]


def test_what_is_missing_is_said_with_its_reason(make_analysis):
    measures = make_analysis().measures
    said = "Not measured: somersaults a second, held (the masks do not tell it)."
    assert missing_words(measures) == said
    nothing = Measure(missing=Missing.NO_DIVE)
    empty = dataclasses.replace(measures, **dict.fromkeys(measures.by_name, nothing))
    assert missing_words(empty) == "Nothing measured: no dive was found."
    assert shown_measures(empty) == ()
