"""Everybody else at the pool: judges, waiting divers, walkers, swimmers."""

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from fpcli.simulation.cones import Cones
from fpcli.simulation.figure import (
    OTHERS_WEAR,
    Appearance,
    body_cones,
    front_of,
    random_appearance,
)
from fpcli.simulation.furniture import Box
from fpcli.simulation.skeleton import JOINTS
from fpcli.simulation.stance import Stance, joints_of, placed
from fpcli.simulation.venue import Venue

ACTIVITIES = ("stand", "sit", "walk", "swim", "climb", "wait")
SHARES = (0.25, 0.2, 0.2, 0.15, 0.08, 0.12)
REFERENCE_STATURE_M = 1.73
SEAT_M, LIFEGUARD_SEAT_M = 0.45, 1.9
SEAT_ALBEDO = (0.75, 0.75, 0.78)


@dataclass(frozen=True)
class Bystander:
    """A person who does not dive here.

    activity: one of ACTIVITIES. place: x, y, z in metres of the feet (of the head, swimming).
    yaw_rad: 0 faces away from the board. pace: metres a second. phase: where in its motion it
    starts, radians. restless: size of its small movements.
    """

    activity: str
    place: tuple[float, float, float]
    yaw_rad: float
    pace: float
    phase: float
    restless: float
    stature_m: float
    build: float
    appearance: Appearance


def random_bystanders(
    rng: np.random.Generator, venue: Venue, eye: tuple[float, float, float], height_m: float
) -> tuple[Bystander, ...]:
    """A few people where a camera at eye may see them, and a row of judges at times."""
    far = -math.copysign(1.0, eye[2])
    low_x, _, low_z, high_z = venue.pool
    beyond = high_z if far > 0 else low_z
    people = []
    for _ in range(int(rng.choice([0, 1, 2, 3, 4, 6], p=[0.2, 0.2, 0.2, 0.15, 0.15, 0.1]))):
        activity = str(rng.choice(ACTIVITIES, p=SHARES))
        deck_side = (rng.uniform(-4, 9), 0.0, beyond + far * rng.uniform(0.5, 3))
        deck_behind = (low_x - rng.uniform(0.5, 4), 0.0, rng.uniform(-5, 5))
        place = deck_side if rng.random() < 0.55 else deck_behind
        if activity == "swim":
            place = (rng.uniform(0, 10), 0.0, far * rng.uniform(2.0, abs(beyond) - 0.5))
        elif activity == "climb":
            place = (low_x + 0.25, -0.3, far * rng.uniform(1, 4))
        elif activity == "wait":
            place = (-rng.uniform(3.2, 5.0), height_m, rng.normal(0, 0.25))
        people.append(_person(rng, activity, place))
    if rng.random() < 0.4:
        start, lift = rng.uniform(-2, 5), rng.choice([0.0, 0.5, LIFEGUARD_SEAT_M])
        shirt = random_appearance(rng, OTHERS_WEAR)
        for seat in range(int(rng.integers(3, 8))):
            place = (start + seat * 0.9, lift, beyond + far * 1.2)
            judge = _person(rng, "sit", place, yaw=-far * math.pi / 2)
            look = replace(judge.appearance, upper=shirt.upper, lower=shirt.lower, outfit="clothes")
            people.append(replace(judge, appearance=look))
    return tuple(people)


def _person(
    rng: np.random.Generator,
    activity: str,
    place: tuple[float, float, float],
    yaw: float | None = None,
) -> Bystander:
    return Bystander(
        activity=activity,
        place=(float(place[0]), float(place[1]), float(place[2])),
        yaw_rad=float(rng.uniform(-math.pi, math.pi) if yaw is None else yaw),
        pace=float(rng.uniform(0.5, 1.5)),
        phase=float(rng.uniform(0, 2 * math.pi)),
        restless=float(rng.uniform(0.02, 0.3)),
        stature_m=float(rng.normal(1.68, 0.13)),
        build=float(rng.uniform(0.85, 1.35)),
        appearance=random_appearance(rng, OTHERS_WEAR),
    )


