"""The reasons behind a score, on a terminal: streams, transitions, votes, and what made them."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fpcli.analysis.result import DiveAnalysis
from fpcli.report import numbers
from fpcli.report.measure_words import (
    MEASURED,
    closing_words,
    interval_head,
    observation_words,
    shown_measures,
)
from fpcli.report.names import shorten
from fpcli.report.terminal_neighbours import neighbours
from fpcli.report.terminal_parts import HEADING, LOUD, QUIET, Page, bare_table, signed_style
from fpcli.report.words import STEPS_BEGIN, STREAMS, TRANSITIONS, made_by_words, trust_words
from fpcli.text import printable

STREAM_BARS_FROM_COLUMNS = 64
BAR_HALF_CELLS = 8
SIDE_BY_SIDE_FROM_COLUMNS = 150
COLUMN_CELLS, COLUMN_GAP = 76, 4
EXEMPLAR_CELLS = 22
VOTE_MARKS_FROM_COLUMNS = 60
MEASURED_INTERVALS_FROM_COLUMNS, MEASURED_FRAMES_FROM_COLUMNS = 60, 70


def reasons(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    """Yield why: contributions by stream, transitions, measures, votes and provenance."""
    if page.is_screen and page.width >= SIDE_BY_SIDE_FROM_COLUMNS:
        yield _in_columns(analysis, page)
    else:
        yield from _contributions(analysis, page)
        for part in (_measures, _transitions, _votes):
            yield Text()
            yield from part(analysis, page)
    yield Text()
    yield from _provenance(analysis, page)


def _in_columns(analysis: DiveAnalysis, page: Page) -> Table:
    left, right = page.column(COLUMN_CELLS), page.column(page.width - COLUMN_CELLS - COLUMN_GAP)
    table = Table.grid(padding=(0, COLUMN_GAP, 0, 0))
    table.add_column(width=COLUMN_CELLS)
    table.add_column()
    table.add_row(
        Group(*_contributions(analysis, left), Text(), *_measures(analysis, left)),
        Group(*_votes(analysis, right), Text(), *_transitions(analysis, right)),
    )
    return table


def _contributions(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    """Yield what each step won or lost, apart for the two streams that look at it."""
    shown = numbers.shown_breakdown(analysis)
    yield page.text("What each step won or lost, points", HEADING)
    table = bare_table(
        ("Step", "left"),
        ("movement", "left"),
        ("posture", "left"),
        ("together", "right"),
        page=page,
    )
    values = [value for step in shown.steps for value in (step.dynamic, step.static)]
    scale = numbers.bar_scale(analysis)
    widest = max(len(numbers.signed_points(value)) for value in values)
    for step in shown.steps:
        table.add_row(
            page.text(step.name),
            _stream(step.dynamic, scale, widest, page),
            _stream(step.static, scale, widest, page),
            page.text(numbers.signed_points(step.total), signed_style(step.total)),
        )
    together = page.text(numbers.signed_points(shown.difference), LOUD)
    table.add_row(page.text("dive", LOUD), Text(), Text(), together)
    yield table
    for words in (STREAMS, trust_words(analysis)):
        yield from page.paragraph(words, QUIET)


def _stream(value: float, scale: float, widest: int, page: Page) -> Text:
    signed = page.text(numbers.signed_points(value).rjust(widest), signed_style(value))
    if page.width < STREAM_BARS_FROM_COLUMNS:
        return signed
    return Text.assemble(
        signed, " ", page.signed_bar(numbers.bar_share(value, scale), BAR_HALF_CELLS)
    )


def _transitions(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    yield page.text("Where the steps change", HEADING)
    table = bare_table(
        ("Transition", "left"),
        ("frame", "right"),
        ("seconds", "right"),
        ("probability", "right"),
        page=page,
    )
    for transition in analysis.transitions:
        table.add_row(
            page.text(transition.name),
            page.text(str(transition.frame)),
            page.text(numbers.seconds(transition.time_s)),
            page.text(numbers.percent(transition.probability)),
        )
    yield table
    for words in (TRANSITIONS, STEPS_BEGIN):
        yield from page.paragraph(words, QUIET)


def _measures(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    """Yield what the picture shows, by which measures, and what it does not tell."""
    measures = analysis.measures
    yield page.text(MEASURED, HEADING)
    for sentence in observation_words(analysis.observations):
        yield from page.hanging(page.text("·", QUIET), sentence)
    shown = shown_measures(measures)
    if shown:
        headings = [("Measure", "left"), ("measured", "right")]
        if page.width >= MEASURED_INTERVALS_FROM_COLUMNS:
            headings.append((interval_head(measures), "right"))
        if page.width >= MEASURED_FRAMES_FROM_COLUMNS:
            headings.append(("frame", "right"))
        table = bare_table(*headings, page=page)
        for each in shown:
            cells = (each.title, each.value, each.interval, each.frame)
            table.add_row(*map(page.text, cells[: len(headings)]))
        yield table
    yield from page.paragraph(closing_words(measures), QUIET)


def _votes(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    """Yield how each exemplar voted at this difficulty, and which are next to the dive by step."""
    shown = numbers.shown_breakdown(analysis)
    yield page.text(
        f"How the exemplars voted, points at difficulty "
        f"{numbers.difficulty(analysis.dive.difficulty)}",
        HEADING,
    )
    headings = [("Exemplar", "left"), ("dive", "left"), ("mark", "right"), ("points", "right")]
    if page.width < VOTE_MARKS_FROM_COLUMNS:
        headings = headings[:1]
    table = bare_table(*headings, ("difference", "right"), ("vote", "right"), page=page)
    for vote in analysis.votes:
        own, difference, total = numbers.shown_vote(vote)
        exemplar = shorten(printable(vote.exemplar), EXEMPLAR_CELLS)
        cells = [exemplar, vote.dive_number, numbers.mark(vote.exemplar_mark), numbers.points(own)]
        table.add_row(
            *map(page.text, cells[: len(headings)]),
            page.text(numbers.signed_points(difference), signed_style(difference)),
            page.text(numbers.points(total)),
        )
    means = ["mean", "", "", numbers.points(shown.mean)]
    table.add_row(
        *(page.text(cell, LOUD) for cell in means[: len(headings)]),
        page.text(numbers.signed_points(shown.difference), LOUD),
        page.text(numbers.points(shown.mean + shown.difference), LOUD),
    )
    yield table
    yield from neighbours(analysis, page)


def _provenance(analysis: DiveAnalysis, page: Page) -> Iterator[RenderableType]:
    """Yield what made the score and what its interval rests on."""
    facts = made_by_words(analysis)
    widest = max(map(len, facts))
    for name, fact in facts.items():
        yield from page.hanging(page.text(name.ljust(widest) + " ", QUIET), fact)
