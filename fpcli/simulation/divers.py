"""The divers over what stands still: motion blur, water in between, and whose each pixel is."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from fpcli.simulation.background import CHUNK_FRAMES
from fpcli.simulation.canvas import Canvas
from fpcli.simulation.cones import Patch, cast
from fpcli.simulation.devices import at_once
from fpcli.simulation.figure import body_cones
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.scene import Scene
from fpcli.simulation.skeleton import STANDING_RADII
from fpcli.simulation.view import View

MOMENTS = 3  # moments of one exposure that are averaged
SEEN = 0.35  # share of a body's light that must pass the water for it to count as visible
SMEAR_TAPS = 5
SMEAR_FROM_PX = 1.0
SMEAR_DEPTH_M = 15.0


def smear(canvas: Canvas, opened: View, closed: View) -> None:
    """Blur what stands still by the camera's own turning during the exposure."""
    device = canvas.colour.device
    ahead = opened.position + SMEAR_DEPTH_M * opened.rotation[:, 2]
    shift = closed.project(ahead)[0] - opened.project(ahead)[0]
    shift = shift * (MOMENTS / (MOMENTS - 1))
    frames = (shift.norm(dim=-1) > SMEAR_FROM_PX).nonzero()[:, 0]
    height, width = opened.height, opened.width
    size = len(frames) if at_once(device) else CHUNK_FRAMES
    for chunk in frames.split(size) if len(frames) else ():
        there = chunk.to(device)
        sharp = canvas.colour[there].permute(0, 3, 1, 2)
        step = (shift[chunk] * 2 / torch.tensor((width, height))).to(device)
        turn = torch.eye(2, 3, device=device).repeat(len(chunk), 1, 1)
        blurred = torch.zeros_like(sharp)
        for tap in np.linspace(-0.5, 0.5, SMEAR_TAPS).tolist():
            turn[:, :, 2] = step * tap
            grid = affine_grid(turn, [len(chunk), 3, height, width], align_corners=False)
            blurred += grid_sample(sharp, grid, align_corners=False, padding_mode="border")
        canvas.colour[there] = (blurred / SMEAR_TAPS).permute(0, 2, 3, 1)


def draw_divers(
    canvas: Canvas,
    motions: tuple[DiveMotion, ...],
    scene: Scene,
    exposed: list[tuple[np.ndarray, View]],
) -> Tensor:
    """Average the moments of the exposure: each is drawn over what stands still behind.

    exposed: MOMENTS times of the dive (T,) and views. Returns the share of each pixel that a diver
    covers, (D, T, H, W).
    """
    count, shape = len(exposed), canvas.depth_m.shape
    if at_once(canvas.colour.device):
        times_s = np.concatenate([times_s for times_s, _ in exposed])
        exposed = [(times_s, View.joined([view for _, view in exposed]))]
    repeats = count // len(exposed)
    gained = torch.zeros_like(canvas.colour)
    kept = torch.zeros_like(canvas.depth_m)
    masks = torch.zeros((len(motions), *shape), device=kept.device)
    for times_s, view in exposed:
        behind = canvas.depth_m.repeat(repeats, 1, 1)
        colour, cover, own = _drawn(behind, motions, scene, times_s, view)
        gained += colour.view(repeats, *shape, 3).sum(0)
        kept += repeats - cover.view(repeats, *shape).sum(0)
        masks += own.view(len(motions), repeats, *shape).sum(1)
    canvas.colour.mul_((kept / count)[..., None]).add_(gained / count)
    return masks / count


def _drawn(
    nearest: Tensor,
    motions: tuple[DiveMotion, ...],
    scene: Scene,
    times_s: np.ndarray,
    view: View,
) -> tuple[Tensor, Tensor, Tensor]:
    """The divers before what is nearest (T, H, W), which they change.

    Returns colour times cover (T, H, W, 3), cover (T, H, W) and masks (D, T, H, W).
    """
    venue, device = scene.venue, nearest.device
    colour, cover = torch.zeros((*nearest.shape, 3), device=device), torch.zeros_like(nearest)
    own = torch.zeros((len(motions), *nearest.shape), device=device)
    for number, motion in enumerate(motions):
        cones = body_cones(
            torch.from_numpy(motion.at(times_s)),
            torch.from_numpy(motion.face_at(times_s)),
            torch.from_numpy(motion.radii / STANDING_RADII),
            scene.looks[number],
        )
        for patch in cast(cones, view, venue.light, venue.ambient, device):
            index = patch.index()
            through = through_water(patch, view, venue.clearness_m)
            behind = nearest[index]
            shown = torch.where(patch.depth_m < behind, patch.alpha, 0.0)
            alpha, mask = shown * through, torch.where(through >= SEEN, shown, 0.0)
            rest = 1 - alpha
            colour[index] = colour[index] * rest[..., None] + patch.colour * alpha[..., None]
            cover[index] = 1 - (1 - cover[index]) * rest
            for other in range(number):
                own[other][index] *= 1 - mask
            own[number][index] = mask
            nearest[index] = torch.where(mask > 0.5, patch.depth_m, behind)
    return colour, cover, own


def through_water(patch: Patch, view: View, clearness_m: float) -> Tensor:
    """Share of a body's light that reaches the camera, (N, h, w): 1 above the surface."""
    seen = view.at(patch.frames)
    origin, along, down = (term[:, 1] for term in seen.ray_terms())
    height, width = patch.alpha.shape[1:]
    device = patch.alpha.device
    x = patch.left[:, None] + torch.arange(width) + 0.5
    y = patch.top[:, None] + torch.arange(height) + 0.5
    across = (origin[:, None] + along[:, None] * x).to(device)
    fall = across[:, None] + (down[:, None] * y).to(device)[:, :, None]
    level = seen.position[:, 1].to(device)[:, None, None] + fall * patch.depth_m
    way = torch.where(fall < -1e-6, level / fall.clamp(max=-1e-6), 0.0).clamp(min=0)
    return torch.exp(-way / clearness_m) * torch.where(way > 0, 0.8, 1.0)
