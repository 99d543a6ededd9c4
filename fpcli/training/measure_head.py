"""A helper of training: it reads from a dive's features what can be measured of the dive.

A mark says little about what was wrong. The simulator knows the height of the take-off, the bend of
the knees, the angle of the entry; asked for them, the encoders learn to see them in a fraction of
the steps. The head is thrown away when training is over.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from fpcli.model.config import SNIPPETS, ModelConfig
from fpcli.model.features import STEPS, DiveFeatures
from fpcli.training.samples import DiveLabel

TOKENS_A_STEP = 4
SNIPPET_WIDTH = 64
HIDDEN = 256
FARTHEST = 3.0  # standard deviations at which a target is cut off


def truths(label: DiveLabel) -> dict[str, float]:
    """All that a dive's features could be asked for; nothing where the truth is not known."""
    if label.measures is None or label.step_deductions is None:
        return {}
    steps = dict(zip(STEPS, label.step_deductions, strict=True))
    return {"mark": label.mark} | steps | dict(label.measures)


class MeasureHead(nn.Module):
    """An MLP from the tokens and snippets of a dive to its standardised measures.

    labels: dives with known measures that set the scales. Raises ValueError without any.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, config: ModelConfig, labels: Sequence[DiveLabel]) -> None:
        super().__init__()
        rows = [found for label in labels if (found := truths(label))]
        if not rows:
            raise ValueError("no dive tells its measures")
        self.names = tuple(sorted(rows[0]))
        table = torch.tensor([[row[name] for name in self.names] for row in rows])
        self.register_buffer("centre", table.mean(dim=0))
        self.register_buffer("spread", table.std(dim=0, correction=0).clamp(min=1e-3))
        self.narrow = nn.Linear(config.dynamic_width, SNIPPET_WIDTH)
        inputs = SNIPPETS * SNIPPET_WIDTH + len(STEPS) * TOKENS_A_STEP * config.token_width
        self.mlp = nn.Sequential(
            nn.Linear(inputs, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, len(self.names))
        )

    def forward(self, features: DiveFeatures) -> Tensor:
        """Map features of B dives to (B, K) standardised measures, in the order of names."""
        snippets = functional.gelu(self.narrow(features.dynamic)).flatten(1)
        found: Tensor = self.mlp(torch.cat([snippets, features.static.flatten(1)], dim=1))
        return found

    def loss(self, features: DiveFeatures, labels: Sequence[DiveLabel]) -> Tensor:
        """Huber loss against the measures of the dives that tell them; 0 if none does."""
        known = [place for place, label in enumerate(labels) if truths(label)]
        if not known:
            # Processes that share a batch expect gradients of everything.
            return 0 * torch.stack([parameter.sum() for parameter in self.parameters()]).sum()
        table = [[truths(labels[place])[name] for name in self.names] for place in known]
        wanted = (torch.tensor(table).to(self.centre) - self.centre) / self.spread
        found = self(features[torch.tensor(known, device=self.centre.device)])
        return functional.smooth_l1_loss(found, wanted.clamp(-FARTHEST, FARTHEST))
