"""A dive is found, trimmed and followed; what holds none is refused, and says what was missing."""

from pathlib import Path

import numpy as np
import pytest

from fpcli.analysis.dive_clip import find_dives, read_dive
from fpcli.analysis.finding import bundled_diver_finder
from fpcli.analysis.locate import NoDiveError, locate_dives
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import Flag
from fpcli.errors import ExitCode, UsageError
from fpcli.video.transform import CENTRE, FOLLOW
from fpcli.video.write import VideoWriter

TAKEOFF_S, ENTRY_S = 0.2, 1.15  # of the made dive: its block reaches down by half its height
CLIPS = Path(__file__).parents[3] / "shared" / "clips"


def test_made_dive_is_found_and_followed(small_video: Path) -> None:
    (dive,) = locate_dives(small_video).dives
    assert dive.takeoff_s == pytest.approx(TAKEOFF_S, abs=0.17)
    assert dive.entry_s == pytest.approx(ENTRY_S, abs=0.12)
    middle = np.array([np.interp(0.7, dive.track.times_s, axis) for axis in dive.track.centres.T])
    assert middle == pytest.approx((45, 18.4), abs=3)
    assert not dive.is_slow


def test_frames_follow_the_dive(small_video: Path) -> None:
    cut = read_dive(small_video, AnalysisRequest(), FOLLOW)
    assert cut.clip.frames.shape == (96, 112, 112, 3)
    sides = cut.windows_px[:, 2:] - cut.windows_px[:, :2]
    assert (sides[:, 0] == sides[:, 1]).all()
    flying = (cut.clip.times_s > 0.3) & (cut.clip.times_s < 1.1)
    bright = cut.clip.frames[flying][:, 46:66, 46:66].reshape(flying.sum(), -1).max(axis=1)
    assert np.mean(bright > 180) > 0.9
    assert Flag.TRIMMED in cut.flags


def test_part_that_is_named_is_kept_as_it_is(small_video: Path) -> None:
    cut = read_dive(small_video, AnalysisRequest(start_s=0.08, end_s=1.4), CENTRE)
    assert cut.clip.times_s[[0, -1]] == pytest.approx((0.08, 1.4))
    assert Flag.TRIMMED not in cut.flags


@pytest.fixture
def still_video(tmp_path: Path) -> Path:
    path = tmp_path / "still.mp4"
    picture = np.random.default_rng(0).integers(0, 255, (16, 24, 3)).astype(np.uint8)
    picture = picture.repeat(4, 0).repeat(4, 1)
    with VideoWriter(path, width=96, height=64) as writer:
        for index in range(40):
            writer.write(picture, index / 25)
    return path


def test_video_without_a_dive_is_refused_unless_forced(still_video: Path) -> None:
    with pytest.raises(NoDiveError, match="nobody") as refused:
        read_dive(still_video, AnalysisRequest(), FOLLOW)
    assert refused.value.exit_code == ExitCode.VIDEO
    assert "--force" in refused.value.hint
    forced = read_dive(still_video, AnalysisRequest(force=True), FOLLOW)
    assert Flag.NO_DIVE_FOUND in forced.flags
    assert forced.dive is None
    with pytest.raises(NoDiveError):
        find_dives(still_video)


def test_unknown_geometry_is_refused(small_video: Path) -> None:
    from fpcli.analysis.dive_clip import chosen_geometry

    with pytest.raises(UsageError, match="square"):
        chosen_geometry(AnalysisRequest(geometry="square"), CENTRE)
    assert chosen_geometry(AnalysisRequest(geometry="follow"), CENTRE) == FOLLOW


@pytest.mark.skipif(not CLIPS.is_dir(), reason="the real clips are not here")
def test_real_dive_is_found_and_a_real_non_dive_is_not() -> None:
    finder = bundled_diver_finder()
    (dive,) = locate_dives(CLIPS / "dives" / "phone_tall_103B_mark6.mp4", finder=finder).dives
    assert (dive.takeoff_s * 30, dive.entry_s * 30) == pytest.approx((39, 66), abs=5)
    assert not locate_dives(CLIPS / "not_dives" / "basketball.avi", finder=finder).dives
