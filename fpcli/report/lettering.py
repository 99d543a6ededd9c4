"""Text as pictures, in the font that comes with matplotlib: it has ½, − and – in every size."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.ft2font import FT2Font

POINTS_PER_INCH = 72  # a resolution at which the font's size in points is its size in pixels
CACHED_LINES = 512
CACHED_FONTS = 16
_WORDS = re.compile(  # numbers keep their unit, a question mark what it means
    r"(?:\S*\d – )?\S*\d (?:s|m|%)(?!\S)|\? \S+|\S+"
)


@dataclass(frozen=True, eq=False)
class TextLine:
    """A line of text. alpha: (h, w) uint8, 0 to 255. baseline: its row in alpha, from the top."""

    alpha: np.ndarray
    baseline: int

    @property
    def width(self) -> int:
        """Pixels from its left to its right."""
        return int(self.alpha.shape[1])


@lru_cache(maxsize=CACHED_LINES)
def text_line(text: str, size_px: int, *, bold: bool = False) -> TextLine:
    """Return a line of text, anti-aliased. size_px: the font's size (its em), pixels."""
    if not text.strip():
        return TextLine(np.zeros((1, round(size_px * 0.3) * len(text)), dtype=np.uint8), 1)
    font = _font(size_px, bold)
    font.set_text(text, 0.0)
    font.draw_glyphs_to_bitmap(antialiased=True)
    alpha = np.array(font.get_image(), dtype=np.uint8)
    alpha.setflags(write=False)
    descent = round(font.get_descent() / 64)  # the font library counts in 64ths of a pixel
    return TextLine(alpha, alpha.shape[0] - descent)


@lru_cache(maxsize=CACHED_FONTS)
def _font(size_px: int, bold: bool) -> FT2Font:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    font = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name))
    font.set_size(size_px, POINTS_PER_INCH)
    return font


def wrap_text(text: str, size_px: int, width_px: int) -> list[str]:
    """Return lines of words that fit a width; a single longer word keeps a line of its own."""
    joint = text_line("n n", size_px).width - 2 * text_line("n", size_px).width + 1
    lines: list[str] = []
    used = 0
    for word in _WORDS.findall(text):
        needed = text_line(word, size_px).width
        if lines and used + joint + needed <= width_px:
            lines[-1] += f" {word}"
            used += joint + needed
        else:
            lines.append(word)
            used = needed
    return lines
