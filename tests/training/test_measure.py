"""Measures of answers, their intervals, and what needs no video."""

import dataclasses
import math

import numpy as np
import pytest
from made_dives import label
from scipy import stats

from fpcli.diving.numbers import Group
from fpcli.training.finish import calibrate
from fpcli.training.measure import HUMAN_JUDGE, Predictions, intervals, measure, measure_groups
from fpcli.training.predict import EncodedPool
from fpcli.training.without_video import by_difficulty, by_number, habits_of

MARKS = 3 + 6 * np.linspace(0, 1, 25) ** 2  # uneven: no mean is a median, no group's is another's
LABELS = tuple(
    label(place, mark=float(mark), number=("107B", "205B")[place % 2])
    for place, mark in enumerate(MARKS)
)
TRUE_STEPS = np.array([[-lost for lost in known.step_deductions or ()] for known in LABELS])
TRUE_FLIGHTS = np.array([known.transitions for known in LABELS])


def test_the_truth_itself_measures_perfect() -> None:
    ones, zeros = np.ones(25), np.zeros(25)
    perfect = Predictions(LABELS, MARKS, TRUE_FLIGHTS, TRUE_STEPS, ones, ones, zeros, ones)
    found = measure(perfect)
    for name in ("rho", "rho_marks", "aiou_0.5", "aiou_0.75", "mean_flight_iou",
                 "mask_iou", "mask_f_beta", "mask_s_measure",
                 "fidelity_takeoff", "fidelity_entry"):  # fmt: skip
        assert found[name] == pytest.approx(1), name
    for name in ("r_l2_x100", "mean_absolute_error_marks", "boundary_error_frames", "mask_mae"):
        assert found[name] == pytest.approx(0), name


def test_scores_are_marks_times_three_times_difficulty() -> None:
    found = measure(Predictions(LABELS, MARKS + 0.5))
    # Half a mark is 4.5 points at difficulty 3; the scores span 54.
    assert found["r_l2_x100"] == pytest.approx((4.5 / 54) ** 2 * 100)
    assert found["mean_absolute_error_marks"] == pytest.approx(0.5)


def test_a_boundary_error_is_the_mean_over_both_transitions() -> None:
    late = Predictions(LABELS, boundaries=TRUE_FLIGHTS + np.array([2, 4]))
    assert measure(late)["boundary_error_frames"] == pytest.approx(3)


def test_the_share_of_the_ceiling_is_of_the_dives_whose_faults_are_known() -> None:
    """The faults rank the known dives with one swap; so does the scorer, and badly elsewhere."""
    qualities = MARKS[:20].copy()
    qualities[[3, 4]] = qualities[[4, 3]]
    known = [
        dataclasses.replace(one, quality=float(quality))
        for one, quality in zip(LABELS[:20], qualities, strict=True)
    ]
    found = np.concatenate([qualities, MARKS[20:][::-1]])
    measured = measure(Predictions((*known, *LABELS[20:]), found))
    assert measured["rho_of_ceiling"] == pytest.approx(1)
    assert measured["rho"] < 1
    exact = measure(Predictions((*known, *LABELS[20:]), MARKS))
    swapped = stats.spearmanr(qualities, MARKS[:20]).statistic
    assert exact["rho_of_ceiling"] == pytest.approx(1 / swapped)
    assert exact["rho_of_ceiling"] > 1
    assert "rho_of_ceiling" not in measure(Predictions(LABELS, MARKS))


def test_groups_are_measured_by_themselves() -> None:
    late = TRUE_FLIGHTS + np.arange(25)[:, None] % 2 * 4
    wrong = MARKS + np.arange(25) % 2
    numbers = [known.dive_number for known in LABELS]
    found = measure_groups(Predictions(LABELS, wrong, late), numbers)
    assert {number: group.dives for number, group in found.items()} == {"107B": 13, "205B": 12}
    assert found["107B"].values["boundary_error_frames"] == 0
    assert found["205B"].values["boundary_error_frames"] == 4
    assert found["205B"].values["mean_absolute_error_marks"] == pytest.approx(1)
    assert found["205B"].values["rho"] == pytest.approx(1)
    # Of four dives, ranks say nothing; errors do.
    few = measure_groups(Predictions(LABELS, wrong), ["few"] * 4 + ["many"] * 21)
    assert "rho" not in few["few"].values
    assert few["few"].values["mean_absolute_error_marks"] == pytest.approx(0.5)
    assert "rho" in few["many"].values


def test_only_what_is_answered_is_measured() -> None:
    assert set(measure(Predictions(LABELS, MARKS))) == set(HUMAN_JUDGE)


