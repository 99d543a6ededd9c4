"""A search that begins while the program is still being loaded."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fpcli.analysis.begun import search_begun, search_dives
from fpcli.errors import VideoError
from fpcli.video.read import iterate_frames


def searching() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.startswith("search")]


def test_search_begun_early_finds_what_any_finds(small_video: Path) -> None:
    (dive,) = search_dives(small_video, None, None).dives
    with search_begun(small_video) as video:
        (early,) = search_dives(video, None, None).dives
        assert (early.takeoff_s, early.entry_s) == (dive.takeoff_s, dive.entry_s)
        assert [frame.index for frame in iterate_frames(video)] == list(range(40))
        assert (video.size, video.rotation_degrees, video.corrupt_frames) == ((96, 64), 0, 0)
    assert not searching()


def test_another_part_than_was_begun_is_searched_anew(small_video: Path) -> None:
    with search_begun(small_video, 0.0, 0.4) as video:
        assert not search_dives(video, 0.0, 0.4).dives
        assert len(search_dives(video, None, None).dives) == 1


def test_what_cannot_be_read_is_said_when_the_dives_are_asked_for(small_video: Path) -> None:
    with (
        search_begun(small_video, 100.0) as video,
        pytest.raises(VideoError, match="after 100 s"),
    ):
        search_dives(video, 100.0, None)


def test_search_ends_with_the_block_whatever_ends_that(small_video: Path) -> None:
    with pytest.raises(KeyboardInterrupt), search_begun(small_video):
        raise KeyboardInterrupt
    assert not searching()


def test_search_begins_without_torch() -> None:
    code = "import sys, fpcli.analysis.begun as begun; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