def seats(people: tuple[Bystander, ...]) -> tuple[Box, ...]:
    """What the sitting ones sit on."""
    boxes = []
    for person in people:
        if person.activity == "sit":
            x, y, z = person.place
            low, high = (x - 0.22, 0.0, z - 0.22), (x + 0.22, y + SEAT_M - 0.1, z + 0.22)
            boxes.append(Box(low, high, SEAT_ALBEDO))
    return tuple(boxes)


def bystander_joints(person: Bystander, times_s: Tensor) -> Tensor:
    """(T, 21, 3) joints, metres, at (T,) seconds."""
    sway = person.restless * torch.sin(1.7 * times_s + person.phase)
    still = torch.zeros_like(times_s)
    position = torch.tensor(person.place, dtype=torch.float32) + torch.zeros(len(times_s), 3)
    yaw = still + person.yaw_rad
    stride = torch.sin(2 * math.pi * 0.8 * person.pace * times_s + person.phase)
    lowered = still
    if person.activity == "walk":
        stance = Stance(
            lean=0.05,
            hips=(0.45 * stride, -0.45 * stride),
            knees=(0.3 + 0.3 * stride, 0.3 - 0.3 * stride),
            shoulders=(-0.4 * stride, 0.4 * stride),
            elbows=(0.4, 0.4),
        )
        way = person.pace * (times_s - 1.5)
        position = position + way[:, None] * torch.tensor(
            (math.cos(person.yaw_rad), 0.0, math.sin(person.yaw_rad))
        )
    elif person.activity == "sit":
        reach = 0.7 + sway
        stance = Stance(
            lean=0.1 + 0.3 * sway, hips=(1.5, 1.5), knees=(1.45, 1.45), shoulders=(reach, 0.7)
        )
        lowered = still + SEAT_M
    elif person.activity == "swim":
        stroke = 2 * math.pi * 0.6 * times_s + person.phase
        stance = Stance(
            lean=1.4,
            hips=(-1.3 + 0.1 * stride, -1.3 - 0.1 * stride),
            shoulders=(1.4 + 1.4 * stroke.sin(), 1.4 - 1.4 * stroke.sin()),
        )
        way = 0.5 * person.pace * times_s
        position = position + way[:, None] * torch.tensor(
            (math.cos(person.yaw_rad), 0.0, math.sin(person.yaw_rad))
        )
    elif person.activity == "climb":
        rise = (0.25 * person.pace * (times_s - 0.5)).clamp(-0.6, 1.0)
        stance = Stance(
            lean=0.35, hips=(0.9 + 0.3 * stride, 0.4), knees=(1.0, 0.6), shoulders=(1.2, 1.3)
        )
        position = position + torch.stack((still, rise, still), dim=-1)
        yaw = still + math.pi
    else:
        stance = Stance(
            lean=0.3 * sway,
            knees=(0.05, 0.05),
            hips=(0.02, 0.02),
            shoulders=(0.1 + sway, 0.1 - 0.5 * sway),
            elbows=(0.2 + person.restless * 5, 0.3),
        )
        if person.activity == "wait":
            yaw = still
    joints = joints_of(stance, person.stature_m, len(times_s))
    sole = joints[:, [JOINTS.index("left_toe"), JOINTS.index("right_toe")], 1].amin(1)
    if person.activity == "swim":
        position = position - torch.tensor((0.0, 0.12, 0.0))
    elif person.activity == "sit":
        position = position + torch.stack((still, lowered, still), dim=-1)
    else:
        position = position + torch.stack((still, -sole + 0.02, still), dim=-1)
    return placed(joints, position, yaw)


def bystander_cones(person: Bystander, times_s: Tensor) -> Cones:
    """The person's body at (T,) seconds."""
    joints = bystander_joints(person, times_s)
    thickness = torch.full((len(JOINTS),), person.stature_m / REFERENCE_STATURE_M * person.build)
    return body_cones(joints, front_of(joints), thickness, person.appearance)
