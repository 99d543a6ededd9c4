"""Everybody else at the pool: judges, waiting divers, walkers, swimmers, people who jump in."""

import math
from collections.abc import Callable
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
from fpcli.simulation.flight import GRAVITY_M_S2, flight_time
from fpcli.simulation.furniture import Box
from fpcli.simulation.skeleton import JOINTS
from fpcli.simulation.stance import (
    Stance,
    blended,
    falling,
    joints_of,
    on_their_feet,
    placed,
    soft,
    standing,
    swimming,
    walking,
)
from fpcli.simulation.venue import Venue

ACTIVITIES = ("stand", "sit", "walk", "swim", "climb", "wait")
SHARES = (0.25, 0.2, 0.2, 0.15, 0.08, 0.12)
MOVING = ("walk", "swim", "jump")
JUMPER_SHARE, JUMP_S = 0.06, (-1.0, 4.0)  # of the scenes, and when, in seconds of the dive
REFERENCE_STATURE_M = 1.73
SEAT_M, LIFEGUARD_SEAT_M = 0.45, 1.9
SEAT_ALBEDO = (0.75, 0.75, 0.78)
BLOCK_HEIGHTS_M, BLOCK_SHARES = (0.0, 0.5, 1.0, 3.0), (0.55, 0.2, 0.15, 0.1)
BLOCK_ALBEDO = (0.7, 0.72, 0.75)
CROUCH_S, STRETCH_S = 0.45, 0.3
SINK_M, SINK_PER_S, UNDER_S, RISING_S = 2.3, 2.5, 0.9, 1.0
SWIM_DEPTH_M = 0.12
TURNING = 0.1  # of a stretch: where those who go to and fro turn round


