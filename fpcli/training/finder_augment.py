"""What the finder's moments go through before it learns from them, a whole batch at once.

The changes are those that other cameras, other coding and a poor estimate of the camera's motion
would make. Everything runs on the device that the pool lies on.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from fpcli.model.finder import finder_input, luma_of
from fpcli.training.finder_samples import ABSENT

BLOCK_PX = 8
FULL = 255.0


@dataclass(frozen=True)
class FinderChange:
    """Strengths of the changes; a share is of the moments.

    zoom: smallest and largest. turn_rad: largest. aimed: share of crops that hold a diver. gain,
    bias: of contrast and brightness, by channel half as much. gamma: largest change. noise: of
    0-255. blurred, blocky, shot: shares that are softened, coded coarsely, and crossed by things
    that fly. shift_px, stretch: standard deviations of the alignment's errors; lost: share of the
    moments that are not aligned at all, rough: that are aligned five times worse, alone: that lack
    a neighbour on either side.
    """

    zoom: tuple[float, float] = (0.7, 1.5)
    turn_rad: float = 0.08
    aimed: float = 0.75
    gain: float = 0.3
    bias: float = 0.1
    gamma: float = 0.3
    noise: float = 8.0
    blurred: float = 0.4
    blocky: float = 0.3
    shot: float = 0.35
    shift_px: float = 0.35
    stretch: float = 0.0015
    lost: float = 0.06
    rough: float = 0.15
    alone: float = 0.04


@dataclass(frozen=True, eq=False)
class FinderBatch:
    """Input (B, 5, h, w) and truth: centres (B, D, 2), statures_px (B, D), states (B, D)."""

    pictures: Tensor
    centres: Tensor
    statures_px: Tensor
    states: Tensor


def prepared(
    pictures: Tensor,
    homographies: Tensor,
    centres: Tensor,
    statures_px: Tensor,
    states: Tensor,
    *,
    canvas: tuple[int, int],
    change: FinderChange | None,
    rng: torch.Generator,
) -> FinderBatch:
    """Crop, align and change B moments as `finder_samples.SceneMoments` holds them.

    canvas: height and width that the finder reads. change None shows the middle of each picture,
    aligned exactly. rng: of the tensors' device.
    """
    count, _, height, width = pictures.shape
    onto = _crops(centres, states, (height, width), canvas, change, rng)
    mistaken = _mistakes(count, canvas, change, rng)
    lost = torch.zeros((count, 1, 1, 1), device=pictures.device)
    if change is not None:
        lost = _random(rng, count, 1, 1, 1).lt(change.lost).float()
    still = torch.eye(3, device=pictures.device)
    homographies = homographies * (1 - lost) + still * lost
    seen, inside = _sampled(pictures[:, :3].float(), onto, canvas)
    luma = luma_of(seen.movedim(1, -1))
    moved = []
    for side in (0, 1):
        way = homographies[:, side] @ onto @ mistaken[:, side]
        neighbour, reached = _sampled(pictures[:, 3 + side, None].float(), way, canvas)
        moved.append((luma - neighbour[:, 0]) * (reached & inside))
    differences = torch.stack(moved, dim=1)
    if change is not None:
        seen, differences = _crossed(seen, differences, change, rng)
        seen, differences = _developed(seen, differences, change, rng)
        differences = differences * (_random(rng, count, 2, 1, 1) >= change.alone)
    seen = seen * inside[:, None]
    luma = luma_of(seen.movedim(1, -1))
    differences = differences * inside[:, None]
    read = finder_input(seen.movedim(1, -1), luma - differences[:, 0], luma - differences[:, 1])
    back = torch.linalg.inv(onto)
    places = centres @ back[:, :2, :2].transpose(1, 2) + back[:, None, :2, 2]
    size = places.new_tensor((canvas[1], canvas[0]))
    shown = ((places >= 0) & (places < size)).all(dim=-1)
    scale = torch.linalg.det(back[:, :2, :2]).abs().sqrt()
    return FinderBatch(
        read, places, statures_px * scale[:, None], torch.where(shown, states, ABSENT)
    )


def _random(rng: torch.Generator, *shape: int) -> Tensor:
    return torch.rand(shape, generator=rng, device=rng.device)


def _spread(rng: torch.Generator, *shape: int) -> Tensor:
    return 2 * _random(rng, *shape) - 1


def _normal(rng: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(shape, generator=rng, device=rng.device)


def _crops(
    centres: Tensor,
    states: Tensor,
    size: tuple[int, int],
    canvas: tuple[int, int],
    change: FinderChange | None,
    rng: torch.Generator,
) -> Tensor:
    """(B, 3, 3) from the canvas's pixels to the picture's."""
    count = len(centres)
    whole = centres.new_tensor((size[1], size[0]))
    shown = centres.new_tensor((canvas[1], canvas[0]))
    onto = torch.eye(3, device=centres.device).repeat(count, 1, 1)
    if change is None:
        onto[:, :2, 2] = (whole - shown) / 2
        return onto
    low, high = (torch.tensor(edge).log() for edge in change.zoom)
    zoom = torch.exp(low + (high - low) * _random(rng, count))
    turn = change.turn_rad * _spread(rng, count)
    flip = torch.where(_random(rng, count) < 0.5, -1.0, 1.0)
    onto[:, 0, 0], onto[:, 0, 1] = flip * turn.cos() / zoom, -turn.sin() / zoom
    onto[:, 1, 0], onto[:, 1, 1] = flip * turn.sin() / zoom, turn.cos() / zoom
    reach = shown / zoom[:, None] / 2
    room = (whole / 2 - reach).clamp(min=0) + 0.1 * reach
    aimed = centres[:, 0] + 0.9 * reach * _spread(rng, count, 2)
    held = (_random(rng, count) < change.aimed) & (states[:, 0] != ABSENT)
    middle = torch.where(held[:, None], aimed, whole / 2 + room * _spread(rng, count, 2))
    middle = torch.minimum(torch.maximum(middle, whole / 2 - room), whole / 2 + room)
    onto[:, :2, 2] = middle - (onto[:, :2, :2] @ (shown / 2)[:, None])[..., 0]
    return onto


def _mistakes(
    count: int, canvas: tuple[int, int], change: FinderChange | None, rng: torch.Generator
) -> Tensor:
    """(B, 2, 3, 3) what the estimate of the camera's motion gets wrong, in the canvas's pixels."""
    wrong = torch.eye(3, device=rng.device).repeat(count, 2, 1, 1)
    if change is None:
        return wrong
    worse = torch.where(_random(rng, count, 1, 1) < change.rough, 5.0, 1.0)
    wrong[:, :, :2, :2] += change.stretch * worse[..., None] * _normal(rng, count, 2, 2, 2)
    middle = torch.tensor((canvas[1] / 2, canvas[0] / 2), device=rng.device)
    shift = change.shift_px * worse * _normal(rng, count, 2, 2)
    wrong[:, :, :2, 2] = shift + middle - (wrong[:, :, :2, :2] @ middle[:, None])[..., 0]
    return wrong


def _sampled(pictures: Tensor, onto: Tensor, canvas: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Pictures (B, C, h, w) read through (B, 3, 3) canvas-to-picture maps, and where they reach."""
    height, width = pictures.shape[2:]
    x = torch.arange(canvas[1], device=onto.device) + 0.5
    y = torch.arange(canvas[0], device=onto.device) + 0.5
    across = onto[:, None, None, :, 0] * x[:, None] + onto[:, None, None, :, 2]
    way = across + onto[:, None, None, :, 1] * y[:, None, None]
    places = way[..., :2] / way[..., 2:]
    places = places * places.new_tensor((2 / width, 2 / height)) - 1
    reached = (places.abs() <= 1).all(dim=-1)
    sampled = F.grid_sample(pictures, places, align_corners=False, padding_mode="border")
    return sampled, reached


