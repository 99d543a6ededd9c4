"""The room around the dive, drawn ray by ray: walls, ceiling, deck and rippling water."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample

from fpcli.simulation.canvas import Canvas
from fpcli.simulation.devices import at_once, places_of
from fpcli.simulation.paint import PIXELS_WIDE
from fpcli.simulation.venue import Venue, wall_row
from fpcli.simulation.view import View

CHUNK_FRAMES = 16  # keeps the working set of one pass inside a core's cache
BLUR_LEVELS = 4
REFRACTION = 0.75  # how much flatter a ray runs under water
BOTTOM_M = 4.0
COPING_M = 0.35
FAR_M = 1e4


@dataclass(frozen=True)
class Disturbance:
    """A body's entry as the water's surface shows it: where, when (s of the dive), how big."""

    x_m: float
    z_m: float
    time_s: float
    size: float


def paint_levels(walls: Tensor) -> list[Tensor]:
    """The walls' paint (3, H, W), then halved again and again; each (1, 3, h, w)."""
    levels = [walls[None]]
    while len(levels) < BLUR_LEVELS:
        levels.append(avg_pool2d(levels[-1], 2))
    return levels


def draw_background(
    venue: Venue,
    view: View,
    times_s: Tensor,
    disturbances: tuple[Disturbance, ...],
    levels: list[Tensor],
) -> Canvas:
    """A canvas with the empty room, one frame for each view and time of the dive, (T,).

    venue, times_s and levels, the walls' paint by `paint_levels`, are on the device that draws.
    """
    device, frames = times_s.device, len(times_s)
    shape = (frames, view.height, view.width)
    colour = torch.empty((*shape, 3), device=device)
    depth = torch.empty(shape, device=device)
    level = _levels(venue, view)
    size = frames if at_once(device) else CHUNK_FRAMES
    for start in range(0, frames, size):
        chunk = slice(start, start + size)
        step = int(level[chunk].float().mean().round())
        colour[chunk], depth[chunk] = _draw_room(
            venue, view.at(chunk), times_s[chunk], disturbances, levels[step], levels[-1]
        )
    return Canvas(colour, depth)


def _levels(venue: Venue, view: View) -> Tensor:
    """(T,) how often the walls' paint is halved so that it is not finer than the picture."""
    width = torch.tensor(venue.high) - torch.tensor(venue.low)
    paint = PIXELS_WIDE / float(width[[0, 2]].mean())
    forward = view.rotation[:, 2]
    reach = _exit(venue, view.position, forward)[0]
    finer = paint * reach / view.focal_px
    return finer.clamp(min=1).log2().round().clamp(max=BLUR_LEVELS - 1)


