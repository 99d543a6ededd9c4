"""Cameras: where they stand, how wide they see, how they follow the diver and shake."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch

from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.view import View, look_at

KINDS = ("broadcast", "phone", "handheld", "far", "stand")
SHARES = (0.72, 0.09, 0.11, 0.03, 0.05)
SLOW_MOTION_SHARE, SLOW_MOTION = 0.04, (2.0, 4.0)

PATH_RATE_HZ = 60.0
SETTLED_S = 1.5  # after a motion's end, when an operator has come to rest
LOWEST_AIM_M = 0.35  # a camera that follows stops a little above the water

BROADCAST_SIZES = ((455, 256), (640, 360), (1280, 720), (1920, 1080))
LANDSCAPE_SIZES = ((1280, 720), (1920, 1080), (640, 360))
PORTRAIT_SIZES = ((720, 1280), (320, 568), (1080, 1920))
BROADCAST_RATES = (25.0, 30000 / 1001, 50.0, 60000 / 1001)
PHONE_RATES = (30.0, 30000 / 1001, 60.0, 25.0)


@dataclass(frozen=True)
class Camera:
    """One camera filming one dive.

    kind: one of KINDS. width, height: its own picture in pixels; a rendering of another shape
    shows the centre of it. frame_rate: a second. shutter: exposure as a share of the frame's time.
    position_m: x, y, z. short_side_m: what the picture's shorter side spans at the diver.
    aim_m: what it looks at while it does not follow. follow: share of the diver's way that it
    follows, 0-1; lag_s behind the diver. offset: the diver's place off the centre, in shorter
    sides. zoom: picture at the entry relative to the picture at the take-off. roll_rad: held
    askew. shake: (N, 5) rows of frequency in Hz, phase, and share of the shorter side in x, y and
    radians of roll. slow_motion: how much longer the clip lasts than the dive, 1 at real speed.
    """

    kind: str
    width: int
    height: int
    frame_rate: float
    shutter: float
    position_m: tuple[float, float, float]
    short_side_m: float
    aim_m: tuple[float, float, float]
    follow: float
    lag_s: float
    offset: tuple[float, float]
    zoom: float
    roll_rad: float
    shake: tuple[tuple[float, float, float, float, float], ...]
    slow_motion: float = 1.0

    @staticmethod
    def random(
        rng: np.random.Generator,
        height_m: float,
        springboard: bool,
        kind: str | None = None,
        apart_m: float = 0.0,
    ) -> "Camera":
        """A camera for dives from a board of height_m; kind None draws one by SHARES.

        apart_m: between the divers of a synchronised dive.
        """
        if kind is None:
            kind = str(rng.choice(KINDS, p=SHARES))
        side = float(rng.choice([-1.0, 1.0]))
        top_m = height_m + (3.4 if springboard else 2.6)
        if kind == "broadcast":
            size = BROADCAST_SIZES[rng.choice(4, p=[0.5, 0.2, 0.25, 0.05])]
            short = rng.uniform(2.5, 5.2) + 0.4 * apart_m
            distance, azimuth = rng.uniform(10, 28), rng.normal(0.1, 0.35)
            elevated = rng.uniform(max(1.5, 0.4 * height_m), max(3.5, height_m + 2.0))
            follow, lag = 1.0, rng.uniform(0.02, 0.12)
            shaken = rng.uniform(0.001, 0.008)
        else:
            portrait = rng.random() < (0.45 if kind in ("phone", "handheld") else 0.15)
            sizes = PORTRAIT_SIZES if portrait else LANDSCAPE_SIZES
            size = sizes[rng.integers(len(sizes))]
            short = 0.0
            distance, azimuth = rng.uniform(7, 20) + 0.5 * height_m, rng.normal(0.25, 0.4)
            elevated = rng.uniform(1.3, 2.2)
            follow, lag = 0.0, 0.2
            shaken = 0.0
        if kind == "handheld":
            follow, shaken = rng.uniform(0.0, 0.7), rng.uniform(0.003, 0.02)
        elif kind == "stand":
            distance, elevated = rng.uniform(15, 30), rng.uniform(5, 12)
            follow, shaken = rng.choice([0.0, 0.5, 0.9]), rng.uniform(0, 0.006)
        elif kind == "far":
            distance, shaken = rng.uniform(20, 40), rng.uniform(0, 0.004)
            elevated = rng.uniform(1.5, 8)
        azimuth = min(max(azimuth, -0.5), 1.1)
        position = (
            float(1 + distance * math.sin(azimuth)),
            float(elevated),
            float(side * distance * math.cos(azimuth)),
        )
        aim, whole_m = _framed(position, height_m, top_m)
        if kind != "broadcast":
            short = whole_m / rng.uniform(0.6, 0.95) * (1 - 0.45 * follow)
        if kind == "far":
            short *= rng.uniform(1.6, 3.0)
        rates = BROADCAST_RATES if kind == "broadcast" else PHONE_RATES
        return Camera(
            kind=kind,
            width=size[0],
            height=size[1],
            frame_rate=float(rates[rng.choice(4, p=[0.6, 0.2, 0.12, 0.08])]),
            shutter=float(rng.uniform(0.15, 0.9)),
            position_m=position,
            short_side_m=float(short),
            aim_m=aim,
            follow=float(follow),
            lag_s=float(lag),
            offset=(float(rng.normal(0, 0.05)), float(rng.normal(0.0, 0.02 + 0.03 * follow))),
            zoom=float(rng.uniform(0.85, 1.25)) if follow else 1.0,
            roll_rad=float(rng.normal(0, 0.004 if kind == "broadcast" else 0.025)),
            shake=_shake(rng, float(shaken)),
        )

    def slowed(self, rng: np.random.Generator) -> "Camera":
        """The camera as it films one dive: now and then in slow motion."""
        slow = rng.random() < SLOW_MOTION_SHARE
        return replace(self, slow_motion=float(rng.uniform(*SLOW_MOTION))) if slow else self

    def upright(self, size: tuple[int, int]) -> tuple[int, int]:
        """A picture's (height, width) turned the way that this camera is held."""
        return (max(size), min(size)) if self.height > self.width else (min(size), max(size))

    def dive_times(self, frame_times_s: np.ndarray) -> np.ndarray:
        """Times of the dive shown at times of the clip, both in seconds."""
        return frame_times_s / self.slow_motion

    def view(
        self, motions: "tuple[DiveMotion, ...]", times_s: np.ndarray, height: int, width: int
    ) -> View:
        """The views at times_s (T,) of the dive, drawn into a picture of height × width pixels.

        A picture of another shape than the camera's shows the centre that covers it.
        """
        first = motions[0]
        aim = np.array(self.aim_m)
        aim = aim + self.follow * (self._path(motions, times_s) - aim)
        distance = np.linalg.norm(aim - np.array(self.position_m), axis=1)
        spans = self.short_side_m * self._zoom(first, times_s)
        cover = max(height / self.height, width / self.width)
        short_px = cover * min(self.height, self.width)
        focal = short_px * distance / spans
        rows = np.array(self.shake).reshape(-1, 5)
        swing = np.sin(2 * np.pi * rows[:, 0] * times_s[:, None] + rows[:, 1])
        shift = swing @ rows[:, 2:4] + np.array(self.offset)
        roll = self.roll_rad + swing @ rows[:, 4]
        forward = aim - np.array(self.position_m)
        right = np.stack((-forward[:, 2], np.zeros(len(aim)), forward[:, 0]), axis=1)
        right /= np.linalg.norm(right, axis=1, keepdims=True)
        aim = aim + right * (shift[:, :1] * spans[:, None])
        aim[:, 1] += shift[:, 1] * spans
        position = torch.tensor(self.position_m, dtype=torch.float32).expand(len(times_s), 3)
        rotation = look_at(
            position,
            torch.from_numpy(aim.astype(np.float32)),
            torch.from_numpy(roll.astype(np.float32)),
        )
        focal_px = torch.from_numpy(focal.astype(np.float32))
        middle = torch.tensor((width / 2, height / 2)).expand(len(times_s), 2)
        return View(position, rotation, focal_px, middle, height, width)

    def _path(self, motions: "tuple[DiveMotion, ...]", times_s: np.ndarray) -> np.ndarray:
        """Where a camera that follows looks, (T, 3): the diver's middle, smoothed and late."""
        grid, smooth = _followed(motions, self.lag_s)
        # An operator leads what he follows: the lag left is a third of the smoothing's.
        lead_s = self.lag_s * 2 / 3
        return np.stack(
            [np.interp(times_s + lead_s, grid, smooth[:, axis]) for axis in range(3)], axis=1
        )

    def _zoom(self, motion: DiveMotion, times_s: np.ndarray) -> np.ndarray:
        span = max(motion.entry_s - motion.takeoff_s, 0.1)
        progress = np.clip((times_s - motion.takeoff_s) / span, 0, 1)
        return 1 + (self.zoom - 1) * progress * progress * (3 - 2 * progress)


