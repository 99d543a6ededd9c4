"""The film set as a device draws it: everything but the divers."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fpcli.simulation.background import (
    BLUR_LEVELS,
    Disturbance,
    draw_background,
    paint_levels,
)
from fpcli.simulation.canvas import Canvas, Quads
from fpcli.simulation.cones import cast
from fpcli.simulation.degrade import metered
from fpcli.simulation.devices import on_device
from fpcli.simulation.divers import through_water
from fpcli.simulation.furniture import board_quads, box_quads, rod_quads
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.people import bystander_cones, jump_into_water, seats
from fpcli.simulation.scene import Scene
from fpcli.simulation.seeds import stream
from fpcli.simulation.splash import random_splash, splash_cover
from fpcli.simulation.venue import Venue
from fpcli.simulation.view import View

METERED_SHARE, METERED_PICTURES, METERED_PX = 0.25, 3, 64  # of the clip, pictures, longer side
METERED_PAINT = 8  # of so many pixels of the walls' paint one is metered, each way


@dataclass(frozen=True, eq=False)
class Stage:
    """A scene set up on a device.

    motions: of the divers, who bend the boards and move the water. venue: on the device. levels:
    the walls' paint, see `background.paint_levels`.
    """

    motions: tuple[DiveMotion, ...]
    scene: Scene
    venue: Venue
    levels: list[Tensor]

    @staticmethod
    def set_up(motions: tuple[DiveMotion, ...], scene: Scene, device: torch.device) -> "Stage":
        """The stage of a scene."""
        venue = on_device(scene.venue, device)
        return Stage(motions, scene, venue, paint_levels(venue.walls))

    @property
    def device(self) -> torch.device:
        """Where the pixels are."""
        return self.levels[0].device

    def draw(self, view: View, times_s: np.ndarray) -> Canvas:
        """Everything that stands, walks or swims, at times_s (T,) of the dive."""
        scene, venue = self.scene, self.scene.venue
        eye = scene.camera.position_m
        times = torch.from_numpy(times_s.astype(np.float32))
        moved = disturbances(self.motions, scene, float(times_s[-1]))
        canvas = draw_background(self.venue, view, times.to(self.device), moved, self.levels)
        furniture = [
            box_quads(scene.furniture.boxes + seats(scene.bystanders), venue, eye),
            rod_quads(scene.furniture.rods, venue, eye),
        ]
        for motion in self.motions:
            if motion.springboard:
                tip = torch.from_numpy(motion.board_tip_at(times_s))
                furniture.append(board_quads(scene.furniture, venue, tip, motion.height_m))
        canvas.draw_quads(Quads.joined(furniture, len(times_s)), view)
        for person in scene.bystanders:
            body = bystander_cones(person, times)
            for patch in cast(body, view, venue.light, venue.ambient, self.device):
                canvas.draw_patch(patch, through_water(patch, view, venue.clearness_m))
        return canvas

    def draw_splashes(self, canvas: Canvas, view: View, times_s: np.ndarray) -> Tensor:
        """Draw the flying water over everything; returns the share of each pixel left visible."""
        white = 0.75 + 0.25 * float(self.scene.venue.light[1])
        times = torch.from_numpy(times_s.astype(np.float32))
        clear = torch.ones_like(canvas.depth_m)
        for event in disturbances(self.motions, self.scene, float(times_s[-1])):
            rng = stream(self.scene.seed, f"splash {event.time_s:.4f}")
            splash = random_splash(rng, (event.x_m, event.z_m, event.time_s), event.size)
            cover = splash_cover(splash, view, times, self.device)
            if cover is not None:
                canvas.colour.add_(cover[..., None] * (white - canvas.colour))
                clear *= 1 - cover
        return clear


def metered_gain(
    motions: tuple[DiveMotion, ...], scene: Scene, size: tuple[int, int], times_s: np.ndarray
) -> float:
    """The exposure that the camera chooses before any splash, from a few small pictures.

    size: (height, width) of the camera's picture. It meters the empty room.
    """
    first_s = times_s[0] + (times_s[-1] - times_s[0]) * METERED_SHARE
    metered_s = np.linspace(times_s[0], first_s, METERED_PICTURES)
    small = (max(size[0] * METERED_PX // max(size), 1), max(size[1] * METERED_PX // max(size), 1))
    view = scene.camera.view(motions, metered_s, *small)
    paint = scene.venue.walls[None, :, ::METERED_PAINT, ::METERED_PAINT]
    times = torch.from_numpy(metered_s.astype(np.float32))
    room = draw_background(scene.venue, view, times, (), [paint] * BLUR_LEVELS)
    return metered(room.colour)


def disturbances(
    motions: tuple[DiveMotion, ...], scene: Scene, until_s: float
) -> tuple[Disturbance, ...]:
    """What divers, first, and people who jump do to the water's surface until a moment."""
    divers = [(*_entry(motion), float(motion.entry_s), float(motion.splash)) for motion in motions]
    jumps = [jump_into_water(person) for person in scene.bystanders]
    events = [Disturbance(*event) for event in (*divers, *jumps) if event is not None]
    return tuple(event for event in events if event.time_s < until_s)


def _entry(motion: DiveMotion) -> tuple[float, float]:
    """Where a body meets the water: x and z in metres."""
    joints = motion.at(np.array([motion.entry_s]))[0]
    lowest = joints[joints[:, 1].argmin()]
    return float(lowest[0]), float(lowest[2])
