"""The nearest better and the nearest worse exemplar, step by step, wherever they are told."""

import io
import json

import pytest
from rich.console import Console

from fpcli.report.rows import to_json
from fpcli.report.terminal import render_explanation


def printed(analysis, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(render_explanation(analysis))
    return console.export_text().splitlines()


def test_the_nearest_on_either_side_are_taken_and_none_where_there_is_none(make_analysis):
    """Over the take-offs the dive has -3.6, -2.8, ... +3.6 points; every flight it beats by 3.1."""
    takeoff, flight, _ = make_analysis().neighbours
    assert takeoff.better.exemplar == "simulated-4104"
    assert takeoff.better.difference_points == pytest.approx(-0.4)
    assert takeoff.worse.exemplar == "simulated-4105"
    assert takeoff.worse.difference_points == pytest.approx(0.4)
    assert flight.better is None
    assert flight.worse.difference_points == pytest.approx(3.1)


def test_json_tells_them_with_each_step(make_analysis):
    takeoff, flight, _ = json.loads(to_json(make_analysis()))["steps"]
    assert takeoff["nearest_better"]["exemplar"] == "simulated-4104"
    assert flight["nearest_better"] is None
    assert flight["nearest_worse"]["difference_points"] == pytest.approx(3.1)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_terminal_tells_them_in_its_width(make_analysis, width):
    lines = printed(make_analysis(), width)
    assert max(map(len, lines)) <= width
    (heading,) = [n for n, line in enumerate(lines) if "better" in line and "worse" in line]
    takeoff, flight, entry = (line[:74] for line in lines[heading + 1 : heading + 4])
    assert "−0.4" in takeoff
    assert "+0.4" in takeoff
    assert "+3.1" in flight
    assert "−" not in flight
    assert entry.startswith("entry")
    if width >= 80:
        assert "simulated-4104" in takeoff


def test_nothing_is_said_where_no_exemplar_voted_apart(make_analysis):
    same = make_analysis().votes[0]
    level = [type(same)(**{**vars(same), "step_points": (0.0, 0.0, 0.0)})]
    assert not any("better" in line for line in printed(make_analysis(votes=tuple(level)), 100))
