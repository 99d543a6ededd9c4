"""What the finder is asked for at each point of its grid, and how wrong it is."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from fpcli.model.finder import GRID_PX, PHASES, FinderMaps
from fpcli.training.finder_samples import UNSURE

BELL_STATURES, NARROWEST_PX = 0.07, 4.0  # standard deviation of the bell around a diver's middle
READ_FROM = 0.5  # height of the bell from which size, offset and phase are asked for
UNSURE_STATURES = 0.6  # around a diver who may or may not be seen, nothing is asked for
HARD, NEAR = 2.0, 4.0  # exponents of the focal loss, and of its mildness beside a diver
OFFSET_WEIGHT, STATURE_WEIGHT, PHASE_WEIGHT = 0.3, 1.0, 0.5


@dataclass(frozen=True, eq=False)
class FinderLosses:
    """Means over the batch's divers. total: their weighted sum."""

    diver: Tensor
    offset: Tensor
    stature: Tensor
    phase: Tensor

    @property
    def total(self) -> Tensor:
        """The loss that is learned from."""
        return (
            self.diver
            + OFFSET_WEIGHT * self.offset
            + STATURE_WEIGHT * self.stature
            + PHASE_WEIGHT * self.phase
        )


def finder_losses(
    maps: FinderMaps, centres: Tensor, statures_px: Tensor, states: Tensor
) -> FinderLosses:
    """Compare maps with the truth of B pictures.

    centres: (B, D, 2) pixels. statures_px: (B, D). states: (B, D) as in `finder_samples`.
    """
    height, width = maps.diver.shape[1:]
    points = torch.stack(
        torch.meshgrid(
            torch.arange(width, device=centres.device) + 0.5,
            torch.arange(height, device=centres.device) + 0.5,
            indexing="xy",
        ),
        dim=-1,
    )
    gap = centres[:, :, None, None] / GRID_PX - points
    gap_px = gap.norm(dim=-1) * GRID_PX
    there = states < len(PHASES)
    sigma = (BELL_STATURES * statures_px).clamp(min=NARROWEST_PX)[..., None, None]
    bells = torch.exp(-((gap_px / sigma) ** 2) / 2) * there[..., None, None]
    nearest = _nearest(centres, there, (height, width))
    bell, diver = bells.max(dim=1)
    unsure = (gap_px < UNSURE_STATURES * statures_px[..., None, None]) & (states == UNSURE)[
        ..., None, None
    ]
    asked = ~unsure.any(dim=1) | nearest
    focal = _focal(maps.diver, bell, nearest) * asked
    known = there.sum().clamp(min=1)
    weight = torch.where(bell >= READ_FROM, bell, 0.0)
    weight = torch.maximum(weight, nearest.float())
    weight = weight / weight.sum().clamp(min=1)
    own = diver[:, None, :, :, None].expand(-1, 1, -1, -1, 2)
    offset = gap.gather(1, own)[:, 0].permute(0, 3, 1, 2)
    size = statures_px.log().gather(1, diver.flatten(1)).view_as(bell)
    phase = states.clamp(max=len(PHASES) - 1).gather(1, diver.flatten(1)).view_as(diver)
    return FinderLosses(
        diver=focal.sum() / known,
        offset=((maps.offset - offset).abs().sum(dim=1) * weight).sum(),
        stature=((maps.log_stature - size).abs() * weight).sum(),
        phase=(F.cross_entropy(maps.phase, phase, reduction="none") * weight).sum(),
    )


def _nearest(centres: Tensor, there: Tensor, grid: tuple[int, int]) -> Tensor:
    """(B, h, w) whether a point is the nearest to the middle of a diver who is there."""
    count = len(centres)
    cells = (centres / GRID_PX).long()
    column, row = cells[..., 0].clamp(0, grid[1] - 1), cells[..., 1].clamp(0, grid[0] - 1)
    marked = torch.zeros((count, grid[0] * grid[1]), device=centres.device)
    marked.scatter_add_(1, row * grid[1] + column, there.float())
    return marked.view(count, *grid) > 0


def _focal(logits: Tensor, bell: Tensor, nearest: Tensor) -> Tensor:
    """CenterNet's focal loss at each point (Zhou et al. 2019, equation 1)."""
    share = logits.sigmoid()
    right = (1 - share) ** HARD * F.softplus(-logits)
    wrong = (1 - bell) ** NEAR * share**HARD * F.softplus(logits)
    return torch.where(nearest, right, wrong)
