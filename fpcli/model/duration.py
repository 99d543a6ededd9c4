"""What the length of a dive adds to its features: frames alone do not tell how fast time goes."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

USUAL_S = 3.8  # from about a second before the take-off to a little after the splash
LOG_SPREAD = 0.25
FARTHEST = 3.0  # log spreads: about twice as long as usual, and half as long
SHORTEST_S = 1e-3
HIDDEN = 32


class DurationInput(nn.Module):
    """A small perceptron whose answer is added to the features of every snippet."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(2, HIDDEN)
        self.out = nn.Linear(HIDDEN, width)

    def forward(self, features: Tensor, durations_s: Tensor | None) -> Tensor:
        """Add what (B,) durations tell to (B, 9, width) features.

        durations_s: not a number, or None for all, where they are not known. Computed in float32
        also where the rest is not: a hundredth of a second matters.
        """
        if durations_s is None:
            durations_s = torch.full((len(features),), torch.nan)
        durations_s = durations_s.to(features.device, torch.float32)
        known = torch.isfinite(durations_s)
        seconds = torch.where(known, durations_s, USUAL_S).clamp(min=SHORTEST_S)
        pace = ((seconds / USUAL_S).log() / LOG_SPREAD).clamp(-FARTHEST, FARTHEST)
        facts = torch.stack([pace, known.float()], dim=1)
        return features + _exact(self.out, F.gelu(_exact(self.hidden, facts)))[:, None]


def _exact(layer: nn.Linear, x: Tensor) -> Tensor:
    """What a layer makes of (B, inputs), by sums that mixed precision leaves in float32."""
    return (x[:, None] * layer.weight).sum(dim=2) + layer.bias
