"""Translucent plates, made once and laid over many pictures."""

from dataclasses import dataclass

import cv2
import numpy as np

from fpcli.report.lettering import TextLine
from fpcli.report.overlay_style import Colour


@dataclass(frozen=True)
class Box:
    """A rectangle in whole pixels; right and bottom are the first beyond it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top

    def clipped(self, width: int, height: int) -> "Box":
        """Return the part inside a picture; empty boxes keep their place at its edge."""
        left, right = (min(max(x, 0), width) for x in (self.left, self.right))
        top, bottom = (min(max(y, 0), height) for y in (self.top, self.bottom))
        return Box(left, top, right, bottom)

    def contains(self, other: "Box") -> bool:
        """Whether all of another box lies in this one."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom

    def touches(self, other: "Box") -> bool:
        """Whether the two share a pixel."""
        across = min(self.right, other.right) - max(self.left, other.left)
        return across > 0 and min(self.bottom, other.bottom) > max(self.top, other.top)

    @property
    def rows_columns(self) -> tuple[slice, slice]:
        """The box as an index into a picture."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


class Plate:
    """A small picture with transparency, drawn once."""

    def __init__(self, width: int, height: int) -> None:
        """Start fully transparent. width, height: pixels."""
        self._colour = np.zeros((height, width, 3), dtype=np.float32)  # already times alpha
        self._alpha = np.zeros((height, width, 1), dtype=np.float32)

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self._alpha.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self._alpha.shape[0])

    def stencil(
        self, alpha: np.ndarray, left: int, top: int, colour: Colour, opacity: float = 1.0
    ) -> None:
        """Lay a colour through a stencil; what lies outside the plate is cut off.

        alpha: (h, w) float, 0 to 1.
        """
        full = Box(left, top, left + alpha.shape[1], top + alpha.shape[0])
        box = full.clipped(self.width, self.height)
        part = alpha[box.top - top : box.bottom - top, box.left - left : box.right - left]
        cover = (part * opacity)[:, :, None].astype(np.float32)
        where = box.rows_columns
        self._colour[where] *= 1 - cover
        self._colour[where] += cover * np.asarray(colour, dtype=np.float32)
        self._alpha[where] *= 1 - cover
        self._alpha[where] += cover

    def rectangle(self, box: Box, colour: Colour, opacity: float = 1.0, radius: float = 0) -> None:
        """Fill a rectangle with rounded corners."""
        stencil = rounded_rectangle(box.width, box.height, radius)
        self.stencil(stencil, box.left, box.top, colour, opacity)

    def text(self, line: TextLine, left: int, baseline: int, colour: Colour) -> None:
        """Write a line of text with its baseline on the given row."""
        self.stencil(line.alpha / 255, left, baseline - line.baseline, colour)

    def copy(self) -> "Plate":
        """Return another plate that looks the same."""
        plate = Plate(self.width, self.height)
        plate._colour = self._colour.copy()
        plate._alpha = self._alpha.copy()
        return plate

    def patch(self, left: int, top: int, opacity: float = 1.0) -> "Patch":
        """Return the plate ready to be laid at a place, quickly and often."""
        kept = np.repeat(np.rint((1 - opacity * self._alpha) * 255).astype(np.uint8), 3, axis=2)
        added = np.rint(opacity * self._colour).astype(np.uint8)
        return Patch(left, top, kept, added)


@dataclass(frozen=True, eq=False)
class Patch:
    """A finished plate at its place. kept: share of the picture that shows, 255 is all of it."""

    left: int
    top: int
    kept: np.ndarray
    added: np.ndarray

    @property
    def box(self) -> Box:
        """Where it lies."""
        height, width = self.kept.shape[:2]
        return Box(self.left, self.top, self.left + width, self.top + height)

    def lay(self, canvas: np.ndarray) -> None:
        """Lay the plate over a picture, (H, W, 3) uint8 RGB, changed in place."""
        box = self.box.clipped(canvas.shape[1], canvas.shape[0])
        if not box.width or not box.height:
            return
        part = (
            slice(box.top - self.top, box.bottom - self.top),
            slice(box.left - self.left, box.right - self.left),
        )
        shown = cv2.multiply(canvas[box.rows_columns], self.kept[part], scale=1 / 255)
        canvas[box.rows_columns] = cv2.add(shown, self.added[part])


def rounded_rectangle(width: int, height: int, radius: float) -> np.ndarray:
    """Return a stencil (height, width) float32, 0 to 1, of a rectangle with round soft corners."""
    radius = min(radius, width / 2, height / 2)
    x = np.abs(np.arange(width) + 0.5 - width / 2) - (width / 2 - radius)
    y = np.abs(np.arange(height) + 0.5 - height / 2) - (height / 2 - radius)
    beyond = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    if radius < 1:
        return np.ones((height, width), dtype=np.float32)
    return np.clip(radius + 0.5 - beyond, 0, 1).astype(np.float32)
