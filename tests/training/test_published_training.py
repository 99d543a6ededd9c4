"""The published training, number by number."""

import math

import numpy as np
import pytest
import torch
from made_dives import label
from torch import nn

from fpcli.model.build import build
from fpcli.model.config import CONFIGS
from fpcli.model.features import StepDeltas
from fpcli.training import published_training as published


def test_differences_are_squared_in_both_directions() -> None:
    """Steps of 2 and -1 in every part give Δ = ½ (2 + 2) = 2 and -1, as λ sums to one."""
    parts = torch.tensor([2.0, -1.0]).view(2, 1, 1).expand(2, 1, 3)
    deltas = StepDeltas(dynamic=parts, static=parts)
    assert published.delta_loss(deltas, torch.tensor([5.0])) == pytest.approx(3**2 + 4**2)


def test_transitions_are_one_frame_each() -> None:
    even = torch.zeros(3, 96, 2)
    frames = torch.tensor([[3, 60], [40, 90], [0, 95]])
    assert published.transition_loss(even, frames) == pytest.approx(math.log(2))
    sure = torch.full((3, 96, 2), -20.0)
    for dive, pair in enumerate(frames.tolist()):
        for k, frame in enumerate(pair):
            sure[dive, frame, k] = 20.0
    assert published.transition_loss(sure, frames) < 1e-6
    assert published.transition_loss(sure, frames.flip(1)) > 0.3


def test_focal_losses_of_the_five_masks_are_added() -> None:
    """A probability of one half costs 0.25 log 2 a pixel and mask, whatever is true."""
    logits = torch.zeros(2, 3, 5, 4, 6, 6)
    target = torch.zeros(2, 3, 1, 4, 6, 6)
    target[:, :, :, :, :2] = 1
    assert published.mask_loss(logits, target) == pytest.approx(5 * 0.25 * math.log(2))
    logits[:, :, 4] = torch.where(target[:, :, 0] > 0, 30.0, -30.0)
    assert published.mask_loss(logits, target) == pytest.approx(4 * 0.25 * math.log(2))


def test_each_dive_is_compared_with_one_other_of_its_number() -> None:
    numbers = ["107B", "107B", "107B", "205B", "205B", "301C"]
    labels = [label(place, number=number) for place, number in enumerate(numbers)]
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(40):
        query, exemplar = published.draw_pairs(labels, rng)
        assert query.tolist() == [0, 1, 2, 3, 4]
        pairs = list(zip(query.tolist(), exemplar.tolist(), strict=True))
        assert all(numbers[q] == numbers[z] and q != z for q, z in pairs)
        seen |= set(pairs)
    assert len(seen) == 6 + 2


def test_without_two_dives_of_a_number_there_is_no_pair() -> None:
    labels = [label(place, number=number) for place, number in enumerate(["107B", "205B"])]
    query, exemplar = published.draw_pairs(labels, np.random.default_rng(0))
    assert len(query) == len(exemplar) == 0


@pytest.mark.parametrize(
    ("epoch", "share"), [(0, 0), (2.5, 0.5), (5, 1), (202.5, 0.55), (400, 0.1), (500, 0.1)]
)
def test_the_rate_rises_and_falls(epoch: float, share: float) -> None:
    assert published.rate_share(epoch) == pytest.approx(share)


def test_the_dynamic_trunk_learns_slowly_and_everything_learns_once() -> None:
    with torch.device("meta"):
        network = build(CONFIGS["paper"])
    fast, slow = published.make_optimizer(network).param_groups
    assert (fast["lr"], slow["lr"]) == pytest.approx((1e-3, 1e-4))
    assert sum(parameter.numel() for parameter in slow["params"]) == 12_287_264
    learned = {id(parameter) for group in (fast, slow) for parameter in group["params"]}
    assert learned == {id(parameter) for parameter in network.parameters()}


def test_frozen_norms_stay_as_they_are_while_others_learn() -> None:
    with torch.device("meta"):
        network = build(CONFIGS["paper"]).train()
    published.freeze_trunk_norms(network)
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm3d)]
    assert norms
    assert not any(norm.training or norm.weight.requires_grad for norm in norms)
    assert network.static_encoder.training
    assert any(norm.training for norm in network.modules() if isinstance(norm, nn.BatchNorm2d))
