from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from fpcli.video.cut import MovingWindow, cut_window
from fpcli.video.orientation import Box
from fpcli.video.read import iterate_frames, open_source, read_clip

Encoder = Callable[..., Path]
BOXES = [(0, 0, 96, 64), (0, 0, 7, 9), (13, 5, 50, 44), (81, 50, 96, 64)]


def textured(count: int, width: int = 96, height: int = 64) -> list[np.ndarray]:
    """Pictures that are different everywhere, in every colour."""
    noise = np.random.default_rng(7).integers(0, 256, (count, height // 4, width // 4, 3))
    return list(noise.repeat(4, axis=1).repeat(4, axis=2).astype(np.uint8))


def upright(box: Box, turned: bool) -> Box:
    left, top, right, bottom = box
    return (top, left, bottom, right) if turned else box


@pytest.mark.parametrize(
    ("codec", "pix_fmt"),
    [
        ("libx264", "yuv420p"),
        ("libx264", "yuv422p"),
        ("libx264", "yuv444p"),
        ("libx264", "yuv420p10le"),
        ("mjpeg", "yuvj420p"),
        ("png", "rgb24"),  # not in planes
    ],
)
@pytest.mark.parametrize("rotation", [None, 90, 180, -90])
def test_part_of_a_picture_is_cut_out_of_it(
    tmp_path: Path, encode: Encoder, codec: str, pix_fmt: str, rotation: float | None
) -> None:
    suffix = "mov" if codec == "png" else "mp4"
    video = encode(
        tmp_path / f"a.{suffix}", textured(3), codec=codec, pix_fmt=pix_fmt, rotation=rotation
    )
    for stored in open_source(video).frames():
        whole = stored.picture(None)
        for box in BOXES:
            left, top, right, bottom = upright(box, turned=rotation in (90, -90))
            np.testing.assert_array_equal(
                stored.part((left, top, right, bottom)), whole[top:bottom, left:right]
            )


def test_part_of_a_stretched_picture_lies_in_the_stretched_one(
    tmp_path: Path, encode: Encoder
) -> None:
    video = encode(tmp_path / "wide.mp4", textured(2), pixel_aspect=Fraction(4, 3))
    stored = next(iter(open_source(video).frames()))
    whole = stored.picture(None)
    assert whole.shape == (64, 128, 3)
    np.testing.assert_array_equal(stored.part((90, 8, 121, 60)), whole[8:60, 90:121])


def test_clip_that_follows_a_window_shows_what_lies_in_it(tmp_path: Path, encode: Encoder) -> None:
    video = encode(tmp_path / "a.mp4", textured(24))

    def at(time_s: float) -> np.ndarray:  # over the edge at the beginning, outside at the end
        return np.array([120 * time_s - 20, 10.0, 36.0])

    clip = read_clip(video, samples=24, cut=MovingWindow(at, 20))
    for picture, frame in zip(clip.frames, iterate_frames(video), strict=True):
        np.testing.assert_array_equal(picture, cut_window(frame.image, at(frame.time_s), 20))
