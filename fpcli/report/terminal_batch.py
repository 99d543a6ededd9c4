"""Many analyses on a terminal: one line a dive, in the order given, then what failed."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from fpcli.analysis.result import DiveAnalysis
from fpcli.report import numbers
from fpcli.report.footnotes import Footnotes
from fpcli.report.names import file_label, file_labels, shorten
from fpcli.report.notices import Failure
from fpcli.report.terminal_parts import (
    FAILURE,
    LOUD,
    NOTICE,
    QUIET,
    Page,
    bare_table,
    signed_style,
)
from fpcli.report.words import band_words, interval_ends
from fpcli.text import printable

STEPS_FROM_COLUMNS = 116
INTERVAL_FROM_COLUMNS = 66
PANEL_FROM_COLUMNS = 48
LEAST_FILE_CELLS = 10
GAP_CELLS = 2
DIVER_CELLS = 20


def batch_lines(results: Sequence[DiveAnalysis | Failure], page: Page) -> Iterator[RenderableType]:
    """Yield a table of the scored dives, their notices as footnotes, and the failures."""
    analyses = [result for result in results if isinstance(result, DiveAnalysis)]
    failures = [result for result in results if isinstance(result, Failure)]
    if analyses:
        yield from _table(analyses, page)
    for failure in failures:
        label = file_label(failure.path)
        name = shorten(label, max(page.width // 3, LEAST_FILE_CELLS))
        yield from page.hanging(page.text("x", FAILURE), f"{name}{failure.after(label)}")
    if failures:
        yield page.text(f"{len(analyses)} scored, {len(failures)} not", LOUD)


def _table(analyses: Sequence[DiveAnalysis], page: Page) -> Iterator[RenderableType]:
    footnotes = Footnotes(analyses)
    columns = {
        "": [page.text(str(place), QUIET) for place in range(1, len(analyses) + 1)],
        "file": [],
        "diver": [],
        "dive": [page.text(a.dive.dive_number or "?") for a in analyses],
        "difficulty": [page.text(numbers.difficulty(a.dive.difficulty)) for a in analyses],
        "score": [page.text(numbers.points(a.score_points), LOUD) for a in analyses],
    }
    if any(a.dive.diver for a in analyses) and page.width >= INTERVAL_FROM_COLUMNS:
        divers = [printable(a.dive.diver or "") for a in analyses]
        columns["diver"] = [page.text(shorten(diver, DIVER_CELLS)) for diver in divers]
    else:
        del columns["diver"]
    if page.width < STEPS_FROM_COLUMNS:
        del columns["difficulty"]
    listed = any(a.dive.panel_points is not None for a in analyses)
    if listed and page.width >= PANEL_FROM_COLUMNS:
        columns["panel"] = [page.text(_panel(a)) for a in analyses]
    if page.width >= INTERVAL_FROM_COLUMNS:
        columns[_interval_heading(analyses)] = [page.text(interval_ends(a)) for a in analyses]
        told = [f"{numbers.mark(a.mark)} {band_words(a)}" for a in analyses]
        columns["execution"] = [page.text(words) for words in told]
    else:
        columns["mark"] = [page.text(numbers.mark(a.mark)) for a in analyses]
    if page.width >= STEPS_FROM_COLUMNS:
        for place, step in enumerate(analyses[0].steps):
            shown = [numbers.shown_breakdown(a).steps[place].total for a in analyses]
            columns[step.name] = [
                page.text(numbers.signed_points(value), signed_style(value)) for value in shown
            ]
    if footnotes.letters:
        columns["!"] = [page.text(letters, NOTICE) for letters in footnotes.of_each()]
    taken = sum(_cells(heading, cells) + GAP_CELLS for heading, cells in columns.items())
    labels = file_labels([analysis.source.path for analysis in analyses])
    columns["file"] = [
        page.text(shorten(label, max(page.width - taken + len("file"), LEAST_FILE_CELLS)), LOUD)
        for label in labels
    ]
    left = ("file", "diver", "dive", "execution", "!")
    headings = [(name, "left" if name in left else "right") for name in columns]
    table = bare_table(*headings, page=page, gap=GAP_CELLS)
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    yield table
    for sentence in footnotes.common:
        yield from page.hanging(page.text("!", NOTICE), sentence)
    for sentence, letter in footnotes.letters.items():
        yield from page.hanging(page.text(letter, NOTICE), sentence)


def _panel(analysis: DiveAnalysis) -> str:
    given = analysis.dive.panel_points
    return "" if given is None else numbers.panel_points(given)


def _cells(heading: str, cells: Sequence[Text]) -> int:
    return max([len(heading), *(cell.cell_len for cell in cells)])


def _interval_heading(analyses: Sequence[DiveAnalysis]) -> str:
    levels = {analysis.interval.level for analysis in analyses}
    return f"{numbers.percent(levels.pop())} interval" if len(levels) == 1 else "interval"