@lru_cache(maxsize=4)
def _followed(motions: "tuple[DiveMotion, ...]", lag_s: float) -> tuple[np.ndarray, np.ndarray]:
    """The divers' middle as an operator with a lag follows it: times (N,) and places (N, 3).

    Still before and after. Kept, as every picture of a clip asks for it.
    """
    first = motions[0]
    grid = np.arange(first.times_s[0] - 0.5, first.end_s + SETTLED_S, 1 / PATH_RATE_HZ)
    middle = np.mean([motion.at(grid).mean(1) for motion in motions], axis=0)
    # Once the hands touch the water the operator stays with the splash.
    after = grid > first.entry_s
    if after.any():
        middle[after] = middle[np.argmax(after)]
    middle[:, 1] = np.maximum(middle[:, 1], LOWEST_AIM_M)
    keep = math.exp(-1 / (PATH_RATE_HZ * lag_s))
    smooth = np.empty_like(middle)
    smooth[0] = middle[0]
    for step in range(1, len(grid)):
        smooth[step] = keep * smooth[step - 1] + (1 - keep) * middle[step]
    return grid, smooth


def _framed(
    position: tuple[float, float, float], height_m: float, top_m: float
) -> tuple[tuple[float, float, float], float]:
    """Where to aim, and how much to span there, so that any dive from the board is in view."""
    corners = np.array(
        ((-1.0, height_m, 0), (0.3, top_m, 0), (3.0, top_m - 1.5, 0), (2.8, -0.6, 0))
    )
    ways = corners - np.array(position)
    rays = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    ahead = rays[1] + rays[3]
    ahead /= np.linalg.norm(ahead)
    reach = float(np.linalg.norm(ways, axis=1).mean())
    widest = float((rays @ ahead).min())
    aim = np.array(position) + reach * ahead
    return (float(aim[0]), float(aim[1]), float(aim[2])), 2 * reach * math.tan(math.acos(widest))


def _shake(
    rng: np.random.Generator, size: float
) -> tuple[tuple[float, float, float, float, float], ...]:
    """Swings of a hand that holds a camera, slow ones large and fast ones small."""
    rows = []
    for frequency in (0.2, 0.5, 1.1, 2.3, 5.0, 9.0):
        amplitude = size / (1 + frequency) * rng.normal(0, 1, 3)
        rows.append(
            (
                frequency * rng.uniform(0.7, 1.4),
                rng.uniform(0, 2 * math.pi),
                float(amplitude[0]),
                float(amplitude[1]),
                float(amplitude[2] * 0.6),
            )
        )
    return tuple(rows)
