"""A ray caster for bodies built of rounded cones.

A rounded cone is the hull of two spheres. Each is met by the pixels' rays exactly in the affine
picture of its body (parallel rays; perspective enters through the ends), so a body of twenty
cones costs a few dozen tensor operations on the pixels of its own bounding window and no more.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fpcli.simulation.view import NEAREST_DEPTH_M, View

MARGIN_PX = 1.5  # kept around a body for its soft edge
BEHIND = -1e9
TINY = 1e-9
GLISTEN = 0.12
WINDOW_GROUPS = 4  # frames are drawn in groups of like window size


@dataclass(frozen=True, eq=False)
class Cones:
    """P rounded cones in T poses.

    start, end: (T, P, 3) metres. start_radius, end_radius: (P,) metres. albedo: (P, 2, 3) in 0-1,
    the colour before and after the split. split: (P,) fraction of the length at which the colour
    changes (above 1: never). face: (T, 3) where the face looks, and face_cone: the index
    of the cone whose second colour is the face, or -1.
    """

    start: Tensor
    end: Tensor
    start_radius: Tensor
    end_radius: Tensor
    albedo: Tensor
    split: Tensor
    face: Tensor
    face_cone: int = -1


@dataclass(frozen=True, eq=False)
class Patch:
    """A body drawn into windows of some frames.

    frames: (N,) indices. top, left: (N,) the window's upper left pixel. alpha: (N, h, w) coverage.
    colour: (N, h, w, 3). depth_m: (N, h, w) along the optical axis.
    """

    frames: Tensor
    top: Tensor
    left: Tensor
    alpha: Tensor
    colour: Tensor
    depth_m: Tensor

    def index(self) -> tuple[Tensor, Tensor, Tensor]:
        """Indices of the window's pixels into (T, H, W)."""
        height, width = self.alpha.shape[1:]
        device = self.alpha.device
        rows = self.top[:, None] + torch.arange(height, device=device)
        columns = self.left[:, None] + torch.arange(width, device=device)
        return self.frames[:, None, None], rows[:, :, None], columns[:, None, :]


@dataclass(frozen=True, eq=False)
class _Flat:
    """Cones in the picture: ends, depths and radii in pixels."""

    start: Tensor  # (T, P, 3) x, y and height towards the camera
    end: Tensor
    start_radius: Tensor  # (T, P)
    end_radius: Tensor
    scale: Tensor  # (T,) pixels a metre at the body
    centre_m: Tensor  # (T,) depth of the body


def _flatten(cones: Cones, view: View) -> _Flat:
    start, start_depth = view.project(cones.start)
    end, end_depth = view.project(cones.end)
    centre = (start_depth.mean(1) + end_depth.mean(1)) / 2
    scale = view.focal_px / centre.clamp(min=NEAREST_DEPTH_M)
    near = NEAREST_DEPTH_M

    def lift(points: Tensor, depth: Tensor) -> Tensor:
        height = (centre[:, None] - depth) * scale[:, None]
        return torch.cat((points, height[..., None]), dim=-1)

    focal = view.focal_px[:, None]
    return _Flat(
        lift(start, start_depth),
        lift(end, end_depth),
        cones.start_radius * focal / start_depth.clamp(min=near),
        cones.end_radius * focal / end_depth.clamp(min=near),
        scale,
        centre,
    )


def _windows(flat: _Flat, view: View) -> tuple[Tensor, Tensor, Tensor]:
    """Which frames see the body, (N,), and the lowest and highest pixel, (N, 2) as x, y."""
    low = torch.minimum(
        (flat.start[..., :2] - flat.start_radius[..., None]).amin(1),
        (flat.end[..., :2] - flat.end_radius[..., None]).amin(1),
    )
    high = torch.maximum(
        (flat.start[..., :2] + flat.start_radius[..., None]).amax(1),
        (flat.end[..., :2] + flat.end_radius[..., None]).amax(1),
    )
    limit = torch.tensor((view.width, view.height), device=low.device)
    low = (low - MARGIN_PX).floor().clamp(min=0)
    high = torch.minimum((high + MARGIN_PX).ceil(), limit)
    seen = ((high - low) >= 1).all(1) & (flat.centre_m > 4 * NEAREST_DEPTH_M)
    return seen.nonzero()[:, 0], low.long(), high.long()


def cast(cones: Cones, view: View, light: Tensor, ambient: float) -> list[Patch]:
    """Draw a body in every frame that sees it.

    light: (3,) direction towards the light in the world. ambient: share of light without
    direction, 0-1. Returns patches of coverage, shaded colour and depth; together they cover each
    seen frame once.
    """
    flat = _flatten(cones, view)
    seen, low, high = _windows(flat, view)
    if not len(seen):
        return []
    size = (high - low)[seen]
    order = seen[(size[:, 0] * size[:, 1]).argsort()]
    light_view = view.rotation @ light
    face_view = (view.rotation @ cones.face[:, :, None])[..., 0]
    patches = []
    for frames in torch.tensor_split(order, min(WINDOW_GROUPS, len(order))):
        width, height = (int(n) for n in (high - low)[frames].amax(0))
        left = torch.minimum(low[frames, 0], torch.tensor(view.width - width, device=low.device))
        top = torch.minimum(low[frames, 1], torch.tensor(view.height - height, device=low.device))
        alpha, colour, lift = _trace(
            flat, cones, frames, left, top, (height, width), light_view, face_view, ambient
        )
        depth = flat.centre_m[frames, None, None] - lift / flat.scale[frames, None, None]
        patches.append(Patch(frames, top, left, alpha, colour, depth))
    return patches


