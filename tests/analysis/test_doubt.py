"""The interval covers what it promises, and a clip without a dive looks less like one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from fpcli.analysis.doubt import conformal_interval, plausibility

FACTOR = 9.0  # points a mark at difficulty 3.0


def residuals(*values: float) -> np.ndarray:
    return np.sort(np.array(values, dtype=np.float32))


@given(
    values=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=60),
    level=st.floats(0.05, 0.99),
)
def test_margin_is_the_smallest_residual_that_covers_the_level(values, level):
    """Independently: among the n residuals and the unknown next one, ranked together."""
    known = residuals(*values)
    interval = conformal_interval(45.0, FACTOR, known, level)
    ranks = rankdata(known, method="ordinal") / (len(known) + 1)
    covering = known[ranks >= level - 1e-12]
    expected = covering.min() if len(covering) else known.max()
    assert interval.high_points - 45.0 == pytest.approx(float(expected) * FACTOR, abs=1e-5)
    assert 45.0 - interval.low_points == pytest.approx(float(expected) * FACTOR, abs=1e-5)


def test_interval_covers_new_dives_at_its_level():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        known, new = residuals(*rng.exponential(0.5, 39)), rng.exponential(0.5, 25)
        interval = conformal_interval(45.0, FACTOR, known, 0.9)
        covered.append((new * FACTOR <= interval.high_points - 45.0).mean())
    assert np.mean(covered) == pytest.approx(0.9, abs=0.01)


def test_nine_residuals_are_enough_for_ninety_per_cent_and_eight_are_not():
    nine = conformal_interval(45.0, FACTOR, residuals(*np.arange(9) / 10), 0.9)
    eight = conformal_interval(45.0, FACTOR, residuals(*np.arange(8) / 10), 0.9)
    assert nine.method == "split conformal"
    assert "too few" in eight.method
    assert eight.high_points == pytest.approx(45.0 + 0.7 * FACTOR)
    assert (nine.calibration_dives, eight.calibration_dives) == (9, 8)


def test_interval_stays_in_what_the_rules_allow():
    wide = residuals(*np.full(50, 9.0))
    interval = conformal_interval(80.0, FACTOR, wide, 0.9)
    assert (interval.low_points, interval.high_points) == (0.0, 90.0)


@pytest.mark.parametrize("known", [None, residuals()])
def test_without_calibration_everything_is_possible_and_it_says_so(known):
    interval = conformal_interval(45.0, FACTOR, known, 0.9)
    assert (interval.low_points, interval.high_points) == (0.0, 90.0)
    assert "no calibration" in interval.method


def test_interval_of_an_unknown_dive_says_that_it_was_measured_on_known_ones():
    known = residuals(*np.arange(20) / 10)
    told = conformal_interval(45.0, FACTOR, known, 0.9)
    guessed = conformal_interval(45.0, FACTOR, known, 0.9, number_known=False)
    assert "known number" in guessed.method
    assert "known number" not in told.method


def diving_masks(found: bool, moving: bool) -> np.ndarray:
    masks = np.full((96, 28, 28), 0.02, dtype=np.float32)
    if found:
        for sample in range(96):
            left = (sample * 5) % 20 if moving else 8
            masks[sample, 8:20, left : left + 5] = 0.95
    return masks


def transitions(sharp: bool) -> np.ndarray:
    column = np.full((96, 2), 0.02)
    if sharp:
        column[30, 0] = column[65, 1] = 0.9
    return column


BOUNDARIES = np.array([30, 65])


@pytest.mark.parametrize(
    ("found", "moving", "sharp"),
    [(False, False, True), (True, False, True), (True, True, False)],
    ids=["nobody there", "nothing moves", "no transition stands out"],
)
def test_clip_without_a_dives_marks_is_less_plausible(found, moving, sharp):
    dive = plausibility(diving_masks(True, True), transitions(True), BOUNDARIES)
    other = plausibility(diving_masks(found, moving), transitions(sharp), BOUNDARIES)
    assert 0 <= other < dive <= 1


def test_plausibility_survives_boundaries_that_touch():
    assert 0 <= plausibility(diving_masks(True, True), transitions(True), np.array([47, 48])) <= 1
