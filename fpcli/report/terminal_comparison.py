"""Two dives beside each other on a terminal: which is better, by how much, how sure, and where."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from fpcli.analysis.comparison import Caveat, DiveComparison, Verdict
from fpcli.analysis.result import DiveAnalysis
from fpcli.report import numbers
from fpcli.report.names import file_label, shorten
from fpcli.report.notices import notices
from fpcli.report.terminal_parts import (
    HEADING,
    LOUD,
    NOTICE,
    QUIET,
    SCORE,
    Page,
    bare_table,
    signed_style,
)
from fpcli.report.words import dive_words, interval_ends, mark_name

LETTERS = ("A", "B")
BARS_FROM_COLUMNS = 64
BAR_HALF_CELLS = 10
STREAMS_FROM_COLUMNS = 52
FULL_BAR_MARKS = 0.5  # at least: small contrasts stay short
MARK_STEP = 0.05  # marks below which a contrast has no colour

_CAVEATS = {
    Caveat.NOT_MEASURED: "a clip is unlike the dives of training or holds none: no measured "
    "error holds for it, so no order is given",
    Caveat.WITNESSES_DISAGREE: "seen side by side the other dive is the better one: the two scores "
    "and the direct comparison disagree",
    Caveat.NUMBERS_DIFFER: "dives of different numbers: the network learned to compare dives of "
    "one number",
    Caveat.NUMBER_UNKNOWN: "whether both are of one number is not known: the network learned to "
    "compare such dives",
    Caveat.DIFFICULTIES_DIFFER: "of different difficulty: the marks are compared, not the points",
    Caveat.ERRORS_UNKNOWN: "these weights have no calibration: how far a score errs is not known",
}


class _Comparison:
    """Lines made for the page that one console offers."""

    def __init__(self, comparison: DiveComparison) -> None:
        self._comparison = comparison

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for this console's width and encoding."""
        yield from _lines(self._comparison, Page(options))


def render_comparison(comparison: DiveComparison) -> RenderableType:
    """Return both dives, the verdict, the steps side by side, and what to know before trusting."""
    return _Comparison(comparison)


def verdict_sentence(comparison: DiveComparison) -> str:
    """Say in one sentence which dive is better and by how much, or that it cannot be told."""
    marks, points = _differences(comparison)
    by = f"{abs(marks):.2f} marks"
    if comparison.same_worth:
        by += f", {numbers.points(abs(points))} points"
    match comparison.verdict:
        case Verdict.FIRST:
            said = f"A is better, by {by}"
        case Verdict.FIRST_PROBABLY:
            said = f"A is probably better, by {by}"
        case Verdict.SECOND:
            said = f"B is better, by {by}"
        case Verdict.SECOND_PROBABLY:
            said = f"B is probably better, by {by}"
        case Verdict.OPEN:
            return f"The two cannot be told apart: their scores differ by {by}"
    return f"If simulated dives are a guide, {said}" if _is_unproven(comparison) else said


def certainty_sentence(comparison: DiveComparison) -> str:
    """Say how sure the order is, and what that rests on."""
    certainty = comparison.certainty
    if certainty.order_share is None:
        return "How sure this is has not been measured."
    unproven = _is_unproven(comparison)
    kind = "simulated dives" if unproven else "dives"
    ahead = LETTERS[0] if comparison.difference_marks >= 0 else LETTERS[1]
    said = (
        f"If each score errs by chance as on {certainty.calibration_dives} {kind} held back from "
        f"training, {ahead} is the better in {int(certainty.order_share * 100)} of 100 such pairs, "
        f"and A {numbers.MINUS} B lies between "
        f"{numbers.signed_marks(certainty.low_marks)} and "
        f"{numbers.signed_marks(certainty.high_marks)} marks in {certainty.level * 100:.0f} of 100."
    )
    return f"{said} Real dives may well err by more." if unproven else said


def _is_unproven(comparison: DiveComparison) -> bool:
    """Whether all that is known of the errors comes from simulated dives."""
    return comparison.first.provenance.simulated_training


def _differences(comparison: DiveComparison) -> tuple[float, float]:
    """Return marks and points that the first has over the second, as the table lets one find."""
    one, other = comparison.first, comparison.second
    return (
        numbers.shown_difference(one.mark, other.mark, 2),
        numbers.shown_difference(one.score_points, other.score_points, 1),
    )


