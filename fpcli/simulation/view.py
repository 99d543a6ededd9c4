"""What a camera sees at given moments: poses, focal lengths, rays and projections."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

NEAREST_DEPTH_M = 0.05  # points nearer than this, or behind the camera, project from here


@dataclass(frozen=True, eq=False)
class View:
    """T camera poses and the picture they are drawn into; on the CPU, see `devices`.

    position: (T, 3) metres. rotation: (T, 3, 3), rows are the camera's right, up and forward in
    the world. focal_px: (T,) focal length in pixels of the picture. principal: (T, 2) the optical
    axis's place in the picture, x and y in pixels. height, width: pixels.
    """

    position: Tensor
    rotation: Tensor
    focal_px: Tensor
    principal: Tensor
    height: int
    width: int

    def project(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Picture positions of world points.

        points: (T, ..., 3) metres. Returns (T, ..., 2) pixels, x right and y down from the
        picture's upper left corner, and (T, ...) depth along the optical axis in metres.
        """
        flat = points.reshape(len(points), -1, 3) - self.position[:, None]
        right, up, depth = (flat @ self.rotation.transpose(1, 2)).unbind(-1)
        scale = self.focal_px[:, None] / depth.clamp(min=NEAREST_DEPTH_M)
        x = self.principal[:, :1] + right * scale
        y = self.principal[:, 1:] - up * scale
        shape = points.shape[:-1]
        return torch.stack((x, y), dim=-1).reshape(*shape, 2), depth.reshape(shape)

    def ray_terms(self) -> tuple[Tensor, Tensor, Tensor]:
        """Directions of the pixels' rays as a plane over the picture.

        Returns three (T, 3) tensors, origin, along and down: the ray of the picture point (x, y)
        is origin + x·along + y·down, of length 1 along the optical axis.
        """
        along = self.rotation[:, 0] / self.focal_px[:, None]
        down = -self.rotation[:, 1] / self.focal_px[:, None]
        x, y = self.principal[:, :1], self.principal[:, 1:]
        origin = self.rotation[:, 2] - along * x - down * y
        return origin, along, down

    def rays(self, device: torch.device | str = "cpu") -> Tensor:
        """(T, H, W, 3) direction of each pixel's ray, of length 1 along the optical axis."""
        origin, along, down = (term.to(device) for term in self.ray_terms())
        x = torch.arange(self.width, device=origin.device) + 0.5
        y = torch.arange(self.height, device=origin.device) + 0.5
        rows = origin[:, None] + y[None, :, None] * down[:, None]
        return rows[:, :, None] + (x[:, None] * along[:, None])[:, None]

    def at(self, frames: Tensor | slice) -> "View":
        """The view restricted to the given frames, (N,) indices or a slice."""
        return View(
            self.position[frames],
            self.rotation[frames],
            self.focal_px[frames],
            self.principal[frames],
            self.height,
            self.width,
        )

    def window(self, windows: Tensor, side: int) -> "View":
        """A square window of the picture, drawn into side × side pixels.

        windows: (T, 3) left, top and side of each frame's window in this picture's pixels.
        """
        scale = side / windows[:, 2]
        principal = (self.principal - windows[:, :2]) * scale[:, None]
        return View(self.position, self.rotation, self.focal_px * scale, principal, side, side)

    @staticmethod
    def joined(views: "list[View]") -> "View":
        """The poses of several views of one picture size, one after the other."""
        return View(
            torch.cat([view.position for view in views]),
            torch.cat([view.rotation for view in views]),
            torch.cat([view.focal_px for view in views]),
            torch.cat([view.principal for view in views]),
            views[0].height,
            views[0].width,
        )


def look_at(position: Tensor, target: Tensor, roll_rad: Tensor) -> Tensor:
    """(T, 3, 3) rotation of cameras at (T, 3) that look at (T, 3), turned by (T,) roll."""
    forward = normalize(target - position, dim=-1)
    up = torch.tensor((0.0, 1.0, 0.0), device=position.device).expand_as(forward)
    right = normalize(torch.linalg.cross(forward, up), dim=-1)
    above = torch.linalg.cross(right, forward)
    cos, sin = roll_rad.cos()[:, None], roll_rad.sin()[:, None]
    return torch.stack((cos * right + sin * above, cos * above - sin * right, forward), dim=1)
