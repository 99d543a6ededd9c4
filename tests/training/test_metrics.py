"""The field's measures, each against its definition worked out another way."""

import math

import numpy as np
import pytest

from fpcli.training import metrics


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman from its definition: Pearson of ranks, ties sharing their mean rank."""

    def ranks(values: np.ndarray) -> np.ndarray:
        return np.array([(values < v).sum() + ((values == v).sum() + 1) / 2 for v in values])

    x, y = ranks(a) - ranks(a).mean(), ranks(b) - ranks(b).mean()
    return float((x * y).sum() / math.sqrt((x * x).sum() * (y * y).sum()))


def test_spearman_is_pearson_of_ranks_with_ties() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 8, 40).astype(float), rng.integers(0, 8, 40).astype(float)
    assert metrics.spearman(a, b) == pytest.approx(rank_correlation(a, b))


def test_spearman_sees_order_alone() -> None:
    true = np.array([1.0, 2.0, 3.0, 4.0])
    assert metrics.spearman(true**3, true) == pytest.approx(1)
    assert metrics.spearman(-true, true) == pytest.approx(-1)


def test_spearman_of_a_constant_is_no_number() -> None:
    assert math.isnan(metrics.spearman(np.ones(3), np.arange(3.0)))


def test_relative_l2_by_hand() -> None:
    # Errors 5 and -10 of a range of 50: (0.01 + 0.04 + 0) / 3 in per cent.
    predicted, true = np.array([35.0, 50.0, 80.0]), np.array([30.0, 60.0, 80.0])
    assert metrics.relative_l2(predicted, true) == pytest.approx((0.01 + 0.04) / 3 * 100)


def test_relative_l2_of_some_goes_by_the_range_of_all() -> None:
    one = np.array([3.0])
    assert metrics.relative_l2(one, one + 1, spread=10.0) == pytest.approx(1.0)


def test_relative_l2_without_a_range_is_no_number() -> None:
    assert math.isnan(metrics.relative_l2(np.array([1.0, 2.0]), np.array([3.0, 3.0])))


FLIGHTS = [
    ((10, 30), (10, 30), 1.0),  # the same
    ((10, 20), (10, 30), 0.5),  # half of it
    ((0, 10), (20, 30), 0.0),  # apart
    ((15, 35), (10, 30), 15 / 25),  # shifted by a quarter
    ((30, 10), (10, 30), 0.0),  # ends before it starts
]


@pytest.mark.parametrize(("predicted", "true", "overlap"), FLIGHTS)
def test_flight_overlap(predicted: tuple[int, int], true: tuple[int, int], overlap: float) -> None:
    found = metrics.flight_iou(np.array([predicted]), np.array([true]))
    assert found == pytest.approx([overlap])


def test_share_reaching_counts_the_threshold_itself() -> None:
    assert metrics.share_reaching(np.array([0.5, 0.49, 0.75, 1.0]), 0.5) == 0.75


def test_mask_measures_by_hand() -> None:
    true = np.zeros((4, 4))
    true[:2] = 1  # 8 pixels
    found = np.zeros((4, 4))
    found[1:, :2] = 0.8  # 6 pixels, 2 of them right
    assert metrics.mask_iou(found, true) == pytest.approx(2 / 12)
    precision, recall = 2 / 6, 2 / 8
    f = 1.3 * precision * recall / (0.3 * precision + recall)
    assert metrics.mask_f_beta(found, true) == pytest.approx(f)
    # 6 missed by 1, 4 false by 0.8, 2 right but 0.2 short
    assert metrics.mask_mae(found, true) == pytest.approx((6 + 4 * 0.8 + 2 * 0.2) / 16)


def test_masks_of_nobody() -> None:
    nobody, somebody = np.zeros((3, 3)), np.ones((3, 3))
    assert metrics.mask_iou(nobody, nobody) == metrics.mask_f_beta(nobody, nobody) == 1
    assert metrics.mask_iou(somebody, nobody) == metrics.mask_f_beta(somebody, nobody) == 0


def test_correlation_within_groups_is_weighted_and_leaves_small_groups_out() -> None:
    true = np.array([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 9, 1], dtype=float)
    found = np.array([1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0, 7], dtype=float)
    groups = np.array(["a"] * 5 + ["b"] * 6 + ["c"] * 2)
    assert metrics.spearman_within(found, true, groups) == pytest.approx((5 - 6) / 11)
    assert np.isnan(metrics.spearman_within(found[-2:], true[-2:], groups[-2:]))
