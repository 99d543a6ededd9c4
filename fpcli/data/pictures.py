"""Frames and masks of a clip, read from their JPEG files."""

import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path

import cv2
import numpy as np

from fpcli.errors import DataError
from fpcli.video.sample import sample_indices

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
PNG_START, PNG_END = b"\x89PNG", b"IEND"
# What begins the head of the coded picture, in each way of coding, and the coded pixels.
FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
SCAN_MARKER = 0xDA
MOST_PIXELS = 2**22  # FineDiving has 2**17; 96 of them and their masks lie in memory together
MOST_BYTES = 64 * 2**20
TAIL_BYTES = 1024  # some writers add padding after the end
HALF = 128  # JPEG leaves masks with grey edges


@dataclass(frozen=True, eq=False)
class ClipPictures:
    """The 96 frames of a clip that the network sees, with their masks.

    frames: (96, H, W, 3) uint8 RGB. masks: (96, H, W) uint8, 255 on the diver, else 0. places:
    (96,) which of the clip's frames they are.
    """

    frames: np.ndarray
    masks: np.ndarray
    places: np.ndarray


def read_pictures(frames: Sequence[Path], masks: Sequence[Path]) -> ClipPictures:
    """Read the 96 frames spread evenly over a clip, first and last included, and their masks.

    frames, masks: the files of all the clip's frames, in order. Masks of another size are brought
    to the frame's. Raises DataError where a picture is absent, damaged or of another size than the
    clip's first.
    """
    places = sample_indices(len(frames))
    wanted, back = np.unique(places, return_inverse=True)
    pictures: list[np.ndarray] = []
    outlines: list[np.ndarray] = []
    for place in wanted:
        picture = _decoded(frames[place], cv2.IMREAD_COLOR_RGB)
        if pictures and picture.shape != pictures[0].shape:
            raise DataError(
                f"{frames[place]} is not of the size of the clip's first frame.",
                "Copy the clip again from where the data set comes from.",
            )
        outline = _decoded(masks[place], cv2.IMREAD_GRAYSCALE)
        if outline.shape != picture.shape[:2]:
            height, width = picture.shape[:2]
            outline = cv2.resize(outline, (width, height), interpolation=cv2.INTER_LINEAR)
        pictures.append(picture)
        outlines.append(np.where(outline >= HALF, 255, 0).astype(np.uint8))
    return ClipPictures(np.stack(pictures)[back], np.stack(outlines)[back], places)


def damaged_pictures(paths: Sequence[Path]) -> list[Path]:
    """Those files that are absent, empty, cut short, too large or no pictures, by their markers.

    Looking is some twenty times faster than decoding.
    """
    return [path for path in dict.fromkeys(paths) if _read(path).fault]


@dataclass(frozen=True)
class _Stored:
    """A picture's bytes, and what is wrong with them; empty where nothing can be seen."""

    content: bytes
    fault: str = ""


def _decoded(path: Path, mode: int) -> np.ndarray:
    stored = _read(path)
    fault, picture = stored.fault, None
    if not fault:
        # OpenCV fills what is missing with grey and says so on stderr only.
        with suppress(cv2.error):
            picture = cv2.imdecode(np.frombuffer(stored.content, np.uint8), mode)
    if picture is None:
        raise DataError(
            f"{path} {fault or 'cannot be decoded'}.",
            "Copy it again; fineparser data check --pictures finds all that are damaged.",
        )
    return picture


def _read(path: Path) -> _Stored:
    try:
        if not path.is_file():  # a pipe would be waited for
            return _Stored(b"", "is absent or empty")
        if path.stat().st_size > MOST_BYTES:
            return _Stored(b"", f"is of more than {MOST_BYTES // 2**20} MiB")
        content = path.read_bytes()
    except OSError:
        return _Stored(b"", "cannot be read")
    return _Stored(content, _fault(content))


def _fault(content: bytes) -> str:
    if content.startswith(JPEG_START):
        size, rest = _jpeg_size(content)
        is_cut = rest < 0 or JPEG_END not in content[max(rest, len(content) - TAIL_BYTES) :]
    elif content.startswith(PNG_START):
        size = (*map(int, struct.unpack(">II", content[16:24].ljust(8, b"\0"))),)
        is_cut = PNG_END not in content[-TAIL_BYTES:]
    else:
        return "is no JPEG or PNG picture" if content else "is absent or empty"
    if is_cut:
        return "is cut short"
    return f"is of {size[0]} x {size[1]} pixels" if prod(size) > MOST_PIXELS else ""


def _jpeg_size(content: bytes) -> tuple[tuple[int, ...], int]:
    """Width and height that a JPEG file's head states, and where its coded pixels begin.

    The place is -1 where the head is cut short. A picture may hold a small one in its head, whose
    end is not its own.
    """
    place, size = len(JPEG_START), (0, 0)
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            break
        marker = content[place + 1]
        if marker == 0xFF:  # padding
            place += 1
            continue
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        if marker in FRAME_MARKERS and place + 9 <= len(content):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            size = (width, height)
        place += 2 + length
        if marker == SCAN_MARKER:
            return size, place
    return size, -1
