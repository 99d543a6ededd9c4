"""From frames to the network's input: which part of the picture, at which size, in which units."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from fpcli.video.follow import WINDOW_STATURES

IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of RGB in 0..1
IMAGENET_STD = (0.229, 0.224, 0.225)
CHUNK_BYTES = 48 * 2**20  # of pictures, counted as float32, worked on at once


@dataclass(frozen=True)
class InputGeometry:
    """How a picture becomes the square that the network sees. Stored with the weights.

    name: what the weights' card calls it. size: side of the square, pixels.
    resized: (width, height) of the whole picture before its centre is cut out, its aspect given up
    if it must be; None keeps the aspect and brings the shorter side to `size`.
    mean, std: of each RGB channel in 0..1; the input is (value - mean) / std.
    statures: side of the square window that follows the subject, in statures (`follow`); None for a
    window that stands still.
    """

    name: str
    size: int = 112
    resized: tuple[int, int] | None = None
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    statures: float | None = None

    def __post_init__(self) -> None:
        """Refuse a geometry whose cut does not lie inside its resized picture."""
        if self.size < 1:
            raise ValueError(f"an input of {self.size} pixels is no picture")
        if self.resized is not None and min(self.resized) < self.size:
            raise ValueError(f"a cut of {self.size} pixels does not fit into {self.resized}")

    def resized_for(self, width: int, height: int) -> tuple[int, int]:
        """Width and height that a source of this size is brought to before the cut, pixels."""
        if self.resized is not None:
            return self.resized
        scale = self.size / min(width, height)
        return max(self.size, round(width * scale)), max(self.size, round(height * scale))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a bundle's metadata."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "InputGeometry":
        """Rebuild from `to_dict`, lists (from JSON) included; unknown fields raise TypeError."""
        fields: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        return cls(**fields)


# The published geometry squeezes the aspect and cuts away 22 % above and below.
PUBLISHED = InputGeometry("published", resized=(112, 200))
CENTRE = InputGeometry("centre")
FOLLOW = InputGeometry("follow", statures=WINDOW_STATURES)


def window(geometry: InputGeometry, width: int, height: int) -> np.ndarray:
    """Part of a source picture that the network sees.

    width, height: of the upright source, pixels. Returns (4,) float64: x0, y0, x1, y1 in source
    pixels, edges and not pixel centres, so that a whole picture is 0, 0, width, height.
    """
    resized_width, resized_height = geometry.resized_for(width, height)
    left, top = _cut_corner(geometry, resized_width, resized_height)
    edges = np.array([left, top, left + geometry.size, top + geometry.size], dtype=np.float64)
    return edges * np.tile([width / resized_width, height / resized_height], 2)


def to_input(frames: np.ndarray | Tensor, geometry: InputGeometry) -> Tensor:
    """Frames as the network wants them: resized with antialiasing, cut and normalised.

    frames: (T, H, W, 3) uint8, RGB, upright. Returns (3, T, size, size) float32 on the frames'
    device. Works on one chunk of frames at a time. Raises ValueError for another shape or
    type. Source: paper, published input geometry (bilinear, antialiased, ImageNet normalisation).
    """
    pictures = torch.as_tensor(frames)
    if pictures.ndim != 4 or pictures.shape[3] != 3 or pictures.dtype != torch.uint8:
        raise ValueError(
            f"frames must be (T, H, W, 3) uint8, not {tuple(pictures.shape)} {pictures.dtype}"
        )
    count, height, width, _ = pictures.shape
    resized_width, resized_height = geometry.resized_for(width, height)
    left, top = _cut_corner(geometry, resized_width, resized_height)
    mean = torch.tensor(geometry.mean, device=pictures.device).view(3, 1, 1)
    std = torch.tensor(geometry.std, device=pictures.device).view(3, 1, 1)
    size = geometry.size
    result = torch.empty((3, count, size, size), device=pictures.device)
    for start, chunk in _chunks(pictures):
        channels_first = chunk.permute(0, 3, 1, 2)
        # On the CPU the 8-bit kernel is some 25 times faster; other devices have none.
        resized = functional.interpolate(
            channels_first if chunk.device.type == "cpu" else channels_first.float(),
            size=(resized_height, resized_width),
            mode="bilinear",
            antialias=True,
        )
        cut = resized[:, :, top : top + size, left : left + size].float()
        result[:, start : start + len(chunk)] = ((cut / 255 - mean) / std).transpose(0, 1)
    return result


def _cut_corner(
    geometry: InputGeometry, resized_width: int, resized_height: int
) -> tuple[int, int]:
    """Left and top of the centre cut in the resized picture, pixels."""
    return (resized_width - geometry.size) // 2, (resized_height - geometry.size) // 2


def _chunks(pictures: Tensor) -> Iterator[tuple[int, Tensor]]:
    frame_bytes = max(pictures[0].numel(), 1) * 4 if len(pictures) else 1
    length = max(1, CHUNK_BYTES // frame_bytes)
    for start in range(0, len(pictures), length):
        yield start, pictures[start : start + length]
