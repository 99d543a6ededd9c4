"""A picture under construction: colours and depths of T frames, and what is drawn over them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from fpcli.simulation.cones import Patch
from fpcli.simulation.devices import at_once
from fpcli.simulation.faces import COVERED, Faces, Windows, draw_faces, faces_of
from fpcli.simulation.view import View

MARGIN_PX = 1.0
NEAREST_M = 0.2  # no face is seen from nearer


@dataclass(frozen=True, eq=False)
class Quads:
    """Flat convex four-cornered faces.

    corners: (Q, T or 1, 4, 3) metres, in order around the face. colour: (Q, 3) in 0-1, lit.
    """

    corners: Tensor
    colour: Tensor

    @staticmethod
    def joined(parts: "list[Quads]", frames: int) -> "Quads":
        """The faces of all parts in T frames."""
        corners = [part.corners.expand(-1, frames, -1, -1) for part in parts]
        return Quads(torch.cat(corners), torch.cat([part.colour for part in parts]))


@dataclass(frozen=True, eq=False)
class Canvas:
    """Frames being drawn, changed in place.

    colour: (T, H, W, 3) float. depth_m: (T, H, W) along the optical axis.
    """

    colour: Tensor
    depth_m: Tensor

    def draw_quads(self, quads: Quads, view: View) -> None:
        """Draw opaque faces with soft edges where nothing nearer was drawn; quads on the CPU."""
        corners = quads.corners.transpose(0, 1)
        seen, low, high = _quad_windows(corners, view)
        if at_once(self.colour.device):
            frame, face = seen.nonzero(as_tuple=True)
            faces = faces_of(corners[frame, face], view.at(frame))
            windows = Windows(frame, low[frame, face], high[frame, face])
            draw_faces(self.colour, self.depth_m, faces, windows, quads.colour[face])
            return
        for face in seen.any(0).nonzero()[:, 0].tolist():
            frames = seen[:, face].nonzero()[:, 0]
            self._draw_quad(
                faces_of(corners[frames, face], view.at(frames)),
                Windows(frames, low[frames, face], high[frames, face]),
                quads.colour[face],
            )

    def _draw_quad(self, faces: Faces, windows: Windows, colour: Tensor) -> None:
        total_height, total_width = self.depth_m.shape[1:]
        width, height = (int(n) for n in (windows.high - windows.low).amax(0))
        left = windows.low[:, 0].clamp(max=total_width - width)
        top = windows.low[:, 1].clamp(max=total_height - height)
        columns = left[:, None] + torch.arange(width)
        rows = top[:, None] + torch.arange(height)
        x, y = (columns + 0.5)[:, None, :], (rows + 0.5)[:, :, None]
        alpha = torch.ones((len(left), height, width))
        for edge in range(4):
            t0, tx, ty = faces.edges[:, edge].T[..., None, None]
            alpha = torch.minimum(alpha, (t0 + tx * x) + ty * y)
        n0, nx, ny = faces.nearness.T[..., None, None]
        nearness = (n0 + nx * x) + ny * y
        index = (windows.frames[:, None, None], rows[:, :, None], columns[:, None, :])
        behind = self.depth_m[index]
        alpha = torch.where(nearness * behind > 1, alpha.clamp(min=0), 0.0)
        mixed = self.colour[index]
        mixed += alpha[..., None] * (colour - mixed)
        self.colour[index] = mixed
        self.depth_m[index] = torch.where(alpha >= COVERED, 1 / nearness, behind)

    def draw_patch(self, patch: Patch, opacity: Tensor) -> None:
        """Draw a body where nothing nearer was drawn; opacity: share of its light, (N, h, w)."""
        index = patch.index()
        behind = self.depth_m[index]
        alpha = torch.where(patch.depth_m < behind, patch.alpha, 0.0) * opacity
        mixed = self.colour[index]
        mixed += alpha[..., None] * (patch.colour - mixed)
        self.colour[index] = mixed
        self.depth_m[index] = torch.where(alpha >= COVERED, patch.depth_m, behind)


def _quad_windows(corners: Tensor, view: View) -> tuple[Tensor, Tensor, Tensor]:
    """Where faces (T, Q, 4, 3) are in the picture.

    Returns whether a face may be seen, (T, Q), and its lowest and highest pixel, (T, Q, 2).
    """
    points, depth = view.project(corners)
    limit = torch.tensor((view.width, view.height), dtype=points.dtype)
    low = (points.amin(2) - MARGIN_PX).floor().clamp(min=0)
    high = torch.minimum((points.amax(2) + MARGIN_PX).ceil(), limit)
    nearest, farthest = depth.amin(2), depth.amax(2)
    # A face that reaches behind the camera has no bounds in the picture.
    crossing = ((nearest < NEAREST_M) & (farthest > NEAREST_M))[..., None]
    low, high = torch.where(crossing, 0.0, low), torch.where(crossing, limit, high)
    seen = ((high - low) >= 1).all(2) & (farthest > NEAREST_M)
    return seen, low.long(), high.long()
