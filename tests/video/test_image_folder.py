"""Clips kept as numbered pictures, as FineDiving's are."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fpcli.video.read import read_clip


def jpeg_bytes(level: int, orientation: int | None = None) -> bytes:
    """A 64 x 48 JPEG, its left half this grey and its right half dark, with an EXIF orientation."""
    picture = np.full((48, 64, 3), 10, np.uint8)
    picture[:, :32] = level
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 64, 48, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(picture).reformat(format="yuvj420p")
    data = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    if orientation is None:
        return data
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 1) + entry + bytes(4)
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    """25 pictures named as FineDiving's, written out of order, with other things beside them."""
    folder = tmp_path / "clip"
    folder.mkdir()
    for place in reversed(range(25)):
        (folder / f"{place + 98}.jpg").write_bytes(jpeg_bytes(60 + 5 * place))
    (folder / "notes.txt").write_text("pool 2")
    (folder / ".99.jpg").write_bytes(b"hidden")
    (folder / "cover.jpg").write_bytes(jpeg_bytes(255))
    return folder


def test_numbered_pictures_are_a_clip_in_numeric_order(picture_folder: Path) -> None:
    clip = read_clip(picture_folder, samples=25)
    levels = clip.frames[:, 24, 8].mean(axis=1)
    assert levels == pytest.approx(60 + 5 * np.arange(25), abs=2)
    assert clip.times_s == pytest.approx(np.arange(25) / 25)
    assert (clip.info.frame_count, clip.info.frame_rate) == (25, pytest.approx(25))
    assert (clip.info.width, clip.info.height) == (64, 48)
    assert clip.info.duration_s == pytest.approx(1.0)


def test_broken_pictures_are_skipped_counted_and_keep_their_moment(picture_folder: Path) -> None:
    whole = (picture_folder / "100.jpg").read_bytes()
    (picture_folder / "100.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (picture_folder / "101.jpg").write_text("no picture")
    (picture_folder / "102.jpg").write_bytes(b"")
    clip = read_clip(picture_folder, samples=22)
    assert clip.info.corrupt_frames == 3
    assert clip.indices.tolist() == list(range(22))
    assert clip.times_s == pytest.approx(np.delete(np.arange(25), [2, 3, 4]) / 25)


def test_pictures_of_another_size_are_brought_to_the_first_ones(picture_folder: Path) -> None:
    small = av.CodecContext.create("png", "w")
    small.width, small.height, small.pix_fmt = 32, 24, "rgb24"
    small.time_base = Fraction(1, 25)
    data = small.encode(av.VideoFrame.from_ndarray(np.full((24, 32, 3), 77, np.uint8)))
    (picture_folder / "110.jpg").write_bytes(b"".join(bytes(packet) for packet in data))
    clip = read_clip(picture_folder, samples=25, max_side=32)
    assert clip.frames.shape == (25, 24, 32, 3)
    assert clip.frames[12].mean() == pytest.approx(77, abs=1)


def test_exif_rotation_of_pictures_is_applied(tmp_path: Path) -> None:
    for place in range(16):
        (tmp_path / f"{place}.jpg").write_bytes(jpeg_bytes(200, orientation=6))
    clip = read_clip(tmp_path)
    assert clip.frames.shape[1:3] == (64, 48)
    assert clip.info.rotation_degrees == 90
    top, bottom = clip.frames[0, 8].mean(), clip.frames[0, -8].mean()
    assert (top, bottom) == (pytest.approx(200, abs=3), pytest.approx(10, abs=3))
