"""A part of a video's pictures is read as the whole would be, cut."""

from pathlib import Path

import numpy as np
import pytest

from fpcli.video.inset import Inset
from fpcli.video.read import iterate_frames, open_source

BOX = (16, 8, 80, 56)


def test_part_is_what_the_whole_shows_there(small_video: Path) -> None:
    inset = Inset(open_source(small_video), BOX)
    whole, parts = iterate_frames(small_video), iterate_frames(inset)
    for frame, part in zip(whole, parts, strict=True):
        assert (frame.index, frame.time_s) == (part.index, part.time_s)
        assert part.source_size == (64, 48) == inset.size
        assert np.abs(frame.image[8:56, 16:80].astype(int) - part.image).max() <= 1
    assert (inset.expected_times() == open_source(small_video).expected_times()).all()


def test_part_is_shrunk_to_the_side_asked_for(small_video: Path) -> None:
    inset = Inset(open_source(small_video), BOX)
    pictures = [frame.image for frame in iterate_frames(inset, max_side=32)]
    assert {picture.shape for picture in pictures} == {(24, 32, 3)}
    full = [frame.image for frame in iterate_frames(inset)]
    assert np.mean(pictures) == pytest.approx(np.mean(full), abs=1)


def test_part_of_a_part(small_video: Path) -> None:
    inset = Inset(Inset(open_source(small_video), BOX), (8, 0, 40, 48))
    once = Inset(open_source(small_video), (24, 8, 56, 56))
    for nested, direct in zip(iterate_frames(inset), iterate_frames(once), strict=True):
        assert (nested.image == direct.image).all()
