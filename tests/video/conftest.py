"""Small videos made on the spot, in any container, codec, timing and orientation."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

Encoder = Callable[..., Path]
LEVEL_STEP = 4  # grey levels between one frame of `greys` and the next


def encode_video(
    path: Path,
    pictures: Sequence[np.ndarray],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    times_s: Sequence[float] | None = None,
    rate: int = 25,
    options: dict[str, str] | None = None,
    pixel_aspect: Fraction | None = None,
    rotation: float | None = None,
    mirrored: bool = False,
    container: dict[str, str] | None = None,
) -> Path:
    """Encode pictures, at a constant rate or at given times, as a phone or an editor would.

    rotation: degrees counter-clockwise in the display matrix.
    """
    with av.open(str(path), "w", options=container) as output:
        stream = output.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        if pixel_aspect:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation is not None:
            stream.set_display_rotation(rotation, hflip=mirrored)
        if times_s is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for place, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            if times_s is not None:
                frame.pts = round(times_s[place] * 1000)
                frame.time_base = Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.fixture
def encode() -> Encoder:
    return encode_video


def greys(count: int, width: int = 64, height: int = 48) -> list[np.ndarray]:
    """Frames that tell their number by their grey level."""
    return [np.full((height, width, 3), LEVEL_STEP * place, np.uint8) for place in range(count)]


def number_of(picture: np.ndarray) -> int:
    """The number that a frame of `greys` tells."""
    return round(float(picture.mean()) / LEVEL_STEP)


@pytest.fixture
def grey_pictures() -> Callable[..., list[np.ndarray]]:
    return greys


@pytest.fixture
def frame_number() -> Callable[[np.ndarray], int]:
    return number_of


@pytest.fixture
def quadrants() -> np.ndarray:
    """A picture whose corners have names: red top left, green top right, blue bottom left, grey."""
    picture = np.full((48, 64, 3), 120, np.uint8)
    picture[:24, :32] = (230, 20, 20)
    picture[:24, 32:] = (20, 200, 20)
    picture[24:, :32] = (20, 20, 230)
    return picture


@pytest.fixture
def corners() -> Callable[[np.ndarray], list[str]]:
    """The colours at top left, top right, bottom left, bottom right."""

    def named(picture: np.ndarray) -> list[str]:
        height, width, _ = picture.shape
        places = [(6, 6), (6, width - 7), (height - 7, 6), (height - 7, width - 7)]
        names = []
        for y, x in places:
            pixel = picture[y, x].astype(int)
            spread = pixel.max() - pixel.min()
            names.append("grey" if spread < 60 else ("red", "green", "blue")[int(pixel.argmax())])
        return names

    return named
