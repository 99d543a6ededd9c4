"""The S-measure against its definition worked out by hand."""

import numpy as np
import pytest

from fpcli.training.mask_metrics import mean_s_measure, s_measure

TRUE = np.zeros((6, 8))
TRUE[1:4, 2:5] = 1  # middle in row 2 and column 3: quarters meet behind it, 3 x 4 to the upper left


def test_the_true_mask_is_like_itself() -> None:
    assert s_measure(TRUE, TRUE) == pytest.approx(1)


def test_a_level_answer_by_hand() -> None:
    """0.5 everywhere: both objects 2 · 0.5 / (0.25 + 1) = 0.8, no quarter has any structure.

    Each of the quarters holds a part of the diver, so that its truth varies and the answer's
    covariance with it is 0: no likeness.
    """
    assert s_measure(np.full((6, 8), 0.5), TRUE) == pytest.approx(0.5 * 0.8)


def test_objects_by_hand() -> None:
    """The diver at 0.9 and 0.6, the rest at 0: unevenness is the sample's deviation."""
    true = np.zeros((4, 4))
    true[0, :2] = 1
    found = np.zeros((4, 4))
    found[0, 0], found[0, 1] = 0.9, 0.6
    mean, deviation = 0.75, np.sqrt(0.15**2 + 0.15**2)
    objects = 2 / 16 * 2 * mean / (mean**2 + 1 + deviation) + 14 / 16
    # Rows 0 and columns 0.5, which rounds to 0: the quarters meet behind the first pixel. Upper
    # left: one pixel each, nothing varies: alike. Upper right: 0.6 0 0 against 1 0 0. Below: dark.
    mean, true_mean = 0.2, 1 / 3
    variance, true_variance, covariance = 0.24 / 2, (2 / 3) / 2, 0.4 / 2
    upper_right = 4 * mean * true_mean * covariance
    upper_right /= (mean**2 + true_mean**2) * (variance + true_variance)
    regions = 1 / 16 + 3 / 16 * upper_right + 12 / 16
    assert s_measure(found, true) == pytest.approx(0.5 * objects + 0.5 * regions)


@pytest.mark.parametrize("level", [0.0, 0.25, 1.0])
def test_nobody_and_everybody(level: float) -> None:
    found = np.full((5, 5), level)
    assert s_measure(found, np.zeros((5, 5))) == pytest.approx(1 - level)
    assert s_measure(found, np.ones((5, 5))) == pytest.approx(level)


def test_the_opposite_has_no_structure_in_common() -> None:
    assert s_measure(1 - TRUE, TRUE) == 0


def test_the_farther_off_the_less_alike() -> None:
    true = np.zeros((40, 40))
    true[10:24, 15:21] = 1
    found = [s_measure(np.roll(true, by, axis=1), true) for by in (0, 1, 2, 4, 8)]
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(1)
    assert found[-1] < 0.6


def test_a_diver_in_the_corner_has_a_quarter_without_pixels() -> None:
    true = np.zeros((3, 3))
    true[2, 2] = 1
    assert s_measure(true, true) == pytest.approx(1)


def test_a_dive_is_the_mean_of_its_frames() -> None:
    found = np.stack([TRUE, np.full((6, 8), 0.5)])
    assert mean_s_measure(found, np.stack([TRUE, TRUE])) == pytest.approx((1 + 0.4) / 2)
