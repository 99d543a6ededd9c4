"""A ray caster for bodies built of rounded cones.

A rounded cone is the hull of two spheres. Each is met by the pixels' rays exactly in the affine
picture of its body (parallel rays; perspective enters through the ends), so a body of twenty
cones costs a few dozen tensor operations on the pixels of its own bounding window and no more.
"""

import math
from dataclasses import dataclass, fields
from typing import NamedTuple

import torch
from torch import Tensor

from fpcli.simulation.devices import at_once, spread
from fpcli.simulation.view import NEAREST_DEPTH_M, View

MARGIN_PX = 1.5  # kept around a body for its soft edge
BEHIND = -1e9
TINY, LEAST = 1e-9, 1e-3
GLISTEN = 0.12
WINDOW_GROUPS = 4  # frames are drawn in groups of like window size
MEETINGS_AT_ONCE = 4_000_000  # of pixels with cones, bounds the memory of a device


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

    @property
    def sizes(self) -> Tensor:
        """(T, P, 2) pixels across and down that a cone may cover."""
        return (self.high - self.low).clamp(min=0)

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
    order = frames[(size[:, 0] * size[:, 1]).argsort()]
    groups = WINDOW_GROUPS
    if at_once(torch.device(device)):
        sizes = flat.sizes[frames]
        groups = math.ceil(int(sizes.prod(-1).sum()) / MEETINGS_AT_ONCE)
    light_view = view.rotation @ light
    face_view = (view.rotation @ cones.face[:, :, None])[..., 0]
    patches = []
    for some in torch.tensor_split(order, max(min(groups, len(order)), 1)):
        window = _common_window(low[some], high[some], view.width, view.height)
        part = _Body(flat.at(some), cones, light_view[some], face_view[some], *window)
        alpha, lift, shade, number = part.traced(torch.device(device))
        lit = ambient + (1 - ambient) * (0.35 + 0.65 * shade).clamp(min=0)
        colour = cones.albedo.to(device).reshape(-1, 3)[number.long()] * lit[..., None]
        # Wet skin glistens where it faces the light.
        colour += GLISTEN * shade.clamp(min=0)[..., None] ** 8
        scale, centre_m = part.flat.scale.to(device), part.flat.centre_m.to(device)
        depth = centre_m[:, None, None] - lift / scale[:, None, None]
        corner = window[0]
        patches.append(Patch(some, corner[:, 1], corner[:, 0], alpha, colour, depth))
    return patches


def _common_window(
    low: Tensor, high: Tensor, width: int, height: int
) -> tuple[Tensor, tuple[int, int]]:
    """Windows of one size, (height, width), that hold low to high (N, 2); their corners (N, 2)."""
    across, down = (int(n) for n in (high - low).amax(0))
    return torch.minimum(low, torch.tensor((width - across, height - down))), (down, across)


