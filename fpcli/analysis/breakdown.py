"""The arithmetic of a score: votes, contributions by step and stream, and the rules' limits.

All sums run in float64 in one fixed order, so that the parts a reader is shown add up to the score
that he is shown, to the last bit.
"""

from dataclasses import dataclass

import numpy as np

from fpcli.diving.marks import HIGHEST_MARK
from fpcli.errors import WeightsError


@dataclass(frozen=True, eq=False)
class Breakdown:
    """A score in its parts, in points.

    score = exemplar_mean + (steps[0] + steps[1] + steps[2], each dynamic + static) + limit, summed
    from left to right, exactly. steps: (3, 2) float64, dynamic and static. by_step: (N, 3) float64,
    what the dive has over each exemplar in a step. exemplars, differences, votes: (N,) float64;
    differences = by_step summed from left to right, votes = exemplars + differences.
    """

    score: float
    exemplar_mean: float
    limit: float
    steps: np.ndarray
    by_step: np.ndarray
    exemplars: np.ndarray
    differences: np.ndarray
    votes: np.ndarray


def break_down(
    marks: np.ndarray, contributions: np.ndarray, score_factor: float, points_a_unit: float
) -> Breakdown:
    """Turn exemplars' marks and predicted differences into a score in its parts.

    marks: (N,) execution marks of the exemplars; they vote with the difficulty of this dive, so one
    of another difficulty is rescaled. contributions: (N, 3, 2) by step and stream, in the model's
    unit, of which one is worth points_a_unit points. score_factor: 3 x difficulty.
    Raises WeightsError if the network gave something that is not a number.
    """
    exemplars = np.asarray(marks, dtype=np.float64) * score_factor
    parts = np.asarray(contributions, dtype=np.float64) * points_a_unit
    if not (np.isfinite(exemplars).all() and np.isfinite(parts).all()):
        raise WeightsError(
            "The network's answer for this video is not a number.",
            "Check the weights with `fineparser weights verify`, or try --precision float32.",
        )
    by_step = parts[..., 0] + parts[..., 1]
    takeoff, flight, entry = by_step.T
    differences = takeoff + flight + entry
    exemplar_mean = float(exemplars.mean())
    steps = parts.mean(axis=0)
    total = exemplar_mean
    for dynamic, static in steps.tolist():
        total += dynamic + static
    limit = _limit(total, HIGHEST_MARK * score_factor)
    return Breakdown(
        score=total + limit,
        exemplar_mean=exemplar_mean,
        limit=limit,
        steps=steps,
        by_step=by_step,
        exemplars=exemplars,
        differences=differences,
        votes=exemplars + differences,
    )


def _limit(points: float, highest: float) -> float:
    """Return what brings points into [0, highest]; 0 if they lie there."""
    return min(max(points, 0.0), highest) - points
