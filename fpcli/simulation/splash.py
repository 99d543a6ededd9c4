"""Splash: droplets and spray thrown up where a body goes in, sized by the entry alone."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fpcli.simulation.flight import GRAVITY_M_S2
from fpcli.simulation.view import View

MOST_DROPS = 800
DRAG_PER_S = 0.9
PATCH_PX = 4  # half the side of the square that one droplet is drawn into, at most


@dataclass(frozen=True, eq=False)
class Splash:
    """Droplets on their way: (N, 3) metres and metres a second, born at (N,) seconds of the dive.

    radius_m: (N,). opacity: (N,) 0-1.
    """

    origin: Tensor
    velocity: Tensor
    born_s: Tensor
    radius_m: Tensor
    opacity: Tensor


def random_splash(
    rng: np.random.Generator, entry: tuple[float, float, float], size: float
) -> Splash:
    """The splash of one body.

    entry: x, z in metres and time in seconds of the first touch. size: 0 for an entry without
    splash to 1 for the largest; it sets how much water flies and how high.
    """
    x, z, time_s = entry
    count = int(MOST_DROPS * (0.12 + 0.88 * size))
    around = rng.uniform(0, 2 * math.pi, count)
    crown = rng.random(count) < 0.75
    reach = (0.10 + 0.28 * size) * np.sqrt(rng.uniform(0.2, 1, count))
    rise = (1.0 + 5.5 * size**0.8) * rng.beta(1.6, 2.6, count) * np.where(crown, 1.0, 1.3)
    outward = (0.3 + 1.5 * size) * rng.uniform(0.1, 1, count) * np.where(crown, 1, 0.15)
    # The crown leaves with the body; the jet follows when the hole in the water closes.
    born = time_s + np.where(crown, rng.uniform(0.0, 0.20, count), rng.uniform(0.16, 0.34, count))
    origin = np.stack((x + reach * np.cos(around), np.zeros(count), z + reach * np.sin(around)), 1)
    forward = 0.25 * (0.3 + size)
    velocity = np.stack(
        (outward * np.cos(around) + forward, rise, outward * np.sin(around)), axis=1
    )
    radius = rng.uniform(0.006, 0.02, count) * (1 + 1.5 * size * rng.random(count) ** 3)
    opacity = rng.uniform(0.15, 0.8, count)
    return Splash(*(torch.from_numpy(a).float() for a in (origin, velocity, born, radius, opacity)))


def splash_cover(
    splash: Splash, view: View, times_s: Tensor, device: torch.device | str = "cpu"
) -> Tensor | None:
    """Share of each pixel hidden by flying water, (T, H, W) on device; None where none flies.

    splash, view and times_s, (T,) of the dive, are on the CPU.
    """
    shape = (len(times_s), view.height, view.width)
    age = times_s[:, None] - splash.born_s
    flown = (1 - torch.exp(-DRAG_PER_S * age.clamp(min=0))) / DRAG_PER_S
    points = splash.origin + splash.velocity * flown[..., None]
    points[..., 1] -= 0.5 * GRAVITY_M_S2 * age.clamp(min=0) ** 2
    pixel, depth = view.project(points)
    scale = view.focal_px[:, None] / depth.clamp(min=0.1)
    # A droplet spreads into mist as it flies.
    radius = splash.radius_m * (1 + 2.2 * age.clamp(min=0)) * scale
    limit = torch.tensor((view.width, view.height)) + PATCH_PX
    near = ((pixel > -PATCH_PX) & (pixel < limit)).all(-1)
    flying = near & (age > 0) & (points[..., 1] > -0.02) & (depth > 0.2)
    frame, drop = flying.nonzero(as_tuple=True)
    if not len(frame):
        return None
    spread = radius[frame, drop].clamp(0.35, PATCH_PX / 1.6)
    faint = (radius[frame, drop] / spread).clamp(max=1) ** 2 * splash.opacity[drop]
    dense = torch.zeros(math.prod(shape), device=device)
    centre, frame = pixel[frame, drop].to(device), frame.to(device)
    spread, faint = spread.to(device), faint.to(device)
    steps = torch.arange(-PATCH_PX, PATCH_PX + 1, device=device)
    x = centre[:, :1].floor().long() + steps
    y = centre[:, 1:].floor().long() + steps
    narrow = 1 / (2 * spread[:, None] ** 2)
    along = torch.exp(-((x + 0.5 - centre[:, :1]) ** 2) * narrow)
    down = torch.exp(-((y + 0.5 - centre[:, 1:]) ** 2) * narrow)
    along = along * ((x >= 0) & (x < view.width))
    down = down * ((y >= 0) & (y < view.height)) * faint[:, None]
    rows = frame[:, None] * view.height + y.clamp(0, view.height - 1)
    place = rows[:, :, None] * view.width + x.clamp(0, view.width - 1)[:, None]
    dense.index_add_(0, place.flatten(), (down[:, :, None] * along[:, None]).flatten())
    return (1 - torch.exp(-1.6 * dense)).reshape(shape)
