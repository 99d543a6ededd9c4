"""Two dives beside each other: what the network sees of the pair, and how sure the order is.

Two witnesses are heard. The comparing head sees the pair itself, step by step; nothing tells how
often it errs on one pair. The two scores rest on many exemplars each; how far they err was measured
on the calibration's dives, so all that is said about certainty rests on them. Where those were
simulated, no order is called more than probable: real dives err by more than such errors tell.
"""

import dataclasses
import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fpcli.analysis.analyse import Analyser, OnStage
from fpcli.analysis.doubt import ROUNDING
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import SCHEMA_VERSION, DiveAnalysis, Flag
from fpcli.analysis.scoring import MARK_TARGET
from fpcli.diving.marks import HIGHEST_MARK
from fpcli.errors import WeightsError
from fpcli.model.features import STEPS, StepDeltas

LEAST_RESIDUALS = 2  # of which there is a pair
MOST_RESIDUALS = 400  # paired with each other; of more, as many evenly spaced ones
PROBABLE = 0.75  # share of pairs of errors in which an order must hold to be called probable
VOID = (Flag.UNLIKE_TRAINING, Flag.NO_DIVE_FOUND)  # what was measured does not hold for such clips


class Verdict(StrEnum):
    """Which dive was executed better, as far as it can be told."""

    FIRST = "first"
    FIRST_PROBABLY = "first_probably"
    OPEN = "open"
    SECOND_PROBABLY = "second_probably"
    SECOND = "second"


class Caveat(StrEnum):
    """What a reader must know of the pair; each dive's own flags are in its analysis."""

    NUMBERS_DIFFER = "numbers_differ"
    NUMBER_UNKNOWN = "number_unknown"
    DIFFICULTIES_DIFFER = "difficulties_differ"
    WITNESSES_DISAGREE = "witnesses_disagree"
    NOT_MEASURED = "not_measured"
    ERRORS_UNKNOWN = "errors_unknown"


@dataclass(frozen=True)
class StepContrast:
    """What the first dive has over the second in a step, in marks, by stream."""

    name: str
    dynamic_marks: float
    static_marks: float

    @property
    def contrast_marks(self) -> float:
        """Both streams together."""
        return self.dynamic_marks + self.static_marks


@dataclass(frozen=True)
class Certainty:
    """How far the difference of the two scores can be trusted.

    order_share: of all pairs of the calibration's errors, taken as independent and as likely up as
    down, the share in which the order of the two marks would hold; never above n / (n + 1) with n
    calibration dives; None without any. low_marks, high_marks: the difference of marks, at the
    level, under the same errors.
    """

    order_share: float | None
    low_marks: float
    high_marks: float
    level: float
    method: str
    calibration_dives: int


@dataclass(frozen=True, eq=False)
class DiveComparison:
    """Two dives compared; every difference is the first less the second.

    difference_marks, difference_points: of the two scores. direct_marks: what the comparing head
    says of the pair, both directions averaged; the steps' contrasts, added from left to right.
    directions_marks: the first against the second, and the second against the first turned round.
    """

    first: DiveAnalysis
    second: DiveAnalysis
    verdict: Verdict
    difference_marks: float
    difference_points: float
    certainty: Certainty
    direct_marks: float
    directions_marks: tuple[float, float]
    steps: tuple[StepContrast, ...]
    caveats: tuple[Caveat, ...]

    @property
    def same_worth(self) -> bool:
        """Whether a mark is worth the same points in both dives."""
        return Caveat.DIFFICULTIES_DIFFER not in self.caveats

    def to_dict(self) -> dict[str, Any]:
        """Plain containers for JSON: unrounded numbers, units in the keys."""
        return {
            "schema_version": SCHEMA_VERSION,
            "first": self.first.to_dict(),
            "second": self.second.to_dict(),
            "comparison": {
                "verdict": self.verdict,
                "difference_marks": self.difference_marks,
                "difference_points": self.difference_points,
                "certainty": dataclasses.asdict(self.certainty),
                "direct_marks": self.direct_marks,
                "directions_marks": list(self.directions_marks),
                "steps": [
                    dataclasses.asdict(step) | {"contrast_marks": step.contrast_marks}
                    for step in self.steps
                ],
                "caveats": list(self.caveats),
            },
        }


def compare_dives(
    analyser: Analyser,
    first: tuple[Path, AnalysisRequest],
    second: tuple[Path, AnalysisRequest],
    on_stage: OnStage | None = None,
) -> DiveComparison:
    """Score two videos and compare them directly.

    The level of the first request holds for the difference. Raises as `Analyser.analyse`.
    """
    encoded = [analyser.encode(path, request, on_stage) for path, request in (first, second)]
    one, other = (
        analyser.judge(dive, request, on_stage)
        for dive, (_, request) in zip(encoded, (first, second), strict=True)
    )
    unit_marks = 1.0
    if analyser.bundle.config.target != MARK_TARGET:  # it answers in points
        unit_marks = 2 / (one.dive.score_factor + other.dive.score_factor)
    steps, directions = contrasts(analyser.contrast(*encoded), unit_marks)
    calibration = analyser.bundle.calibration
    residuals = np.empty(0) if calibration is None else calibration.residual_marks
    return judged(one, other, steps, directions, residuals, first[1].level)


