"""How well a network scores, finds the steps and finds the diver, on dives with known truth."""

from dataclasses import dataclass

import numpy as np
import torch

from fpcli.analysis.doubt import plausibility
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.scoring import score_features
from fpcli.model.features import DiveFeatures
from fpcli.model.inference import InferenceNetwork
from fpcli.training import metrics
from fpcli.training.augment import prepare_batch
from fpcli.training.samples import DiveLabel, DiveSample, Pool
from fpcli.video.transform import InputGeometry
from fpcli.weights.bundle import ExemplarBank


@dataclass(frozen=True, eq=False)
class EncodedPool:
    """N dives after the encoders. features lie on the CPU.

    boundaries: (N, 2) predicted transitions. mask_iou, mask_f_beta, mask_mae: (N,) against the
    true masks. plausibility: (N,).
    """

    labels: list[DiveLabel]
    features: DiveFeatures
    boundaries: np.ndarray
    mask_iou: np.ndarray
    mask_f_beta: np.ndarray
    mask_mae: np.ndarray
    plausibility: np.ndarray


def encode_pool(network: InferenceNetwork, pool: Pool, geometry: InputGeometry) -> EncodedPool:
    """Encode every dive of a pool, one at a time, as `fineparser score` does."""
    parts, rows = [], []
    for sample in pool.samples:
        features, row = _encode_one(network, sample, geometry)
        parts.append(features)
        rows.append(row)
    features = DiveFeatures.concatenate(parts)
    columns = np.array(rows).T
    return EncodedPool(pool.labels, features, features.boundaries.numpy(), *columns)


def _encode_one(
    network: InferenceNetwork, sample: DiveSample, geometry: InputGeometry
) -> tuple[DiveFeatures, tuple[float, float, float, float]]:
    """Features, and (mask IoU, F_beta, MAE, plausibility), of one dive."""
    clips, targets = prepare_batch(
        sample.frames[None], sample.masks[None], geometry, None, torch.Generator()
    )
    with torch.inference_mode():
        encoding = network.parse(clips.to(network.device))
    features = encoding.features.to("cpu", torch.float32)
    found, wanted = encoding.masks[0].float().cpu().numpy(), targets[0].numpy()
    looks = plausibility(found, features.transitions[0].numpy(), features.boundaries[0].numpy())
    return features, (
        metrics.mask_iou(found, wanted),
        metrics.mask_f_beta(found, wanted),
        metrics.mask_mae(found, wanted),
        looks,
    )


@dataclass(frozen=True, eq=False)
class ScoredPool:
    """N dives scored against a bank. points, marks: (N,) predicted. steps: (N, 3) in marks."""

    points: np.ndarray
    marks: np.ndarray
    steps: np.ndarray


def score_pool(
    network: InferenceNetwork,
    bank: ExemplarBank,
    encoded: EncodedPool,
    *,
    with_number: bool = True,
    exemplars: int = 10,
) -> ScoredPool:
    """Score every encoded dive, its number and height told or not; its difficulty is told."""
    points, steps = [], []
    for place, label in enumerate(encoded.labels):
        request = AnalysisRequest(
            dive_number=label.dive_number if with_number else None,
            height_m=label.height_m if with_number else None,
            difficulty=label.difficulty,
            exemplars=exemplars,
        )
        query = encoded.features[place : place + 1].to(network.device)
        question, parts = score_features(network, bank, query, request)
        points.append(parts.score)
        steps.append(parts.steps.sum(axis=1) / question.facts.score_factor)
    difficulties = np.array([label.difficulty for label in encoded.labels])
    scores = np.array(points)
    return ScoredPool(scores, scores / (3 * difficulties), np.array(steps))


def measure(encoded: EncodedPool, scored: ScoredPool) -> dict[str, float]:
    """Every measure of the paper, and ours, by name."""
    labels = encoded.labels
    truth = np.array([label.score for label in labels])
    marks = np.array([label.mark for label in labels])
    transitions = np.array([label.transitions for label in labels])
    errors = np.abs(encoded.boundaries - transitions)
    return {
        "dives": float(len(labels)),
        "rho": metrics.spearman(scored.points, truth),
        "r_l2_x100": metrics.relative_l2(scored.points, truth),
        "rho_marks": metrics.spearman(scored.marks, marks),
        "mean_absolute_error_marks": float(np.abs(scored.marks - marks).mean()),
        "aiou_0.5": metrics.aiou(encoded.boundaries, transitions, 0.5),
        "aiou_0.75": metrics.aiou(encoded.boundaries, transitions, 0.75),
        "boundary_error_frames": float(errors.mean()),
        "mask_iou": float(encoded.mask_iou.mean()),
        "mask_f_beta": float(encoded.mask_f_beta.mean()),
        "mask_mae": float(encoded.mask_mae.mean()),
    } | _fidelity(labels, scored)


def _fidelity(labels: list[DiveLabel], scored: ScoredPool) -> dict[str, float]:
    """Correlation of each step's contribution with the true deduction, where that is known."""
    known = [label.step_deductions for label in labels if label.step_deductions is not None]
    if len(known) < len(labels):
        return {}
    lost = np.array(known)
    return {
        f"fidelity_{step}": metrics.spearman(scored.steps[:, column], -lost[:, column])
        for column, step in enumerate(("takeoff", "flight", "entry"))
    }


def rows_without_video(
    train: list[DiveLabel], test: list[DiveLabel]
) -> dict[str, dict[str, float]]:
    """What no model should be proud to beat: difficulty alone, and the number's mean and median."""
    truth = np.array([label.score for label in test])
    difficulty = np.array([label.difficulty for label in test])
    marks = np.array([label.mark for label in train])
    by_number: dict[str, list[DiveLabel]] = {}
    for label in train:
        by_number.setdefault(label.dive_number, []).append(label)

    def mean_mark(label: DiveLabel) -> float:
        known = [other.mark for other in by_number.get(label.dive_number, [])]
        return float(np.mean(known)) if known else float(marks.mean())

    def median_transitions(label: DiveLabel) -> np.ndarray:
        known = by_number.get(label.dive_number, train)
        return np.median([other.transitions for other in known], axis=0)

    by_mean = np.array([3 * label.difficulty * mean_mark(label) for label in test])
    flights = np.array([median_transitions(label) for label in test])
    transitions = np.array([label.transitions for label in test])
    by_difficulty = 3 * difficulty * marks.mean()
    return {
        "difficulty": {
            "rho": metrics.spearman(difficulty, truth),
            "r_l2_x100": metrics.relative_l2(by_difficulty, truth),
        },
        "number_mean": {
            "rho": metrics.spearman(by_mean, truth),
            "r_l2_x100": metrics.relative_l2(by_mean, truth),
            "rho_marks": metrics.spearman(by_mean / (3 * difficulty), by_marks(test)),
            "aiou_0.5": metrics.aiou(flights, transitions, 0.5),
            "aiou_0.75": metrics.aiou(flights, transitions, 0.75),
        },
    }


def by_marks(labels: list[DiveLabel]) -> np.ndarray:
    """(N,) true execution marks."""
    return np.array([label.mark for label in labels])
