"""What one dive contributes to a comparison, and what a comparison yields.

These are the only things that pass between the encoders and the comparing head, and the only things
cached for an exemplar.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

STEPS = ("take-off", "flight", "entry")
STEP_WEIGHTS = (0.3, 0.5, 0.2)  # λ of the paper's score: take-off, flight, entry


@dataclass(frozen=True, eq=False)
class DiveFeatures:
    """Features of B dives (about 40 kB a dive at the paper's size).

    dynamic: (B, 9, F) masked features of the nine snippets (F = 1024 at the paper's size).
    static: (B, 3, 4, D) the static encoder's tokens, four a step (D = 64).
    transitions: (B, 96, 2) probability that a transition lies on a frame.
    """

    dynamic: Tensor
    static: Tensor
    transitions: Tensor

    def __len__(self) -> int:
        """Return the number of dives, B."""
        return len(self.dynamic)

    def __getitem__(self, index: slice | Tensor) -> "DiveFeatures":
        """Return the dives that a slice, a boolean mask or an index tensor selects."""
        return DiveFeatures(self.dynamic[index], self.static[index], self.transitions[index])

    def to(
        self, device: torch.device | str | None = None, dtype: torch.dtype | None = None
    ) -> "DiveFeatures":
        """Move or cast every tensor, as `Tensor.to` does."""
        return DiveFeatures(
            self.dynamic.to(device, dtype),
            self.static.to(device, dtype),
            self.transitions.to(device, dtype),
        )

    @property
    def boundaries(self) -> Tensor:
        """(B, 2) int64: transition k is the arg max of column k over the frames of its own half."""
        half = self.transitions.shape[1] // 2
        first = self.transitions[:, :half, 0].argmax(dim=1)
        second = self.transitions[:, half:, 1].argmax(dim=1) + half
        return torch.stack([first, second], dim=1)

    @staticmethod
    def concatenate(parts: Sequence["DiveFeatures"]) -> "DiveFeatures":
        """Join several batches of dives into one."""
        return DiveFeatures(
            torch.cat([part.dynamic for part in parts]),
            torch.cat([part.static for part in parts]),
            torch.cat([part.transitions for part in parts]),
        )


@dataclass(frozen=True, eq=False)
class Encoding:
    """All that the encoders say of B clips.

    features: what a comparison needs. masks: (B, 96, H, W) probability that a pixel is the diver,
    the mean over the snippets that hold the frame.
    """

    features: DiveFeatures
    masks: Tensor


@dataclass(frozen=True, eq=False)
class StepDeltas:
    """Predicted differences of N pairs, by step and stream, before the step weights λ.

    dynamic, static: (2, N, 3). Along the first axis: query against exemplar (an estimate of
    y_q - y_z), then exemplar against query (an estimate of y_z - y_q). In the unit of the model's
    `target`.
    """

    dynamic: Tensor
    static: Tensor

    @property
    def directions(self) -> Tensor:
        """(2, N): Δ = ½ Σ_l λ_l (R_V^l + R_S^l), for each direction."""
        weights = self.dynamic.new_tensor(STEP_WEIGHTS)
        return ((self.dynamic + self.static) * weights).sum(dim=-1) / 2

    def contributions(self) -> Tensor:
        """(N, 3, 2): each step's dynamic and static part of Δ, both directions averaged.

        Sums over the last two axes to (Δ_qz - Δ_zq) / 2.
        """
        weights = self.dynamic.new_tensor(STEP_WEIGHTS)
        both = torch.stack([self.dynamic, self.static], dim=-1) * weights[:, None] / 2
        return (both[0] - both[1]) / 2
