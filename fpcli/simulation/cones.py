"""A ray caster for bodies built of rounded cones.

A rounded cone is the hull of two spheres. Each is met by the pixels' rays exactly in the affine
picture of its body (parallel rays; perspective enters through the ends), so a body of twenty
cones costs a few dozen tensor operations on the pixels of its own bounding window and no more.
"""

import math
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from fpcli.simulation.devices import at_once, on_device
from fpcli.simulation.view import NEAREST_DEPTH_M, View

MARGIN_PX = 1.5  # kept around a body for its soft edge
BEHIND = -1e9
TINY, LEAST = 1e-9, 1e-3
GLISTEN = 0.12
WINDOW_GROUPS = 4  # frames are drawn in groups of like window size
FEWEST_GROUPS = 2  # on a device that draws all at once
MEETINGS_AT_ONCE = 24_000_000  # of pixels with cones, bounds the memory of a device


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

    frames: (N,) indices. top, left: (N,) the window's upper left pixel. These are on the CPU.
    alpha: (N, h, w) coverage. colour: (N, h, w, 3). depth_m: (N, h, w) along the optical axis.
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
        rows = (self.top[:, None] + torch.arange(height)).to(device)
        columns = (self.left[:, None] + torch.arange(width)).to(device)
        return self.frames.to(device)[:, None, None], rows[:, :, None], columns[:, None, :]


@dataclass(frozen=True, eq=False)
class _Flat:
    """Cones in the picture: ends, depths and radii in pixels."""

    start: Tensor  # (T, P, 3) x, y and height towards the camera
    end: Tensor
    start_radius: Tensor  # (T, P)
    end_radius: Tensor
    low: Tensor  # (T, P, 2) the first pixel that a cone may cover, x and y
    high: Tensor  # (T, P, 2) the pixel after the last
    scale: Tensor  # (T,) pixels a metre at the body
    centre_m: Tensor  # (T,) depth of the body

    def at(self, frames: Tensor) -> "_Flat":
        """The body in the given frames, (N,) indices."""
        return _Flat(*(getattr(self, field.name)[frames] for field in fields(self)))


def _flatten(cones: Cones, view: View) -> _Flat:
    start, start_depth = view.project(cones.start)
    end, end_depth = view.project(cones.end)
    centre = (start_depth.mean(1) + end_depth.mean(1)) / 2
    scale = view.focal_px / centre.clamp(min=NEAREST_DEPTH_M)

    def lift(points: Tensor, depth: Tensor) -> Tensor:
        height = (centre[:, None] - depth) * scale[:, None]
        return torch.cat((points, height[..., None]), dim=-1)

    def radius(radius_m: Tensor, depth: Tensor) -> Tensor:
        return radius_m * view.focal_px[:, None] / depth.clamp(min=NEAREST_DEPTH_M)

    start_radius = radius(cones.start_radius, start_depth)
    end_radius = radius(cones.end_radius, end_depth)
    low = torch.minimum(
        start[..., :2] - start_radius[..., None], end[..., :2] - end_radius[..., None]
    )
    high = torch.maximum(
        start[..., :2] + start_radius[..., None], end[..., :2] + end_radius[..., None]
    )
    limit = torch.tensor((view.width, view.height))
    return _Flat(
        lift(start, start_depth),
        lift(end, end_depth),
        start_radius,
        end_radius,
        (low - MARGIN_PX).floor().clamp(min=0).minimum(limit).long(),
        (high + MARGIN_PX).ceil().clamp(min=0).minimum(limit).long(),
        scale,
        centre,
    )


