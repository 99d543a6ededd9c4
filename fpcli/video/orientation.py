"""Which way up a picture is meant to be seen."""

import struct
from dataclasses import dataclass

import numpy as np

Box = tuple[int, int, int, int]  # left, top, right, bottom: edges between pixels


@dataclass(frozen=True)
class Orientation:
    """What brings a stored picture upright: transposed first, then mirrored along its axes."""

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    @classmethod
    def from_display_matrix(cls, data: bytes) -> "Orientation":
        """Read a container's display matrix.

        data: nine int32 in native order: a b u, c d v, x y w, which put the stored point (p, q) at
        (a p + c q, b p + d q), y downwards. Angles that are no right angle go to the nearest one.
        """
        a, b, _, c, d, *_ = struct.unpack("=9i", data[:36])
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(transpose=False, flip_x=a < 0, flip_y=d < 0)
        return cls(transpose=True, flip_x=c < 0, flip_y=b < 0)

    @classmethod
    def from_angle(cls, degrees: float) -> "Orientation":
        """The rotation by the nearest right angle, degrees counter-clockwise."""
        quarters = round(degrees / 90) % 4
        return cls(
            transpose=quarters % 2 == 1, flip_x=quarters in (2, 3), flip_y=quarters in (1, 2)
        )

    @property
    def rotation_degrees(self) -> int:
        """The clockwise rotation in it, 0, 90, 180 or 270; a mirroring counts as done before."""
        if self.transpose:
            return 90 if self.flip_x else 270
        return 180 if self.flip_y else 0

    def upright_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height that a stored size has once upright."""
        return (height, width) if self.transpose else (width, height)

    def stored_box(self, box: Box, width: int, height: int) -> Box:
        """Where a part of the upright picture lies in the stored one.

        width, height: of the upright picture, pixels.
        """
        left, top, right, bottom = box
        if self.flip_x:
            left, right = width - right, width - left
        if self.flip_y:
            top, bottom = height - bottom, height - top
        return (top, left, bottom, right) if self.transpose else (left, top, right, bottom)

    def apply(self, image: np.ndarray) -> np.ndarray:
        """(H, W, 3) stored picture to the upright one; may be a view."""
        if self.transpose:
            image = image.swapaxes(0, 1)
        if self.flip_x:
            image = image[:, ::-1]
        if self.flip_y:
            image = image[::-1]
        return image
