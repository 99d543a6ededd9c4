"""What training makes small: errors of differences, of step boundaries, of masks."""

import torch
from torch import Tensor
from torch.nn import functional

from fpcli.model.features import StepDeltas

FOCAL_GAMMA = 2.0


def delta_loss(deltas: StepDeltas, difference: Tensor) -> Tensor:
    """Huber loss of both directions against the true differences.

    difference: (N,) y_q - y_z in the network's unit. The paper squares raw points; marks have a
    spread near one, so that this loss stands level with the others, and Huber keeps one failed
    dive from ruling a batch.
    """
    wanted = torch.stack([difference, -difference])
    return functional.smooth_l1_loss(deltas.directions, wanted)


def step_loss(deltas: StepDeltas, differences: Tensor) -> Tensor:
    """Huber loss of each step's contribution where the true one is known (simulated dives only).

    differences: (N, 3) marks that the query won over the exemplar in each step.
    """
    return functional.smooth_l1_loss(deltas.contributions().sum(dim=2), differences)


def transition_target(transitions: Tensor, frames: int, sigma: float) -> Tensor:
    """(B, frames, 2): the probability that each transition lies on each frame, 1 in all.

    A bell of width sigma frames about each of transitions (B, 2): labels are no surer than that.
    """
    axis = torch.arange(frames, device=transitions.device).view(1, -1, 1)
    distance = (axis - transitions[:, None, :]) / sigma
    return torch.softmax(-(distance**2) / 2, dim=1)


def transition_loss(logits: Tensor, transitions: Tensor, sigma: float) -> Tensor:
    """Binary cross-entropy of the transition map (paper, TAP), above that of a perfect answer.

    logits: (B, 96, 2), before the sigmoid. Summed over frames and not averaged, so that the few
    that matter weigh as much as an answer does in the other losses.
    """
    target = transition_target(transitions, logits.shape[1], sigma)
    losses = functional.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
    least = -torch.special.xlogy(target, target) - torch.special.xlog1py(1 - target, -target)
    return (losses - least).sum(dim=1).mean()


def mask_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Focal loss plus soft Dice, each of the five masks of a dive by itself.

    logits: (B, 9, 5, T, H, W). target: (B, 9, 1, T, H, W) in 0 to 1. The diver fills a hundredth
    of a picture: focal loss as published is ruled by empty water, and Dice brings the classes
    level.
    """
    logits, target = logits.float(), target.expand_as(logits)
    plain = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    found = torch.sigmoid(logits)
    focal = ((found - target).abs() ** FOCAL_GAMMA * plain).mean()
    everywhere = (1, 3, 4, 5)
    overlap = 2 * (found * target).sum(dim=everywhere) + 1
    dice = 1 - overlap / (found.sum(dim=everywhere) + target.sum(dim=everywhere) + 1)
    return focal + dice.mean()
