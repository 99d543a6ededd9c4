"""Flat faces in the picture, and how all of them are drawn in a few operations."""

from dataclasses import dataclass

import torch
from torch import Tensor

from fpcli.simulation.devices import spread
from fpcli.simulation.view import View

COVERED = 0.5  # coverage from which a pixel takes over the depth of what covers it
LAYERS = 2  # faces blended in one pixel: an edge and what it hides
PIXELS_AT_ONCE = 3_000_000  # of windows, bounds the memory of a device


@dataclass(frozen=True, eq=False)
class Faces:
    """N faces, each as one frame sees it; terms are a constant, a share of x and a share of y.

    edges: (N, 4, 3) the terms of how far inside an edge a pixel is, in pixels, and half of one.
    nearness: (N, 3) the terms of 1 over the depth, 1 over metres.
    """

    edges: Tensor
    nearness: Tensor


@dataclass(frozen=True, eq=False)
class Windows:
    """Where N faces may show: frames (N,), the first pixel (N, 2) and the one after the last."""

    frames: Tensor
    low: Tensor
    high: Tensor

    @property
    def sizes(self) -> Tensor:
        """(N, 2) pixels across and down."""
        return self.high - self.low


def faces_of(corners: Tensor, view: View) -> Faces:
    """Faces with corners (N, 4, 3), each seen in its own frame of view."""
    relative = corners - view.position[:, None]
    terms = torch.stack(view.ray_terms(), dim=1)  # (N, 3 terms, 3 axes)
    plane = torch.linalg.cross(relative[:, 1] - relative[:, 0], relative[:, 2] - relative[:, 0])
    offset = (plane * relative[:, 0]).sum(-1)
    normals = torch.linalg.cross(relative, relative.roll(-1, 1))
    # Seen from behind, every edge's plane points outwards: turn them all round.
    normals = normals * torch.where(offset > 0, 1.0, -1.0)[:, None, None]
    edges = normals @ terms.transpose(1, 2)
    edges = edges / torch.hypot(edges[..., 1], edges[..., 2]).clamp(min=1e-12)[..., None]
    edges[..., 0] += 0.5
    flat = torch.where(offset.abs() < 1e-9, 1e-9, offset)
    return Faces(edges, (terms @ plane[..., None])[..., 0] / flat[:, None])


def draw_faces(
    colour: Tensor, depth_m: Tensor, faces: Faces, windows: Windows, tints: Tensor
) -> None:
    """Draw N faces over colour (T, H, W, 3) and depth_m (T, H, W), in place and all at once.

    faces, windows and tints (N, 3) are on the CPU. The LAYERS nearest faces of a pixel are blended.
    """
    areas = windows.sizes.prod(1)
    cuts = torch.arange(1, int(areas.sum()) // PIXELS_AT_ONCE + 1) * PIXELS_AT_ONCE
    bounds = torch.searchsorted(areas.cumsum(0), cuts)
    for some in torch.arange(len(areas)).tensor_split(bounds):
        if len(some):
            part = Windows(windows.frames[some], windows.low[some], windows.high[some])
            _draw_some(
                colour, depth_m, Faces(faces.edges[some], faces.nearness[some]), part, tints[some]
            )


def _draw_some(
    colour: Tensor, depth_m: Tensor, faces: Faces, windows: Windows, tints: Tensor
) -> None:
    device, (height, width) = colour.device, depth_m.shape[1:]
    owner, column, row = spread(windows.sizes, device)
    corner = (windows.frames * height + windows.low[:, 1]) * width + windows.low[:, 0]
    pixel = corner.to(device)[owner] + row * width + column
    table = torch.cat((faces.edges.flatten(1), faces.nearness, windows.low + 0.5), dim=1)
    known = table.T.contiguous().to(device).index_select(1, owner)
    x, y = known[15] + column, known[16] + row
    alpha = torch.ones_like(x)
    for t0, tx, ty in known[:12].unflatten(0, (4, 3)):
        alpha = torch.minimum(alpha, (t0 + tx * x) + ty * y)
    nearness = (known[12] + known[13] * x) + known[14] * y
    distances = depth_m.view(-1)
    shown = (alpha > 0) & (nearness * distances[pixel] > 1)
    nearness = torch.where(shown, nearness, 0.0)
    left = torch.ones_like(distances)
    added = torch.zeros((len(distances), 3), device=device)
    nearest_m = distances.clone()
    tints = tints.to(device)
    pixels = colour.view(-1, 3)
    spare = len(distances)  # a place for what is not the nearest
    for _ in range(LAYERS):
        best = torch.zeros_like(distances).scatter_reduce_(0, pixel, nearness, "amax")
        wins = (nearness > 0) & (nearness == best[pixel])
        into = torch.where(wins, pixel, spare)
        cover = torch.zeros(spare + 1, device=device).index_copy_(0, into, alpha)[:-1]
        winner = torch.zeros(spare + 1, dtype=torch.long, device=device)
        winner = winner.index_copy_(0, into, owner)[:-1]
        added += (left * cover)[:, None] * tints[winner]
        solid = (cover >= COVERED) & (left > 1 - COVERED)
        nearest_m = torch.where(solid, 1 / best, nearest_m)
        left = left * (1 - cover)
        nearness = torch.where(wins, 0.0, nearness)
    pixels.mul_(left[:, None]).add_(added)
    distances.copy_(nearest_m)
