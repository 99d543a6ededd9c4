"""What a camera sees at given moments: poses, focal lengths, rays and projections."""

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar, cast

import torch
from torch import Tensor
from torch.nn.functional import normalize

Moved = TypeVar("Moved")

NEAREST_DEPTH_M = 0.05  # points nearer than this, or behind the camera, project from here


@dataclass(frozen=True, eq=False)
class View:
    """T camera poses and the picture they are drawn into.

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
        extra = (1,) * (points.ndim - 2)
        relative = points - self.position.reshape(-1, *extra, 3)
        rotation = self.rotation.reshape(-1, *extra, 3, 3)
        local = (rotation @ relative.unsqueeze(-1)).squeeze(-1)
        depth = local[..., 2]
        scale = self.focal_px.reshape(-1, *extra) / depth.clamp(min=NEAREST_DEPTH_M)
        centre = self.principal.reshape(-1, *extra, 2)
        x = centre[..., 0] + local[..., 0] * scale
        y = centre[..., 1] - local[..., 1] * scale
        return torch.stack((x, y), dim=-1), depth

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

    def rays(self) -> Tensor:
        """(T, H, W, 3) direction of each pixel's ray, of length 1 along the optical axis."""
        origin, along, down = self.ray_terms()
        x = torch.arange(self.width, device=origin.device) + 0.5
        y = torch.arange(self.height, device=origin.device) + 0.5
        rows = origin[:, None] + y[None, :, None] * down[:, None]
        return rows[:, :, None] + (x[:, None] * along[:, None])[:, None]

    def at(self, frames: Tensor) -> "View":
        """The view restricted to the given frames, (N,) indices."""
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


def look_at(position: Tensor, target: Tensor, roll_rad: Tensor) -> Tensor:
    """(T, 3, 3) rotation of cameras at (T, 3) that look at (T, 3), turned by (T,) roll."""
    forward = normalize(target - position, dim=-1)
    up = torch.tensor((0.0, 1.0, 0.0), device=position.device).expand_as(forward)
    right = normalize(torch.linalg.cross(forward, up), dim=-1)
    above = torch.linalg.cross(right, forward)
    cos, sin = roll_rad.cos()[:, None], roll_rad.sin()[:, None]
    return torch.stack((cos * right + sin * above, cos * above - sin * right, forward), dim=1)


def on_device(thing: Moved, device: torch.device | str) -> Moved:
    """A dataclass with all its tensors on a device."""
    known = cast(Any, thing)
    values = {field.name: getattr(known, field.name) for field in fields(known)}
    moved = {name: v.to(device) for name, v in values.items() if isinstance(v, Tensor)}
    return cast(Moved, replace(known, **moved))
