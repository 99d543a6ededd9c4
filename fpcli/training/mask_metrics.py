"""How alike a found mask and a true one are in structure (Fan et al., ICCV 2017, S-measure).

Beside the pixel measures of `metrics` (MAE, F_β, IoU). A found mask is a picture of probabilities,
a true one is of nobody and somebody, cut at one half.
"""

import numpy as np

OBJECT_WEIGHT = 0.5  # α: what the object's likeness counts, the rest is the regions'
SPREAD_WEIGHT = 0.5  # λ: what a region's unevenness costs
TINY = float(np.finfo(np.float64).eps)


def s_measure(predicted: np.ndarray, true: np.ndarray) -> float:
    """S_α of one frame's mask, 0 to 1.

    predicted: (H, W) probabilities. true: (H, W), the diver from one half on. Where the truth shows
    nobody it is one minus the mean probability, where it is full the mean probability. Source: Fan
    et al., equations 4 to 7, α = 0.5.
    """
    found, wanted = predicted.astype(np.float64), true >= 0.5
    share = wanted.mean()
    if share == 0:
        return float(1 - found.mean())
    if share == 1:
        return float(found.mean())
    structure = OBJECT_WEIGHT * _of_objects(found, wanted)
    structure += (1 - OBJECT_WEIGHT) * _of_regions(found, wanted)
    return max(float(structure), 0.0)


def mean_s_measure(predicted: np.ndarray, true: np.ndarray) -> float:
    """Mean S-measure of a dive's frames; predicted, true: (T, H, W)."""
    return float(np.mean([s_measure(*frame) for frame in zip(predicted, true, strict=True)]))


def _of_objects(found: np.ndarray, wanted: np.ndarray) -> float:
    """S_o: how bright and even the diver is, and how dark and even the rest, each by its share."""
    share = wanted.mean()
    return float(share * _even(found[wanted]) + (1 - share) * _even(1 - found[~wanted]))


def _even(values: np.ndarray) -> float:
    """2 x̄ / (x̄² + 1 + 2λσ): 1 where all are 1; the deviation is the sample's."""
    mean = values.mean()
    deviation = values.std(ddof=1) if len(values) > 1 else 0.0
    return float(2 * mean / (mean**2 + 1 + 2 * SPREAD_WEIGHT * deviation + TINY))


def _of_regions(found: np.ndarray, wanted: np.ndarray) -> float:
    """S_r: structural likeness of the four quarters about the diver's middle, by their areas."""
    rows, columns = np.nonzero(wanted)
    # The quarters meet behind the middle pixel; halves round to even, as the authors' code does.
    row, column = int(np.round(rows.mean())) + 1, int(np.round(columns.mean())) + 1
    likeness = 0.0
    for across in (slice(None, row), slice(row, None)):
        for along in (slice(None, column), slice(column, None)):
            quarter = found[across, along]
            if quarter.size:
                likeness += quarter.size / found.size * _ssim(quarter, wanted[across, along])
    return likeness


def _ssim(found: np.ndarray, wanted: np.ndarray) -> float:
    """Likeness of means, contrasts and structure of two regions, without stabilising constants."""
    count = found.size
    mean, true_mean = found.mean(), wanted.mean()
    off, true_off = found - mean, wanted - true_mean
    scale = max(count - 1, 1)
    variance, true_variance = (off**2).sum() / scale, (true_off**2).sum() / scale
    covariance = (off * true_off).sum() / scale
    above = 4 * mean * true_mean * covariance
    below = (mean**2 + true_mean**2) * (variance + true_variance)
    if above != 0:
        return float(above / (below + TINY))
    return 1.0 if below == 0 else 0.0
