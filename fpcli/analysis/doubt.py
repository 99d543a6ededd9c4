"""How sure a score is: the split-conformal interval, and whether the clip looks like a dive."""

import math

import numpy as np

from fpcli.analysis.result import Interval
from fpcli.diving.marks import HIGHEST_MARK

THRESHOLD = 0.5  # probability from which a pixel counts as the diver
NEAR_PEAK_SAMPLES = 3  # a transition's probability counts as certain within these of its peak
ROUNDING = 1e-9  # 0.9 x 10 must not round up to 10
PRESENT_FRACTION = 5e-4  # of the network's picture: about 6 pixels of 112 x 112


def conformal_interval(
    score_points: float,
    score_factor: float,
    residual_marks: np.ndarray | None,
    level: float,
    *,
    number_known: bool = True,
    own_exemplars: bool = False,
) -> Interval:
    """Return the interval that holds the panel's score with the asked level.

    Split-conformal: with n absolute residuals of dives that the model was not trained on, the
    ceil((n + 1) x level)-th smallest bounds the next dive's residual with at least that level, if
    it comes from the same kind of data (Lei et al. 2018). residual_marks: (n,) ascending, in
    execution marks, or None. number_known: the calibration's dives were compared with exemplars of
    their own number; where this one's is not known, the method says that it promises less.
    own_exemplars: likewise, where others voted than the calibration's exemplars. Limited to what
    the rules allow, [0, 30 x difficulty].
    """
    highest = HIGHEST_MARK * score_factor
    count = 0 if residual_marks is None else len(residual_marks)
    if residual_marks is None or count == 0:
        return Interval(0.0, highest, level, "no calibration: all that the rules allow", 0)
    rank = math.ceil((count + 1) * level - ROUNDING)
    method = "split conformal"
    if rank > count:
        method = f"split conformal, largest of {count} residuals: too few for the level"
        rank = count
    if not number_known:
        method += ", measured on dives of known number"
    if own_exemplars:
        method += ", measured with the weights' exemplars"
    margin = float(residual_marks[rank - 1]) * score_factor
    return Interval(
        low_points=max(0.0, score_points - margin),
        high_points=min(highest, score_points + margin),
        level=level,
        method=method,
        calibration_dives=count,
    )


def plausibility(masks: np.ndarray, transitions: np.ndarray, boundaries: np.ndarray) -> float:
    """Return how much the clip looks like a dive to the network, 0 to 1.

    The geometric mean of three shares: flight frames in which somebody is found, how much of the
    diver's picture changes from one of them to the next, and how sharply the two transitions stand
    out. masks: (96, h, w) probabilities. transitions: (96, 2). boundaries: (2,) int.
    It means nothing by itself: compare it with a threshold set on dives by the same function.
    """
    first, second = int(boundaries[0]), int(boundaries[1])
    flight = masks[first : max(second, first + 2)]
    areas = flight.mean(axis=(1, 2))
    found = (flight >= THRESHOLD).mean(axis=(1, 2))
    presence = float((found >= PRESENT_FRACTION).mean())
    changes = np.abs(np.diff(flight, axis=0)).mean(axis=(1, 2))
    motion = float(np.clip(changes.mean() / (2 * areas.mean() + 1e-12), 0, 1))
    half = len(transitions) // 2
    confidence = math.sqrt(
        _share_near_peak(transitions[:half, 0]) * _share_near_peak(transitions[half:, 1])
    )
    return float((presence * motion * confidence) ** (1 / 3))


def _share_near_peak(column: np.ndarray) -> float:
    """Return the share of a column's probability that lies near its peak."""
    peak = int(column.argmax())
    near = column[max(0, peak - NEAR_PEAK_SAMPLES) : peak + NEAR_PEAK_SAMPLES + 1]
    return float(near.sum() / (column.sum() + 1e-12))
