"""Clips kept as a folder of numbered pictures, one a frame."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from fpcli.errors import VideoError
from fpcli.video.source import StoredFrame, fitted_size

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
FOLDER_RATE = (
    25  # frames a second; pictures carry no times, FineDiving's come from 25 Hz broadcasts
)

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

    Pictures that cannot be decoded are skipped and counted; they keep their moment. All pictures
    are brought to the first one's size. EXIF rotation is applied.
    """

    has_audio = False
    rotation_degrees = 0

    def __init__(self, path: Path) -> None:
        """Look into the folder. Raises VideoError where it holds no numbered pictures."""
        self.path = path
        self.size = (0, 0)
        self.corrupt_frames = 0
        self._images = numbered_images(path)
        if not self._images:
            raise VideoError(
                f"{path.name} is a folder without numbered pictures.",
                "Give a video file, or a folder of numbered JPEG or PNG pictures.",
            )

    def expected_times(self) -> np.ndarray:
        """One time a picture, (N,) float64 seconds."""
        return np.arange(len(self._images)) / FOLDER_RATE

    def frames(self) -> Iterator[StoredFrame]:
        """Every decodable picture, by number."""
        self.corrupt_frames = 0
        self.size = (0, 0)
        for place, path in enumerate(self._images):
            image = _read_image(path)
            if image is None:
                self.corrupt_frames += 1
                continue
            if self.size == (0, 0):
                self.size = (image.shape[1], image.shape[0])
            yield StoredFrame(
                time_s=place / FOLDER_RATE,
                duration_s=1 / FOLDER_RATE,
                picture=partial(self._picture, image),
            )

    def _picture(self, image: np.ndarray, max_side: int | None) -> np.ndarray:
        return _resized(image, *fitted_size(*self.size, max_side))


def _read_image(path: Path) -> np.ndarray | None:
    """(H, W, 3) uint8 RGB, None where the file is no picture."""
    import cv2

    data = np.fromfile(path, dtype=np.uint8)
    if not len(data):
        return None
    image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return None if image is None else image[:, :, ::-1]


def _resized(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """The picture at another size, averaged where it shrinks."""
    import cv2

    if image.shape[:2] == (height, width):
        return image
    shrinks = width < image.shape[1] or height < image.shape[0]
    return cv2.resize(
        np.ascontiguousarray(image),
        (width, height),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC,
    )
