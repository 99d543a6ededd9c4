"""How good answers are: the paper's measures and ours, with bootstrap intervals over the dives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fpcli.diving.marks import points_per_mark
from fpcli.training import metrics
from fpcli.training.samples import DiveLabel

LEVEL = 0.95
ROUNDS = 1000

# One judge against the mean of the six others: 11,153 dives of seven marks, World Aquatics events
# 2015-2021.
HUMAN_JUDGE = {
    "rho": 0.956,
    "r_l2_x100": 0.111,
    "rho_marks": 0.938,
    "rho_marks_within": 0.926,
    "mean_absolute_error_marks": 0.31,
}
HUMAN_JUDGE_SOURCE = (
    "one judge against six others, World Aquatics events 2015-2021, 11,153 real dives"
)
MASK_IOU_OF = "mask_iou_"  # and the kind of camera
OF_RANKS = ("rho", "fidelity_")  # names of the measures that rank dives begin so
STEP_NAMES = ("takeoff", "flight", "entry")


@dataclass(frozen=True, eq=False)
class Predictions:
    """Somebody's answers for N labelled dives; None where a part is not answered.

    marks: (N,) execution marks. boundaries: (N, 2) transitions. steps: (N, 3) marks won over the
    exemplars by step. mask_iou, mask_f_beta, mask_mae, mask_s_measure: (N,).
    """

    labels: tuple[DiveLabel, ...]
    marks: np.ndarray | None = None
    boundaries: np.ndarray | None = None
    steps: np.ndarray | None = None
    mask_iou: np.ndarray | None = None
    mask_f_beta: np.ndarray | None = None
    mask_mae: np.ndarray | None = None
    mask_s_measure: np.ndarray | None = None


@dataclass(frozen=True)
class GroupMeasures:
    """Measures of `dives` dives that have something in common."""

    dives: int
    values: Mapping[str, float]


Draw = np.ndarray
Measures = dict[str, Callable[[Draw], float]]


def measure(predicted: Predictions) -> dict[str, float]:
    """Every measure that the answers allow, by name."""
    everyone = np.arange(len(predicted.labels))
    return {name: value(everyone) for name, value in _measures(predicted).items()}


def measure_groups(predicted: Predictions, groups: Sequence[str]) -> dict[str, GroupMeasures]:
    """Every measure of the dives of each group; groups: one a dive.

    In a group of fewer than SMALLEST_GROUP nothing is said of ranks.
    """
    measures, of_dives = _measures(predicted), np.array(groups)
    found = {}
    for group in sorted(set(groups)):
        places = np.flatnonzero(of_dives == group)
        ranked = len(places) >= metrics.SMALLEST_GROUP
        values = {
            name: value(places)
            for name, value in measures.items()
            if ranked or not name.startswith(OF_RANKS)
        }
        found[group] = GroupMeasures(len(places), values)
    return found


def intervals(
    predicted: Predictions, *, level: float = LEVEL, rounds: int = ROUNDS, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Percentile bootstrap interval of every measure: dives drawn again with replacement.

    A draw without two different values has no correlation and is left out.
    """
    count = len(predicted.labels)
    draws = np.random.default_rng(seed).integers(0, count, size=(rounds, count))
    ends = [(1 - level) / 2, (1 + level) / 2]
    found = {}
    for name, value in _measures(predicted).items():
        values = np.array([value(draw) for draw in draws])
        values = values[np.isfinite(values)]
        low, high = np.quantile(values, ends) if len(values) else (np.nan, np.nan)
        found[name] = (float(low), float(high))
    return found


def _measures(predicted: Predictions) -> Measures:
    """Return each measure as a function of the dives drawn, (n,) places."""
    return (
        _of_scores(predicted)
        | _of_transitions(predicted)
        | _of_masks(predicted)
        | _of_steps(predicted)
    )


