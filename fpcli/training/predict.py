"""A network's answers for dives with known truth, given as `fineparser score` gives them."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from fpcli.analysis.doubt import plausibility
from fpcli.analysis.request import EXEMPLARS, AnalysisRequest
from fpcli.analysis.scoring import score_features
from fpcli.diving.numbers import known_dive
from fpcli.model.features import DiveFeatures
from fpcli.model.inference import InferenceNetwork
from fpcli.training import metrics
from fpcli.training.augment import prepare_batch
from fpcli.training.mask_metrics import mean_s_measure
from fpcli.training.measure import Predictions
from fpcli.training.samples import (
    DiveLabel,
    DiveSample,
    Pool,
    known_durations,
    known_transitions,
)
from fpcli.video.transform import InputGeometry
from fpcli.weights.bundle import ExemplarBank


@dataclass(frozen=True, eq=False)
class EncodedPool:
    """N dives after the encoders. features lie on the CPU.

    mask_iou, mask_f_beta, mask_mae, mask_s_measure: (N,) against the true masks. plausibility:
    (N,).
    """

    labels: tuple[DiveLabel, ...]
    features: DiveFeatures
    mask_iou: np.ndarray
    mask_f_beta: np.ndarray
    mask_mae: np.ndarray
    mask_s_measure: np.ndarray
    plausibility: np.ndarray


def encode_pool(
    network: InferenceNetwork,
    pool: Pool,
    geometry: InputGeometry,
    on_dive: Callable[[int], None] = lambda done: None,
) -> EncodedPool:
    """Encode every dive of a pool, one at a time; on_dive is told how many are done."""
    parts, rows = [], []
    for place in range(len(pool)):
        features, row = _encode_one(network, pool.sample(place), geometry)
        parts.append(features)
        rows.append(row)
        on_dive(place + 1)
    return EncodedPool(pool.labels, DiveFeatures.concatenate(parts), *np.array(rows).T)


def _encode_one(
    network: InferenceNetwork, sample: DiveSample, geometry: InputGeometry
) -> tuple[DiveFeatures, tuple[float, float, float, float, float]]:
    """Features, and (mask IoU, F_beta, MAE, S-measure, plausibility), of one dive."""
    batch = prepare_batch(
        sample.frames[None],
        sample.masks[None],
        known_transitions([sample.label]),
        known_durations([sample.label]),
        geometry,
        None,
        torch.Generator(),
    )
    with torch.inference_mode():
        encoding = network.parse(
            batch.clips.to(network.device), durations_s=batch.durations_s.to(network.device)
        )
    features = encoding.features.to("cpu", torch.float32)
    found, wanted = encoding.masks[0].float().cpu().numpy(), batch.masks[0].numpy()
    looks = plausibility(found, features.transitions[0].numpy(), features.boundaries[0].numpy())
    return features, (
        metrics.mask_iou(found, wanted),
        metrics.mask_f_beta(found, wanted),
        metrics.mask_mae(found, wanted),
        mean_s_measure(found, wanted),
        looks,
    )


def predict(
    network: InferenceNetwork,
    bank: ExemplarBank,
    encoded: EncodedPool,
    *,
    with_number: bool = True,
    exemplars: int = EXEMPLARS,
    draw: np.random.Generator | None = None,
) -> Predictions:
    """Score every encoded dive, its number and height told or not; its difficulty is told.

    A number that the rules do not know cannot be told. exemplars: how many vote at most. draw:
    takes them at random from those of the dive's number, or from all where it is not told, as the
    paper does; None chooses them by rule.
    """
    near = dataclasses.replace(bank, features=bank.features.to(network.device))
    marks, steps = [], []
    for place, label in enumerate(encoded.labels):
        told = with_number and known_dive(label.dive_number) is not None
        request = AnalysisRequest(
            dive_number=label.dive_number if told else None,
            height_m=label.height_m if with_number else None,
            difficulty=label.difficulty,
            exemplars=exemplars,
        )
        query = encoded.features[place : place + 1].to(network.device)
        voting = near if draw is None else _drawn(near, label if told else None, exemplars, draw)
        question, parts = score_features(network, voting, query, request)
        marks.append(parts.score / question.facts.score_factor)
        steps.append(parts.steps.sum(axis=1) / question.facts.score_factor)
    return Predictions(
        labels=encoded.labels,
        marks=np.array(marks),
        boundaries=encoded.features.boundaries.numpy(),
        steps=np.array(steps),
        mask_iou=encoded.mask_iou,
        mask_f_beta=encoded.mask_f_beta,
        mask_mae=encoded.mask_mae,
        mask_s_measure=encoded.mask_s_measure,
    )


def _drawn(
    bank: ExemplarBank, label: DiveLabel | None, count: int, draw: np.random.Generator
) -> ExemplarBank:
    """Exemplars drawn from those of a dive's number; from all where there are none, or no label."""
    numbers = bank.dive_numbers
    of_number = [i for i, text in enumerate(numbers) if label and text == label.dive_number]
    candidates = of_number or range(len(numbers))
    places = sorted(draw.choice(candidates, min(count, len(candidates)), replace=False).tolist())
    return ExemplarBank(
        keys=tuple(bank.keys[place] for place in places),
        dive_numbers=tuple(numbers[place] for place in places),
        heights_m=bank.heights_m[places],
        difficulties=bank.difficulties[places],
        marks=bank.marks[places],
        features=bank.features[torch.tensor(places, device=bank.features.dynamic.device)],
    )
