"""The page's reasons: what each step won or lost, who stands next to it, how exemplars voted."""

from collections.abc import Iterator

from fpcli.analysis.result import DiveAnalysis, StepContribution, StepNeighbour
from fpcli.report import numbers, page_charts
from fpcli.report.names import shorten
from fpcli.report.page_parts import Markup, element, joined
from fpcli.report.page_tables import gain, heads, number, table
from fpcli.report.words import EXEMPLARS, NEIGHBOURS, STREAMS, sum_words, trust_word, trust_words
from fpcli.text import printable

PRINTED_VOTES = 10  # on paper; more would not fit one A4 page
EXEMPLAR_CELLS = 20  # of a name in a table; the whole name shows where it is pointed at
BRIEF_CELLS = 14  # where two names stand in a narrow table


def breakdown(analysis: DiveAnalysis) -> Markup:
    """Return the sum from the exemplars' mean to the score, step by step."""
    shown = numbers.shown_breakdown(analysis)
    levels = [shown.mean]
    for step in shown.steps:
        levels += [levels[-1] + step.dynamic, levels[-1] + step.total]
    span = page_charts.Span([*levels, shown.score], analysis.dive.score_factor)
    rows = [_sum_row("exemplars’ mean", shown.mean, page_charts.level(span, shown.mean))]
    stands = shown.mean
    for place, step in enumerate(shown.steps):
        bars = page_charts.stream_bars(span, stands, step.dynamic, step.static)
        stands += step.total
        rows.append(
            element(
                "tr",
                element(
                    "th",
                    f"{place + 1} {step.name} ",
                    *_trust(trust_word(analysis, place)),
                    *_when(analysis.steps[place]),
                    scope="row",
                ),
                *(gain(value) for value in (step.dynamic, step.static, step.total)),
                element("td", bars, class_="chart"),
            )
        )
    if shown.limit:
        name = "limit of the rules"
        rows.append(_sum_row(name, shown.limit, page_charts.level(span, shown.score), signed=True))
    rows.append(_sum_row("score", shown.score, page_charts.level(span, shown.score), total=True))
    headings = heads("Step", "#movement", "#posture", "#together")
    chart = element("th", span.ends(), class_="chart", scope="col")
    return element(
        "section",
        element("h2", "What each step won or lost, points"),
        table(joined(headings, chart), rows, "steps"),
        element("p", f"{sum_words(analysis)} ({EXEMPLARS}).", class_="small"),
        element(
            "p",
            f"{STREAMS}. Filled bars: movement; hollow ones: posture. {trust_words(analysis)}.",
            class_="small quiet",
        ),
    )


def _when(step: StepContribution) -> Iterator[Markup]:
    if step.last_frame < step.first_frame:
        yield element("div", "no frames", class_="when small quiet")
        return
    frames = f"frames {step.first_frame} – {step.last_frame}"
    yield element("div", frames, class_="when screen small quiet")  # paper has no frames to look up
    begin, end = numbers.seconds(step.start_s), numbers.seconds(step.end_s)
    yield element("div", f"{begin} – {end} s", class_="when small quiet")


def _trust(word: str) -> Iterator[Markup]:
    if word:
        yield element("span", word, class_="small doubt")


def _sum_row(
    name: str, value: float, chart: Markup, *, signed: bool = False, total: bool = False
) -> Markup:
    shown = numbers.signed_points(value) if signed else numbers.points(value)
    cells = (
        element("th", name, scope="row", colspan=3.0),
        number(shown),
        element("td", chart, class_="chart"),
    )
    return element("tr", *cells, class_="sum" if total else None)


