"""When a dive's measures are left out, and why; where what is measured was seen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fpcli.analysis.dive_clip import DiveClip
from fpcli.analysis.flight_path import FlightPath
from fpcli.analysis.locate import LocatedDive
from fpcli.analysis.measures import height_doubted, measure_dive
from fpcli.analysis.result import DiveFacts, Missing, Origin
from fpcli.video.clip import Clip, VideoInfo
from fpcli.video.follow import Track
from fpcli.video.transform import FOLLOW

SAMPLES, SIDE = 96, 112
TIMES_S = 1.0 + np.arange(SAMPLES) / 25.0
PATH = FlightPath(
    start_s=2.0,
    end_s=3.37,
    origin_s=2.46,
    x=np.array([300.0, 40.0, 0.0, 0.0]),
    y=np.array([100.0, 0.0, 9.81 / 2 * 40.0, 0.0]),
    size=66.0,
    members=np.zeros(0, np.int64),
)
DIVE = LocatedDive(
    takeoff_s=2.0,
    entry_s=3.37,
    start_s=1.0,
    end_s=4.7,
    slowness=1.0,
    track=Track(TIMES_S, np.full((SAMPLES, 2), 200.0), np.full(SAMPLES, 66.0)),
    size_px=(600, 400),
    path=PATH,
    evidence=50.0,
    after_cut=False,
    is_cut_short=False,
)
FACTS = DiveFacts("103B", "", 3.0, Origin.GIVEN, 1.6, Origin.TABLE, None, 4.8)
BEGIN_S = (2.2, 3.1)  # flight and entry, as the network sees them
NOBODY = np.zeros((SAMPLES, SIDE, SIDE), np.float32)


def clip_of(dive: LocatedDive | None) -> DiveClip:
    info = VideoInfo(Path("a.mp4"), 600, 400, 200, 8.0, 25.0)
    frames = np.full((SAMPLES, SIDE, SIDE, 3), 90, np.uint8)
    windows = np.tile([140.0, 140.0, 260.0, 260.0], (SAMPLES, 1))
    clip = Clip(frames, TIMES_S, np.arange(SAMPLES) + 25, info)
    return DiveClip(clip, windows, FOLLOW, dive, ())


def missing(dive: LocatedDive | None, facts: DiveFacts = FACTS) -> dict[str, Missing | None]:
    measures = measure_dive(clip_of(dive), NOBODY, facts, BEGIN_S)
    return {name: measure.missing for name, measure in measures.by_name.items()}


@pytest.mark.parametrize(
    ("dive", "facts", "reason"),
    [
        (None, FACTS, Missing.NO_DIVE),
        (DIVE, replace(FACTS, synchro=True), Missing.TWO_DIVERS),
        (replace(DIVE, is_cut_short=True), FACTS, Missing.OUT_OF_PICTURE),
        (replace(DIVE, size_px=(600, 201)), FACTS, Missing.OUT_OF_PICTURE),
    ],
    ids=["no dive", "two divers", "cut short", "touch below the picture"],
)
def test_nothing_is_measured_of_what_the_camera_does_not_show(dive, facts, reason):
    assert set(missing(dive, facts).values()) == {reason}


def test_times_of_slow_motion_are_not_measured():
    left_out = missing(replace(DIVE, slowness=2.0))
    for name in ("time_in_air_s", "rise_m", "board_m", "distance_m", "somersaults_per_s"):
        assert left_out[name] is Missing.SLOW_MOTION


def test_a_flight_is_measured_where_it_was_seen_and_the_rest_says_why_not():
    measures = measure_dive(clip_of(DIVE), NOBODY, FACTS, BEGIN_S)
    air = measures.time_in_air_s
    assert air.low < 1.37 < air.high
    assert air.time_s == pytest.approx(3.37, abs=0.03)
    assert air.frame == 25 + round((air.time_s - 1.0) * 25)
    assert measures.rise_m.time_s == pytest.approx(2.46, abs=0.03)
    assert measures.rise_m.low < 1.04 < measures.rise_m.high
    assert measures.board_m.missing is Missing.HEIGHT_GIVEN
    assert measures.distance_m.high is None
    assert measures.distance_m.low < 1.37
    assert measures.entry_angle_deg.missing is Missing.BODY_UNCLEAR
    assert measures.somersaults_per_s.missing is Missing.BODY_UNCLEAR
    assert measures.splash_statures.missing is Missing.SPLASH_UNSEEN


def test_an_assumed_height_is_not_used_but_measured():
    assumed = replace(FACTS, height_m=10.0, height_origin=Origin.ASSUMED)
    board = measure_dive(clip_of(DIVE), NOBODY, assumed, BEGIN_S).board_m
    assert board.low < 3.0 < board.high < 10.0


def test_a_told_height_that_the_flight_denies_is_doubted_and_measured():
    wrong = replace(FACTS, height_m=10.0)
    measures = measure_dive(clip_of(DIVE), NOBODY, wrong, BEGIN_S)
    assert measures.board_m.low < 3.0 < measures.board_m.high < 10.0
    assert measures.time_in_air_s.missing is Missing.HEIGHT_DOUBTED
    assert measures.rise_m.missing is Missing.HEIGHT_DOUBTED
    assert height_doubted(measures, wrong)


@pytest.mark.parametrize(
    ("dive", "facts"),
    [
        (DIVE, FACTS),
        (replace(DIVE, slowness=2.0), replace(FACTS, height_m=10.0)),
        (replace(DIVE, is_cut_short=True), replace(FACTS, height_m=10.0)),
        (DIVE, replace(FACTS, height_m=10.0, height_origin=Origin.ASSUMED)),
        (DIVE, replace(FACTS, height_m=10.0, synchro=True)),
    ],
    ids=["it fits", "slow motion", "cut short", "nobody told it", "two divers"],
)
def test_a_height_is_not_doubted_without_need(dive, facts):
    assert not height_doubted(measure_dive(clip_of(dive), NOBODY, facts, BEGIN_S), facts)


@pytest.mark.parametrize("begin_s", [(1.9, 3.1), (2.6, 3.1), (2.2, 2.7), (2.2, 3.4)])
def test_a_flight_that_the_steps_do_not_confirm_denies_no_height(begin_s):
    """One of its moments may have been found wrongly."""
    wrong = replace(FACTS, height_m=10.0)
    measures = measure_dive(clip_of(DIVE), NOBODY, wrong, begin_s)
    assert not height_doubted(measures, wrong)
    assert measures.time_in_air_s.missing is Missing.IMPRECISE
