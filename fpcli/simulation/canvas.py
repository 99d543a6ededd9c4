"""A picture under construction: colours and depths of T frames, and what is drawn over them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from fpcli.simulation.cones import Patch
from fpcli.simulation.view import View

MARGIN_PX = 1.0
COVERED = 0.5  # coverage from which a pixel takes over the depth of what covers it


@dataclass(frozen=True, eq=False)
class Quads:
    """Flat convex four-cornered faces.

    corners: (Q, T or 1, 4, 3) metres, in order around the face. colour: (Q, 3) in 0-1, lit.
    """

    corners: Tensor
    colour: Tensor


@dataclass(frozen=True, eq=False)
class Canvas:
    """Frames being drawn, changed in place.

    colour: (T, H, W, 3) float. depth_m: (T, H, W) along the optical axis.
    """

    colour: Tensor
    depth_m: Tensor

    def draw_quads(self, quads: Quads, view: View) -> None:
        """Draw opaque faces with soft edges where nothing nearer was drawn."""
        frames_total = len(self.colour)
        corners = quads.corners.expand(-1, frames_total, -1, -1)
        for number in range(len(corners)):
            self._draw_quad(corners[number], quads.colour[number], view)

    def _draw_quad(self, corners: Tensor, colour: Tensor, view: View) -> None:
        frames, low, high = _quad_windows(corners, view)
        if not len(frames):
            return
        device = corners.device
        width, height = (int(n) for n in (high - low).amax(0))
        left = torch.minimum(low[:, 0], torch.tensor(view.width - width, device=device))
        top = torch.minimum(low[:, 1], torch.tensor(view.height - height, device=device))
        columns = left[:, None] + torch.arange(width, device=device)
        rows = top[:, None] + torch.arange(height, device=device)
        x, y = (columns + 0.5)[:, None, :], (rows + 0.5)[:, :, None]
        view = view.at(frames)
        relative = corners[frames] - view.position[:, None]
        origin, along, down = view.ray_terms()
        normals = torch.linalg.cross(relative, relative.roll(-1, 1))
        plane = torch.linalg.cross(relative[:, 1] - relative[:, 0], relative[:, 2] - relative[:, 0])
        offset = (plane * relative[:, 0]).sum(-1)
        # Seen from behind, every edge's plane points outwards: turn them all round.
        normals = normals * torch.where(offset > 0, 1.0, -1.0)[:, None, None]
        alpha = torch.ones((len(frames), height, width), device=device)
        for edge in range(4):
            normal = normals[:, edge]
            dx, dy = (normal * along).sum(-1), (normal * down).sum(-1)
            slope = torch.hypot(dx, dy).clamp(min=1e-12)
            terms = torch.stack(((normal * origin).sum(-1), dx, dy)) / slope
            t0, tx, ty = terms[:, :, None, None]
            alpha = torch.minimum(alpha, (t0 + 0.5 + tx * x) + ty * y)
        alpha = alpha.clamp(min=0)
        px, py, p0 = ((plane * term).sum(-1)[:, None, None] for term in (along, down, origin))
        slant = p0 + px * x + py * y
        depth = offset[:, None, None] / torch.where(slant.abs() < 1e-9, 1e-9, slant)
        index = (frames[:, None, None], rows[:, :, None], columns[:, None, :])
        behind = self.depth_m[index]
        alpha = torch.where((depth > 0) & (depth < behind), alpha, 0.0)
        mixed = self.colour[index]
        mixed += alpha[..., None] * (colour - mixed)
        self.colour[index] = mixed
        self.depth_m[index] = torch.where(alpha >= COVERED, depth, behind)

    def draw_patch(self, patch: Patch, opacity: Tensor | None = None) -> Tensor:
        """Draw a body where nothing nearer was drawn; returns the coverage left, (N, h, w)."""
        index = patch.index()
        behind = self.depth_m[index]
        alpha = torch.where(patch.depth_m < behind, patch.alpha, 0.0)
        if opacity is not None:
            alpha = alpha * opacity
        mixed = self.colour[index]
        mixed += alpha[..., None] * (patch.colour - mixed)
        self.colour[index] = mixed
        self.depth_m[index] = torch.where(alpha >= COVERED, patch.depth_m, behind)
        return alpha


def _quad_windows(corners: Tensor, view: View) -> tuple[Tensor, Tensor, Tensor]:
    """Frames that may see a face, (N,), and the face's lowest and highest pixel, (N, 2)."""
    points, depth = view.project(corners)
    limit = torch.tensor((view.width, view.height), device=corners.device, dtype=points.dtype)
    low = (points.amin(1) - MARGIN_PX).floor().clamp(min=0)
    high = torch.minimum((points.amax(1) + MARGIN_PX).ceil(), limit)
    # A face that reaches behind the camera has no bounds in the picture.
    crossing = (depth.amin(1) < 0.2) & (depth.amax(1) > 0.2)
    low = torch.where(crossing[:, None], 0.0, low)
    high = torch.where(crossing[:, None], limit, high)
    seen = ((high - low) >= 1).all(1) & (depth.amax(1) > 0.2)
    frames = seen.nonzero()[:, 0]
    return frames, low[frames].long(), high[frames].long()
