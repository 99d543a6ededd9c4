"""The page: one dive explained in one file that opens anywhere, with the network cut."""

from collections.abc import Iterator
from pathlib import Path

from fpcli.analysis.result import DiveAnalysis, StepContribution
from fpcli.report import numbers, page_charts
from fpcli.report.names import file_label
from fpcli.report.notices import notices
from fpcli.report.page_looks import style_sheet
from fpcli.report.page_parts import Markup, document, element, joined, jpeg_uri
from fpcli.report.page_pictures import PICTURE_PX, KeyFrame, key_frames
from fpcli.report.page_script import FILM_CURSOR
from fpcli.report.whole_file import whole_file
from fpcli.report.words import (
    STREAMS,
    dive_words,
    execution_words,
    interval_words,
    made_by_words,
    sum_words,
)

PRINTED_VOTES = 12  # on paper; more would not fit one A4 page


def write_page(analysis: DiveAnalysis, out: Path) -> None:
    """Write the page of one dive; `out` appears, or is replaced, only when it is complete.

    Raises VideoError where the video's key frames cannot be read any more, OSError where the disk
    refuses.
    """
    content = render_page(analysis, key_frames(analysis))
    with whole_file(out) as part:
        part.write_text(content, encoding="utf-8", newline="\n")


def render_page(analysis: DiveAnalysis, frames: tuple[KeyFrame, ...]) -> str:
    """Return the page as HTML. frames: the film strip, as `key_frames` reads it."""
    main = element(
        "main",
        _header(analysis),
        _film_strip(analysis, frames),
        _timeline(analysis, frames),
        element("div", _breakdown(analysis), _votes(analysis), class_="pair"),
        _provenance(analysis),
    )
    title = f"{file_label(analysis.source.path)}: {numbers.points(analysis.score_points)} points"
    return document(title=title, style=style_sheet(), script=FILM_CURSOR, body=main)


def _header(analysis: DiveAnalysis) -> Markup:
    facts = list(dive_words(analysis))
    if analysis.dive.diver is not None:
        facts.insert(0, analysis.dive.diver)
    if analysis.dive.panel_points is not None:
        facts.append(f"the panel gave {numbers.points(analysis.dive.panel_points)}")
    score = element(
        "p",
        numbers.points(analysis.score_points),
        element("small", " points"),
        class_="score",
    )
    words = " · ".join(
        [
            execution_words(analysis),
            interval_words(analysis),
            f"half a mark is worth {numbers.points(analysis.dive.score_factor / 2)} points",
        ]
    )
    surety = element("div", element("p", words), page_charts.interval_chart(analysis))
    return element(
        "header",
        element("h1", file_label(analysis.source.path)),
        element("ul", *(element("li", fact) for fact in facts), class_="facts"),
        element("div", score, surety, class_="result"),
        _notices(analysis),
    )


def _notices(analysis: DiveAnalysis) -> Markup:
    told = [
        element("li", element("b", "!", aria_hidden="true"), str(notice))
        for notice in notices(analysis)
    ]
    if not told:
        return Markup("")
    return element("ul", *told, class_="notices", aria_label="Before you trust this score")


def _film_strip(analysis: DiveAnalysis, frames: tuple[KeyFrame, ...]) -> Markup:
    axis = page_charts.TimeAxis(analysis)
    first = next((place for place, frame in enumerate(frames) if frame.step), 0)
    items = [_picture(frame, analysis, axis) for frame in frames]
    return element(
        "section",
        element("h2", f"The dive in {len(frames)} pictures"),
        element(
            "ol",
            *items,
            class_="strip",
            data_first=float(first),
            aria_label="Film strip of the dive",
        ),
    )


def _picture(frame: KeyFrame, analysis: DiveAnalysis, axis: page_charts.TimeAxis) -> Markup:
    step = analysis.steps[frame.step].name
    time = f"{numbers.seconds(frame.time_s)} s"
    seen = "the diver outlined" if frame.has_diver else "no diver seen"
    begins, enters = analysis.transition_probabilities[frame.sample]
    chances = ", ".join(
        f"{transition.name} {numbers.percent(float(chance))}"
        for transition, chance in zip(analysis.transitions, (begins, enters), strict=True)
    )
    return element(
        "li",
        element(
            "img",
            src=jpeg_uri(frame.jpeg),
            alt=f"Frame {frame.frame} at {time}, {step}: {seen}",
            width=PICTURE_PX,
            height=PICTURE_PX,
        ),
        element("span", f"{frame.step + 1} · {time}", class_="small"),
        class_=f"step-{frame.step}",
        data_share=axis.share(frame.time_s),
        data_words=f"Frame {frame.frame} at {time} · {step} · {seen} · {chances}",
    )


