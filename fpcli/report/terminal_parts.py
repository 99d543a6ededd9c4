"""The pieces that terminal reports are made of: the page, its colours, lines that break well, bars.

Colours reach a contrast of about 4.5 on white and on black alike, and nothing is said by colour
alone: gains and losses carry a sign and a side, notices an exclamation mark.
"""

from collections.abc import Iterator, Sequence
from copy import copy

from rich.cells import cell_len
from rich.console import ConsoleOptions
from rich.table import Table
from rich.text import Text

from fpcli.report.numbers import for_encoding
from fpcli.text import printable

LOUD = "bold"
QUIET = "#767676"
GAIN = "#008700"
LOSS = "#d7005f"
NOTICE = "bold #af5f00"
SCORE = "bold #0078c8"
HEADING = "bold #0078c8"
FAILURE = "bold #d7005f"

SEPARATOR = " · "
WIDE_GAPS_FROM_COLUMNS = 60
READABLE_COLUMNS = 120  # of a sentence; longer lines are hard to follow


class Page:
    """The width and the signs that one console offers.

    gap: cells between columns. is_screen: whether somebody sees it at once, not a file or a pipe.
    """

    def __init__(self, options: ConsoleOptions) -> None:
        self.width = options.max_width
        self.encoding = options.encoding
        self.is_screen = options.is_terminal
        self.gap = 3 if self.width >= WIDE_GAPS_FROM_COLUMNS else 2

    def column(self, width: int) -> "Page":
        """Return the page that a column of this one is."""
        page = copy(self)
        page.width = min(width, self.width)
        return page

    def text(self, text: str, style: str = "") -> Text:
        """Return text that this page can show: no markup, no control characters."""
        return Text(for_encoding(printable(text), self.encoding), style)

    def joined(self, parts: Sequence[Text]) -> Iterator[Text]:
        """Yield lines of parts with dots between, broken between parts where they grow too long."""
        separator = self.text(SEPARATOR, QUIET)
        line: Text | None = None
        for part in parts:
            if line is None:
                line = part
            elif line.cell_len + separator.cell_len + part.cell_len <= self.width:
                line = Text.assemble(line, separator, part)
            else:
                yield line
                line = part
        if line is not None:
            yield line

    def hanging(self, sign: Text, sentence: str, style: str = "") -> Iterator[Text]:
        """Yield a sentence wrapped to the page, its lines set in after the sign."""
        indent = sign.cell_len + 1
        lead = Text.assemble(sign, " ")
        for line in self.paragraph(sentence, style, indent):
            yield Text.assemble(lead, line)
            lead = Text(" " * indent)

    def paragraph(self, sentence: str, style: str = "", indent: int = 0) -> Iterator[Text]:
        """Yield a sentence in lines that fit the page less an indent."""
        words = for_encoding(printable(sentence), self.encoding).split(" ")
        for line in wrapped(words, max(min(self.width, READABLE_COLUMNS) - indent, 10)):
            yield Text(line, style)

    def signed_bar(self, share: float, half_cells: int) -> Text:
        """Return a bar from a middle axis: losses to the left, gains to the right.

        share: -1 to 1 of `half_cells`, drawn in half cells.
        """
        full, half = divmod(round(abs(share) * half_cells * 2), 2)
        if share < 0:
            left, right = "╺" * half + "━" * full, ""
        else:
            left, right = "", "━" * full + "╸" * half
        return Text.assemble(
            (for_encoding(left.rjust(half_cells), self.encoding), LOSS),
            (for_encoding("│", self.encoding), QUIET),
            (for_encoding(right.ljust(half_cells), self.encoding), GAIN),
        )


def wrapped(words: Sequence[str], width: int) -> Iterator[str]:
    """Yield lines of words that fit the width in cells; a longer word is cut into pieces."""
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        line = word
        while cell_len(line) > width:
            cut = max(1, _fitting(line, width))
            yield line[:cut]
            line = line[cut:]
    if line:
        yield line


def _fitting(text: str, width: int) -> int:
    used = 0
    for place, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return place
    return len(text)


def signed_style(value: float) -> str:
    """Return the colour of a gain or a loss; none for what shows as 0.0."""
    if abs(value) < 0.05:
        return ""
    return GAIN if value > 0 else LOSS


def bare_table(*headings: tuple[str, str], page: Page, gap: int | None = None) -> Table:
    """Return a table without lines; headings: (text, "left" or "right"), cells never wrap.

    gap: cells between columns; the page's own where not given.
    """
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, page.gap if gap is None else gap, 0, 0),
        collapse_padding=True,
        header_style=QUIET,
    )
    for heading, justify in headings:
        table.add_column(
            page.text(heading),
            justify="right" if justify == "right" else "left",
            no_wrap=True,
            overflow="ellipsis",
        )
    return table