def _neighbours(analysis: DiveAnalysis) -> Markup:
    """Return the voters a little better and a little worse in each step; nothing without any."""
    found = analysis.neighbours
    if not any(near.better or near.worse for near in found):
        return Markup("")
    rows = [
        element(
            "tr",
            element("th", f"{place + 1} {step.name}", scope="row"),
            *_beside(near.better),
            *_beside(near.worse),
        )
        for place, (step, near) in enumerate(zip(analysis.steps, found, strict=True))
    ]
    headings = joined(
        element("th", "Step", scope="col"),
        element("th", "a better exemplar", scope="col", colspan=2.0),
        element("th", "a worse one", scope="col", colspan=2.0),
    )
    return joined(
        element("h3", NEIGHBOURS),
        table(headings, rows, "neighbours"),
    )


def _beside(near: StepNeighbour | None) -> tuple[Markup, Markup]:
    if near is None:
        return element("td"), element("td")
    return _exemplar("td", near.exemplar, brief=True), gain(near.difference_points)


def votes(analysis: DiveAnalysis) -> Markup:
    """Return each exemplar's own points, the difference seen, its vote; and who stands next."""
    shown = numbers.shown_breakdown(analysis)
    points = [p for vote in analysis.votes for p in (vote.exemplar_points, vote.vote_points)]
    span = page_charts.Span([*points, analysis.score_points], analysis.dive.score_factor / 2)
    rows = list(_vote_rows(analysis, span))
    hidden = len(analysis.votes) - PRINTED_VOTES
    if hidden > 0:
        words = f"and {hidden} more, shown on a screen"
        cell = element("td", words, colspan=7.0, class_="quiet")
        rows.append(element("tr", cell, class_="printed"))
    mean = element(
        "tr",
        element("th", "mean", scope="row"),
        element("td", class_="wide"),
        element("td", class_="wide"),
        number(numbers.points(shown.mean)),
        number(numbers.signed_points(shown.difference)),
        number(numbers.points(shown.mean + shown.difference)),
        element("td", class_="chart"),
        class_="sum",
    )
    headings = joined(
        element("th", "Exemplar", scope="col"),
        element("th", "dive", scope="col", class_="wide"),
        element("th", "mark", scope="col", class_="number wide"),
        heads("#points", "#difference", "#vote"),
        element("th", span.ends(), class_="chart", scope="col"),
    )
    difficulty = numbers.difficulty(analysis.dive.difficulty)
    return element(
        "section",
        element("h2", f"How the exemplars voted, points at difficulty {difficulty}"),
        table(headings, [*rows, mean], "votes"),
        element(
            "p",
            "Each line runs from an exemplar’s own points to its vote, the dot; the upright line "
            "is the score.",
            class_="screen small quiet",
        ),
        _neighbours(analysis),
    )


def _vote_rows(analysis: DiveAnalysis, span: page_charts.Span) -> Iterator[Markup]:
    for place, vote in enumerate(analysis.votes):
        own, difference, total = numbers.shown_vote(vote)
        yield element(
            "tr",
            _exemplar("th", vote.exemplar, scope="row"),
            element("td", vote.dive_number, class_="wide"),
            element("td", numbers.mark(vote.exemplar_mark), class_="number wide"),
            number(numbers.points(own)),
            gain(difference),
            number(numbers.points(total)),
            element("td", page_charts.vote_row(span, vote, analysis.score_points), class_="chart"),
            class_="beyond" if place >= PRINTED_VOTES else None,
        )


def _exemplar(kind: str, name: str, *, scope: str | None = None, brief: bool = False) -> Markup:
    """Return a cell with an exemplar's name, shortened on one line; the whole is its title.

    brief: shorten it further where the table is narrow; one of the two shows.
    """
    shown = shorten(printable(name), EXEMPLAR_CELLS)
    shorter = shorten(printable(name), BRIEF_CELLS)
    parts = [shown]
    if brief and shorter != shown:
        parts = [element("span", shown, class_="whole"), element("span", shorter, class_="brief")]
    title = None if shown == name and len(parts) == 1 else name
    return element(kind, *parts, class_="exemplar", scope=scope, title=title)