def _lines(comparison: DiveComparison, page: Page) -> Iterator[RenderableType]:
    pair = (comparison.first, comparison.second)
    for letter, analysis in zip(LETTERS, pair, strict=True):
        yield from page.hanging(page.text(letter, LOUD), _facts(analysis, page.width - 2))
    yield Text()
    yield from page.paragraph(verdict_sentence(comparison), SCORE)
    yield from page.paragraph(certainty_sentence(comparison), QUIET)
    told = [*_caveats(comparison, page), *_notices(pair, page)]
    if told:
        yield Text()
        yield from told
    yield Text()
    yield _scores(pair, comparison, page)
    yield Text()
    yield from _steps(comparison, page)


def _facts(analysis: DiveAnalysis, width: int) -> str:
    name = shorten(file_label(analysis.source.path), width)
    return " · ".join([name, *dive_words(analysis)])


def _scores(
    pair: tuple[DiveAnalysis, DiveAnalysis], comparison: DiveComparison, page: Page
) -> RenderableType:
    level = numbers.percent(comparison.certainty.level)
    table = bare_table(
        ("", "left"),
        ("score", "right"),
        (f"{level} interval", "right"),
        (mark_name(pair[0]), "right"),
        page=page,
    )
    for letter, analysis in zip(LETTERS, pair, strict=True):
        table.add_row(
            page.text(letter, LOUD),
            page.text(numbers.points(analysis.score_points), LOUD),
            page.text(interval_ends(analysis)),
            page.text(f"{analysis.mark:.2f}"),
        )
    marks, points = _differences(comparison)
    over = numbers.signed_points(points) if comparison.same_worth else ""
    cells = (f"A {numbers.MINUS} B", over, "", numbers.signed_marks(marks))
    table.add_row(*map(page.text, cells))
    return table


def _steps(comparison: DiveComparison, page: Page) -> Iterator[RenderableType]:
    """Yield what A has over B by step, as the network sees the pair; the parts add up as shown."""
    yield from page.paragraph("Seen side by side, step by step: marks that A has over B", HEADING)
    headings = [("Step", "left")]
    if page.width >= STREAMS_FROM_COLUMNS:
        headings += [("movement", "right"), ("posture", "right")]
    table = bare_table(*headings, ("A over B", "left"), page=page)
    totals, direct = numbers.shown_marks([step.contrast_marks for step in comparison.steps])
    scale = max(*map(abs, totals), FULL_BAR_MARKS)
    widest = max(len(numbers.signed_marks(total)) for total in totals)
    for step, total in zip(comparison.steps, totals, strict=True):
        (dynamic, static), _ = numbers.shown_marks([step.dynamic_marks, step.static_marks], total)
        cells = [page.text(step.name)]
        if page.width >= STREAMS_FROM_COLUMNS:
            cells += [page.text(numbers.signed_marks(value)) for value in (dynamic, static)]
        signed = page.text(numbers.signed_marks(total).rjust(widest), _style(total))
        if page.width >= BARS_FROM_COLUMNS:
            bar = page.signed_bar(numbers.bar_share(total, scale), BAR_HALF_CELLS)
            signed = Text.assemble(signed, "  ", bar)
        table.add_row(*cells, signed)
    blank = [Text()] * (len(headings) - 1)
    together = page.text(numbers.signed_marks(direct).rjust(widest), LOUD)
    table.add_row(page.text("dive", LOUD), *blank, together)
    yield table
    there, back = (numbers.signed_marks(value) for value in comparison.directions_marks)
    yield from page.paragraph(
        f"Mean of {there} seen one way round and {back} the other; how far such a look at one pair "
        "errs has not been measured",
        QUIET,
    )


def _style(marks: float) -> str:
    return signed_style(marks) if abs(marks) >= MARK_STEP else ""


def _caveats(comparison: DiveComparison, page: Page) -> Iterator[Text]:
    for caveat, sentence in _CAVEATS.items():
        if caveat in comparison.caveats:
            yield from page.hanging(page.text("!", NOTICE), sentence)


def _notices(pair: tuple[DiveAnalysis, DiveAnalysis], page: Page) -> Iterator[Text]:
    """Yield what to know of both dives once, and of one with its letter and its own numbers."""
    told = [{notice.of_many: notice for notice in notices(analysis)} for analysis in pair]
    first, second = told
    for sentence, own in first.items():
        if sentence in second:
            yield from page.hanging(page.text("!", NOTICE), sentence)
        else:
            yield from page.hanging(page.text(f"! {LETTERS[0]}:", NOTICE), str(own))
    for sentence, own in second.items():
        if sentence not in first:
            yield from page.hanging(page.text(f"! {LETTERS[1]}:", NOTICE), str(own))