@dataclass(frozen=True, eq=False)
class _Body:
    """A body in N frames, on the CPU: cones in the picture, light and face as the camera sees them,
    and the windows of one shape that hold it."""

    flat: _Flat
    cones: Cones
    light: Tensor  # (N, 3)
    face: Tensor  # (N, 3)
    corner: Tensor  # (N, 2)
    shape: tuple[int, int]

    def traced(self, device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Coverage, height towards the camera, cosine to the light and row of the albedo table of
        the nearest cone, each (N, h, w) on a device."""
        count, (height, width) = len(self.corner), self.shape
        # Rows: key, and what is returned of the cone with the greatest key.
        nearest = torch.zeros((4, count * height * width), device=device)
        nearest[0] = BEHIND
        alpha = torch.zeros(count * height * width, device=device)
        (self._all_at_once if at_once(device) else self._one_by_one)(nearest, alpha)
        _, lift, shade, number = nearest.reshape(4, count, height, width)
        return alpha.reshape(count, height, width), lift, shade, number

    def _one_by_one(self, nearest: Tensor, alpha: Tensor) -> None:
        """One cone at a time in its own window: little arithmetic, many operations."""
        flat, cones, corner = self.flat, self.cones, self.corner
        height, width = self.shape
        light, face = (one.T[..., None, None] for one in (self.light, self.face))
        first_pixel = torch.arange(len(corner)) * height * width
        for cone in range(flat.start.shape[1]):
            inner, (down, across) = _common_window(
                flat.low[:, cone] - corner, flat.high[:, cone] - corner, width, height
            )
            if not down or not across:
                continue
            columns = inner[:, :1] + torch.arange(across)
            rows = inner[:, 1:] + torch.arange(down)
            surface = _surface(
                flat.start[:, cone].T[..., None, None],
                flat.end[:, cone].T[..., None, None],
                flat.start_radius[:, cone, None, None],
                flat.end_radius[:, cone, None, None],
                (corner[:, :1] + columns + 0.5)[:, None, :],
                (corner[:, 1:] + rows + 0.5)[:, :, None],
            )
            number = torch.full_like(surface.lift, 2 * cone)
            split = float(cones.split[cone])
            if split < 1:
                on_face = cone == cones.face_cone
                number += (surface.facing(face) if on_face else surface.share) > split
            shade = surface.facing(light).clamp(-1, 1)
            hits = torch.stack((surface.key(), surface.lift, shade, number)).flatten(1)
            pixels = (
                (first_pixel[:, None] + rows * width)[:, :, None] + columns[:, None]
            ).flatten()
            before = nearest.index_select(1, pixels)
            nearest.index_copy_(1, pixels, torch.where(hits[0] > before[0], hits, before))
            covered = torch.maximum(surface.alpha.flatten(), alpha.index_select(0, pixels))
            alpha.index_copy_(0, pixels, covered)

    def _all_at_once(self, nearest: Tensor, alpha: Tensor) -> None:
        """Every pixel of every cone's own window in one go."""
        flat, device = self.flat, alpha.device
        count, cones = flat.start.shape[:2]
        height, width = self.shape
        rows = torch.arange(cones).expand(count, -1)
        faces = torch.stack((rows * 2, rows == self.cones.face_cone), dim=-1)
        body = torch.stack((self.light, self.face), dim=1).flatten(1)
        values = (
            flat.start,
            flat.end,
            flat.start_radius[..., None],
            flat.end_radius[..., None],
            flat.low + 0.5,
            body[:, None].expand(-1, cones, -1),
            self.cones.split.expand(count, -1)[..., None],
            faces,
        )
        table = torch.cat([value.float() for value in values], dim=-1).flatten(0, 1).T
        place = flat.low - self.corner[:, None]
        first = (torch.arange(count)[:, None] * height + place[..., 1]) * width + place[..., 0]
        owner, column, row = spread(flat.sizes.flatten(0, 1), device)
        pixels = first.flatten().to(device)[owner] + row * width + column
        known = table.contiguous().to(device).index_select(1, owner)
        x, y = known[8] + column, known[9] + row
        surface = _surface(known[0:3], known[3:6], known[6], known[7], x, y)
        key = surface.key()
        nearest[0].scatter_reduce_(0, pixels, key, "amax")
        alpha.scatter_reduce_(0, pixels, surface.alpha, "amax")
        shade = surface.facing(known[10:13]).clamp(-1, 1)
        place = torch.where(known[18] > 0, surface.facing(known[13:16]), surface.share)
        number = known[17] + (place > known[16])
        # What is not the nearest goes where it does no harm: one place past the last.
        into = torch.where(key == nearest[0][pixels], pixels, alpha.numel())
        hits = torch.stack((surface.lift, shade, number))
        spare = torch.zeros((3, alpha.numel() + 1), device=device)
        nearest[1:] = spare.index_copy_(1, into, hits)[:, :-1]


class _Surface(NamedTuple):
    """What rays meet of cones: coverage, height towards the camera, fraction of the length, the
    surface's direction (right, down and away from the camera times -1) and the radius there."""

    alpha: Tensor
    lift: Tensor
    share: Tensor
    normal: tuple[Tensor, Tensor, Tensor]
    radius: Tensor

    def key(self) -> Tensor:
        """How near the surface is; thin coverage comes after full, none last."""
        thin = (self.alpha - 0.5).clamp(max=0) * 1e6
        return torch.where(self.alpha > 0, self.lift + thin, BEHIND)

    def facing(self, direction: Tensor) -> Tensor:
        """The cosine to a direction, right, up and forward; beyond 1 just outside the outline."""
        right, down, near = self.normal
        return (right * direction[0] - down * direction[1] - near * direction[2]) / self.radius


def _surface(
    start: Tensor, end: Tensor, start_radius: Tensor, end_radius: Tensor, x: Tensor, y: Tensor
) -> _Surface:
    """Where the rays of pixels x and y meet cones; start and end are rows of x, y and height."""
    x0, y0, z0 = start
    r0, dr = start_radius, end_radius - start_radius
    ax, ay, az = end[0] - x0, end[1] - y0, end[2] - z0
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
    # Coverage is that of the sphere which reaches deepest past the ray, wherever the ray is met.
    widest = torch.where(a > 0, (dr > 0).to(s.dtype), -b / a).clamp(0, 1)
    chord = (a * widest + 2 * b) * widest + c
    wide = r0 + widest * dr
    edge = chord / (wide + (wide * wide - chord).clamp(min=0).sqrt())
    return _Surface(
        alpha=(edge + 0.5).clamp(0, 1),
        lift=z0 + s * az + depth,
        share=s,
        normal=(px - s * ax, py - s * ay, depth),
        radius=r0 + s * dr,
    )
