"""The field's measures of a scorer, a step finder and a mask (paper, section 4)."""

import numpy as np
from scipy import stats

F_BETA_SQUARED = 0.3
SMALLEST_GROUP = 5


def spearman(predicted: np.ndarray, true: np.ndarray) -> float:
    """Spearman's ρ of N predictions; NaN when either side is constant."""
    if len(np.unique(predicted)) < 2 or len(np.unique(true)) < 2:
        return float("nan")
    return float(stats.spearmanr(predicted, true).statistic)


def spearman_within(predicted: np.ndarray, true: np.ndarray, groups: np.ndarray) -> float:
    """Mean of Spearman's ρ within groups (N,) of at least SMALLEST_GROUP, weighted by their size.

    NaN when no group is large enough or tells its members apart.
    """
    found, weights = [], []
    for group in np.unique(groups):
        inside = groups == group
        rho = (
            spearman(predicted[inside], true[inside]) if inside.sum() >= SMALLEST_GROUP else np.nan
        )
        if np.isfinite(rho):
            found.append(rho)
            weights.append(inside.sum())
    return float(np.average(found, weights=weights)) if found else float("nan")


def relative_l2(predicted: np.ndarray, true: np.ndarray, spread: float | None = None) -> float:
    """R-ℓ2 × 100: mean squared error relative to the range of the true values, in per cent.

    spread: the range where the values are drawn from a set, whose own range it is then. NaN when
    the range is nothing.
    """
    if spread is None:
        spread = float(np.ptp(true))
    if spread == 0:
        return float("nan")
    return float(np.mean(((predicted - true) / spread) ** 2) * 100)


def flight_iou(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """(N,) overlap of the flight intervals [t1, t2]; predicted, true: (N, 2) frames.

    An interval that ends before it starts overlaps nothing.
    """
    start = np.maximum(predicted[:, 0], true[:, 0])
    end = np.minimum(predicted[:, 1], true[:, 1])
    shared = np.clip(end - start, 0, None)
    lengths = np.clip(predicted[:, 1] - predicted[:, 0], 0, None) + (true[:, 1] - true[:, 0])
    return np.asarray(shared / np.maximum(lengths - shared, 1e-9))


def share_reaching(overlaps: np.ndarray, threshold: float) -> float:
    """AIoU@threshold: share of dives whose flight interval overlaps at least that much."""
    return float(np.mean(overlaps >= threshold))


def mask_iou(predicted: np.ndarray, true: np.ndarray) -> float:
    """Overlap of two masks of any shape, cut at one half; 1 when both are empty."""
    found, wanted = predicted >= 0.5, true >= 0.5
    union = np.logical_or(found, wanted).sum()
    return float(np.logical_and(found, wanted).sum() / union) if union else 1.0


def mask_f_beta(predicted: np.ndarray, true: np.ndarray) -> float:
    """F_β with β² = 0.3 of a mask cut at one half; 1 when both are empty, 0 when one is."""
    found, wanted = predicted >= 0.5, true >= 0.5
    if not found.any() and not wanted.any():
        return 1.0
    hits = np.logical_and(found, wanted).sum()
    if not hits:
        return 0.0
    precision, recall = hits / found.sum(), hits / wanted.sum()
    weighted = F_BETA_SQUARED * precision + recall
    return float((1 + F_BETA_SQUARED) * precision * recall / weighted)


def mask_mae(predicted: np.ndarray, true: np.ndarray) -> float:
    """Mean absolute error of mask probabilities."""
    return float(np.mean(np.abs(predicted - true)))