def _trace(
    flat: _Flat,
    cones: Cones,
    frames: Tensor,
    left: Tensor,
    top: Tensor,
    size: tuple[int, int],
    light_view: Tensor,
    face_view: Tensor,
    ambient: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Coverage (N, h, w), shaded colour (N, h, w, 3) and height towards the camera (N, h, w)."""
    height, width = size
    device = left.device
    x = (left[:, None] + torch.arange(width, device=device) + 0.5)[:, None, None, :]
    y = (top[:, None] + torch.arange(height, device=device) + 0.5)[:, None, :, None]
    light = light_view[frames][:, :, None, None, None]
    face = face_view[frames][:, :, None, None, None]
    shape = (len(frames), height, width)
    key, lift, shade = (torch.full(shape, BEHIND, device=device) for _ in range(3))
    number = torch.zeros(shape, dtype=torch.int64, device=device)
    alpha = torch.zeros(shape, device=device)
    count = cones.split.shape[0]
    step = 1 if device.type == "cpu" else count
    for first in range(0, count, step):
        part = slice(first, first + step)
        hit = _meet(flat, cones, frames, part, x, y, light, face)
        best, which = hit.key.max(dim=1)
        nearer = best > key
        which = which[:, None]
        key = torch.where(nearer, best, key)
        lift = torch.where(nearer, hit.lift.gather(1, which)[:, 0], lift)
        shade = torch.where(nearer, hit.shade.gather(1, which)[:, 0], shade)
        number = torch.where(nearer, hit.colour.gather(1, which)[:, 0], number)
        alpha = torch.maximum(alpha, hit.alpha.amax(dim=1))
    lit = ambient + (1 - ambient) * (0.35 + 0.65 * shade).clamp(min=0)
    colour = cones.albedo.reshape(-1, 3)[number] * lit[..., None]
    # Wet skin glistens where it faces the light.
    colour += GLISTEN * shade.clamp(min=0)[..., None] ** 8
    return alpha, colour, lift


@dataclass(frozen=True, eq=False)
class _Hits:
    """Where rays meet C cones, each (N, C, h, w)."""

    key: Tensor  # height towards the camera, far below everything where the cone covers little
    lift: Tensor  # height towards the camera in pixels
    shade: Tensor  # cosine between the surface and the light
    colour: Tensor  # row of the albedo table
    alpha: Tensor  # coverage


def _meet(
    flat: _Flat,
    cones: Cones,
    frames: Tensor,
    part: slice,
    x: Tensor,
    y: Tensor,
    light: Tensor,
    face: Tensor,
) -> _Hits:
    x0, y0, z0 = flat.start[frames, part].permute(2, 0, 1)[..., None, None]
    x1, y1, z1 = flat.end[frames, part].permute(2, 0, 1)[..., None, None]
    r0 = flat.start_radius[frames, part][..., None, None]
    dr = flat.end_radius[frames, part][..., None, None] - r0
    ax, ay, az = x1 - x0, y1 - y0, z1 - z0
    px, py = x - x0, y - y0
    # Q(s) = a s² + 2 b s + c is the squared half chord of the sphere at fraction s; the ray
    # meets the cone where z0 + s az + sqrt(Q(s)) is greatest over 0 <= s <= 1.
    a = (dr * dr - ax * ax - ay * ay).clamp(max=-1e-3)
    b = r0 * dr + px * ax + py * ay
    c = r0 * r0 - (px * px + py * py)
    steep = az * az - a
    turn = (az / steep.sqrt()) * (b * b - a * c).clamp(min=0).sqrt()
    # Two forms of one root; the one without cancellation is taken.
    less, more = turn + b, turn - b
    s = torch.where(
        less.abs() > more.abs(), -less / a, (az * az * c - b * b) / (steep * (more + TINY))
    ).clamp(0, 1)
    chord = (a * s + 2 * b) * s + c
    depth = chord.clamp(min=0).sqrt()
    radius = r0 + s * dr
    edge = chord / (radius + (radius * radius - chord).clamp(min=0).sqrt())
    alpha = (edge + 0.5).clamp(0, 1)
    lift = z0 + s * az + depth
    nx, ny = px - s * ax, py - s * ay
    shade = (nx * light[:, 0] - ny * light[:, 1] - depth * light[:, 2]) / radius
    rows = torch.arange(part.start, part.start + a.shape[1], device=x.device)[:, None, None]
    colour = (2 * rows).expand(alpha.shape)
    if part.stop > cones.face_cone >= part.start:
        front = (nx * face[:, 0] - ny * face[:, 1] - depth * face[:, 2]) / radius
        seen = (front > cones.split[part][:, None, None]) & (rows == cones.face_cone)
        colour = colour + seen
    if bool((cones.split[part] < 1).any()):
        past = (s > cones.split[part][:, None, None]) & (rows != cones.face_cone)
        colour = colour + past
    covered = (alpha - 0.5).clamp(max=0) * 1e6
    return _Hits(torch.where(alpha > 0, lift + covered, BEHIND), lift, shade, colour, alpha)
