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
    """(B, frames, 2): a bell of height 1 and width sigma frames about each transition (B, 2)."""
    axis = torch.arange(frames, device=transitions.device).view(1, -1, 1)
    distance = (axis - transitions[:, None, :]) / sigma
    return torch.exp(-(distance**2) / 2)


def transition_loss(probabilities: Tensor, transitions: Tensor, sigma: float) -> Tensor:
    """Binary cross-entropy of the transition map (paper, TAP) against a bell, by frame.

    probabilities: (B, 96, 2). Frames of the bells together weigh as much as all the others.
    """
    target = transition_target(transitions, probabilities.shape[1], sigma)
    losses = functional.binary_cross_entropy(probabilities.float(), target, reduction="none")
    near = target / target.sum(dim=1, keepdim=True)
    far = (1 - target) / (1 - target).sum(dim=1, keepdim=True)
    return (losses * (near + far)).sum(dim=1).mean()


def mask_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Focal loss plus soft Dice of mask logits, any matching shape with the clip first.

    The diver fills a hundredth of a picture: focal loss as published is ruled by empty water, and
    Dice brings the classes level.
    """
    logits = logits.float()
    plain = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    miss = (torch.sigmoid(logits) - target).abs()
    focal = (miss**FOCAL_GAMMA * plain).mean()
    found = torch.sigmoid(logits).flatten(1)
    wanted = target.flatten(1)
    overlap = 2 * (found * wanted).sum(dim=1) + 1
    dice = 1 - overlap / (found.sum(dim=1) + wanted.sum(dim=1) + 1)
    return focal + dice.mean()