def contrasts(
    deltas: StepDeltas, unit_marks: float
) -> tuple[tuple[StepContrast, ...], tuple[float, float]]:
    """Return the steps' contrasts of one pair and both directions, in marks.

    unit_marks: what one of the network's units is worth. Raises WeightsError for an answer that is
    no number.
    """
    parts = deltas.contributions()[0].to("cpu", torch.float64).numpy() * unit_marks
    there, back = (deltas.directions[:, 0].to("cpu", torch.float64) * unit_marks).tolist()
    if not (np.isfinite(parts).all() and math.isfinite(there) and math.isfinite(back)):
        raise WeightsError(
            "The network's answer for these videos is not a number.",
            "Check the weights with `fineparser weights verify`, or try --precision float32.",
        )
    steps = tuple(
        StepContrast(name, dynamic, static)
        for name, (dynamic, static) in zip(STEPS, parts.tolist(), strict=True)
    )
    return steps, (there, -back)


def judged(
    first: DiveAnalysis,
    second: DiveAnalysis,
    steps: tuple[StepContrast, ...],
    directions_marks: tuple[float, float],
    residual_marks: np.ndarray,
    level: float,
) -> DiveComparison:
    """Weigh both witnesses. residual_marks: (n,) absolute, of the calibration's dives."""
    difference = first.mark - second.mark
    direct = 0.0
    for step in steps:
        direct += step.contrast_marks
    caveats = set(_caveats(first, second))
    if direct * difference < 0:
        caveats.add(Caveat.WITNESSES_DISAGREE)
    if Caveat.NOT_MEASURED in caveats:
        residual_marks = np.empty(0)
    elif len(residual_marks) < LEAST_RESIDUALS:
        caveats.add(Caveat.ERRORS_UNKNOWN)
    certainty = certainty_of(difference, residual_marks, level)
    proven = not first.provenance.simulated_training
    if not proven and certainty.order_share is not None:
        method = f"{certainty.method}, of simulated dives"
        certainty = dataclasses.replace(certainty, method=method)
    return DiveComparison(
        first=first,
        second=second,
        verdict=_verdict(difference, certainty, caveats, proven=proven),
        difference_marks=difference,
        difference_points=first.score_points - second.score_points,
        certainty=certainty,
        direct_marks=direct,
        directions_marks=directions_marks,
        steps=steps,
        caveats=tuple(caveat for caveat in Caveat if caveat in caveats),
    )


def certainty_of(difference_marks: float, residual_marks: np.ndarray, level: float) -> Certainty:
    """Say how sure the difference of two marks is, from the calibration's residuals.

    residual_marks: (n,) absolute errors of single marks. Every two of them are paired with every
    combination of signs: four differences of errors a pair.
    """
    count = len(residual_marks)
    if count < LEAST_RESIDUALS:
        return Certainty(None, -HIGHEST_MARK, HIGHEST_MARK, level, "not measured", count)
    errors = _error_differences(np.asarray(residual_marks, dtype=np.float64))
    distance = abs(difference_marks)
    holds = float((errors < distance).mean() + (errors == distance).mean() / 2)
    sizes = np.sort(np.abs(errors))
    margin = float(sizes[min(math.ceil(level * len(sizes) - ROUNDING), len(sizes)) - 1])
    return Certainty(
        order_share=min(holds, count / (count + 1)),
        low_marks=max(difference_marks - margin, -HIGHEST_MARK),
        high_marks=min(difference_marks + margin, HIGHEST_MARK),
        level=level,
        method="pairs of calibration errors, independent, of either sign",
        calibration_dives=count,
    )


def _error_differences(residuals: np.ndarray) -> np.ndarray:
    """Return the difference of the errors of every two dives, with all signs."""
    if len(residuals) > MOST_RESIDUALS:
        places = np.linspace(0, len(residuals) - 1, MOST_RESIDUALS).round().astype(int)
        residuals = np.sort(residuals)[places]
    one, other = np.triu_indices(len(residuals), k=1)
    together, apart = residuals[one] + residuals[other], residuals[one] - residuals[other]
    return np.concatenate([together, -together, apart, -apart])


def _caveats(first: DiveAnalysis, second: DiveAnalysis) -> list[Caveat]:
    found = []
    numbers = (first.dive.dive_number, second.dive.dive_number)
    if None in numbers:
        found.append(Caveat.NUMBER_UNKNOWN)
    elif numbers[0] != numbers[1]:
        found.append(Caveat.NUMBERS_DIFFER)
    if not math.isclose(first.dive.score_factor, second.dive.score_factor):
        found.append(Caveat.DIFFICULTIES_DIFFER)
    if any(flag in analysis.flags for flag in VOID for analysis in (first, second)):
        found.append(Caveat.NOT_MEASURED)
    return found


def _verdict(
    difference: float, certainty: Certainty, caveats: set[Caveat], *, proven: bool
) -> Verdict:
    """Name the better dive where both witnesses and what was measured allow it.

    proven: whether the errors are those of real dives.
    """
    barred = {Caveat.WITNESSES_DISAGREE, Caveat.NOT_MEASURED, Caveat.ERRORS_UNKNOWN}
    if barred & caveats or certainty.order_share is None or difference == 0:
        return Verdict.OPEN
    if proven and (certainty.low_marks > 0 or certainty.high_marks < 0):
        return Verdict.FIRST if difference > 0 else Verdict.SECOND
    if certainty.order_share >= PROBABLE:
        return Verdict.FIRST_PROBABLY if difference > 0 else Verdict.SECOND_PROBABLY
    return Verdict.OPEN
