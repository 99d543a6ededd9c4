"""Clips kept as a folder of numbered pictures, one a frame."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from fpcli.errors import VideoError
from fpcli.video.picture import PictureMaker
from fpcli.video.source import StoredFrame, unreadable

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
FOLDER_RATE = (
    25  # frames a second; pictures carry no times, FineDiving's come from 25 Hz broadcasts
)
PNG_SIGNATURE = b"\x89PNG"

_LAST_NUMBER = re.compile(r"(\d+)\D*$")


def numbered_images(folder: Path) -> list[Path]:
    """The folder's JPEG and PNG pictures whose name holds a number, by their last number."""
    numbered = []
    for path in folder.iterdir():
        number = _LAST_NUMBER.search(path.stem)
        hidden = path.name.startswith(".")
        if number and not hidden and path.suffix.lower() in IMAGE_SUFFIXES and path.is_file():
            numbered.append((int(number[1]), path.name, path))
    return [path for _, _, path in sorted(numbered)]


class ImageFolderSource:
    """A folder of numbered pictures at a nominal 25 frames a second.

    Pictures that cannot be decoded whole are skipped and counted; they keep their moment. All
    pictures are brought to the first one's size and orientation.
    """

    has_audio = False

    def __init__(self, path: Path) -> None:
        """Look into the folder. Raises VideoError where it holds no numbered pictures."""
        self.path = path
        self.size = (0, 0)
        self.rotation_degrees = 0
        self.corrupt_frames = 0
        self._images = numbered_images(path)
        if not self._images:
            raise VideoError(
                f"{path} is a folder without numbered pictures.",
                "Give a video file or a folder of numbered JPEG or PNG pictures; "
                "`fineparser batch` scores all videos of a folder.",
            )

    def expected_times(self) -> np.ndarray:
        """One time a picture, (N,) float64 seconds."""
        return np.arange(len(self._images)) / FOLDER_RATE

    def frames(self, from_s: float = 0.0) -> Iterator[StoredFrame]:
        """Every decodable picture, by number, also those before `from_s`."""
        self.corrupt_frames = 0
        maker: PictureMaker | None = None
        for place, path in enumerate(self._images):
            try:
                frame = _decode(path.read_bytes())
            except OSError as error:
                raise unreadable(path, error) from error
            if frame is None:
                self.corrupt_frames += 1
                continue
            if maker is None:
                maker = PictureMaker(frame)
                self.size = maker.size
                self.rotation_degrees = maker.orientation.rotation_degrees
            yield StoredFrame(
                index=place - self.corrupt_frames,
                time_s=place / FOLDER_RATE,
                duration_s=1 / FOLDER_RATE,
                picture=partial(maker.picture, frame),
                part=partial(maker.part, frame),
            )

    def forget(self) -> None:
        """Nothing is kept."""


def _decode(data: bytes) -> av.VideoFrame | None:
    """The picture in a JPEG or PNG file's bytes, None where it is damaged or something else."""
    name = "png" if data.startswith(PNG_SIGNATURE) else "mjpeg"
    decoder = cast(VideoCodecContext, av.CodecContext.create(name, "r"))
    decoder.options = {"err_detect": "explode"}  # else a picture cut short comes out half grey
    try:
        frames = decoder.decode(av.Packet(data)) if data else []
    except av.FFmpegError:
        return None
    return next(iter(frames), None)
