"""The interval covers what it promises, and a clip without a dive looks less like one."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from fpcli.analysis.doubt import LEAST_OF_GROUP, conformal_interval, plausibility
from fpcli.analysis.result import Interval
from fpcli.diving.numbers import Group
from fpcli.weights.bundle import Calibration

FACTOR = 9.0  # points a mark at difficulty 3.0
SCORE = 45.0


def residuals(*values: float) -> np.ndarray:
    return np.sort(np.array(values, dtype=np.float32))


def grouped(errors: Mapping[Group | None, np.ndarray]) -> Calibration:
    """A calibration of dives with these errors, by group."""
    every = np.concatenate([*errors.values()]).astype(np.float32)
    groups = [group for group, values in errors.items() for _ in values]
    order = np.argsort(every)
    return Calibration(every[order], groups=tuple(groups[place] for place in order))


def shown(
    calibration: Calibration, level: float = 0.9, group: Group | None = Group.FORWARD
) -> Interval:
    return conformal_interval(SCORE, FACTOR, calibration, level, group=group)


def margin_marks(interval: Interval) -> float:
    return (interval.high_points - SCORE) / FACTOR


@given(
    values=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=60),
    level=st.floats(0.05, 0.99),
)
def test_margin_is_the_smallest_residual_that_covers_the_level(values, level):
    """Independently: among the n residuals and the unknown next one, ranked together."""
    known = residuals(*values)
    interval = shown(Calibration(known), level)
    ranks = rankdata(known, method="ordinal") / (len(known) + 1)
    covering = known[ranks >= level - 1e-12]
    expected = covering.min() if len(covering) else known.max()
    assert margin_marks(interval) == pytest.approx(float(expected), abs=1e-5)
    assert (SCORE - interval.low_points) / FACTOR == pytest.approx(float(expected), abs=1e-5)


def test_interval_covers_new_dives_at_its_level():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        known, new = residuals(*rng.exponential(0.5, 39)), rng.exponential(0.5, 25)
        covered.append((new <= margin_marks(shown(Calibration(known)))).mean())
    assert np.mean(covered) == pytest.approx(0.9, abs=0.01)


def test_nine_residuals_are_enough_for_ninety_per_cent_and_eight_are_not():
    nine, eight = (shown(Calibration(residuals(*np.arange(count) / 10))) for count in (9, 8))
    assert nine.method == "split conformal"
    assert "too few" in eight.method
    assert eight.high_points == pytest.approx(SCORE + 0.7 * FACTOR)
    assert (nine.calibration_dives, eight.calibration_dives) == (9, 8)


def test_interval_stays_in_what_the_rules_allow():
    wide = Calibration(residuals(*np.full(50, 9.0)))
    interval = conformal_interval(80.0, FACTOR, wide, 0.9, group=None)
    assert (interval.low_points, interval.high_points) == (0.0, 90.0)


@pytest.mark.parametrize("known", [None, Calibration(residuals())])
def test_without_calibration_everything_is_possible_and_it_says_so(known):
    interval = shown(known)
    assert (interval.low_points, interval.high_points) == (0.0, 90.0)
    assert "no calibration" in interval.method


def test_interval_of_an_unknown_dive_says_that_it_was_measured_on_known_ones():
    known = Calibration(residuals(*np.arange(20) / 10))
    assert "known number" in shown(known, group=None).method
    assert "known number" not in shown(known).method


SPREADS = {Group.FORWARD: 0.3, Group.INWARD: 0.6, Group.TWISTING: 1.0}  # marks, of mean errors
COUNTS = {Group.FORWARD: 150, Group.INWARD: LEAST_OF_GROUP, Group.TWISTING: 75}


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_each_group_is_covered_at_the_level_however_unlike_the_groups(level: float):
    """Of each group and not only of all dives: one interval for all would fail two of the three."""
    rng = np.random.default_rng(1)
    own: dict[Group, list[float]] = {group: [] for group in SPREADS}
    common: dict[Group, list[float]] = {group: [] for group in SPREADS}
    for _ in range(400):
        calibration = grouped(
            {group: rng.exponential(SPREADS[group], COUNTS[group]) for group in SPREADS}
        )
        for group, spread in SPREADS.items():
            new = rng.exponential(spread, 50)
            own[group].append((new <= margin_marks(shown(calibration, level, group))).mean())
            of_all = shown(Calibration(calibration.residual_marks), level, group)
            common[group].append((new <= margin_marks(of_all)).mean())
    for group in SPREADS:
        assert level - 0.01 < np.mean(own[group]) < level + 0.02, group.word
    assert np.mean(common[Group.FORWARD]) > level + 0.05
    assert np.mean(common[Group.TWISTING]) < level - 0.05


def test_the_least_of_a_group_keep_coverage_within_a_few_per_cent():
    """What one calibration's interval really holds, over many calibrations, has this spread."""
    rng = np.random.default_rng(2)
    held = []
    for _ in range(2000):
        calibration = grouped({Group.BACK: rng.exponential(0.5, LEAST_OF_GROUP)})
        held.append(1 - np.exp(-margin_marks(shown(calibration, group=Group.BACK)) / 0.5))
    assert 0.03 < np.std(held) < 0.05


def test_interval_is_of_the_dives_own_group_and_says_from_how_many():
    calibration = grouped(
        {Group.BACK: np.arange(1, 60) / 20, Group.ARMSTAND: np.arange(1, 100) / 100}
    )
    armstand, back = (shown(calibration, group=group) for group in (Group.ARMSTAND, Group.BACK))
    assert armstand.method == "split conformal on armstand dives"
    assert back.method == "split conformal on back dives"
    assert (armstand.calibration_dives, back.calibration_dives) == (99, 59)
    assert margin_marks(armstand) == pytest.approx(0.9)
    assert margin_marks(back) == pytest.approx(54 / 20)


@pytest.mark.parametrize(
    ("group", "level", "said"),
    [
        (Group.REVERSE, 0.9, "all groups (49 reverse ones are too few)"),
        (Group.ARMSTAND, 0.9, "all groups (0 armstand ones are too few)"),
        (Group.BACK, 0.99, "all groups (51 back ones are too few)"),  # their largest holds 98 %
        (None, 0.9, "all groups, measured on dives of known number"),
    ],
    ids=["too few", "none", "too few for the level", "number not known"],
)
def test_where_a_group_is_not_enough_the_interval_of_all_is_shown(group, level, said):
    wide = {Group.FORWARD: np.arange(200) / 200, None: np.full(30, 5.0)}
    calibration = grouped(
        {Group.REVERSE: np.full(LEAST_OF_GROUP - 1, 3.0), Group.BACK: np.full(51, 2.0), **wide}
    )
    interval = shown(calibration, level, group)
    of_all = shown(Calibration(calibration.residual_marks), level, group)
    assert interval.method == f"split conformal on dives of {said}"
    assert interval.calibration_dives == 330
    assert (interval.low_points, interval.high_points) == (of_all.low_points, of_all.high_points)


@pytest.mark.parametrize("group", [None, *Group])
def test_a_calibration_that_kept_no_groups_serves_every_dive_alike(group):
    interval = shown(Calibration(residuals(*np.arange(1, 100) / 100)), group=group)
    assert margin_marks(interval) == pytest.approx(0.9)
    assert interval.calibration_dives == 99
    assert interval.method.removesuffix(", measured on dives of known number") == "split conformal"


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
