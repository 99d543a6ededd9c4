"""Panels: cancelled marks, missing marks, and the rules' worked examples."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fpcli.diving.panels import Panel, panel_points, score
from fpcli.errors import UsageError

SYNCHRO_9 = [7.0, 6.5, 5.5, 5.5, 8.5, 8.0, 8.0, 7.5, 7.5]
SYNCHRO_11 = [7.0, 6.5, 6.0, 5.5, 5.5, 7.0, 8.0, 8.0, 7.5, 8.0, 7.0]

HALF_POINTS = [halves / 2 for halves in range(21)]

half_points = st.sampled_from(HALF_POINTS)
panels = st.sampled_from(list(Panel))
difficulties = st.integers(12, 48).map(lambda tenths: tenths / 10)


Judging = tuple[Panel, list[float], float]


@st.composite
def judged(draw: st.DrawFn) -> Judging:
    panel = draw(panels)
    marks = draw(st.lists(half_points, min_size=panel.judges, max_size=panel.judges))
    return panel, marks, draw(difficulties)


@pytest.mark.parametrize(
    ("panel", "marks", "difficulty", "points"),
    [
        (Panel.FIVE, [8.0, 7.5, 7.5, 7.5, 7.0], 2.0, 45.0),
        (Panel.SEVEN, [8.0, 7.5, 7.5, 7.5, 7.5, 7.5, 7.0], 2.0, 45.0),
        (Panel.SYNCHRO_9, SYNCHRO_9, 2.8, 59.64),
        (Panel.SYNCHRO_11, SYNCHRO_11, 2.8, 59.64),
        (Panel.THREE, [8.0, 7.5, 7.0], 2.0, 45.0),
        (Panel.SEVEN, [10.0] * 7, 3.2, 96.0),
        (Panel.SEVEN, [0.0] * 7, 3.2, 0.0),
        (Panel.FIVE, [8.0, 8.0, 8.0, 7.0, 7.0], 2.0, 46.0),  # one 8 and one 7 cancelled, not all
    ],
)
def test_points_of_a_panel(
    panel: Panel, marks: list[float], difficulty: float, points: float
) -> None:
    assert panel_points(marks, difficulty, panel) == points


@pytest.mark.parametrize(
    ("panel", "marks", "counted"),
    [
        (Panel.SEVEN, [9.0, 9.0, 9.0, 8.0, 5.0, 5.0, 5.0], (9.0, 8.0, 5.0)),
        (Panel.SYNCHRO_9, SYNCHRO_9, (6.5, 5.5, 8.0, 8.0, 7.5)),
        (Panel.SYNCHRO_11, SYNCHRO_11, (6.5, 5.5, 8.0, 8.0, 7.5)),
        # of the nine the four execution marks are cancelled together, of the eleven by diver
        (Panel.SYNCHRO_9, [9, 9, 5, 5, 7, 7, 7, 7, 7], (9, 5, 7, 7, 7)),
        (Panel.SYNCHRO_9, [9, 8, 5, 4, 7, 7, 7, 7, 7], (8, 5, 7, 7, 7)),
        (Panel.SYNCHRO_11, [9, 8, 8, 5, 4, 4, 7, 7, 7, 7, 7], (8, 4, 7, 7, 7)),
    ],
)
def test_only_as_many_equal_marks_are_cancelled_as_the_rule_says(
    panel: Panel, marks: list[float], counted: tuple[float, ...]
) -> None:
    assert score(marks, 2.0, panel).counted == counted


@pytest.mark.parametrize(
    ("others", "stand_in"),
    [
        ([7.0, 7.0, 7.0, 7.5], 7.0),  # mean 7.125
        ([7.0, 7.0, 7.5, 7.5], 7.5),  # mean 7.25
        ([7.5, 7.5, 7.5, 8.0], 7.5),  # mean 7.625
        ([7.5, 7.5, 8.0, 8.0], 8.0),  # mean 7.75
    ],
)
def test_a_missing_mark_is_the_mean_of_the_others(others: list[float], stand_in: float) -> None:
    filled = score([*others, stand_in], 3.0, Panel.FIVE)
    assert score([*others, None], 3.0, Panel.FIVE) == filled
    assert score([None, *others], 3.0, Panel.FIVE) == filled


def test_a_missing_synchronised_mark_is_the_mean_of_those_who_watched_the_same() -> None:
    marks: list[float | None] = [9.0, 9.0, 9.0, 4.0, 4.0, 4.0, 7.0, 7.0, 7.0, 7.0, 7.0]
    for seat in range(len(marks)):
        missing = [*marks[:seat], None, *marks[seat + 1 :]]
        assert score(missing, 2.0, Panel.SYNCHRO_11) == score(marks, 2.0, Panel.SYNCHRO_11)


@pytest.mark.parametrize("wrong", [7.25, -0.5, 10.5, float("nan"), float("inf")])
def test_what_no_judge_may_give_is_refused(wrong: float) -> None:
    with pytest.raises(UsageError, match="is no mark"):
        panel_points([7.0, 7.0, 7.0, 7.0, wrong], 2.0, Panel.FIVE)


def test_a_panel_of_another_size_is_refused() -> None:
    with pytest.raises(UsageError, match="7 judges gives 7 marks, not 5"):
        panel_points([7.0] * 5, 2.0, Panel.SEVEN)


def test_two_missing_marks_are_refused() -> None:
    with pytest.raises(UsageError, match="2 of 5 marks are missing"):
        panel_points([7.0, 7.0, 7.0, None, None], 2.0, Panel.FIVE)


@pytest.mark.parametrize("wrong", [0.0, -2.0, float("nan"), float("inf")])
def test_a_difficulty_is_above_zero(wrong: float) -> None:
    with pytest.raises(UsageError, match="not above 0"):
        panel_points([7.0] * 5, wrong, Panel.FIVE)


@given(judged(), st.randoms(use_true_random=False))
def test_the_order_of_judges_on_a_bench_does_not_matter(judging: Judging, random: Random) -> None:
    panel, marks, difficulty = judging
    shuffled: list[float] = []
    for bench in panel.value:
        seats = sum(bench.seats)
        given = marks[len(shuffled) : len(shuffled) + seats]
        random.shuffle(given)
        shuffled += given
    assert score(shuffled, difficulty, panel) == score(marks, difficulty, panel)


@given(judged(), st.data())
def test_a_higher_mark_never_costs_points(judging: Judging, data: st.DataObject) -> None:
    panel, marks, difficulty = judging
    seat = data.draw(st.integers(0, panel.judges - 1))
    raised = [*marks]
    raised[seat] = data.draw(st.sampled_from([mark for mark in HALF_POINTS if mark >= marks[seat]]))
    assert panel_points(raised, difficulty, panel) >= panel_points(marks, difficulty, panel)


@given(panels, half_points, difficulties)
def test_judges_who_agree_make_three_marks_times_the_difficulty(
    panel: Panel, mark: float, difficulty: float
) -> None:
    result = score([mark] * panel.judges, difficulty, panel)
    assert result.mean == mark
    assert result.points == pytest.approx(3 * mark * difficulty)
    assert len(result.counted) == (5 if panel.synchronised else 3)
