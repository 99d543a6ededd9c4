from pathlib import Path

import numpy as np
import pytest

from fpcli.analysis import benchmark_locating
from fpcli.analysis.benchmark_locating import locate_apart, measure_locating
from fpcli.errors import FineParserError
from fpcli.video.copy_part import repeat_video
from fpcli.video.read import iterate_frames


def test_full_hd_video_is_made_and_located_in(
    tmp_path: Path, small_video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark_locating, "SIZE", (240, 160))
    monkeypatch.setattr(benchmark_locating, "SHORT_S", 2.0)
    told: list[str] = []
    found = measure_locating(
        small_video, tmp_path, repeats=2, long=False, on_stage=lambda stage: told.append(stage)
    )
    frames = list(iterate_frames(tmp_path / "short.mp4"))
    assert len(frames) == 60
    assert frames[30].time_s == pytest.approx(1.0)
    assert frames[0].image.shape == (160, 240, 3)
    assert found.times_real_time.values[1] == 2.0 / found.locating_s.values[1]
    assert not found.apart
    assert "locating, 2 of 2" in told


def test_repeated_video_shows_its_frames_over_and_over(tmp_path: Path, small_video: Path) -> None:
    once = list(iterate_frames(small_video))
    repeat_video(small_video, tmp_path / "again.mp4", 3)
    again = list(iterate_frames(tmp_path / "again.mp4"))
    assert len(again) == 3 * len(once)
    np.testing.assert_allclose(np.diff([frame.time_s for frame in again]), 1 / 25, atol=0.01)
    for place in (0, 17, 39):
        np.testing.assert_array_equal(again[80 + place].image, once[place].image)


def test_locating_apart_tells_its_dives_and_its_memory(small_video: Path) -> None:
    apart = locate_apart(small_video, 1.6)
    assert apart.took_s > 0
    assert apart.peak_bytes is None or 2**26 < apart.peak_bytes < 2**32
    with pytest.raises(FineParserError, match=r"no file .*absent\.mp4"):
        locate_apart(small_video.with_name("absent.mp4"), 1.0)
