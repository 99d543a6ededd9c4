"""Text that others wrote, made safe to show: file names, exemplar names, dive descriptions.

A name may hold escape sequences, line breaks, text direction marks or bytes that are no text. On a
screen or in a spreadsheet such a name is shown, never obeyed.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len

from fpcli.text import printable

ELLIPSIS = "…"
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # the last four: full-width forms, also run by Excel
_PLAIN_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")


def file_label(path: Path) -> str:
    """Return the name by which a person knows the file, safe to show."""
    return printable(path.name or str(path))


def file_labels(paths: Sequence[Path]) -> list[str]:
    """Return a name for each file: its own, or the whole path where two files share a name."""
    names = [file_label(path) for path in paths]
    times = Counter(names)
    return [
        name if times[name] == 1 else printable(path)
        for name, path in zip(names, paths, strict=True)
    ]


def shorten(text: str, width: int) -> str:
    """Cut the middle out of a text so that it fits `width` terminal cells.

    The end keeps a little less than half: a file name's number and extension tell files apart.
    """
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[:width]
    tail_cells = (width - 1) * 2 // 5
    return _head(text, width - 1 - tail_cells) + ELLIPSIS + _head(text[::-1], tail_cells)[::-1]


def _head(text: str, cells: int) -> str:
    """Return the longest beginning of the text that fits."""
    used = 0
    for place, character in enumerate(text):
        used += cell_len(character)
        if used > cells:
            return text[:place]
    return text


def spreadsheet_cell(text: str) -> str:
    """Return the text so that a spreadsheet shows it instead of running it.

    A cell that would be a formula gets an apostrophe in front; plain numbers, negative ones too,
    are left as they are.
    """
    shown = printable(text)
    if text.lstrip(" ").startswith(FORMULA_STARTS) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + shown
    return shown
