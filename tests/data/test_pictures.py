"""Frames and masks as the network samples them, and pictures that are damaged."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_data_set import jpeg

from fpcli.data.pictures import damaged_pictures, read_pictures
from fpcli.errors import DataError

SIZE = (24, 40)


def written(
    folder: Path, count: int, size: tuple[int, int] = SIZE
) -> tuple[list[Path], list[Path]]:
    """Frames whose red tells their place, and masks whose left half is the diver."""
    frames, masks = [], []
    for place in range(count):
        picture = np.zeros((*size, 3), np.uint8)
        picture[..., 2] = place
        mask = np.zeros(size, np.uint8)
        mask[:, : size[1] // 2] = 255
        frames.append(folder / f"frame{place}.jpg")
        masks.append(folder / f"mask{place}.jpg")
        frames[-1].write_bytes(jpeg(picture))
        masks[-1].write_bytes(jpeg(mask))
    return frames, masks


@pytest.mark.parametrize("count", [5, 96, 130, 200])
def test_96_frames_are_spread_over_the_clip(tmp_path: Path, count: int) -> None:
    found = read_pictures(*written(tmp_path, count, (8, 8)))
    expected = [int(place * (count - 1) / 95 + 1e-9) for place in range(96)]
    assert found.places.tolist() == expected
    red = found.frames[..., 0].mean(axis=(1, 2))
    assert np.abs(red - expected).max() < 3  # JPEG
    assert found.frames[..., 1:].mean() < 6  # RGB and not BGR
    assert found.frames.shape == (96, 8, 8, 3)
    assert found.masks.shape == (96, 8, 8)


def test_masks_are_made_sharp_again(tmp_path: Path) -> None:
    frames, masks = written(tmp_path, 2)
    soft = np.tile(np.linspace(0, 255, SIZE[1]).astype(np.uint8), (SIZE[0], 1))
    masks[0].write_bytes(jpeg(soft))
    masks[1].write_bytes(jpeg(np.repeat(soft[..., None], 3, axis=2)))  # stored as RGB
    for mask in read_pictures(frames, masks).masks[[0, 95]]:
        assert set(np.unique(mask)) == {0, 255}
        assert (mask > 0).mean() == pytest.approx(0.5, abs=0.05)


def test_a_mask_of_another_size_is_brought_to_the_frames(tmp_path: Path) -> None:
    frames, masks = written(tmp_path, 2)
    small = np.zeros((SIZE[0] // 2, SIZE[1] // 2), np.uint8)
    small[:, : SIZE[1] // 4] = 255
    masks[1].write_bytes(jpeg(small))
    found = read_pictures(frames, masks)
    assert (found.masks[95] > 0).mean() == pytest.approx(0.5, abs=0.03)
    assert found.masks[95, :, : SIZE[1] // 2 - 2].all()


def test_a_frame_of_another_size_is_named(tmp_path: Path) -> None:
    frames, masks = written(tmp_path, 3)
    frames[2].write_bytes(jpeg(np.zeros((10, 10, 3), np.uint8)))
    with pytest.raises(DataError, match=r"frame2\.jpg is not of the size"):
        read_pictures(frames, masks)


DAMAGE = {
    "cut short": (lambda content: content[:-20], "is cut short"),
    "half": (lambda content: content[: len(content) // 2], "is cut short"),
    "empty": (lambda content: b"", "is absent or empty"),
    "text": (lambda content: b"<html>not found</html>", "is no JPEG or PNG"),
    "hollow": (lambda content: content[:4] + content[-2:], "is cut short"),
    "cut behind a small picture in its head": (
        lambda content: content[:2] + b"\xff\xe1\0\x08ab\xff\xd8\xff\xd9" + content[2:-20],
        "is cut short",
    ),
    "a few bytes that promise a vast JPEG": (
        lambda content: content.replace(
            b"\xff\xc0\0" + content[content.index(b"\xff\xc0\0") + 3 :][:6],
            b"\xff\xc0\0" + content[content.index(b"\xff\xc0\0") + 3 :][:2] + b"\xff\xff" * 2,
        ),
        "is of 65535 x 65535 pixels",
    ),
    "a few bytes that promise a vast PNG": (
        lambda content: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0" + b"IEND",
        "is of 65536 x 65536 pixels",
    ),
    "a PNG without a picture": (lambda content: b"\x89PNG\r\n\x1a\nIEND", "cannot be decoded"),
}
SEEN_WHEN_DECODED = "a PNG without a picture"


@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize("which", ["frame1.jpg", "mask1.jpg"])
def test_a_damaged_picture_is_named(tmp_path: Path, which: str, kind: str) -> None:
    frames, masks = written(tmp_path, 3)
    damage, said = DAMAGE[kind]
    path = tmp_path / which
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=f"{which} {said}"):
        read_pictures(frames, masks)
    if kind != SEEN_WHEN_DECODED:
        assert damaged_pictures([*frames, *masks]) == [path]


def test_what_is_no_file_or_endless_is_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames, masks = written(tmp_path, 3)
    frames[0].unlink()
    os.mkfifo(frames[0])  # reading would wait for a writer
    frames[1].unlink()
    frames[1].mkdir()
    monkeypatch.setattr("fpcli.data.pictures.MOST_BYTES", len(masks[0].read_bytes()) - 1)
    frames[2].write_bytes(b"")
    assert damaged_pictures([*frames, masks[0]]) == [*frames, masks[0]]


def test_a_picture_that_opencv_throws_at_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def thrown(*_: object) -> None:
        raise cv2.error("assertion failed")

    frames, masks = written(tmp_path, 3)
    monkeypatch.setattr(cv2, "imdecode", thrown)
    with pytest.raises(DataError, match=r"frame0\.jpg cannot be decoded"):
        read_pictures(frames, masks)


def test_whole_pictures_are_whole(tmp_path: Path) -> None:
    frames, masks = written(tmp_path, 2)
    frames[0].write_bytes(frames[0].read_bytes() + b"\0" * 100)  # padded
    png = tmp_path / "one.png"
    png.write_bytes(bytes(cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1]))
    assert damaged_pictures([*frames, *masks, png]) == []
    assert damaged_pictures([tmp_path / "absent.jpg"]) == [tmp_path / "absent.jpg"]
