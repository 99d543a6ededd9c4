"""A coach's own exemplars on a terminal: what they are and which weights can use them."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

from fpcli.analysis.adding import EncodedExemplar
from fpcli.analysis.exemplar_height import HeightReason, may_be
from fpcli.analysis.own_exemplars import OwnExemplar
from fpcli.report import numbers
from fpcli.report.measure_words import denied_height, told_in_full
from fpcli.report.names import shorten
from fpcli.report.terminal_parts import LOUD, Page, bare_table
from fpcli.text import printable

WEIGHTS_FROM_COLUMNS = 80
WEIGHTS_CELLS = 16
PATH_FROM_COLUMNS = 110
LEAST_CELLS = 8
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


def added_sentence(added: EncodedExemplar) -> str:
    """Say what an exemplar was kept as, and why its height was taken where none was given."""
    own, why = added.exemplar, _why(added)
    because = f" ({why})" if why else ""
    return (
        f"{printable(own.key)}: {own.dive_number} from {numbers.height(own.height_m)}{because}, "
        f"difficulty {numbers.difficulty(own.difficulty)}, mark {numbers.mark(own.mark)}"
    )


def height_doubt(added: EncodedExemplar) -> str:
    """Say that the flight clearly denies the height that was given; empty where it does not."""
    if may_be(added.height.height_m, added.board):
        return ""
    name = printable(added.exemplar.key)
    return f"{name}: {denied_height(added.height.height_m, added.board)}"


def _why(added: EncodedExemplar) -> str:
    score = f"{added.exemplar.score_points:g} points"
    match added.height.reason:
        case HeightReason.GIVEN:
            return ""
        case HeightReason.ONLY_ONE:
            return "the only height of the table"
        case HeightReason.DIFFICULTY:
            return "the only height of this difficulty"
        case HeightReason.POINTS:
            return f"the only height that {score} fit"
        case HeightReason.USUAL:
            return "the usual one of the heights that fit"
        case HeightReason.MEASURED:
            return f"by its flight the board is {told_in_full('board_m', added.board)} high"


def _table(known: Sequence[OwnExemplar], page: Page) -> Iterator[RenderableType]:
    columns = {
        "dive": [own.dive_number for own in known],
        "height": [numbers.height(own.height_m) for own in known],
        "score": [numbers.panel_points(own.score_points) for own in known],
        "mark": [numbers.mark(own.mark) for own in known],
    }
    if page.width >= WEIGHTS_FROM_COLUMNS:
        columns["encoded with"] = [_weights(own) for own in known]
    taken = sum(max(map(cell_len, [name, *cells])) + page.gap for name, cells in columns.items())
    room = max(page.width - taken, LEAST_CELLS)
    if page.width >= PATH_FROM_COLUMNS:
        keys = [shorten(printable(own.key), room // 3) for own in known]
        room -= max(map(cell_len, keys)) + page.gap
        columns["video"] = [shorten(printable(own.path), room) for own in known]
    else:
        keys = [shorten(printable(own.key), room) for own in known]
    left = ("dive", "encoded with", "video")
    headings = [(name, "left" if name in left else "right") for name in columns]
    table = bare_table(("key", "left"), *headings, page=page)
    for key, *rest in zip(keys, *columns.values(), strict=True):
        table.add_row(page.text(key, LOUD), *map(page.text, rest))
    yield table


def _weights(own: OwnExemplar) -> str:
    name = shorten(printable(own.weights_name), WEIGHTS_CELLS)
    return f"{name} {own.weights_sha256[:HASH_DIGITS]}"
