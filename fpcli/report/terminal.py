"""An analysis on a terminal: what a judge reads in ten seconds, at any width, with no colour too.

Every function returns something rich prints; width and encoding are the console's at that moment.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from fpcli.analysis.result import DiveAnalysis, StepContribution
from fpcli.report import numbers
from fpcli.report.names import file_label, shorten
from fpcli.report.notices import Failure, notices
from fpcli.report.terminal_batch import batch_lines
from fpcli.report.terminal_explanation import reasons
from fpcli.report.terminal_parts import (
    LOUD,
    NOTICE,
    QUIET,
    SCORE,
    Page,
    bare_table,
    signed_style,
)
from fpcli.report.words import (
    EXEMPLARS,
    against_words,
    dive_words,
    execution_words,
    half_mark_words,
    interval_words,
    sum_words,
    trust_word,
)

BARS_FROM_COLUMNS = 70
BAR_HALF_CELLS = 10
HEADING_FROM_COLUMNS = 52


class _View:
    """Something rich prints: lines made for the page that one console offers."""

    def __init__(self, lines: Callable[[Page], Iterator[RenderableType]]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for this console's width and encoding."""
        yield from self._lines(Page(options))


def render_score(analysis: DiveAnalysis, place: int | None = None) -> RenderableType:
    """Return the score, its steps against the exemplars, and what to know before trusting it.

    place: which dive of its video this is, from 1; told where given.
    """
    return _View(partial(_score, analysis, place=place))


def render_explanation(analysis: DiveAnalysis) -> RenderableType:
    """Return the score and its reasons: streams, transitions, votes, and what made them."""
    return _View(partial(_explanation, analysis))


def render_batch(results: Sequence[DiveAnalysis | Failure]) -> RenderableType:
    """Return a line a dive in the order given, and below them what could not be scored."""
    return _View(partial(batch_lines, results))


def _score(
    analysis: DiveAnalysis, page: Page, place: int | None = None
) -> Iterator[RenderableType]:
    yield from _headline(analysis, page, place)
    yield Text()
    yield from _result(analysis, page)
    yield from _notices(analysis, page)
    yield Text()
    yield _steps(analysis, page)
    yield from page.paragraph(f"{sum_words(analysis)} ({EXEMPLARS})", QUIET)


def _explanation(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    yield from _score(analysis, page)
    yield Text()
    yield from reasons(analysis, page)


def _headline(analysis: DiveAnalysis, page: Page, place: int | None) -> Iterator[Text]:
    """Yield what was dived: file, dive, height, difficulty and where that came from."""
    which = "" if place is None else f", dive {place}"
    label = shorten(file_label(analysis.source.path), page.width - len(which))
    name = page.text(label + which, LOUD)
    parts = [name, *map(page.text, dive_words(analysis))]
    lines = list(page.joined(parts))
    yield from lines if len(lines) == 1 else [name, *page.joined(parts[1:])]


def _result(analysis: DiveAnalysis, page: Page) -> Iterator[Text]:
    """Yield score, execution mark and what half a mark is worth, each beside its interval."""
    score = page.text(f"Score {numbers.points(analysis.score_points)}", SCORE)
    between = page.text(interval_words(analysis))
    whole = Text.assemble(score, ", ", between)
    parts = [whole] if whole.cell_len <= page.width else [score, between]
    parts.append(page.text(execution_words(analysis), LOUD))
    yield from page.joined([*parts, page.text(half_mark_words(analysis))])


def _steps(analysis: DiveAnalysis, page: Page) -> Table:
    points_head = against_words(analysis) if page.width >= HEADING_FROM_COLUMNS else "points"
    headings = [("Step", "left"), ("seconds", "right"), (points_head, "left")]
    table = bare_table(*headings, page=page)
    shown = numbers.shown_breakdown(analysis).steps
    widest = max(len(numbers.signed_points(step.total)) for step in shown)
    scale = numbers.bar_scale(analysis)
    for place, (step, points) in enumerate(zip(analysis.steps, shown, strict=True)):
        signed = numbers.signed_points(points.total).rjust(widest)
        gained = page.text(signed, signed_style(points.total))
        if page.width >= BARS_FROM_COLUMNS:
            bar = page.signed_bar(numbers.bar_share(points.total, scale), BAR_HALF_CELLS)
            gained = Text.assemble(gained, "  ", bar)
        if trust := trust_word(analysis, place):
            gained = Text.assemble(gained, "  ", page.text(trust, NOTICE))
        table.add_row(page.text(step.name), page.text(_seconds(step)), gained)
    return table


def _seconds(step: StepContribution) -> str:
    if step.last_frame < step.first_frame:
        return "none"
    return f"{numbers.seconds(step.start_s)} – {numbers.seconds(step.end_s)}"


def _notices(analysis: DiveAnalysis, page: Page) -> Iterator[Text]:
    told = notices(analysis)
    if told:
        yield Text()
    for notice in told:
        yield from page.hanging(page.text("!", NOTICE), str(notice))