def cast(
    cones: Cones, view: View, light: Tensor, ambient: float, device: torch.device | str = "cpu"
) -> list[Patch]:
    """Draw a body in every frame that sees it.

    cones and view are on the CPU; what is drawn is on device. light: (3,) direction towards the
    light in the world. ambient: share of light without direction, 0-1. Returns patches of
    coverage, shaded colour and depth; together they cover each seen frame once.
    """
    flat = _flatten(cones, view)
    low, high = flat.low.amin(1), flat.high.amax(1)
    seen = ((high - low) >= 1).all(1) & (flat.centre_m > 4 * NEAREST_DEPTH_M)
    frames = seen.nonzero()[:, 0]
    if not len(frames):
        return []
    size = (high - low)[frames]
    area = size[:, 0] * size[:, 1]
    order = frames[area.argsort()]
    groups = WINDOW_GROUPS
    if at_once(torch.device(device)):
        meetings = len(frames) * int(area.amax()) * flat.start.shape[1]
        groups = max(FEWEST_GROUPS, math.ceil(meetings / MEETINGS_AT_ONCE))
    light_view = view.rotation @ light
    face_view = (view.rotation @ cones.face[:, :, None])[..., 0]
    patches = []
    for some in torch.tensor_split(order, min(groups, len(order))):
        corner, shape = _common_window(low[some], high[some], view.width, view.height)
        lights = light_view[some].to(device), face_view[some].to(device)
        part = flat.at(some)
        there = on_device(part, device)
        alpha, colour, lift = _trace(part, there, cones, corner, shape, *lights, ambient)
        depth = there.centre_m[:, None, None] - lift / there.scale[:, None, None]
        patches.append(Patch(some, corner[:, 1], corner[:, 0], alpha, colour, depth))
    return patches


def _common_window(
    low: Tensor, high: Tensor, width: int, height: int
) -> tuple[Tensor, tuple[int, int]]:
    """Windows of one size, (height, width), that hold low to high (N, 2); their corners (N, 2)."""
    across, down = (int(n) for n in (high - low).amax(0))
    return torch.minimum(low, torch.tensor((width - across, height - down))), (down, across)