def test_a_step_that_is_read_backwards_has_negative_fidelity() -> None:
    assert measure(Predictions(LABELS, steps=-TRUE_STEPS))["fidelity_flight"] == pytest.approx(-1)


def test_each_step_is_held_to_its_own_deductions() -> None:
    rng = np.random.default_rng(1)
    lost = rng.random((25, 3))
    known = tuple(
        dataclasses.replace(one, step_deductions=tuple(row))
        for one, row in zip(LABELS, lost.tolist(), strict=True)
    )
    found = rng.random((25, 3)) - lost
    measured = measure(Predictions(known, steps=found))
    for step, name in enumerate(("takeoff", "flight", "entry")):
        expected = stats.spearmanr(found[:, step], -lost[:, step]).statistic
        assert measured[f"fidelity_{name}"] == pytest.approx(expected)


def test_an_interval_is_of_its_level() -> None:
    """Of a mean of many errors it is the normal distribution's."""
    errors = np.random.default_rng(3).exponential(0.5, 200)
    answers = Predictions(LABELS * 8, np.tile(MARKS, 8) + errors)
    for given, reach in (({}, 1.96), ({"level": 0.5}, 0.674)):
        low, high = intervals(answers, **given)["mean_absolute_error_marks"]
        assert (low + high) / 2 == pytest.approx(errors.mean(), abs=0.02)
        assert (high - low) / 2 == pytest.approx(reach * errors.std() / 200**0.5, rel=0.12)


def test_intervals_hold_the_value_and_narrow_with_more_dives() -> None:
    rng = np.random.default_rng(0)
    noisy = MARKS + rng.normal(0, 1, 25)
    few = Predictions(LABELS, noisy)
    many = Predictions(LABELS * 8, np.tile(noisy, 8))
    for name in ("rho", "mean_absolute_error_marks"):
        low, high = intervals(few, rounds=200)[name]
        narrow = intervals(many, rounds=200)[name]
        assert low < measure(few)[name] < high
        assert narrow[1] - narrow[0] < (high - low) / 2


def test_intervals_are_the_same_each_time() -> None:
    answers = Predictions(LABELS, MARKS[::-1].copy())
    assert intervals(answers, rounds=20) == intervals(answers, rounds=20)


def test_habits_by_hand() -> None:
    habits = habits_of(LABELS)
    for number, first in (("107B", 0), ("205B", 1)):
        mark, start, end = habits[number]
        assert mark == pytest.approx(MARKS[first::2].mean())
        assert [start, end] == np.median(TRUE_FLIGHTS[first::2], axis=0).tolist()
    assert habits["all"][0] == pytest.approx(MARKS.mean())


def test_a_number_that_was_never_seen_gets_what_all_dives_get() -> None:
    habits = habits_of(LABELS)
    answers = by_number(habits, (label(0, number="301C"), LABELS[0]))
    assert answers.marks is not None
    assert answers.marks.tolist() == [habits["all"][0], habits["107B"][0]]


def test_difficulty_alone_cannot_tell_marks_apart() -> None:
    found = measure(by_difficulty(habits_of(LABELS), LABELS))
    assert math.isnan(found["rho_marks"])


def test_calibration_keeps_sorted_errors_and_a_threshold_that_nearly_all_reach() -> None:
    plausible = np.linspace(0.1, 1.0, 25)
    nothing = np.zeros(25)
    encoded = EncodedPool(LABELS, None, *[nothing] * 4, plausible)  # type: ignore[arg-type]
    wrong = MARKS + np.where(np.arange(25) % 2, 0.4, -0.8)
    calibration = calibrate(encoded, Predictions(LABELS, wrong))
    residuals = calibration.residual_marks
    assert residuals.tolist() == pytest.approx([0.4] * 12 + [0.8] * 13)
    assert (np.diff(residuals) >= 0).all()
    assert calibration.plausibility_threshold is not None
    assert (plausible >= calibration.plausibility_threshold).mean() >= 0.96
    # Of the labels' two numbers the back dives, 205B, are the odd places, off by 0.4.
    assert calibration.groups == (Group.BACK,) * 12 + (Group.FORWARD,) * 13


def test_calibration_knows_no_group_of_a_number_that_the_rules_do_not_know() -> None:
    known = (label(0, number="999X"), label(1, number="5253B"))
    nothing = np.zeros(2)
    encoded = EncodedPool(known, None, *[nothing] * 5)  # type: ignore[arg-type]
    errors = np.array([0.25, 0.5])
    marks = np.array([one.mark for one in known]) + errors
    assert calibrate(encoded, Predictions(known, marks)).groups == (None, Group.TWISTING)
