"""Every number on every surface comes from the one analysis and agrees."""

import csv
import dataclasses
import io
import json
import re

import pytest
from reading_pages import body_text, read_page
from rich.console import Console

from fpcli.report import measure_plate, numbers, score_panel, step_timeline
from fpcli.report.figure import write_figure
from fpcli.report.lettering import text_line
from fpcli.report.measure_words import observation_words, shown_measures, shown_moments
from fpcli.report.overlay import DiveAnnotator
from fpcli.report.page import render_page
from fpcli.report.page_index import render_index
from fpcli.report.rows import CSV_COLUMNS, csv_line, csv_row, to_json
from fpcli.report.terminal import render_batch, render_explanation, render_score

CASES = {
    "plain": {},
    "limited": {"score_points": 75.3, "limit_points": -1.5},
    "unknown number": {"dive": {"dive_number": None, "description": None, "height_m": None}},
    "mean difficulty": {"dive": {"difficulty": 3.166667, "score_factor": 9.5}},
    "from nothing": {"score_points": 0.04, "mark": 0.004, "exemplar_mean_points": -0.06},
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def analysis(request, make_analysis):
    return make_analysis({"width": 1280, "height": 720}, **request.param)


def printed(renderable) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(renderable)
    return console.export_text()


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"[+−]?\d+(?:\.\d+)?", text))


def headline(analysis) -> set[str]:
    """What every surface shows of a dive."""
    return {
        numbers.points(analysis.score_points),
        numbers.points(analysis.interval.low_points),
        numbers.points(analysis.interval.high_points),
        numbers.mark(analysis.mark),
        numbers.difficulty(analysis.dive.difficulty),
    }


def breakdown(analysis) -> set[str]:
    shown = numbers.shown_breakdown(analysis)
    return {numbers.points(shown.mean), *(numbers.signed_points(s.total) for s in shown.steps)}


def streams(analysis) -> set[str]:
    steps = numbers.shown_breakdown(analysis).steps
    return {numbers.signed_points(value) for s in steps for value in (s.dynamic, s.static)}


def transitions(analysis) -> set[str]:
    return {
        shown
        for t in analysis.transitions
        for shown in (numbers.seconds(t.time_s), numbers.percent(t.probability).split()[0])
    }


def measures(analysis) -> set[str]:
    """What a reader sees of the measures: values, ends of intervals, frames."""
    return {
        text
        for shown in shown_measures(analysis.measures)
        for part in (shown.value, shown.interval, shown.frame)
        for text in numbers_in(part)
    } | {text for words in observation_words(analysis.observations) for text in numbers_in(words)}


def votes(analysis) -> set[str]:
    return {
        shown
        for vote in analysis.votes
        for own, difference, total in [numbers.shown_vote(vote)]
        for shown in (
            numbers.mark(vote.exemplar_mark),
            numbers.points(own),
            numbers.signed_points(difference),
            numbers.points(total),
        )
    }


def test_terminal(analysis):
    assert headline(analysis) | breakdown(analysis) <= numbers_in(printed(render_score(analysis)))
    whole = numbers_in(printed(render_explanation(analysis)))
    assert streams(analysis) | transitions(analysis) | votes(analysis) <= whole
    assert measures(analysis) <= whole
    line = numbers_in(printed(render_batch([analysis])))
    assert headline(analysis) <= line


def test_page(analysis):
    text = body_text(read_page(render_page(analysis, ())))
    expected = headline(analysis) | breakdown(analysis) | streams(analysis)
    assert expected | transitions(analysis) | votes(analysis) <= numbers_in(text)
    assert len(measures(analysis)) > 10
    assert measures(analysis) <= numbers_in(text)


def test_page_tables_hold_no_number_of_their_own(analysis):
    """In the page's tables every number of points, second or mark is one of the analysis's."""
    page = read_page(render_page(analysis, ()))
    shown = numbers.shown_breakdown(analysis)
    known = headline(analysis) | breakdown(analysis) | streams(analysis) | votes(analysis)
    known |= transitions(analysis) | {str(t.frame) for t in analysis.transitions}
    known |= {numbers.signed_points(shown.limit), numbers.signed_points(shown.difference)}
    known |= {numbers.points(shown.mean + shown.difference)}
    known |= {
        numbers.signed_points(beside.difference_points)
        for near in analysis.neighbours
        for beside in (near.better, near.worse)
        if beside is not None
    }
    measured = shown_measures(analysis.measures)
    known |= {text for one in measured for text in (one.value, one.interval, one.frame)}
    cells = [
        cell.text
        for body in page.all("tbody")
        for cell in body.all("td")
        if cell.attributes.get("class", "").startswith("number")
    ]
    assert len(cells) > 40
    assert {cell.removesuffix(" %") for cell in cells} <= known


def test_index(analysis):
    text = body_text(read_page(render_index([analysis])))
    steps = breakdown(analysis) - {numbers.points(numbers.shown_breakdown(analysis).mean)}
    assert headline(analysis) | steps <= numbers_in(text)


def test_figure(analysis, tmp_path):
    write_figure(analysis, tmp_path / "figure.svg")
    drawn = " ".join(re.findall(r">([^<>]+)</text>", (tmp_path / "figure.svg").read_text("utf-8")))
    expected = headline(analysis) | breakdown(analysis) | streams(analysis)
    assert expected | transitions(analysis) <= numbers_in(drawn)


def test_overlay(analysis, monkeypatch):
    written = []

    def record(text, size_px, **options):
        written.append(text)
        return text_line(text, size_px, **options)

    for module in (measure_plate, score_panel, step_timeline):
        monkeypatch.setattr(module, "text_line", record)
    DiveAnnotator(analysis, 1280, 720)
    drawn = numbers_in(" ".join(written))
    assert headline(analysis) | breakdown(analysis) <= drawn
    told = shown_moments(analysis)
    assert len(told) == len(shown_measures(analysis.measures)) > 4
    seen = {text for one in told for text in numbers_in(f"{one.words} {one.value} {one.interval}")}
    assert seen <= drawn
    assert seen <= measures(analysis)


def test_files_for_programs_carry_the_numbers_unrounded(analysis):
    told = json.loads(to_json(analysis))
    (row,) = csv.DictReader([csv_line(CSV_COLUMNS), csv_line(csv_row(analysis))])
    for name in ("score_points", "mark", "exemplar_mean_points", "limit_points"):
        assert told[name] == float(row[name]) == getattr(analysis, name)
    assert told["dive"]["difficulty"] == float(row["difficulty"]) == analysis.dive.difficulty
    for end in ("low_points", "high_points"):
        exact = getattr(analysis.interval, end)
        assert told["interval"][end] == float(row[f"interval_{end}"]) == exact
    columns = ("take_off_points", "flight_points", "entry_points")
    for step, told_step, column in zip(analysis.steps, told["steps"], columns, strict=True):
        assert told_step["contribution_points"] == float(row[column]) == step.contribution_points
        assert told_step["dynamic_points"] == step.dynamic_points
        assert told_step["static_points"] == step.static_points
    for transition, told_one in zip(analysis.transitions, told["transitions"], strict=True):
        assert told_one["time_s"] == transition.time_s
        assert told_one["probability"] == transition.probability
    assert [vote["vote_points"] for vote in told["votes"]] == [
        vote.vote_points for vote in analysis.votes
    ]
    for name, measure in analysis.measures.by_name.items():
        assert told["measures"][name] == dataclasses.asdict(measure)
        column, value = name, measure.value
        if name == "distance_m":
            column, value = "least_distance_m", measure.low
        assert row[column] == ("" if value is None else repr(value))