def _crossed(
    seen: Tensor, differences: Tensor, change: FinderChange, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Let something that is no diver fly through some of the pictures: a plain ellipse."""
    count, _, height, width = seen.shape
    size = seen.new_tensor((width, height))
    place = _random(rng, count, 2) * size
    radii = torch.exp(1.0 + 2.3 * _random(rng, count, 2))
    way = 25 * _normal(rng, count, 2)
    colour = FULL * _random(rng, count, 3, 1, 1)
    there = (_random(rng, count) < change.shot).float()[:, None, None]
    x = torch.arange(width, device=seen.device)[None, None, :]
    y = torch.arange(height, device=seen.device)[None, :, None]

    def cover(share: float) -> Tensor:
        at = place + share * way
        gone = ((x - at[:, 0, None, None]) / radii[:, 0, None, None]) ** 2
        gone = gone + ((y - at[:, 1, None, None]) / radii[:, 1, None, None]) ** 2
        return there * (4 * (1 - gone)).clamp(0, 1)

    luma = luma_of(seen.movedim(1, -1))
    neighbours = luma[:, None] - differences
    shade = luma_of(colour.movedim(1, -1))
    seen = torch.lerp(seen, colour.expand_as(seen), cover(0.0)[:, None])
    before = torch.lerp(neighbours[:, 0], shade.expand_as(luma), cover(-1.0))
    after = torch.lerp(neighbours[:, 1], shade.expand_as(luma), cover(1.0))
    luma = luma_of(seen.movedim(1, -1))
    return seen, torch.stack([luma - before, luma - after], dim=1)


def _developed(
    seen: Tensor, differences: Tensor, change: FinderChange, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Softness, coarse coding, light, tint and noise."""
    count = len(seen)
    together = torch.cat([seen, differences], dim=1)
    soft = (_random(rng, count, 1, 1, 1) < change.blurred) * _random(rng, count, 1, 1, 1)
    wide = F.avg_pool2d(F.pad(together, (1, 1, 1, 1), mode="replicate"), 3, 1)
    together = torch.lerp(together, wide, soft)
    coarse = (_random(rng, count, 1, 1, 1) < change.blocky) * _random(rng, count, 1, 1, 1)
    blocks = F.avg_pool2d(together, BLOCK_PX, ceil_mode=True)
    blocks = F.interpolate(blocks, scale_factor=float(BLOCK_PX), mode="nearest")
    blocks = blocks[:, :, : seen.shape[2], : seen.shape[3]]
    together = torch.lerp(together, blocks, 0.7 * coarse)
    seen, differences = together[:, :3], together[:, 3:]
    brighter = 1 + change.gain * _spread(rng, count, 1, 1, 1)
    gain = brighter * (1 + change.gain / 2 * _spread(rng, count, 3, 1, 1))
    bias = change.bias * (_spread(rng, count, 1, 1, 1) + _spread(rng, count, 3, 1, 1) / 2)
    gamma = 1 + change.gamma * _spread(rng, count, 1, 1, 1)
    grey = luma_of(seen.movedim(1, -1))[:, None]
    seen = torch.lerp(grey.expand_as(seen), seen, 1 + 0.6 * _spread(rng, count, 1, 1, 1))
    light = ((seen / FULL - 0.5) * gain + 0.5 + bias).clamp(1e-3, 1)
    seen = FULL * light**gamma
    noise = change.noise * _random(rng, count, 1, 1, 1) ** 2
    seen = (seen + noise * _normal(rng, *seen.shape)).clamp(0, FULL).round()
    return seen, differences * brighter + noise * _normal(rng, *differences.shape)
