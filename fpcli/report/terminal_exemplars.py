"""A coach's own exemplars on a terminal: what they are and which weights can use them."""

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

from fpcli.analysis.own_exemplars import OwnExemplar
from fpcli.report import numbers
from fpcli.report.names import shorten
from fpcli.report.terminal_parts import LOUD, Page, bare_table
from fpcli.text import printable

KEY_CELLS = 28
PATH_FROM_COLUMNS = 100
LEAST_PATH_CELLS = 24
HASH_DIGITS = 8


class _Exemplars:
    """A table made for the page that one console offers."""

    def __init__(self, known: Sequence[OwnExemplar]) -> None:
        self._known = known

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table for this console's width and encoding."""
        yield from _table(self._known, Page(options))


def render_exemplars(known: Sequence[OwnExemplar]) -> RenderableType:
    """Return a line an exemplar: key, dive, height, difficulty, score, mark, weights, video."""
    return _Exemplars(known)


def _table(known: Sequence[OwnExemplar], page: Page) -> Iterator[RenderableType]:
    headings = [("key", "left"), ("dive", "left"), ("height", "right"), ("score", "right")]
    headings += [("mark", "right"), ("encoded with", "left")]
    rows = []
    for own in known:
        weights = f"{shorten(printable(own.weights_name), KEY_CELLS)} "
        cells = [
            shorten(printable(own.key), KEY_CELLS),
            own.dive_number,
            numbers.height(own.height_m),
            numbers.points(own.score_points),
            numbers.mark(own.mark),
            weights + own.weights_sha256[:HASH_DIGITS],
        ]
        rows.append(cells)
    widths = [
        max(len(cell) for cell in column)
        for column in zip(*rows, [name for name, _ in headings], strict=True)
    ]
    if page.width >= PATH_FROM_COLUMNS:
        headings.append(("video", "left"))
        room = max(page.width - sum(widths) - page.gap * len(widths), LEAST_PATH_CELLS)
        for cells, own in zip(rows, known, strict=True):
            cells.append(shorten(printable(own.path), room))
    table = bare_table(*headings, page=page)
    for key, *rest in rows:
        table.add_row(page.text(key, LOUD), *map(page.text, rest))
    yield table
