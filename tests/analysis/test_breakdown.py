"""The parts of a score add up to it, whatever the network says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fpcli.analysis.breakdown import Breakdown, break_down
from fpcli.errors import WeightsError

VOTERS = st.integers(1, 12)
ROUNDING_POINTS = 1e-9


@st.composite
def broken_down(draw: st.DrawFn) -> tuple[Breakdown, np.ndarray, float]:
    count = draw(VOTERS)
    marks = draw(arrays(np.float32, count, elements=st.floats(0, 10, width=32)))
    deltas = draw(arrays(np.float64, (count, 3, 2), elements=st.floats(-30, 30)))
    difficulty = draw(st.floats(0.5, 6))
    factor = 3 * difficulty
    unit = draw(st.sampled_from([1.0, factor]))
    return break_down(marks, deltas, factor, unit), marks, factor


def summed(parts: Breakdown) -> float:
    total = parts.exemplar_mean
    for dynamic, static in parts.steps.tolist():
        total += dynamic + static
    return total + parts.limit


@given(broken_down())
def test_score_is_the_sum_of_its_parts_to_the_last_bit(case):
    parts, _, _ = case
    assert summed(parts) == parts.score


@given(broken_down())
def test_score_stays_in_what_the_rules_allow(case):
    parts, _, factor = case
    assert -ROUNDING_POINTS <= parts.score <= 10 * factor + ROUNDING_POINTS


@given(broken_down())
def test_score_before_the_limit_is_the_mean_vote(case):
    parts, _, _ = case
    assert parts.score - parts.limit == pytest.approx(parts.votes.mean(), abs=1e-7)


@given(broken_down())
def test_each_vote_is_the_exemplars_mark_at_this_difficulty_plus_the_difference(case):
    parts, marks, factor = case
    assert parts.exemplars == pytest.approx(marks.astype(float) * factor)
    assert parts.votes == pytest.approx(parts.exemplars + parts.differences)


@given(broken_down())
def test_what_is_won_by_step_is_the_difference_to_the_last_bit(case):
    parts, _, _ = case
    for steps, difference in zip(parts.by_step.tolist(), parts.differences.tolist(), strict=True):
        assert steps[0] + steps[1] + steps[2] == difference
    assert parts.by_step.mean(axis=0) == pytest.approx(parts.steps.sum(axis=1), abs=1e-7)


def test_exemplar_of_another_difficulty_votes_with_its_mark():
    no_difference = np.zeros((1, 3, 2))
    assert break_down(np.array([8.0]), no_difference, 3 * 2.0, 1.0).score == pytest.approx(48.0)
    assert break_down(np.array([8.0]), no_difference, 3 * 3.5, 1.0).score == pytest.approx(84.0)


def test_model_of_marks_is_carried_to_points_and_model_of_points_is_not():
    one_up = np.zeros((1, 3, 2))
    one_up[0, 1, 0] = 1.0
    assert break_down(np.array([6.0]), one_up, 9.0, 9.0).score == pytest.approx(63.0)
    assert break_down(np.array([6.0]), one_up, 9.0, 1.0).score == pytest.approx(55.0)


@pytest.mark.parametrize(
    ("difference", "score", "limit"), [(500.0, 90.0, -464.0), (-500.0, 0.0, 446.0)]
)
def test_limit_makes_up_what_the_rules_do_not_allow(difference, score, limit):
    deltas = np.zeros((1, 3, 2))
    deltas[0, 2, 1] = difference
    parts = break_down(np.array([6.0]), deltas, 9.0, 1.0)
    assert parts.score == pytest.approx(score, abs=ROUNDING_POINTS)
    assert parts.limit == pytest.approx(limit)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_answer_that_is_no_number_is_refused(value):
    deltas = np.zeros((2, 3, 2))
    deltas[1, 0, 0] = value
    with pytest.raises(WeightsError, match="not a number"):
        break_down(np.array([6.0, 7.0]), deltas, 9.0, 9.0)