def _timeline(analysis: DiveAnalysis, frames: tuple[KeyFrame, ...]) -> Markup:
    chart = element(
        "div",
        page_charts.timeline(analysis, [frame.time_s for frame in frames]),
        page_charts.curve_legend(analysis),
        element(
            "p",
            "The curves tell how probable it is that a step begins at that moment; the ticks are "
            "the pictures above.",
            class_="small quiet",
        ),
        element(
            "p",
            "Point at a picture or a curve, or press the arrow keys on the pictures: the line "
            "follows.",
            class_="hint small quiet",
        ),
    )
    viewer = element("figure", class_="viewer", aria_live="polite")
    return element(
        "section",
        element("h2", "Where the steps change"),
        element("div", chart, viewer, class_="watch"),
    )


def _breakdown(analysis: DiveAnalysis) -> Markup:
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
            _row(
                element(
                    "th",
                    f"{place + 1} {step.name}",
                    element("div", _when(analysis.steps[place]), class_="small quiet"),
                    scope="row",
                ),
                *(_gain(value) for value in (step.dynamic, step.static, step.total)),
                element("td", bars, class_="chart"),
            )
        )
    if shown.limit:
        name = "limit of the rules"
        rows.append(_sum_row(name, shown.limit, page_charts.level(span, shown.score), signed=True))
    rows.append(_sum_row("score", shown.score, page_charts.level(span, shown.score), total=True))
    heads = _heads("Step", "#movement", "#posture", "#together")
    chart = element("th", span.ends(), class_="chart", scope="col")
    return element(
        "section",
        element("h2", "What each step won or lost, points"),
        _table(joined(heads, chart), rows),
        element("p", f"{sum_words(analysis)}.", class_="small"),
        element(
            "p", f"{STREAMS}. Filled bars: movement; hollow ones: posture.", class_="small quiet"
        ),
    )


def _when(step: StepContribution) -> str:
    if step.last_frame < step.first_frame:
        return "no frames"
    return (
        f"frames {step.first_frame} – {step.last_frame}, "
        f"{numbers.seconds(step.start_s)} – {numbers.seconds(step.end_s)} s"
    )


def _sum_row(
    name: str, value: float, chart: Markup, *, signed: bool = False, total: bool = False
) -> Markup:
    shown = numbers.signed_points(value) if signed else numbers.points(value)
    cells = (
        element("th", name, scope="row", colspan=3.0),
        _number(shown),
        element("td", chart, class_="chart"),
    )
    return element("tr", *cells, class_="sum" if total else None)


def _votes(analysis: DiveAnalysis) -> Markup:
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
        element("th", "mean", scope="row", colspan=3.0),
        _number(numbers.points(shown.mean)),
        _number(numbers.signed_points(shown.difference)),
        _number(numbers.points(shown.mean + shown.difference)),
        element("td", class_="chart"),
        class_="sum",
    )
    heads = _heads("Exemplar", "dive", "#mark", "#points", "#difference", "#vote")
    chart = element("th", span.ends(), class_="chart", scope="col")
    difficulty = numbers.difficulty(analysis.dive.difficulty)
    return element(
        "section",
        element("h2", f"How the exemplars voted, points at difficulty {difficulty}"),
        _table(joined(heads, chart), [*rows, mean], class_="votes"),
        element(
            "p",
            "Each line runs from an exemplar’s own points to its vote, the dot; the upright line "
            "is the score.",
            class_="screen small quiet",
        ),
    )


def _vote_rows(analysis: DiveAnalysis, span: page_charts.Span) -> Iterator[Markup]:
    for place, vote in enumerate(analysis.votes):
        own, difference, total = numbers.shown_vote(vote)
        yield element(
            "tr",
            element("th", vote.exemplar, scope="row"),
            element("td", vote.dive_number),
            _number(numbers.mark(vote.exemplar_mark)),
            _number(numbers.points(own)),
            _gain(difference),
            _number(numbers.points(total)),
            element("td", page_charts.vote_row(span, vote, analysis.score_points), class_="chart"),
            class_="beyond" if place >= PRINTED_VOTES else None,
        )


def _provenance(analysis: DiveAnalysis) -> Markup:
    facts = [
        part
        for name, words in made_by_words(analysis).items()
        for part in (element("dt", name), element("dd", words))
    ]
    return element("section", element("h2", "What made this score"), element("dl", *facts))


def _heads(*names: str) -> Markup:
    """Return column headings; a name that begins with # heads numbers."""
    return joined(
        *(
            element(
                "th",
                name.removeprefix("#"),
                scope="col",
                class_="number" if name.startswith("#") else None,
            )
            for name in names
        )
    )


def _table(heads: Markup, rows: list[Markup], class_: str | None = None) -> Markup:
    head = element("thead", element("tr", heads))
    table = element("table", head, element("tbody", *rows), class_=class_)
    return element("div", table, class_="scroll")


def _row(*cells: Markup) -> Markup:
    return element("tr", *cells)


def _number(shown: str) -> Markup:
    return element("td", shown, class_="number")


def _gain(value: float) -> Markup:
    shown = numbers.signed_points(value)
    way = "" if shown == "0.0" else " gain" if value > 0 else " loss"
    return element("td", shown, class_=f"number{way}")
