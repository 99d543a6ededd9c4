"""How sure a score is: the split-conformal interval, and whether the clip looks like a dive."""

import math

import numpy as np

from fpcli.analysis.result import Interval
from fpcli.diving.marks import HIGHEST_MARK
from fpcli.diving.numbers import Group
from fpcli.weights.bundle import Calibration

THRESHOLD = 0.5  # probability from which a pixel counts as the diver
NEAR_PEAK_SAMPLES = 3  # a transition's probability counts as certain within these of its peak
LEAST_OF_GROUP = 50  # dives; set on so many, intervals of 90 % hold 90 ± √(0.9 x 0.1 / 52) = ± 4 %
ROUNDING = 1e-9  # 0.9 x 10 must not round up to 10
PRESENT_FRACTION = 5e-4  # of the network's picture: about 6 pixels of 112 x 112


def conformal_interval(
    score_points: float,
    score_factor: float,
    calibration: Calibration | None,
    level: float,
    *,
    group: Group | None,
    own_exemplars: bool = False,
) -> Interval:
    """Return the interval that holds the panel's score with the asked level.

    Split-conformal: with n absolute residuals of dives that the model was not trained on, the
    ceil((n + 1) x level)-th smallest bounds the next dive's residual with at least that level, if
    it comes from the same kind of data (Lei et al. 2018). Those of the dive's own group where they
    are enough (Mondrian, Vovk et al. 2003), which keeps the level within the group; else those of
    all dives, which keep it over all dives: a group that errs more is then held less often.
    group: of the dive; None where its number is not known: the calibration's dives were compared
    with exemplars of their own number, so the method says that it promises less. own_exemplars:
    likewise, where others voted than the calibration's exemplars. Limited to what the rules allow,
    [0, 30 x difficulty].
    """
    highest = HIGHEST_MARK * score_factor
    if calibration is None or len(calibration.residual_marks) == 0:
        return Interval(0.0, highest, level, "no calibration: all that the rules allow", 0)
    residual_marks, method = _residuals_for(calibration, group, level)
    count = len(residual_marks)
    rank = _rank(count, level)
    if rank > count:
        method += f", largest of {count} residuals: too few for the level"
        rank = count
    if group is None:
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


def _residuals_for(
    calibration: Calibration, group: Group | None, level: float
) -> tuple[np.ndarray, str]:
    """Return the residuals that bound a dive's own, (n,) ascending, and the method in words."""
    if calibration.groups is None:
        return calibration.residual_marks, "split conformal"
    method = "split conformal on dives of all groups"
    if group is None:
        return calibration.residual_marks, method
    own = calibration.residuals_of(group)
    if len(own) >= LEAST_OF_GROUP and _rank(len(own), level) <= len(own):
        return own, f"split conformal on {group.word} dives"
    return calibration.residual_marks, f"{method} ({len(own)} {group.word} ones are too few)"


def _rank(count: int, level: float) -> int:
    """Return which of so many ascending residuals bounds the next; one too many if none does."""
    return math.ceil((count + 1) * level - ROUNDING)


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
