"""An analysis on a terminal: what a judge reads in ten seconds, at any width, with no colour too.

Every function returns something rich prints; width and encoding are the console's at that moment.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from fpcli.analysis.result import DiveAnalysis, Origin, StepContribution
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

BARS_FROM_COLUMNS = 70
BAR_HALF_CELLS = 10
SECONDS_FROM_COLUMNS = 52


class _View:
    """Something rich prints: lines made for the page that one console offers."""

    def __init__(self, lines: Callable[[Page], Iterator[RenderableType]]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for this console's width and encoding."""
        yield from self._lines(Page(options))


def render_score(analysis: DiveAnalysis) -> RenderableType:
    """Return the score, its steps against the exemplars, and what to know before trusting it."""
    return _View(partial(_score, analysis))


def render_explanation(analysis: DiveAnalysis) -> RenderableType:
    """Return the score and its reasons: streams, transitions, votes, and what made them."""
    return _View(partial(_explanation, analysis))


def render_batch(results: Sequence[DiveAnalysis | Failure]) -> RenderableType:
    """Return a line a dive in the order given, and below them what could not be scored."""
    return _View(partial(batch_lines, results))


def _score(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    yield from _headline(analysis, page)
    yield Text()
    yield from _result(analysis, page)
    yield Text()
    yield _steps(analysis, page)
    yield _sum(analysis, page)
    yield from _notices(analysis, page)


def _explanation(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    yield from _score(analysis, page)
    yield Text()
    yield from reasons(analysis, page)


def _headline(analysis: DiveAnalysis, page: Page) -> Iterator[Text]:
    """Yield what was dived: file, dive, height, difficulty and where that came from."""
    dive = analysis.dive
    if dive.dive_number is None:
        what = "dive number unknown"
    else:
        what = " ".join(filter(None, [dive.dive_number, dive.description]))
    facts = [what]
    if dive.height_m is not None:
        assumed = " (assumed)" if dive.height_origin is Origin.ASSUMED else ""
        facts.append(numbers.height(dive.height_m) + assumed)
    facts.append(
        f"difficulty {numbers.difficulty(dive.difficulty)} ({_difficulty_origin(analysis)})"
    )
    name = page.text(shorten(file_label(analysis.source.path), page.width), LOUD)
    parts = [name, *(page.text(fact) for fact in facts)]
    lines = list(page.joined(parts))
    yield from lines if len(lines) == 1 else [name, *page.joined(parts[1:])]


def _difficulty_origin(analysis: DiveAnalysis) -> str:
    dive = analysis.dive
    if dive.difficulty_edition and dive.difficulty_origin in (Origin.TABLE, Origin.FORMULA):
        year = dive.difficulty_edition.split()[-1]
        return f"{dive.difficulty_origin} {year}"
    return str(dive.difficulty_origin)


def _result(analysis: DiveAnalysis, page: Page) -> Iterator[Text]:
    """Yield score, interval and execution mark, on one line where it is wide enough."""
    interval = analysis.interval
    low, high = numbers.points(interval.low_points), numbers.points(interval.high_points)
    parts = [
        page.text(f"Score {numbers.points(analysis.score_points)}", SCORE),
        page.text(f"{numbers.percent(interval.level)} interval {low} – {high}"),
        page.text(f"execution {numbers.mark(analysis.mark)} {analysis.band}", LOUD),
    ]
    if sum(part.cell_len for part in parts) + 6 <= page.width:
        yield Text("   ").join(parts)
    else:
        yield from parts


def _steps(analysis: DiveAnalysis, page: Page) -> Table:
    count = len(analysis.votes)
    against = f"against {count} exemplar{'s' * (count != 1)}"
    headings = [("Step", "left"), ("frames", "right")]
    if page.width >= SECONDS_FROM_COLUMNS:
        headings.append(("seconds", "right"))
    headings.append((against, "left"))
    table = bare_table(*headings, page=page)
    shown = numbers.shown_breakdown(analysis).steps
    widest = max(len(numbers.signed_points(step.total)) for step in shown)
    scale = numbers.bar_scale(analysis)
    for step, points in zip(analysis.steps, shown, strict=True):
        cells = [page.text(step.name), page.text(_frames(step))]
        if page.width >= SECONDS_FROM_COLUMNS:
            seconds = f"{numbers.seconds(step.start_s)} – {numbers.seconds(step.end_s)}"
            cells.append(page.text(seconds))
        signed = numbers.signed_points(points.total).rjust(widest)
        gained = page.text(signed, signed_style(points.total))
        if page.width >= BARS_FROM_COLUMNS:
            bar = page.signed_bar(numbers.bar_share(points.total, scale), BAR_HALF_CELLS)
            gained = Text.assemble(gained, "  ", bar)
        table.add_row(*cells, gained)
    return table


def _frames(step: StepContribution) -> str:
    if step.last_frame < step.first_frame:
        return "none"
    return f"{step.first_frame} – {step.last_frame}"


def _sum(analysis: DiveAnalysis, page: Page) -> Text:
    """Return the sum that a reader can check by hand: mean, differences, limit, score."""
    shown = numbers.shown_breakdown(analysis)
    text = f"Exemplars' mean {numbers.points(shown.mean)} {numbers.added_points(shown.difference)}"
    if shown.limit:
        text += f" {numbers.added_points(shown.limit)} (limit)"
    return page.text(f"{text} = {numbers.points(shown.score)}", QUIET)


def _notices(analysis: DiveAnalysis, page: Page) -> Iterator[Text]:
    for notice in notices(analysis):
        yield from page.hanging(page.text("!", NOTICE), str(notice))