def _exit(venue: Venue, origin: Tensor, ray: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Distance along rays to the room, in their length, and the distances to x and z walls."""
    tiny = 1e-6
    spans = []
    for axis in range(3):
        along = ray[..., axis]
        wall = torch.where(along > 0, venue.high[axis], venue.low[axis])
        spans.append((wall - origin[..., axis]) / torch.where(along.abs() < tiny, tiny, along))
    return torch.minimum(torch.minimum(spans[0], spans[2]), spans[1]), spans[0], spans[2]


def _wall_colour(venue: Venue, origin: Tensor, ray: Tensor, paint: Tensor) -> tuple[Tensor, Tensor]:
    """Colours (..., 3) of what rays (..., 3) meet above the floor, and the distances (...)."""
    reach, to_x, to_z = _exit(venue, origin, ray)
    x = origin[..., 0] + ray[..., 0] * reach
    y = origin[..., 1] + ray[..., 1] * reach
    z = origin[..., 2] + ray[..., 2] * reach
    u_x = (x - venue.low[0]) / (venue.high[0] - venue.low[0])
    u_z = (z - venue.low[2]) / (venue.high[2] - venue.low[2])
    on_x, on_z = to_x <= reach, to_z <= reach
    face = torch.where(on_x, ray[..., 0] > 0, torch.where(on_z, 2 + (ray[..., 2] > 0).int(), 4))
    u = torch.where(on_x, u_z, u_x)
    v = torch.where(on_x | on_z, 1 - y / venue.high[1], u_z)
    grid = torch.stack((u * 2 - 1, wall_row(face, v)), dim=-1)
    flat = grid.reshape(1, 1, -1, 2)
    sampled = grid_sample(paint, flat, align_corners=False, padding_mode="border")
    return sampled[0, :, 0].T.reshape(*ray.shape), reach


def _draw_room(
    venue: Venue,
    view: View,
    times_s: Tensor,
    disturbances: tuple[Disturbance, ...],
    paint: Tensor,
    faint_paint: Tensor,
) -> tuple[Tensor, Tensor]:
    device = times_s.device
    rays = view.rays(device)
    position, focal_px = view.position.to(device), view.focal_px.to(device)
    origin = position[:, None, None].expand_as(rays)
    colour, depth = _wall_colour(venue, origin, rays, paint)
    slope = -rays[..., 1] / origin[..., 1]
    floor = (slope * depth >= 1 - 1e-4).flatten()
    at = places_of(floor)
    if not len(at):
        return colour, depth
    frame = at // (view.height * view.width)
    ray, eye = rays.reshape(-1, 3)[at], position[frame]
    reach = 1 / slope.flatten()[at].clamp(min=1 / FAR_M)
    x, z = eye[:, 0] + ray[:, 0] * reach, eye[:, 2] + ray[:, 2] * reach
    ground = _deck(venue, x, z)
    low_x, high_x, low_z, high_z = venue.pool
    pool = (x > low_x) & (x < high_x) & (z > low_z) & (z < high_z)
    wet = places_of(pool)
    if len(wet):
        moment = frame[wet]
        footprint = reach[wet] / focal_px[moment]
        water = _water(
            venue, x[wet], z[wet], ray[wet], footprint, times_s[moment], disturbances, faint_paint
        )
        ground[wet] = torch.where(pool[wet, None], water, ground[wet])
        # Water hides nothing by its depth: what is under it is tinted instead.
        reach = torch.where(pool, FAR_M, reach)
    pixels, distances = colour.view(-1, 3), depth.view(-1)
    pixels[at] = torch.where(floor[at, None], ground, pixels[at])
    distances[at] = torch.where(floor[at], reach, distances[at])
    return colour, depth


def _deck(venue: Venue, x: Tensor, z: Tensor) -> Tensor:
    low_x, high_x, low_z, high_z = venue.pool
    outside = torch.maximum(
        torch.maximum(low_x - x, x - high_x), torch.maximum(low_z - z, z - high_z)
    )
    joint = ((x / venue.tile_m) % 1 < 0.07) | ((z / venue.tile_m) % 1 < 0.07)
    shade = 1 - 0.1 * joint - 0.12 * torch.sin(x * 0.7) * torch.cos(z * 0.9)
    shade = torch.where(outside < COPING_M, 1.18, shade)
    return venue.deck * shade[:, None]


def _slopes(
    venue: Venue,
    x: Tensor,
    z: Tensor,
    footprint: Tensor,
    times_s: Tensor,
    disturbances: tuple[Disturbance, ...],
) -> tuple[Tensor, Tensor]:
    """Slopes of the surface along x and z; waves finer than a pixel fade out."""
    slope_x, slope_z = torch.zeros_like(x), torch.zeros_like(x)
    for kx, kz, speed, phase, slope in venue.waves:
        number = (kx * kx + kz * kz) ** 0.5
        seen = slope / (1 + (footprint * number) ** 2)
        swing = torch.sin(kx * x + kz * z + (phase - speed * times_s)) * seen
        slope_x += kx / number * swing
        slope_z += kz / number * swing
    for event in disturbances:
        away_x, away_z = x - event.x_m, z - event.z_m
        radius = torch.hypot(away_x, away_z) + 0.05
        age = (times_s - event.time_s).clamp(min=0)
        front = 0.25 + 1.6 * age
        ring = torch.sin((radius - front) * 9) * torch.exp(-(((radius - front * 0.7) / front) ** 2))
        ring = ring * (0.06 + 0.2 * event.size) * (age > 0) * torch.exp(-age * 1.5)
        slope_x += ring * away_x / radius
        slope_z += ring * away_z / radius
    return slope_x, slope_z


def _water(
    venue: Venue,
    x: Tensor,
    z: Tensor,
    ray: Tensor,
    footprint: Tensor,
    times_s: Tensor,
    disturbances: tuple[Disturbance, ...],
    faint_paint: Tensor,
) -> Tensor:
    slope_x, slope_z = _slopes(venue, x, z, footprint, times_s, disturbances)
    length = ray.norm(dim=-1)
    steep = (-ray[:, 1] / length).clamp(min=0.02)
    bend = BOTTOM_M * REFRACTION / length
    bottom_x = x + ray[:, 0] * bend + slope_x * 2.5
    bottom_z = z + ray[:, 2] * bend + slope_z * 2.5
    low_x, high_x = venue.pool[:2]
    deepness = ((x - low_x) / (high_x - low_x)).clamp(0, 1)[:, None]
    colour = venue.depths + (venue.water - venue.depths) * deepness
    colour = colour * (1 + 1.4 * (slope_x + slope_z) * steep)[:, None]
    if venue.lanes_m:
        across = bottom_z if venue.lanes_along_x else bottom_x
        place = (across / venue.lanes_m) % 1 * venue.lanes_m
        soft = footprint + 0.05
        line = ((0.14 - (place - venue.lanes_m / 2).abs()) / soft + 0.5).clamp(0, 1)
        colour = colour * (1 - 0.65 * line)[:, None]
    mirrored = torch.stack(
        (
            ray[:, 0] + 2 * slope_x * length * steep,
            (-ray[:, 1]).clamp(min=1e-3),
            ray[:, 2] + 2 * slope_z * length * steep,
        ),
        dim=-1,
    )
    surface = torch.stack((x, torch.zeros_like(x), z), dim=-1)
    glare, _ = _wall_colour(venue, surface, mirrored, faint_paint)
    tilt = (steep - (slope_x * ray[:, 0] + slope_z * ray[:, 2]) / length).clamp(0, 1)
    share = (0.03 + 0.9 * (1 - tilt) ** 5)[:, None].clamp(max=0.65)
    colour = colour + share * (glare - colour)
    if venue.ropes is not None:
        across = z if venue.lanes_along_x else x
        place = (across / 2.5 + 0.5) % 1 * 2.5
        rope = ((0.07 - (place - 1.25).abs()) / (footprint + 0.03) + 0.5).clamp(0, 1)
        rope = rope * (across.abs() > 3.5)
        colour = colour + rope[:, None] * (venue.ropes - colour)
    return colour + _foam(x, z, times_s, disturbances)[:, None] * (0.93 - colour)


def _foam(x: Tensor, z: Tensor, times_s: Tensor, disturbances: tuple[Disturbance, ...]) -> Tensor:
    """Share of white water, 0-1: bubbles that come up where a body went in."""
    foam = torch.zeros_like(x)
    for event in disturbances:
        age = (times_s - event.time_s).clamp(min=0)
        reach = (0.15 + 0.75 * event.size**0.7) * (0.4 + (2.2 * age).clamp(max=1.6))
        away_x, away_z = x - event.x_m - 0.12 * age, z - event.z_m
        wobble = 0.25 * torch.sin(7 * away_x + 3 * age) * torch.sin(6 * away_z - 2 * age)
        radius = torch.hypot(away_x, away_z) / reach + wobble
        bent_x, bent_z = x + 0.4 * torch.sin(5.3 * z + age), z + 0.4 * torch.sin(4.1 * x - age)
        grain = torch.sin(17 * bent_x + 5 * age) * torch.sin(14 * bent_z - 4 * age)
        grain = 0.78 + 0.22 * grain * torch.sin(6.1 * (bent_x - bent_z))
        strength = (0.25 + 0.75 * event.size) * torch.exp(-0.5 * age) * (age > 0)
        foam = torch.maximum(foam, (1.25 - radius).clamp(0, 1) * grain * strength)
    return foam.clamp(0, 0.95)
