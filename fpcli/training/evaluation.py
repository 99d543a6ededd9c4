"""Weights measured on dives that they never saw, beside what needs no video and a human judge."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fpcli.analysis.doubt import conformal_interval
from fpcli.analysis.request import EXEMPLARS
from fpcli.analysis.request import LEVEL as INTERVAL_LEVEL
from fpcli.diving.marks import points_per_mark
from fpcli.diving.numbers import Group, group_of
from fpcli.errors import DataError, WeightsError
from fpcli.model.build import build
from fpcli.model.inference import prepare
from fpcli.training.measure import (
    HUMAN_JUDGE,
    HUMAN_JUDGE_SOURCE,
    GroupMeasures,
    Predictions,
    intervals,
    measure,
    measure_groups,
)
from fpcli.training.predict import encode_pool, predict
from fpcli.training.samples import DiveLabel, Pool
from fpcli.training.start_weights import EARLIER
from fpcli.training.without_video import HABITS, by_difficulty, by_number
from fpcli.weights.bundle import Bundle

MAIN_MEASURES = ("rho", "r_l2_x100", "aiou_0.75")
CEILING = "noise ceiling"
UNKNOWN_GROUP = "unknown"  # of a dive number that the rules do not know
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)  # at which intervals are looked at
SMALLER_IS_BETTER = ("r_l2_x100",)


@dataclass(frozen=True)
class Row:
    """One scorer's measures.

    source: what it is measured on, or what it knows. values: by measure. bounds: 95 % intervals by
    measure; empty where only the value is known. needs_video: whether it has seen the dives.
    """

    name: str
    source: str
    values: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]]
    needs_video: bool = True


@dataclass(frozen=True)
class Drawn:
    """Exemplars drawn at random, as FineParser was measured: how many, and by which seed."""

    exemplars: int
    seed: int


@dataclass(frozen=True)
class Evaluation:
    """Weights measured on `dives` dives of `events` events.

    simulated: whether all dives are. rows: the weights first. predicted: the weights' answers.
    by_group, by_number: their measures by group of dives ("forward") and by dive number. coverages:
    share of dives whose panel score lies in the weights' interval, by the interval's level; empty
    where the weights have no calibration.
    """

    dives: int
    events: int
    simulated: bool
    with_number: bool
    rows: tuple[Row, ...]
    predicted: Predictions
    by_group: Mapping[str, GroupMeasures]
    by_number: Mapping[str, GroupMeasures]
    coverages: Mapping[float, float]
    coverage_level: float = INTERVAL_LEVEL

    @property
    def coverage(self) -> float | None:
        """Coverage at the level that a user is shown."""
        return self.coverages.get(self.coverage_level)

    @property
    def verdicts(self) -> dict[str, str]:
        """In words, by main measure, whether the weights beat every row without video."""
        weights, *others = self.rows
        rivals = [row for row in others if row.bounds and not row.needs_video]
        return {name: _verdict(name, weights, rivals) for name in MAIN_MEASURES} if rivals else {}


def evaluate(
    bundle: Bundle,
    pool: Pool,
    *,
    with_number: bool = True,
    drawn: Drawn | None = None,
    device: torch.device | str = "cpu",
    on_dive: Callable[[int], None] = lambda done: None,
) -> Evaluation:
    """Measure weights on dives with known truth, as `fineparser score` would score them.

    drawn: exemplars at random instead, as the paper has them. Raises WeightsError for weights
    without exemplars, DataError for dives that they learned from.
    """
    if bundle.bank is None:
        raise WeightsError(
            f"The weights {bundle.card.name!r} hold no exemplars, so they cannot score.",
            "Use weights with an exemplar bank: `fineparser weights list` names them.",
        )
    learned = {*bundle.bank.keys, *bundle.card.metrics.get(EARLIER, ())}
    if shared := learned & {label.key for label in pool.labels}:
        raise DataError(
            f"{len(shared)} of the dives were trained on (such as {min(shared)}).",
            "Measure on others: --data simulated with another --seed.",
        )
    with torch.device("meta"):
        network = build(bundle.config)
    network.load_state_dict(bundle.state, assign=True)
    fast = prepare(network, "float32", torch.device(device))
    encoded = encode_pool(fast, pool, bundle.geometry, on_dive)
    told = "number and height told" if with_number else "number not told"
    exemplars, draw = EXEMPLARS, None
    if drawn is not None:
        told += f", {drawn.exemplars} exemplars at random (seed {drawn.seed})"
        exemplars, draw = drawn.exemplars, np.random.default_rng(drawn.seed)
    predicted = predict(
        fast, bundle.bank, encoded, with_number=with_number, exemplars=exemplars, draw=draw
    )
    rows = [_row(bundle.card.name, told, predicted)]
    if habits := bundle.card.metrics.get(HABITS):
        rows += [
            _row(name, source, found, needs_video=False)
            for name, source, found in (
                ("number's mean", "no video: its training dives", by_number(habits, pool.labels)),
                ("difficulty alone", "no video", by_difficulty(habits, pool.labels)),
            )
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
        predicted=predicted,
        by_group=measure_groups(predicted, [_group_word(label) for label in pool.labels]),
        by_number=measure_groups(predicted, [label.dive_number for label in pool.labels]),
        coverages=_coverages(bundle, predicted, with_number=with_number),
    )


def _group_word(label: DiveLabel) -> str:
    group = group_of(label.dive_number)
    return UNKNOWN_GROUP if group is None else group.word


def beside(weights: Evaluation, others: Sequence[Evaluation]) -> Evaluation:
    """An evaluation with the rows of other weights, measured on the same dives, after its own."""
    first, *rest = weights.rows
    rows = (first, *(other.rows[0] for other in others), *rest)
    return dataclasses.replace(weights, rows=rows)


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


def _row(name: str, source: str, predicted: Predictions, *, needs_video: bool = True) -> Row:
    return Row(name, source, measure(predicted), intervals(predicted), needs_video)


def _coverages(bundle: Bundle, predicted: Predictions, *, with_number: bool) -> dict[float, float]:
    """Share of dives whose score lies in the interval that a user would be shown, by level."""
    if bundle.calibration is None or predicted.marks is None:
        return {}

    def inside(label: DiveLabel, mark: float, group: Group | None, level: float) -> bool:
        factor = points_per_mark(label.difficulty)
        shown = conformal_interval(mark * factor, factor, bundle.calibration, level, group=group)
        return shown.low_points <= label.score <= shown.high_points

    labels, marks = predicted.labels, predicted.marks.tolist()
    told = [group_of(label.dive_number) if with_number else None for label in labels]
    dives = list(zip(labels, marks, told, strict=True))
    return {
        level: float(np.mean([inside(*dive, level) for dive in dives]))
        for level in sorted({*LEVELS, INTERVAL_LEVEL})
    }
