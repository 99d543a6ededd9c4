"""The page: one dive explained in one file that opens anywhere, with the network cut."""

from pathlib import Path

from fpcli.analysis.result import DiveAnalysis
from fpcli.report import numbers, page_charts
from fpcli.report.names import file_label
from fpcli.report.notices import notices
from fpcli.report.page_breakdown import breakdown, votes
from fpcli.report.page_looks import style_sheet
from fpcli.report.page_measures import measured
from fpcli.report.page_parts import Markup, document, element, jpeg_uri, options_whole
from fpcli.report.page_pictures import PICTURE_PX, KeyFrame, key_frames
from fpcli.report.page_script import FILM_CURSOR
from fpcli.report.words import (
    STEPS_BEGIN,
    SUPPORTS,
    dive_words,
    execution_words,
    half_mark_words,
    interval_words,
    made_by_words,
    means_nothing,
)
from fpcli.whole_file import whole_file


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
        element(
            "div",
            element("div", breakdown(analysis), measured(analysis)),
            element("div", votes(analysis), _provenance(analysis)),
            class_="pair",
        ),
    )
    title = f"{file_label(analysis.source.path)}: {numbers.points(analysis.score_points)} points"
    return document(title=title, style=style_sheet(), script=FILM_CURSOR, body=main)


def _header(analysis: DiveAnalysis) -> Markup:
    facts = list(dive_words(analysis))
    if analysis.dive.diver is not None:
        facts.insert(0, analysis.dive.diver)
    if analysis.dive.panel_points is not None:
        facts.append(f"the panel gave {numbers.panel_points(analysis.dive.panel_points)}")
    score = element(
        "p",
        numbers.points(analysis.score_points),
        element("small", " points, estimated"),
        class_="score",
    )
    surety = element(
        "div",
        element("p", interval_words(analysis)),
        element("p", f"{execution_words(analysis)}\N{NO-BREAK SPACE}· {half_mark_words(analysis)}"),
        Markup("") if means_nothing(analysis) else page_charts.interval_chart(analysis),
    )
    return element(
        "header",
        element("h1", file_label(analysis.source.path)),
        element("ul", *(element("li", fact) for fact in facts), class_="facts"),
        element("div", score, surety, class_="result"),
        _notices(analysis),
    )


def _notices(analysis: DiveAnalysis) -> Markup:
    told = [
        element("li", element("b", "!", aria_hidden="true"), options_whole(str(notice)))
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
            f"{STEPS_BEGIN}. The curves tell how probable that is at each moment; the ticks are "
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


def _provenance(analysis: DiveAnalysis) -> Markup:
    facts = [
        part
        for name, words in made_by_words(analysis).items()
        for part in (element("dt", name), element("dd", words))
    ]
    return element(
        "section",
        element("h2", "What made this score"),
        element("dl", *facts),
        element("p", f"{SUPPORTS}.", class_="small quiet"),
    )
