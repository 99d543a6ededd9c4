"""How good a network is while it learns, on dives that it never learns from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fpcli.model.features import DiveFeatures
from fpcli.model.fineparser import FineParser
from fpcli.model.late_layers import finish_encoding
from fpcli.model.mask_refiner import certain_logits, refined_logits
from fpcli.model.spatial_parser import frame_masks
from fpcli.training import metrics
from fpcli.training.augment import Batch
from fpcli.training.halfway import HalfwayBatch
from fpcli.training.samples import DiveLabel
from fpcli.training.supply import Supply
from fpcli.video.transform import InputGeometry

AT_ONCE = 32
MOST_DIVES = 160  # measured on while a run goes on


@dataclass(frozen=True)
class Validation:
    """What a network reaches.

    mark_error: mean absolute error of the differences of two dives of one number, in the network's
    unit. rho: of those differences. flight_iou, mask_iou: means.
    """

    mark_error: float
    rho: float
    flight_iou: float
    mask_iou: float

    @property
    def loss(self) -> float:
        """What the best network has the least of: everything that is asked of it."""
        return self.mark_error + (1 - self.flight_iou) + (1 - self.mask_iou)


@torch.no_grad()
def validate(network: FineParser, supply: Supply, geometry: InputGeometry) -> Validation:
    """Measure a network, in evaluation mode, on the dives of a supply."""
    labels = supply.labels[:MOST_DIVES]
    parts, overlaps = [], []
    for start in range(0, len(labels), AT_ONCE):
        places = range(start, min(start + AT_ONCE, len(labels)))
        batch = supply.prepared(places, geometry, None, torch.Generator())
        features, logits = _answers(network, batch)
        parts.append(features)
        found = logits >= 0
        wanted = batch.masks >= 0.5
        shared = (found & wanted).sum(dim=(1, 2, 3))
        either = (found | wanted).sum(dim=(1, 2, 3)).clamp(min=1)
        overlaps += (shared / either).tolist()
    features = DiveFeatures.concatenate(parts)
    wanted_transitions = np.array([label.transitions for label in labels])
    flights = metrics.flight_iou(features.boundaries.cpu().numpy(), wanted_transitions)
    found_delta, true_delta = _differences(network, features, labels)
    return Validation(
        mark_error=float(np.abs(found_delta - true_delta).mean()) if len(true_delta) else 0.0,
        rho=metrics.spearman(found_delta, true_delta) if len(true_delta) else float("nan"),
        flight_iou=float(flights.mean()),
        mask_iou=float(np.mean(overlaps)),
    )


def _answers(network: FineParser, batch: Batch) -> tuple[DiveFeatures, Tensor]:
    """Features in float32, and logits of the masks of the batch's frames."""
    if isinstance(batch, HalfwayBatch):
        features, _ = finish_encoding(network, batch.halfway, None, batch.durations_s)
        coarse = batch.coarse
    else:
        device = batch.clips.device
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            encoding = network.parse_for_training(batch.clips, durations_s=batch.durations_s)
        features = encoding.features.to(dtype=torch.float32)
        coarse = certain_logits(frame_masks(encoding.mask_logits[:, :, -1].float()))
    if network.refiner is None:
        return features, coarse
    return features, refined_logits(network.refiner, coarse, batch.clips)


def _differences(
    network: FineParser, features: DiveFeatures, labels: Sequence[DiveLabel]
) -> tuple[np.ndarray, np.ndarray]:
    """Found and true differences of every two dives of one number."""
    query, exemplar = np.triu_indices(len(labels), 1)
    numbers = np.array([label.dive_number for label in labels])
    same = numbers[query] == numbers[exemplar]
    query, exemplar = query[same], exemplar[same]
    if not len(query):
        return np.empty(0), np.empty(0)
    in_marks = network.config.target == "mark"
    known = np.array([label.mark if in_marks else label.score for label in labels])
    device = features.dynamic.device
    deltas = network.compare(
        features[_places(query, device)], features[_places(exemplar, device)]
    ).directions
    found = ((deltas[0] - deltas[1]) / 2).cpu().numpy()
    return found, known[query] - known[exemplar]


def _places(places: np.ndarray, device: torch.device) -> Tensor:
    return torch.from_numpy(places).to(device)