def _trace(
    flat: _Flat,
    there: _Flat,
    cones: Cones,
    corner: Tensor,
    shape: tuple[int, int],
    light: Tensor,
    face: Tensor,
    ambient: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Coverage (N, h, w), shaded colour (N, h, w, 3) and height towards the camera (N, h, w).

    there: flat on the device that draws.
    """
    height, width = shape
    count, device = len(corner), light.device
    # Rows: key, height towards the camera, cosine to the light, row of the albedo table.
    nearest = torch.zeros((4, count * height * width), device=device)
    nearest[0] = BEHIND
    alpha = torch.zeros(count * height * width, device=device)
    first_pixel = torch.arange(count) * height * width
    cones_count = flat.start.shape[1]
    split = cones.split.to(device)
    # One cone at a time in its own window saves arithmetic.
    step = cones_count if at_once(device) else 1
    for first in range(0, cones_count, step):
        part = slice(first, min(first + step, cones_count))
        low = flat.low[:, part].amin(1) - corner
        high = flat.high[:, part].amax(1) - corner
        inner, (down, across) = _common_window(low, high, width, height)
        if not down or not across:
            continue
        columns = inner[:, :1] + torch.arange(across)
        rows = inner[:, 1:] + torch.arange(down)
        x, y = corner[:, :1] + columns + 0.5, corner[:, 1:] + rows + 0.5
        rays = x.to(device), y.to(device)
        changes = split if bool((cones.split[part] < 1).any()) else None
        hits, covered = _meet(there, changes, cones.face_cone, part, rays, light, face)
        starts = (first_pixel[:, None] + rows * width).to(device)
        pixels = (starts[:, :, None] + columns.to(device)[:, None]).flatten()
        before = nearest.index_select(1, pixels)
        nearer = hits[0].flatten() > before[0]
        nearest.index_copy_(1, pixels, torch.where(nearer, hits.flatten(1), before))
        alpha.index_copy_(
            0, pixels, torch.maximum(covered.flatten(), alpha.index_select(0, pixels))
        )
    _, lift, shade, number = nearest.reshape(4, count, height, width)
    lit = ambient + (1 - ambient) * (0.35 + 0.65 * shade).clamp(min=0)
    colour = cones.albedo.to(device).reshape(-1, 3)[number.long()] * lit[..., None]
    # Wet skin glistens where it faces the light.
    colour += GLISTEN * shade.clamp(min=0)[..., None] ** 8
    return alpha.reshape(count, height, width), colour, lift


def _meet(
    flat: _Flat,
    split: Tensor | None,
    face_cone: int,
    part: slice,
    rays: tuple[Tensor, Tensor],
    light: Tensor,
    face: Tensor,
) -> tuple[Tensor, Tensor]:
    """Where the rays of pixels x (N, w) and y (N, h) meet the nearest of some cones.

    split: of all cones, None where none of these changes its colour. Returns (4, N, h, w), the rows
    of `_trace`, and the coverage (N, h, w).
    """
    x, y = rays[0][:, None, None, :], rays[1][:, None, :, None]
    light, face = light.T[..., None, None, None], face.T[..., None, None, None]
    x0, y0, z0 = flat.start[:, part].permute(2, 0, 1)[..., None, None]
    x1, y1, z1 = flat.end[:, part].permute(2, 0, 1)[..., None, None]
    r0 = flat.start_radius[:, part][..., None, None]
    dr = flat.end_radius[:, part][..., None, None] - r0
    ax, ay, az = x1 - x0, y1 - y0, z1 - z0
    px, py = x - x0, y - y0
    # Q(s) = a s² + 2 b s + c is the squared half chord of the sphere at fraction s; the ray
    # meets the cone where z0 + s az + sqrt(Q(s)) is greatest over 0 <= s <= 1.
    a = dr * dr - ax * ax - ay * ay
    a = torch.where(a.abs() < LEAST, -LEAST, a)
    b = r0 * dr + px * ax + py * ay
    c = r0 * r0 - (px * px + py * py)
    steep = (az * az - a).clamp(min=LEAST)
    turn = (az / steep.sqrt()) * (b * b - a * c).clamp(min=0).sqrt()
    # Two forms of one root; the one without cancellation is taken.
    less, more = turn + b, turn - b
    s = torch.where(
        less.abs() > more.abs(), -less / a, (az * az * c - b * b) / (steep * (more + TINY))
    ).clamp(0, 1)
    # Where one end hides the other, and is the nearer and the larger, it is all that is seen.
    hidden = (a > 0) & (dr * az > 0)
    s = torch.where(hidden, (az > 0).to(s.dtype), s)
    depth = ((a * s + 2 * b) * s + c).clamp(min=0).sqrt()
    lift = z0 + s * az + depth
    radius = r0 + s * dr
    # Coverage is that of the sphere which reaches deepest past the ray, wherever the ray is met.
    widest = torch.where(a > 0, (dr > 0).to(s.dtype), -b / a).clamp(0, 1)
    chord = (a * widest + 2 * b) * widest + c
    wide = r0 + widest * dr
    edge = chord / (wide + (wide * wide - chord).clamp(min=0).sqrt())
    alpha = (edge + 0.5).clamp(0, 1)
    nx, ny = px - s * ax, py - s * ay
    # Just outside the outline the surface's direction is longer than 1.
    shade = ((nx * light[0] - ny * light[1] - depth * light[2]) / radius).clamp(-1, 1)
    rows = torch.arange(part.start, part.start + a.shape[1], device=x.device)[:, None, None]
    colour = (2 * rows).expand(alpha.shape)
    if split is not None:
        place = s
        if part.stop > face_cone >= part.start:
            front = (nx * face[0] - ny * face[1] - depth * face[2]) / radius
            place = torch.where(rows == face_cone, front, s)
        colour = colour + (place > split[part][:, None, None])
    key = torch.where(alpha > 0, lift + (alpha - 0.5).clamp(max=0) * 1e6, BEHIND)
    hits = torch.stack((key, lift, shade, colour.to(key.dtype)))
    if alpha.shape[1] == 1:
        return hits[:, :, 0], alpha[:, 0]
    which = key.argmax(dim=1)[None, :, None].expand(4, -1, -1, -1, -1)
    return hits.gather(2, which)[:, :, 0], alpha.amax(dim=1)
