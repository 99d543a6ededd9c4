"""Marks: their bands in words, and what they are worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fpcli.diving.marks import (
    BAND_WORDS,
    SYNCHRO_FACTOR,
    band,
    execution_mark,
    nearest_half,
    points_of,
    points_per_mark,
)
from fpcli.errors import UsageError

marks = st.floats(0, 10)
difficulties = st.integers(12, 48).map(lambda tenths: tenths / 10)

BANDS = {
    "completely failed": (0.0,),
    "very deficient": (0.5, 2.0),
    "deficient": (2.5, 4.5),
    "satisfactory": (5.0, 6.5),
    "good": (7.0, 8.0),
    "very good": (8.5, 9.5),
    "excellent": (10.0,),
}


@pytest.mark.parametrize(
    ("mark", "words"), [(mark, words) for words, ends in BANDS.items() for mark in ends]
)
def test_a_band_in_the_words_of_the_rules(mark: float, words: str) -> None:
    assert band(mark) == words


@pytest.mark.parametrize(
    ("mean", "words"),
    [
        (0.24, "completely failed"),
        (0.25, "very deficient"),
        (6.74, "satisfactory"),
        (6.75, "good"),
        (8.17, "good"),
        (8.24, "good"),
        (8.25, "very good"),
        (9.74, "very good"),
        (9.75, "excellent"),
        (10.0 + 1e-12, "excellent"),  # a rounding error of score / (3 x difficulty)
    ],
)
def test_a_mean_between_halves_is_called_by_the_nearer_half(mean: float, words: str) -> None:
    assert band(mean) == words


@pytest.mark.parametrize("wrong", [-0.1, 10.1, float("nan"), float("inf")])
def test_what_is_no_mark_has_no_band(wrong: float) -> None:
    with pytest.raises(UsageError, match="is no mark"):
        band(wrong)


@given(marks, marks)
def test_a_higher_mark_is_never_called_worse(one: float, other: float) -> None:
    lower, higher = sorted((one, other))
    assert BAND_WORDS.index(band(higher)) <= BAND_WORDS.index(band(lower))


@given(marks)
def test_the_nearest_half_is_a_half_and_near(mark: float) -> None:
    half = nearest_half(mark)
    assert (2 * half).is_integer()
    assert abs(half - mark) <= 0.25


def test_a_point_of_mark_is_worth_three_difficulties() -> None:
    assert points_per_mark(3.2) == 9.6
    assert points_of(8.0, 3.2) == pytest.approx(76.8)
    assert execution_mark(76.8, 3.2) == pytest.approx(8.0)


def test_five_synchronised_marks_are_worth_three() -> None:
    assert 5 * SYNCHRO_FACTOR == 3
    assert SYNCHRO_FACTOR == 0.6


@given(marks, difficulties)
def test_marks_and_points_go_there_and_back(mark: float, difficulty: float) -> None:
    assert execution_mark(points_of(mark, difficulty), difficulty) == pytest.approx(mark)


@given(marks, marks, difficulties)
def test_points_grow_with_the_mark(one: float, other: float, difficulty: float) -> None:
    lower, higher = sorted((one, other))
    assert points_of(lower, difficulty) <= points_of(higher, difficulty)


@pytest.mark.parametrize("points", [-1.0, 96.1, float("nan")])
def test_points_that_no_panel_can_give_are_refused(points: float) -> None:
    with pytest.raises(UsageError, match=r"cannot be reached at difficulty 3\.2"):
        execution_mark(points, 3.2)
