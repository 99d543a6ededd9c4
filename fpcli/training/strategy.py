"""What a recipe decides beyond its numbers: pairs, losses, optimizer, rates, the network's input.

Ours, and the published one with which it is compared; the loop knows neither by name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from fpcli.model.features import StepDeltas
from fpcli.model.fineparser import FineParser
from fpcli.training import losses, published_training
from fpcli.training.augment import Augmentation
from fpcli.training.recipe import Recipe, StrategyName
from fpcli.training.samples import DiveLabel
from fpcli.training.start_weights import LATER_PARTS
from fpcli.video.transform import FOLLOW, PUBLISHED, InputGeometry
from fpcli.weights.storage import Storage

FINAL_RATE = 0.05  # of the peak learning rate, at the end of our cosine

Pairs = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Strategy:
    """How a network is taught.

    geometry: of its input. augmentation: of the clips. storage: of the weights it leaves. pairs:
    places (query, exemplar) in a batch. delta_loss: of differences. transition_loss: of (B, 96, 2)
    logits and (B, 2) frames. mask_loss: of (B, M, 5, T, H, W) logits and (B, M, 1, T, H, W)
    targets. optimizer: of the network and of what helps it to learn. rate_share: learning rate over
    its peak, for the step after the share of the run that is done, and that step's own share.
    settle: called after each `network.train()`.
    """

    geometry: InputGeometry
    augmentation: Augmentation
    storage: Storage
    pairs: Callable[[Sequence[DiveLabel], Recipe, np.random.Generator], Pairs]
    delta_loss: Callable[[StepDeltas, Tensor], Tensor]
    transition_loss: Callable[[Tensor, Tensor, Recipe], Tensor]
    mask_loss: Callable[[Tensor, Tensor], Tensor]
    optimizer: Callable[[FineParser, nn.Module | None, Recipe], torch.optim.Optimizer]
    rate_share: Callable[[float, float, Recipe], float]
    settle: Callable[[FineParser], None]


def strategy_of(recipe: Recipe) -> Strategy:
    """The strategy that a recipe names."""
    return STRATEGIES[recipe.strategy]


def many_pairs(labels: Sequence[DiveLabel], recipe: Recipe, rng: np.random.Generator) -> Pairs:
    """Places (query, exemplar) of unordered pairs; the head answers in both directions.

    Where there are more than are wanted, those of one number come first: use compares them.
    """
    query, exemplar = np.triu_indices(len(labels), 1)
    numbers = np.array([label.dive_number for label in labels])
    same = numbers[query] == numbers[exemplar]
    if recipe.pairs == "same_number" and same.any():
        query, exemplar, same = query[same], exemplar[same], same[same]
    if len(query) > recipe.most_pairs:
        order = np.lexsort((rng.random(len(query)), ~same))[: recipe.most_pairs]
        query, exemplar = query[order], exemplar[order]
    return torch.from_numpy(query), torch.from_numpy(exemplar)


def _one_pair_a_query(
    labels: Sequence[DiveLabel], recipe: Recipe, rng: np.random.Generator
) -> Pairs:
    """Each dive with one other of its number; in a batch without two of a number, any two."""
    query, exemplar = published_training.draw_pairs(labels, rng)
    return (query, exemplar) if len(query) else many_pairs(labels, recipe, rng)


def _decaying(
    network: FineParser, helper: nn.Module | None, recipe: Recipe
) -> torch.optim.Optimizer:
    """AdamW that decays matrices and kernels, not biases and norms.

    Where the late layers learn alone, those that had learned before go on at a share of the rate.
    """
    named = [*network.named_parameters()]
    fresh = [value for name, value in named if not recipe.late or name.startswith(LATER_PARTS)]
    fresh += [*(helper.parameters() if helper else ())]
    able = [value for name, value in named if recipe.late and not name.startswith(LATER_PARTS)]
    groups = []
    for parts, share in ((fresh, 1.0), (able, recipe.able_rate)):
        learned = [value for value in parts if value.requires_grad]
        kernels = [value for value in learned if value.ndim > 1]
        vectors = [value for value in learned if value.ndim < 2]
        rate = recipe.learning_rate * share
        if learned:
            groups += [
                {"params": kernels, "weight_decay": recipe.weight_decay, "lr": rate},
                {"params": vectors, "weight_decay": 0.0, "lr": rate},
            ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate)


def _published_optimizer(
    network: FineParser, helper: nn.Module | None, recipe: Recipe
) -> torch.optim.Optimizer:
    """The published Adam; what helps our sizes to learn goes at its first rate."""
    optimizer = published_training.make_optimizer(network)
    if helper is not None:
        group = {"params": list(helper.parameters()), "lr": published_training.LEARNING_RATE}
        optimizer.add_param_group(group)
    return optimizer


def _warm_cosine(done: float, step: float, recipe: Recipe) -> float:
    """A linear warm-up, then a cosine to a twentieth."""
    warmup = recipe.warmup_share
    if done < warmup:
        return min(1.0, (done + step) / warmup)
    progress = (done - warmup) / (1 - warmup)
    return float(FINAL_RATE + (1 - FINAL_RATE) * (1 + np.cos(np.pi * progress)) / 2)


def _published_rate(done: float, step: float, recipe: Recipe) -> float:
    return published_training.rate_share((done + step) * published_training.EPOCHS)


STRATEGIES: Mapping[StrategyName, Strategy] = {
    "ours": Strategy(
        geometry=FOLLOW,
        augmentation=Augmentation(),
        storage=Storage.INT8,
        pairs=many_pairs,
        delta_loss=losses.delta_loss,
        transition_loss=lambda logits, frames, recipe: losses.transition_loss(
            logits, frames, recipe.transition_sigma_frames
        ),
        mask_loss=losses.mask_loss,
        optimizer=_decaying,
        rate_share=_warm_cosine,
        settle=lambda network: None,
    ),
    "published": Strategy(
        geometry=PUBLISHED,
        augmentation=published_training.AUGMENTATION,
        storage=Storage.FLOAT16,
        pairs=_one_pair_a_query,
        delta_loss=published_training.delta_loss,
        transition_loss=lambda logits, frames, recipe: published_training.transition_loss(
            logits, frames
        ),
        mask_loss=published_training.mask_loss,
        optimizer=_published_optimizer,
        rate_share=_published_rate,
        settle=published_training.freeze_trunk_norms,
    ),
}
