"""Bars beside a scene are told from all that a scene may hold; the dive between them is found."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from fpcli.analysis.bars import Bars
from fpcli.analysis.locate import locate_dives
from fpcli.analysis.survey import survey
from fpcli.video.orientation import Box
from fpcli.video.read import iterate_frames
from fpcli.video.write import VideoWriter

WIDTH, HEIGHT, LEFT, RIGHT = 448, 252, 150, 298  # of a picture, and what bars leave of it
PICTURES = 6


def scenes() -> list[np.ndarray]:
    """Pictures of a camera that turns."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 255, (HEIGHT // 6, WIDTH // 3, 3)).astype(np.uint8)
    panorama = cv2.GaussianBlur(coarse.repeat(6, 0).repeat(6, 1), (0, 0), 1.0)
    return [panorama[:, 9 * turn : 9 * turn + WIDTH].copy() for turn in range(PICTURES)]


def barred(scene: np.ndarray, kind: str) -> np.ndarray:
    """The middle of a scene between bars, that the eye takes for an upright clip."""
    middle = scene[:, LEFT:RIGHT]
    bars = {
        "black": lambda: np.zeros_like(scene),
        "pale": lambda: np.full_like(scene, (240, 236, 228)),
        "blurred": lambda: cv2.GaussianBlur(cv2.resize(middle, (WIDTH, HEIGHT)), (0, 0), 9),
    }
    picture = bars[kind]()
    picture[:, LEFT:RIGHT] = middle
    return picture


def found(pictures: list[np.ndarray], size_px: tuple[int, int] = (WIDTH, HEIGHT)) -> Box | None:
    bars = Bars()
    for picture in pictures:
        bars.add(picture)
    return bars.inset(size_px)


@pytest.mark.parametrize("kind", ["black", "pale", "blurred"])
def test_bars_of_any_kind_are_found(kind: str) -> None:
    pictures = [barred(scene, kind) for scene in scenes()]
    box = found(pictures)
    assert box is not None
    assert box[1::2] == (0, HEIGHT)
    assert LEFT <= box[0] <= LEFT + 3
    assert RIGHT - 3 <= box[2] <= RIGHT
    upright = [np.ascontiguousarray(picture.swapaxes(0, 1)) for picture in pictures]
    assert found(upright, (HEIGHT, WIDTH)) == (0, box[0], HEIGHT, box[2])
    assert found(pictures, (2 * WIDTH, 2 * HEIGHT)) == tuple(2 * edge for edge in box)


def test_a_scene_without_bars_has_none() -> None:
    assert found(scenes()) is None
    assert found([np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * PICTURES) is None


def test_pillars_and_a_smooth_side_are_no_bars() -> None:
    pillars, one_side, off_centre = scenes(), scenes(), scenes()
    for place in range(PICTURES):
        pillars[place][:, [LEFT - 1, LEFT, RIGHT, RIGHT + 1]] = 255
        one_side[place][:, :LEFT] = 90
        off_centre[place][:, :LEFT] = off_centre[place][:, RIGHT + 40 :] = 90
    assert found(pillars) is None
    assert found(one_side) is None
    assert found(off_centre) is None


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (5, 40), (9, 6), (40, 3)])
def test_pictures_of_few_pixels_have_none(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    assert found([rng.integers(0, 255, (*size, 3)).astype(np.uint8) for _ in range(5)]) is None


def test_a_few_pictures_tell_nothing() -> None:
    assert found([barred(scene, "black") for scene in scenes()][:3]) is None


def test_dive_between_bars_is_told_in_the_whole_picture(small_video: Path, tmp_path: Path) -> None:
    """The block flies again in the bars, faster: it is neither taken for the dive nor followed."""
    path = tmp_path / "barred.mp4"
    width, height, left = 228, 64, 66
    with VideoWriter(path, width=width, height=height) as writer:
        for frame in iterate_frames(small_video):
            larger = cv2.resize(frame.image, (width, 2 * height))[height // 2 : -height // 2]
            picture = cv2.GaussianBlur(larger, (0, 0), 6)
            picture[:, left : left + 96] = frame.image
            writer.write(picture, frame.time_s)
    (stretch,) = survey(path)
    assert stretch.inset is not None
    (plain,) = locate_dives(small_video).dives
    (dive,) = locate_dives(path).dives
    assert dive.size_px == (width, height)
    assert (dive.takeoff_s, dive.entry_s) == pytest.approx(
        (plain.takeoff_s, plain.entry_s), abs=0.05
    )
    times = np.linspace(0.3, 1.1, 9)
    for place, off in enumerate((left, 0)):
        there = np.interp(times, dive.track.times_s, dive.track.centres[:, place])
        here = np.interp(times, plain.track.times_s, plain.track.centres[:, place])
        assert there == pytest.approx(here + off, abs=2)
    assert dive.way is not None
    assert plain.way is not None
    assert dive.way.places_px[5, 0, 0] > left
