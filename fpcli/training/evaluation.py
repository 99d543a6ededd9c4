"""Weights measured on dives that they never saw, beside what needs no video and a human judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fpcli.analysis.doubt import conformal_interval
from fpcli.analysis.request import LEVEL as INTERVAL_LEVEL
from fpcli.diving.marks import points_per_mark
from fpcli.errors import DataError, WeightsError
from fpcli.model.build import build
from fpcli.model.inference import prepare
from fpcli.training.measure import (
    HUMAN_JUDGE,
    HUMAN_JUDGE_SOURCE,
    Predictions,
    intervals,
    measure,
)
from fpcli.training.predict import encode_pool, predict
from fpcli.training.samples import DiveLabel, Pool
from fpcli.training.without_video import HABITS, by_difficulty, by_number
from fpcli.weights.bundle import Bundle

MAIN_MEASURES = ("rho", "r_l2_x100", "aiou_0.75")
CEILING = "noise ceiling"
SMALLER_IS_BETTER = ("r_l2_x100",)


@dataclass(frozen=True)
class Row:
    """One scorer's measures.

    source: what it is measured on, or what it knows. values: by measure. bounds: 95 % intervals by
    measure; empty where only the value is known.
    """

    name: str
    source: str
    values: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Evaluation:
    """Weights measured on `dives` dives of `events` events.

    simulated: whether all dives are. rows: the weights first. coverage: share of dives whose panel
    score lies in the weights' interval of that level; None where the weights have no calibration.
    """

    dives: int
    events: int
    simulated: bool
    with_number: bool
    rows: tuple[Row, ...]
    coverage: float | None
    coverage_level: float

    @property
    def verdicts(self) -> dict[str, str]:
        """In words, by main measure, whether the weights beat every row without video."""
        weights, *others = self.rows
        rivals = [row for row in others if row.bounds]
        return {name: _verdict(name, weights, rivals) for name in MAIN_MEASURES} if rivals else {}


def evaluate(
    bundle: Bundle,
    pool: Pool,
    *,
    with_number: bool = True,
    device: torch.device | str = "cpu",
    on_dive: Callable[[int], None] = lambda done: None,
) -> Evaluation:
    """Measure weights on dives with known truth, as `fineparser score` would score them.

    Raises WeightsError for weights without exemplars, DataError for dives that they learned from.
    """
    if bundle.bank is None:
        raise WeightsError(
            f"The weights {bundle.card.name!r} hold no exemplars, so they cannot score.",
            "Use weights with an exemplar bank: `fineparser weights list` names them.",
        )
    if shared := set(bundle.bank.keys) & {label.key for label in pool.labels}:
        raise DataError(
            f"{len(shared)} of the dives were trained on (such as {min(shared)}).",
            "Measure on others: --data simulated with another --seed.",
        )
    with torch.device("meta"):
        network = build(bundle.config)
    network.load_state_dict(bundle.state, assign=True)
    fast = prepare(network, "float32", torch.device(device))
    encoded = encode_pool(fast, pool, bundle.geometry, on_dive)
    predicted = predict(fast, bundle.bank, encoded, with_number=with_number)
    told = "number and height told" if with_number else "number not told"
    rows = [_row(bundle.card.name, told, predicted)]
    if habits := bundle.card.metrics.get(HABITS):
        rows += [
            _row("number's mean", "no video: its training dives", by_number(habits, pool.labels)),
            _row("difficulty alone", "no video", by_difficulty(habits, pool.labels)),
        ]
    if ceiling := _ceiling(pool.labels):
        rows.append(ceiling)
    rows.append(Row("human judge", HUMAN_JUDGE_SOURCE, HUMAN_JUDGE, {}))
    return Evaluation(
        dives=len(pool),
        events=len({label.event for label in pool.labels}),
        simulated=all(label.simulated for label in pool.labels),
        with_number=with_number,
        rows=tuple(rows),
        coverage=_coverage(bundle, predicted),
        coverage_level=INTERVAL_LEVEL,
    )


def _ceiling(labels: Sequence[DiveLabel]) -> Row | None:
    """What faults alone, known exactly, say of a panel's marks: no model can do better.

    Of the dives whose faults are known; None where there are none.
    """
    known = tuple(label for label in labels if label.quality is not None)
    if not known:
        return None
    qualities = np.array([label.quality for label in known])
    found = Predictions(known, marks=qualities)
    source = f"the faults themselves, without judges' taste: {len(known)} dives"
    return Row(CEILING, source, measure(found), {})


def _verdict(name: str, weights: Row, rivals: Sequence[Row]) -> str:
    """Say in a few words whether the weights' interval lies clear of the best rival's."""
    sign = -1.0 if name in SMALLER_IS_BETTER else 1.0
    known = [row for row in rivals if np.isfinite(row.values.get(name, np.nan))]
    if not known:
        return "nothing without video to compare with"
    best = max(known, key=lambda row: sign * row.values[name])
    worst_end = min(sign * end for end in weights.bounds[name])
    best_end = max(sign * end for end in best.bounds[name])
    if worst_end > best_end:
        return f"better than {best.name}, intervals apart"
    ahead = sign * weights.values[name] > sign * best.values[name]
    how = "intervals overlap with" if ahead else "not better than"
    return f"missed: {how} {best.name} ({best.values[name]:.3f})"


def _row(name: str, source: str, predicted: Predictions) -> Row:
    return Row(name, source, measure(predicted), intervals(predicted))


def _coverage(bundle: Bundle, predicted: Predictions) -> float | None:
    """Return the share of dives whose score lies in the interval that a user would be shown."""
    if bundle.calibration is None or predicted.marks is None:
        return None
    inside = []
    for label, mark in zip(predicted.labels, predicted.marks, strict=True):
        factor = points_per_mark(label.difficulty)
        shown = conformal_interval(
            float(mark) * factor, factor, bundle.calibration.residual_marks, INTERVAL_LEVEL
        )
        inside.append(shown.low_points <= label.score <= shown.high_points)
    return float(np.mean(inside))
