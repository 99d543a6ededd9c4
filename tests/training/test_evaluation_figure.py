"""What an evaluation's picture shows."""

import dataclasses
from pathlib import Path

import matplotlib.figure
import numpy as np
import pytest
from made_dives import label

from fpcli.training.evaluation import Evaluation, Row
from fpcli.training.evaluation_figure import draw_evaluation
from fpcli.training.measure import Predictions, measure_groups

MARKS = np.linspace(4, 9, 30)
LABELS = tuple(
    label(place, mark=float(mark), number=("107B", "205B", "407C")[place % 3])
    for place, mark in enumerate(MARKS)
)
FLIGHTS = np.array([known.transitions for known in LABELS])
PREDICTED = Predictions(
    LABELS,
    marks=MARKS + np.sin(np.arange(30)),
    boundaries=FLIGHTS + np.stack([np.arange(30) % 4, np.zeros(30)], axis=1).astype(int),
)
NUMBERS = [known.dive_number for known in LABELS]
FOUND = Evaluation(
    dives=30,
    events=2,
    simulated=True,
    with_number=True,
    rows=(Row("tiny", "", {}, {}),),
    predicted=PREDICTED,
    by_group={},
    by_number=measure_groups(PREDICTED, NUMBERS),
    coverages={0.5: 0.4, 0.9: 0.8},
)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[matplotlib.figure.Figure]:
    """The figures that are saved."""
    figures: list[matplotlib.figure.Figure] = []
    save = matplotlib.figure.Figure.savefig

    def keep(figure: matplotlib.figure.Figure, *given: object, **named: object) -> None:
        figures.append(figure)
        save(figure, *given, **named)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", keep)
    return figures


def test_it_shows_every_dive_every_number_every_level_and_both_transitions(
    tmp_path: Path, drawn: list[matplotlib.figure.Figure]
) -> None:
    draw_evaluation(FOUND, tmp_path / "found.svg")
    assert b"<svg" in (tmp_path / "found.svg").read_bytes()[:1000]
    marks, residuals, intervals, transitions = drawn[0].axes
    dots = marks.collections[0].get_offsets()
    assert np.allclose(dots, np.stack([MARKS, PREDICTED.marks], axis=1))
    assert [text.get_text() for text in residuals.get_yticklabels()] == ["107B", "205B", "407C"]
    assert intervals.lines[0].get_xydata().tolist() == [[0.5, 0.4], [0.9, 0.8]]
    first, second = transitions.lines
    assert first.get_xdata().max() == 3
    assert second.get_xdata().max() == 0
    assert "simulated" in drawn[0].get_suptitle()


def test_without_a_calibration_it_says_so(
    tmp_path: Path, drawn: list[matplotlib.figure.Figure]
) -> None:
    found = dataclasses.replace(FOUND, coverages={})
    draw_evaluation(found, tmp_path / "found.png")
    assert "no calibration" in drawn[0].axes[2].get_title()
    assert not drawn[0].axes[2].lines
    assert found.coverage is None
