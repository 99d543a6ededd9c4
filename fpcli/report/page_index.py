"""The index page: the dives of a batch ranked in one table, in one file that needs no network."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from fpcli.analysis.result import DiveAnalysis, Flag
from fpcli.report import numbers
from fpcli.report.footnotes import Footnotes
from fpcli.report.names import file_labels
from fpcli.report.notices import Failure
from fpcli.report.page_looks import style_sheet
from fpcli.report.page_parts import Markup, document, element, options_whole
from fpcli.report.page_script import SORTABLE_TABLE
from fpcli.report.words import band_words, interval_ends, trust_word
from fpcli.whole_file import whole_file

HEADINGS = (  # name, whether it heads numbers, the order that a first press gives
    ("rank", True, "ascending"),
    ("file", False, "ascending"),
    ("diver", False, "ascending"),
    ("score", True, "descending"),
    ("interval", True, "descending"),
    ("panel", True, "descending"),
    ("execution", True, "descending"),
    ("dive", False, "ascending"),
    ("difficulty", True, "descending"),
)
RARE = ("diver", "panel")  # columns that only a start list fills


def write_index(results: Sequence[DiveAnalysis | Failure], out: Path) -> None:
    """Write the index page; `out` appears, or is replaced, only when it is complete.

    Raises OSError where the disk refuses.
    """
    content = render_index(results)
    with whole_file(out) as part:
        part.write_text(content, encoding="utf-8", newline="\n")


def render_index(results: Sequence[DiveAnalysis | Failure]) -> str:
    """Return the index page as HTML: the dives by score, the best first, then the failures.

    Dives whose scores show the same share a rank; what holds no dive has none and stands last.
    """
    analyses = [result for result in results if isinstance(result, DiveAnalysis)]
    failures = [result for result in results if isinstance(result, Failure)]
    count = f"{len(analyses)} dive{'s' * (len(analyses) != 1)} scored"
    failed = f", {len(failures)} not" if failures else ""
    main = element(
        "main",
        element("h1", f"{count}{failed}"),
        *_table(analyses),
        *_failures(failures),
    )
    return document(title=count, style=style_sheet(), script=SORTABLE_TABLE, body=main)


def ranks(analyses: Sequence[DiveAnalysis]) -> list[int | None]:
    """Return each dive's rank, 1 and how many are shown with more points; None without a dive."""
    shown = [round(analysis.score_points / numbers.POINTS_STEP) for analysis in analyses]
    dives = [Flag.NO_DIVE_FOUND not in analysis.flags for analysis in analyses]
    beaten_by = [
        sum(dive and other > own for dive, other in zip(dives, shown, strict=True)) for own in shown
    ]
    return [1 + count if dive else None for dive, count in zip(dives, beaten_by, strict=True)]


def _table(analyses: Sequence[DiveAnalysis]) -> Iterator[Markup]:
    if not analyses:
        return
    footnotes = Footnotes(analyses)
    if footnotes.common:
        told = [_told("!", sentence, aria_hidden="true") for sentence in footnotes.common]
        yield element("ul", *told, class_="notices", aria_label="Before you trust these scores")
    steps = [step.name for step in analyses[0].steps]
    has_list = any(a.dive.diver or a.dive.panel_points is not None for a in analyses)
    headings = [each for each in HEADINGS if has_list or each[0] not in RARE]
    headings += [(step, True, "descending") for step in steps]
    heads = [
        element(
            "th",
            name,
            scope="col",
            class_="number" if numeric else None,
            data_first=first,
            aria_sort="ascending" if name == "rank" else None,
        )
        for name, numeric, first in headings
    ]
    heads.append(element("th", "notes", scope="col", data_first="descending"))
    labels = file_labels([analysis.source.path for analysis in analyses])
    places = zip(ranks(analyses), labels, analyses, footnotes.of_each(), strict=True)
    rows = [
        _row(rank, label, analysis, letters, has_list=has_list)
        for rank, label, analysis, letters in sorted(
            places, key=lambda place: (place[0] is None, place[0] or 0)
        )
    ]
    table = element(
        "table",
        element("caption", element("span", *_caption(analyses))),
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
        class_="sortable",
    )
    notes = [_told(letter, sentence) for sentence, letter in footnotes.letters.items()]
    below = [element("ul", *notes, class_="notes small")] if notes else []
    yield element("section", element("div", table, class_="scroll"), *below)


def _told(sign: str, sentence: str, aria_hidden: str | None = None) -> Markup:
    return element("li", element("b", sign, aria_hidden=aria_hidden), options_whole(sentence))


def _caption(analyses: Sequence[DiveAnalysis]) -> Iterator[str]:
    """Yield what the columns hold, and which steps' points cannot be trusted."""
    yield f"Points; the steps’ against each dive’s exemplars. {_level(analyses)}"
    for place, step in enumerate(analyses[0].steps):
        words = {trust_word(analysis, place) for analysis in analyses} - {""}
        if words:
            yield f" {step.name.capitalize()}: {' or '.join(sorted(words))}."


def _level(analyses: Sequence[DiveAnalysis]) -> str:
    levels = sorted({numbers.percent(analysis.interval.level) for analysis in analyses})
    return f"Intervals of {' and '.join(levels)}."


def _row(
    rank: int | None, label: str, analysis: DiveAnalysis, letters: str, *, has_list: bool
) -> Markup:
    dive = analysis.dive
    shown = numbers.shown_breakdown(analysis)
    height = "" if dive.height_m is None else f", {numbers.height(dive.height_m)}"
    pair = ", synchro" if dive.synchro else ""
    panel = dive.panel_points
    cells = [
        _number("–", float("nan")) if rank is None else _number(str(rank), rank),
        element("th", label, scope="row"),
        element("td", dive.diver or "") if has_list else Markup(""),
        _number(numbers.points(analysis.score_points), analysis.score_points, "accent"),
        _number(interval_ends(analysis), analysis.interval.low_points),
    ]
    if has_list:
        given = "" if panel is None else numbers.panel_points(panel)
        cells.append(_number(given, float("nan") if panel is None else panel))
    cells += [
        _number(f"{numbers.mark(analysis.mark)} {band_words(analysis)}", analysis.mark),
        element("td", f"{dive.dive_number or 'unknown'}{height}{pair}"),
        _number(numbers.difficulty(dive.difficulty), dive.difficulty),
    ]
    for step, exact in zip(shown.steps, analysis.steps, strict=True):
        text = numbers.signed_points(step.total)
        way = "" if text == "0.0" else "gain" if step.total > 0 else "loss"
        cells.append(_number(text, exact.contribution_points, way))
    cells.append(element("td", letters, data_key=float(len(letters.split()))))
    return element("tr", *cells)


def _number(shown: str, key: float, way: str = "") -> Markup:
    """Return a cell that sorts by its unrounded number."""
    key_text = repr(float(key))
    return element("td", shown, class_=f"number {way}".rstrip(), data_key=key_text)


def _failures(failures: Sequence[Failure]) -> Iterator[Markup]:
    if not failures:
        return
    labels = file_labels([failure.path for failure in failures])
    items = [
        element("li", element("b", label), options_whole(failure.after(label)))
        for label, failure in zip(labels, failures, strict=True)
    ]
    yield element(
        "section", element("h2", "Without a score"), element("ul", *items, class_="failures")
    )
