"""The exemplars next to a dive in each of its steps, on a terminal."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from fpcli.analysis.result import DiveAnalysis, StepNeighbour
from fpcli.report import numbers
from fpcli.report.names import shorten
from fpcli.report.terminal_parts import HEADING, Page, bare_table, signed_style
from fpcli.report.words import NEIGHBOURS
from fpcli.text import printable

MOST_CELLS = 22  # of an exemplar's name
LEAST_CELLS = 6
POINTS_CELLS = 5


def neighbours(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    """Yield, by step, the voters that did a little better and a little worse.

    Nothing where no two dives differ in any step.
    """
    found = analysis.neighbours
    if not any(near.better or near.worse for near in found):
        return
    yield Text()
    yield page.text(NEIGHBOURS, HEADING)
    names = [step.name for step in analysis.steps]
    taken = max(map(len, names)) + 2 * POINTS_CELLS + 4 * page.gap
    cells = min(max((page.width - taken) // 2, LEAST_CELLS), MOST_CELLS)
    table = bare_table(
        ("Step", "left"),
        ("better", "left"),
        ("", "right"),
        ("worse", "left"),
        ("", "right"),
        page=page,
    )
    for name, near in zip(names, found, strict=True):
        better, worse = _beside(near.better, cells, page), _beside(near.worse, cells, page)
        table.add_row(page.text(name), *better, *worse)
    yield table


def _beside(near: StepNeighbour | None, cells: int, page: Page) -> tuple[Text, Text]:
    """Return an exemplar and what the dive has over it; both empty where there is none."""
    if near is None:
        return Text(), Text()
    points = near.difference_points
    return (
        page.text(shorten(printable(near.exemplar), cells)),
        page.text(numbers.signed_points(points), signed_style(points)),
    )
