"""The place: a hall or an open-air pool, its walls, deck, water and light."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fpcli.simulation.camera import Camera
from fpcli.simulation.flight import GRAVITY_M_S2
from fpcli.simulation.paint import (
    PIXELS_HIGH,
    PIXELS_WIDE,
    colour,
    paint_ceiling,
    paint_sky,
    paint_wall,
    sky_colour,
)

FACES = 5  # walls at the lower and upper x, at the lower and upper z, and the ceiling


@dataclass(frozen=True, eq=False)
class Venue:
    """A room with a pool; everything in metres of the world frame of `skeleton`.

    low, high: (3,) corners of the room; the floor and the water are at y = 0. walls: (3,
    FACES · PIXELS_HIGH, PIXELS_WIDE) the painted faces below each other. pool: x from, x to, z
    from, z to. water, depths: colours of shallow and of deep water. deck: (3,). lanes: x or z
    spacing of the dark lines on the bottom in metres, 0 for none; lanes_along_x. waves:
    rows of direction x and z times wave number, speed in radians a second, phase and slope.
    light: (3,) towards it. ambient: share of light without direction.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    walls: Tensor
    pool: tuple[float, float, float, float]
    water: Tensor
    depths: Tensor
    clearness_m: float
    deck: Tensor
    tile_m: float
    lanes_m: float
    lanes_along_x: bool
    ropes: Tensor | None
    waves: tuple[tuple[float, float, float, float, float], ...]
    light: Tensor
    ambient: float


def random_venue(rng: np.random.Generator, camera: Camera, height_m: float) -> Venue:
    """A place that holds the board and the camera."""
    x, y, z = camera.position_m
    outdoor = bool(rng.random() < 0.2)
    low_x, high_x = rng.uniform(-16, -5), rng.uniform(16, 40)
    low_z, high_z = -rng.uniform(9, 26), rng.uniform(9, 26)
    top = max(height_m, y) + rng.uniform(3.5, 10)
    low = (float(min(low_x, x - 2)), 0.0, float(min(low_z, z - 2)))
    high = (float(max(high_x, x + 2)), float(top), float(max(high_z, z + 2)))
    widths = (high[2] - low[2],) * 2 + (high[0] - low[0],) * 2
    faces = np.empty((FACES, PIXELS_HIGH, PIXELS_WIDE, 3), np.float32)
    for face, width in zip(faces, widths, strict=False):
        paint_wall(rng, face, width, high[1])
    paint_ceiling(rng, faces[-1])
    if outdoor:
        line, sky = rng.uniform(0.1, 0.5), sky_colour(rng)
        for face in faces[:-1]:
            paint_sky(rng, face, sky, line)
        faces[-1, 0] = sky
        faces[-1, 1:] = faces[-1, 0]
    faces *= np.float32(rng.uniform(0.6, 1.2))
    walls = torch.from_numpy(faces.reshape(-1, PIXELS_WIDE, 3)).permute(2, 0, 1)
    behind = rng.uniform(0.8, 2.5)
    pool = (
        -float(behind),
        float(min(rng.uniform(12, 25), high[0] - 2)),
        float(max(-rng.uniform(5, 14), low[2] + 1.0)),
        float(min(rng.uniform(5, 14), high[2] - 1.0)),
    )
    hue = rng.uniform(0, 1)
    water = np.array([0.08 + 0.25 * hue, 0.5 + 0.28 * hue, 0.92 - 0.12 * hue])
    water = water * rng.uniform(0.6, 1.15)
    deep = water * rng.uniform(0.65, 1.0, 3)
    light = np.array([rng.normal(0, 0.4), 1.0, rng.normal(0, 0.5)])
    ropes = colour(rng, 0.2, 0.9, 0.1) if rng.random() < 0.25 else None
    return Venue(
        low=low,
        high=high,
        walls=walls,
        pool=pool,
        water=torch.from_numpy(water).float(),
        depths=torch.from_numpy(deep).float(),
        clearness_m=float(rng.uniform(0.6, 2.5)),
        deck=torch.from_numpy(colour(rng, 0.35, 0.85, 0.93)),
        tile_m=float(rng.uniform(0.2, 1.0)),
        lanes_m=float(rng.choice([0.0, rng.uniform(2, 3)])),
        lanes_along_x=bool(rng.random() < 0.5),
        ropes=None if ropes is None else torch.from_numpy(ropes),
        waves=_waves(rng),
        light=torch.from_numpy(light / np.linalg.norm(light)).float(),
        ambient=float(rng.uniform(0.2, 0.6)),
    )


def _waves(
    rng: np.random.Generator,
) -> tuple[tuple[float, float, float, float, float], ...]:
    strength = rng.uniform(0.2, 1.2)
    rows = []
    for length_m in (2.6, 1.3, 0.7, 0.37):
        number = 2 * np.pi / (length_m * rng.uniform(0.8, 1.25))
        heading = rng.uniform(0, 2 * np.pi)
        rows.append(
            (
                float(number * np.cos(heading)),
                float(number * np.sin(heading)),
                float(np.sqrt(GRAVITY_M_S2 * number)),
                float(rng.uniform(0, 2 * np.pi)),
                float(strength * rng.uniform(0.02, 0.07)),
            )
        )
    return tuple(rows)


def wall_row(face: Tensor, v: Tensor) -> Tensor:
    """Vertical place in the painted faces, -1 to 1, of a height v (0 on top) on a face."""
    margin = 4 / PIXELS_HIGH  # half a pixel of the coarsest paint
    return (face + v.clamp(margin, 1 - margin)) * (2 / FACES) - 1