@dataclass(frozen=True)
class Bystander:
    """A person who does not dive here.

    activity: one of ACTIVITIES. place: x, y, z in metres of the feet (of the head, swimming).
    yaw_rad: 0 faces away from the board. pace: metres a second. phase: where in its motion it
    starts, radians. restless: size of its small movements. stretch_m: how far it walks or swims
    before it comes back. moment_s: when it jumps, in seconds of the dive.
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
    stretch_m: float
    moment_s: float


def random_bystanders(
    rng: np.random.Generator, venue: Venue, eye: tuple[float, float, float], height_m: float
) -> tuple[Bystander, ...]:
    """A few people where a camera at eye may see them, and a row of judges at times."""
    people = []
    for _ in range(int(rng.choice([0, 1, 2, 3, 4, 6], p=[0.2, 0.2, 0.2, 0.15, 0.15, 0.1]))):
        activity = str(rng.choice(ACTIVITIES, p=SHARES))
        people.append(_placed_person(rng, activity, venue, eye, height_m, JUMP_S))
    if rng.random() < JUMPER_SHARE:
        people.append(_placed_person(rng, "jump", venue, eye, height_m, JUMP_S))
    far = -math.copysign(1.0, eye[2])
    beyond = venue.pool[3] if far > 0 else venue.pool[2]
    if rng.random() < 0.4:
        start, lift = rng.uniform(-2, 5), rng.choice([0.0, 0.5, LIFEGUARD_SEAT_M])
        shirt = random_appearance(rng, OTHERS_WEAR)
        for seat in range(int(rng.integers(3, 8))):
            place = (start + seat * 0.9, lift, beyond + far * 1.2)
            judge = _person(rng, "sit", place, yaw=-far * math.pi / 2)
            look = replace(judge.appearance, upper=shirt.upper, lower=shirt.lower, outfit="clothes")
            people.append(replace(judge, appearance=look))
    return tuple(people)


def random_company(
    rng: np.random.Generator,
    venue: Venue,
    eye: tuple[float, float, float],
    count: int,
    span_s: tuple[float, float],
) -> tuple[Bystander, ...]:
    """So many people who walk, swim or jump in at some moment of a span, seconds of the dive."""
    activities = [str(rng.choice(MOVING)) for _ in range(count)]
    return tuple(_placed_person(rng, one, venue, eye, 0.0, span_s) for one in activities)


def _placed_person(
    rng: np.random.Generator,
    activity: str,
    venue: Venue,
    eye: tuple[float, float, float],
    height_m: float,
    span_s: tuple[float, float],
) -> Bystander:
    """Somebody where his activity belongs and a camera at eye may see it."""
    far = -math.copysign(1.0, eye[2])
    low_x, high_x, low_z, high_z = venue.pool
    beyond = high_z if far > 0 else low_z
    yaw = None
    moment_s = float(rng.uniform(*span_s))
    beside = bool(rng.random() < 0.55)
    aside = rng.uniform(0.5, 3)
    place = (rng.uniform(-4, 9), 0.0, beyond + far * aside)
    if not beside:
        place = (low_x - aside, 0.0, rng.uniform(-5, 5))
    if activity == "walk":
        # Along the pool: nobody walks on water.
        yaw = float(rng.choice([0.0, math.pi]) + (0.0 if beside else math.pi / 2))
    elif activity == "swim":
        place = (rng.uniform(0.5, high_x - 8), 0.0, far * rng.uniform(2.0, abs(beyond) - 0.5))
        yaw = 0.0
    elif activity == "jump":
        up = float(rng.choice(BLOCK_HEIGHTS_M, p=BLOCK_SHARES))
        place = (rng.uniform(2, min(9, high_x - 1)), up, beyond + 0.1 * far)
        yaw = -far * math.pi / 2
        if not beside:
            place, yaw = (low_x - 0.1, up, far * rng.uniform(1.5, 5)), 0.0
    elif activity == "climb":
        place = (low_x + 0.25, -0.3, far * rng.uniform(1, 4))
    elif activity == "wait":
        place = (-rng.uniform(3.2, 5.0), height_m, rng.normal(0, 0.25))
    return _person(rng, activity, place, yaw, moment_s)


def _person(
    rng: np.random.Generator,
    activity: str,
    place: tuple[float, float, float],
    yaw: float | None = None,
    moment_s: float = 0.0,
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
        stretch_m=float(rng.uniform(3, 7)),
        moment_s=moment_s,
    )


def seats(people: tuple[Bystander, ...]) -> tuple[Box, ...]:
    """What the sitting ones sit on, and what others jump from."""
    boxes = []
    for person in people:
        x, y, z = person.place
        if person.activity == "sit":
            low, high = (x - 0.22, 0.0, z - 0.22), (x + 0.22, y + SEAT_M - 0.1, z + 0.22)
            boxes.append(Box(low, high, SEAT_ALBEDO))
        elif person.activity == "jump" and y > 0:
            low, high = (x - 0.35, 0.0, z - 0.35), (x + 0.35, y, z + 0.35)
            boxes.append(Box(low, high, BLOCK_ALBEDO))
    return tuple(boxes)


def jump_into_water(person: Bystander) -> tuple[float, float, float, float] | None:
    """Where (x, z), when (seconds of the dive) and with how large a splash a jumper goes in."""
    if person.activity != "jump":
        return None
    _, out_m, landed_s = _leap(person)
    x, _, z = person.place
    heading = person.yaw_rad
    size = 0.25 + 0.1 * person.place[1] + 0.15 * person.build
    landed = person.moment_s + landed_s
    return x + out_m * math.cos(heading), z + out_m * math.sin(heading), landed, min(size, 0.9)


def _leap(person: Bystander) -> tuple[float, float, float]:
    """How fast a jumper leaves upwards (m/s), how far out he lands (m), how long he flies (s)."""
    rise_m_s = 1.4 + person.pace
    flight_s = flight_time(rise_m_s, person.place[1])
    return rise_m_s, (0.8 + 0.6 * person.pace) * flight_s, flight_s


def bystander_joints(person: Bystander, times_s: Tensor) -> Tensor:
    """(T, 21, 3) joints, metres, at (T,) seconds."""
    return _POSED.get(person.activity, _stands)(person, times_s)


def _still(person: Bystander, times_s: Tensor) -> tuple[Tensor, Tensor]:
    """Place (T, 3) and yaw (T,) of somebody who stays where he is."""
    place = torch.tensor(person.place, dtype=torch.float32).expand(len(times_s), 3)
    return place, torch.full_like(times_s, person.yaw_rad)


def _to_and_fro(person: Bystander, times_s: Tensor, pace: float) -> tuple[Tensor, Tensor]:
    """Place (T, 3) and yaw (T,) of somebody who goes a stretch and back, again and again."""
    start, heading = _still(person, times_s)
    half = TURNING / 2
    leg = (pace * times_s / person.stretch_m + person.phase / math.pi + half) % 2 - half
    way = (1 - (1 - leg).abs()).abs() * person.stretch_m
    ahead = torch.tensor((math.cos(person.yaw_rad), 0.0, math.sin(person.yaw_rad)))
    turned = soft((leg - 1 + half) / TURNING) - soft((leg - 2 + 3 * half) / TURNING)
    return start + way[:, None] * ahead, heading + math.pi * turned


def _stands(person: Bystander, times_s: Tensor) -> Tensor:
    place, yaw = _still(person, times_s)
    if person.activity == "wait":
        yaw = torch.zeros_like(yaw)
    sway = person.restless * torch.sin(1.7 * times_s + person.phase)
    joints = joints_of(standing(sway, person.restless), person.stature_m, len(times_s))
    return placed(*on_their_feet(joints, place), yaw)


def _sits(person: Bystander, times_s: Tensor) -> Tensor:
    place, yaw = _still(person, times_s)
    sway = person.restless * torch.sin(1.7 * times_s + person.phase)
    stance = Stance(
        lean=0.1 + 0.3 * sway, hips=(1.5, 1.5), knees=(1.45, 1.45), shoulders=(0.7 + sway, 0.7)
    )
    joints = joints_of(stance, person.stature_m, len(times_s))
    return placed(joints, place + torch.tensor((0.0, SEAT_M, 0.0)), yaw)


def _walks(person: Bystander, times_s: Tensor) -> Tensor:
    place, yaw = _to_and_fro(person, times_s, person.pace)
    stride = torch.sin(2 * math.pi * 0.8 * person.pace * times_s + person.phase)
    joints = joints_of(walking(stride), person.stature_m, len(times_s))
    return placed(*on_their_feet(joints, place), yaw)


def _swims(person: Bystander, times_s: Tensor) -> Tensor:
    place, yaw = _to_and_fro(person, times_s, 0.5 * person.pace)
    stroke = 2 * math.pi * 0.6 * times_s + person.phase
    joints = joints_of(swimming(stroke), person.stature_m, len(times_s))
    return placed(joints, place - torch.tensor((0.0, SWIM_DEPTH_M, 0.0)), yaw)


def _climbs(person: Bystander, times_s: Tensor) -> Tensor:
    place, _ = _still(person, times_s)
    rise = (0.25 * person.pace * (times_s - 0.5)).clamp(-0.6, 1.0)
    stride = torch.sin(2 * math.pi * 0.8 * person.pace * times_s + person.phase)
    stance = Stance(
        lean=0.35, hips=(0.9 + 0.3 * stride, 0.4), knees=(1.0, 0.6), shoulders=(1.2, 1.3)
    )
    lifted = place.clone()
    lifted[:, 1] += rise
    joints = joints_of(stance, person.stature_m, len(times_s))
    return placed(*on_their_feet(joints, lifted), torch.full_like(times_s, math.pi))


def _jumps(person: Bystander, times_s: Tensor) -> Tensor:
    """Stands, crouches, jumps feet first, sinks, comes up and swims away."""
    place, yaw = _still(person, times_s)
    count, stature_m = len(times_s), person.stature_m
    rise_m_s, out_m, landed_s = _leap(person)
    ahead = torch.tensor((math.cos(person.yaw_rad), 0.0, math.sin(person.yaw_rad)))
    since = times_s - person.moment_s
    sway = person.restless * torch.sin(1.7 * times_s + person.phase)
    joints = joints_of(standing(sway, person.restless), stature_m, count)
    flying = joints_of(falling(soft(since / STRETCH_S)), stature_m, count)
    joints = blended(joints, flying, (since + CROUCH_S) / CROUCH_S)
    aloft = since.clamp(0, landed_s)
    wet = (since - landed_s).clamp(min=0)
    rise = rise_m_s * aloft - GRAVITY_M_S2 / 2 * aloft**2
    feet = place + ahead * (out_m / landed_s * aloft)[:, None]
    feet[:, 1] += rise - SINK_M * (1 - torch.exp(-SINK_PER_S * wet))
    jumped = placed(*on_their_feet(joints, feet), yaw)
    way = 0.5 * person.pace * (wet - UNDER_S).clamp(min=0)
    afloat = place + ahead * (out_m + way)[:, None]
    afloat[:, 1] = -SWIM_DEPTH_M
    swum = joints_of(swimming(2 * math.pi * 0.6 * times_s), stature_m, count)
    return blended(jumped, placed(swum, afloat, yaw), (wet - UNDER_S) / RISING_S)


_POSED: dict[str, Callable[[Bystander, Tensor], Tensor]] = {
    "sit": _sits,
    "walk": _walks,
    "swim": _swims,
    "climb": _climbs,
    "jump": _jumps,
}


def bystander_cones(person: Bystander, times_s: Tensor) -> Cones:
    """The person's body at (T,) seconds."""
    joints = bystander_joints(person, times_s)
    thickness = torch.full((len(JOINTS),), person.stature_m / REFERENCE_STATURE_M * person.build)
    return body_cones(joints, front_of(joints), thickness, person.appearance)
