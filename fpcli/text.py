"""Text that others wrote, made safe to show: file names, exemplar names, messages.

A name may hold escape sequences, line breaks, text direction marks or bytes that are no text. On a
screen such a name is shown, never obeyed.
"""

import reprlib
import unicodedata
from collections.abc import Sequence
from typing import Any

MOST_NAMED = 5  # of many names
MOST_DIGITS = 20  # of a whole number; a longer one takes long to write
UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # Unicode general categories


def printable(text: object) -> str:
    r"""Return the text of anything, every character that could act on a screen as an escape.

    Undecodable bytes of a file name (surrogates) become ``\xff``; a line stays one line.
    """
    return "".join(_escaped(c) if _is_unsafe(c) else c for c in str(text))


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in UNSAFE_CATEGORIES


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that the file system could not decode (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def shorten(text: str, most: int) -> str:
    """Return a text, its end replaced by an ellipsis where it is longer than `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def some_of(names: Sequence[object]) -> str:
    """Return names in a row, made safe to show; of many the first, and how many more there are."""
    shown = ", ".join(map(printable, names[:MOST_NAMED]))
    more = len(names) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def in_short(value: object) -> str:
    """Return how Python writes a value from a file, cut where it is long, wide or deep."""
    return _SHORT.repr(value)


class _Short(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 2, 120, 120

    def repr_int(self, x: int, level: int) -> str:
        return repr(x) if abs(x) < 10**MOST_DIGITS else "an enormous number"

    def repr_ndarray(self, x: Any, level: int) -> str:
        return f"an array of {x.size}"


_SHORT = _Short()