def _of_scores(predicted: Predictions) -> Measures:
    if predicted.marks is None:
        return {}
    found = predicted.marks
    marks = np.array([label.mark for label in predicted.labels])
    truth = np.array([label.score for label in predicted.labels])
    numbers = np.array([label.dive_number for label in predicted.labels])
    factors = np.array([points_per_mark(label.difficulty) for label in predicted.labels])
    points = found * factors
    spread = float(np.ptp(truth))
    return {
        "rho": lambda draw: metrics.spearman(points[draw], truth[draw]),
        "r_l2_x100": lambda draw: metrics.relative_l2(points[draw], truth[draw], spread),
        "rho_marks": lambda draw: metrics.spearman(found[draw], marks[draw]),
        "rho_marks_within": lambda draw: metrics.spearman_within(
            found[draw], marks[draw], numbers[draw]
        ),
        "mean_absolute_error_marks": lambda draw: float(np.abs(found[draw] - marks[draw]).mean()),
    } | _of_ceiling(predicted.labels, points, truth, factors)


def _of_ceiling(
    labels: Sequence[DiveLabel], points: np.ndarray, truth: np.ndarray, factors: np.ndarray
) -> Measures:
    """ρ over that of the faults themselves, on the dives whose faults are known.

    A panel has tastes and rounds, so that not even the faults rank dives as it does.
    """
    qualities = np.array([np.nan if label.quality is None else label.quality for label in labels])
    if not np.isfinite(qualities).any():
        return {}

    def share(draw: Draw) -> float:
        known = draw[np.isfinite(qualities[draw])]
        ceiling = metrics.spearman((qualities * factors)[known], truth[known])
        return metrics.spearman(points[known], truth[known]) / ceiling if ceiling else np.nan

    return {"rho_of_ceiling": share}


def _of_transitions(predicted: Predictions) -> Measures:
    if predicted.boundaries is None:
        return {}
    found = predicted.boundaries
    truth = np.array([label.transitions for label in predicted.labels])
    overlaps = metrics.flight_iou(found, truth)
    errors = np.abs(found - truth).mean(axis=1)
    return {
        "aiou_0.5": lambda draw: metrics.share_reaching(overlaps[draw], 0.5),
        "aiou_0.75": lambda draw: metrics.share_reaching(overlaps[draw], 0.75),
        "mean_flight_iou": lambda draw: float(overlaps[draw].mean()),
        "boundary_error_frames": lambda draw: float(errors[draw].mean()),
    }


def _of_masks(predicted: Predictions) -> Measures:
    def mean_of(values: np.ndarray) -> Callable[[Draw], float]:
        return lambda draw: float(values[draw].mean())

    known = {
        "mask_iou": predicted.mask_iou,
        "mask_f_beta": predicted.mask_f_beta,
        "mask_mae": predicted.mask_mae,
        "mask_s_measure": predicted.mask_s_measure,
    }
    found = {name: mean_of(values) for name, values in known.items() if values is not None}
    if predicted.mask_iou is not None:
        cameras = np.array([label.camera or "" for label in predicted.labels])
        for camera in sorted(set(cameras) - {""}):
            found[f"{MASK_IOU_OF}{camera}"] = _mean_where(predicted.mask_iou, cameras == camera)
    return found


def _mean_where(values: np.ndarray, wanted: np.ndarray) -> Callable[[Draw], float]:
    def mean(draw: Draw) -> float:
        chosen = values[draw][wanted[draw]]
        return float(chosen.mean()) if len(chosen) else float("nan")

    return mean


def _of_steps(predicted: Predictions) -> Measures:
    """Correlate each step's contribution with its true deduction, where all dives tell it."""
    deductions = [label.step_deductions for label in predicted.labels]
    if predicted.steps is None or None in deductions:
        return {}
    found, kept = predicted.steps, -np.array(deductions, dtype=np.float64)

    def fidelity(step: int) -> Callable[[Draw], float]:
        return lambda draw: metrics.spearman(found[draw, step], kept[draw, step])

    return {f"fidelity_{name}": fidelity(step) for step, name in enumerate(STEP_NAMES)}
