"""How FineParser was trained, as its authors say it was: losses, rates, pairs.

Raw score points, one pair a query, one-hot transitions and true ones in training: what `losses`
and the loop do otherwise is held against this. An update saw 16 pairs: four GPUs, two pairs each,
two accumulation steps.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from fpcli.model.features import StepDeltas
from fpcli.model.fineparser import FineParser
from fpcli.training.augment import Augmentation
from fpcli.training.losses import FOCAL_GAMMA
from fpcli.training.samples import DiveLabel

EPOCHS = 400
WARMUP_EPOCHS = 5
LEARNING_RATE = 1e-3  # Adam's, no decay
FINAL_RATE = 1e-4  # at the end of the cosine
DYNAMIC_TRUNK_RATE = 0.1  # of the others'
# Flip, a crop that wanders up and down as far as the stored pictures allow (published: over the
# whole height), and up to three frames less at the end.
AUGMENTATION = Augmentation(
    zoom=0,
    shift=0.07,
    across=0,
    drift=0,
    trim_start=0,
    gain=0,
    bias=0,
    noise=0,
    blur_share=0,
    coded_share=0,
)
MASK_AXIS = 2  # of mask logits: four side masks and the fused one


def delta_loss(deltas: StepDeltas, difference: Tensor) -> Tensor:
    """Sum of both directions' mean squared errors.

    difference: (N,) y_q - y_z in the network's unit, which is points in the published network.
    """
    wanted = torch.stack([difference, -difference])
    return ((deltas.directions - wanted) ** 2).mean(dim=1).sum()


def transition_loss(logits: Tensor, transitions: Tensor) -> Tensor:
    """Mean binary cross-entropy of (B, 96, 2) logits against one frame for each transition.

    transitions: (B, 2) frames.
    """
    target = functional.one_hot(transitions, logits.shape[1]).transpose(1, 2)
    return functional.binary_cross_entropy_with_logits(logits.float(), target.float())


def mask_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Sum over the five masks of the mean binary focal loss, γ = 2.

    logits: (B, M, 5, T, H, W). target: (B, M, 1, T, H, W) in 0 to 1.
    """
    logits, target = logits.float(), target.expand_as(logits)
    plain = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    focal = (torch.sigmoid(logits) - target).abs() ** FOCAL_GAMMA * plain
    return focal.transpose(0, MASK_AXIS).flatten(1).mean(dim=1).sum()


def draw_pairs(labels: Sequence[DiveLabel], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Places (query, exemplar): each dive of a batch with one other of its number, at random.

    A dive whose number is alone in the batch is no query.
    """
    numbers = np.array([label.dive_number for label in labels])
    pairs = []
    for place, number in enumerate(numbers):
        others = np.flatnonzero((numbers == number) & (np.arange(len(numbers)) != place))
        if len(others):
            pairs.append((place, int(rng.choice(others))))
    query, exemplar = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).unbind(dim=1)
    return query, exemplar


def make_optimizer(network: FineParser) -> torch.optim.Adam:
    """Adam, the dynamic trunk at a tenth of the rate."""
    trunk = [] if network.dynamic_trunk is None else list(network.dynamic_trunk.parameters())
    slow = {id(parameter) for parameter in trunk}
    others = [parameter for parameter in network.parameters() if id(parameter) not in slow]
    groups = [{"params": others, "lr": LEARNING_RATE}]
    if trunk:
        groups.append({"params": trunk, "lr": LEARNING_RATE * DYNAMIC_TRUNK_RATE})
    return torch.optim.Adam(groups)


def rate_share(epoch: float) -> float:
    """Learning rate over its peak: a linear warm-up, then a cosine to the final rate."""
    if epoch < WARMUP_EPOCHS:
        return epoch / WARMUP_EPOCHS
    progress = min((epoch - WARMUP_EPOCHS) / (EPOCHS - WARMUP_EPOCHS), 1.0)
    final = FINAL_RATE / LEARNING_RATE
    return float(final + (1 - final) * (1 + np.cos(np.pi * progress)) / 2)


def freeze_trunk_norms(network: FineParser) -> None:
    """Keep both I3D trunks' batch norms as they are; to be called after each `network.train()`."""
    for trunk in (network.spatial_trunk, network.dynamic_trunk):
        for module in () if trunk is None else trunk.modules():
            # Norms that are synchronised over processes are of another class.
            if isinstance(module, nn.BatchNorm3d | nn.SyncBatchNorm):
                module.eval().requires_grad_(False)
