"""What is said of found dives: several, shown again in slow motion, cut short; and which stay."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fpcli.analysis import begun
from fpcli.analysis.dive_clip import read_dive
from fpcli.analysis.flight_path import GRAVITY, FlightPath
from fpcli.analysis.locate import LocatedDive, Search, located_dive, merged
from fpcli.analysis.moments import Moments
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import Flag
from fpcli.analysis.scene import Glimpse, Stretch
from fpcli.video.transform import FOLLOW

STATURE_PX, TAKEOFF_S, ENTRY_S = 20.0, 0.5, 1.2


def dive_in(
    start_s: float, end_s: float, *, slowness: float = 1.0, after_cut: bool = False
) -> LocatedDive:
    """The dive of TAKEOFF_S to ENTRY_S as a scene from start_s to end_s shows it."""
    times = np.arange(start_s, end_s, 0.04)
    glimpses = tuple(Glimpse(time_s, np.eye(3), None) for time_s in times)
    stretch = Stretch(glimpses, (96, 64), 1.0, closes=True, after_cut=after_cut)
    fall = np.array([30.0, -10.0, GRAVITY * STATURE_PX / 2, 0.0])
    across = np.array([40.0, 5.0, 0.0, 0.0])
    members = np.zeros(0, np.int64)
    path = FlightPath(TAKEOFF_S, ENTRY_S, TAKEOFF_S, across, fall, STATURE_PX, members, 50.0)
    surface = float(path.at(np.array([ENTRY_S]))[0, 1]) + STATURE_PX / 2
    moments = Moments(TAKEOFF_S, ENTRY_S, surface, path)
    return located_dive(stretch, stretch.sightings(), moments, path.evidence, slowness)


def flags_of(video: Path, *dives: LocatedDive) -> tuple[Flag, ...]:
    """What `read_dive` says where these dives are found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(begun, "locate_dives", lambda *_, **__: Search(dives, seen=True, flew=True))
        return read_dive(video, AnalysisRequest(), FOLLOW).flags


def test_the_whole_dive_at_real_speed_is_only_trimmed(small_video: Path) -> None:
    assert flags_of(small_video, dive_in(0.0, 1.6)) == (Flag.TRIMMED,)


def test_one_of_several_dives_says_so(small_video: Path) -> None:
    first = dive_in(0.0, 1.6)
    assert Flag.SEVERAL_DIVES in flags_of(small_video, first, replace(first, evidence=40.0))


@pytest.mark.parametrize(
    ("slowness", "after_cut", "expected"),
    [
        (1.0, False, set()),
        (1.0, True, set()),  # another camera, live
        (2.5, False, {Flag.SLOW_MOTION}),  # a phone's
        (2.5, True, {Flag.SLOW_MOTION, Flag.REPLAY}),
    ],
)
def test_slow_motion_after_a_cut_is_a_replay(
    small_video: Path, slowness: float, after_cut: bool, expected: set[Flag]
) -> None:
    told = flags_of(small_video, replace(dive_in(0.0, 1.6, after_cut=after_cut), slowness=slowness))
    assert set(told) & {Flag.SLOW_MOTION, Flag.REPLAY} == expected


@pytest.mark.parametrize(
    ("start_s", "end_s", "is_short"),
    [
        (0.0, 1.6, False),
        (0.0, 1.4, True),  # before the splash is seen
        (0.6, 1.6, True),  # after the take-off
    ],
)
def test_dive_that_the_scene_cuts_off_says_so(
    small_video: Path, start_s: float, end_s: float, is_short: bool
) -> None:
    assert (Flag.CUT_SHORT in flags_of(small_video, dive_in(start_s, end_s))) == is_short


@pytest.mark.parametrize(
    ("apart_s", "stays"),
    [
        (0.6, False),  # a hurdle lands so long before the take-off
        (4.0, True),  # the next diver
    ],
)
def test_a_hurdle_is_no_dive_of_its_own(apart_s: float, stays: bool) -> None:
    dive = dive_in(0.0, 1.6)
    before_s = apart_s + ENTRY_S - TAKEOFF_S
    earlier = replace(
        dive, takeoff_s=TAKEOFF_S - before_s, entry_s=ENTRY_S - before_s, evidence=dive.evidence / 2
    )
    assert merged([earlier], [dive]) == ([dive, earlier] if stays else [dive])
