from itertools import pairwise

import pytest

from fpcli.video.timeline import Timeline

INTERVAL_S = 0.04


def placed(*stamps_s: float | None) -> list[float]:
    timeline = Timeline(INTERVAL_S)
    return [timeline.place(stamp) for stamp in stamps_s]


def test_first_frame_is_zero_and_intervals_are_kept() -> None:
    assert placed(12.5, 12.54, 12.61, 12.9) == pytest.approx([0, 0.04, 0.11, 0.4])


def test_long_pause_is_kept() -> None:
    assert placed(0, 0.04, 9.0, 9.04) == pytest.approx([0, 0.04, 9.0, 9.04])


def test_missing_time_follows_by_one_interval() -> None:
    assert placed(0, None, None, 0.12) == pytest.approx([0, 0.04, 0.08, 0.12])


def test_no_times_at_all_count_at_the_nominal_rate() -> None:
    assert placed(None, None, None) == pytest.approx([0, 0.04, 0.08])


def test_repeated_time_moves_aside_and_the_rest_stays() -> None:
    times = placed(0, 0.04, 0.04, 0.08)
    assert times == pytest.approx([0, 0.04, 0.05, 0.08])


def test_counter_that_starts_anew_goes_on() -> None:
    assert placed(50, 50.04, 0, 0.04) == pytest.approx([0, 0.04, 0.08, 0.12])


def test_times_always_go_forward() -> None:
    times = placed(0, 0, 0, 0.01, None, 0.02, -3, -3, 100, 99.9, 99.98, None)
    assert all(later > earlier for earlier, later in pairwise(times))


def test_times_are_far_enough_apart_to_be_written_down() -> None:
    assert placed(0, 0.04, 0.040002, 0.08) == pytest.approx([0, 0.04, 0.05, 0.08])
