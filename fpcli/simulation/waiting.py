"""More of a take than its dive: the diver walks out, waits and swims away, others move about; or
nobody dives at all."""

import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from fpcli.simulation.figure import front_of
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.people import MOVING, SWIM_DEPTH_M, bystander_joints, random_company
from fpcli.simulation.performance import RATE_HZ
from fpcli.simulation.seeds import stream
from fpcli.simulation.skeleton import JOINT_INDEX
from fpcli.simulation.stance import (
    Stance,
    blended,
    joints_of,
    on_their_feet,
    placed,
    soft,
    standing,
    swimming,
    walking,
)
from fpcli.simulation.take import Take

WALK_M_S, WALK_M = 0.9, (1.0, 3.4)
FARTHEST_BACK_M = -4.4
PAUSE_S, TURN_S, ARMSTAND_S, BLEND_S = (0.5, 5.0), 1.0, 1.6, 0.5
RISE_M_S, SWIM_M_S = 1.1, (0.4, 0.9)
NEVER_S = 1e5
FOLDED = Stance(lean=2.0, shoulders=(-0.6, -0.6), elbows=(0.0, 0.0))  # hands beside the feet
HAND = JOINT_INDEX["left_fingertip"]
FOLLOWED_SHARE = 0.6
TARGET_HZ = 60.0
TARGET_SWAY_M, TARGET_SWAY_HZ = (0.0, 2.0), (0.05, 0.25)


def long_take(take: Take, lead_s: float, tail_s: float) -> Take:
    """The take begun lead_s earlier and ended tail_s later, in seconds of the dive.

    The diver walks out along the board, turns where he dives backwards, stands and sways; after the
    dive he comes up and swims away. A camera that follows keeps to the place of the entry.
    """
    motions = []
    for number, motion in enumerate(take.motions):
        rng = stream(take.scene.seed, f"waiting {number}")
        before = motion.times_s[0] - take.start_s + lead_s
        after = take.end_s - motion.end_s + tail_s
        waited = _waited(motion, take.statures_m[number], before, rng)
        motions.append(_surfaced(waited, take.statures_m[number], after, rng))
    return replace(
        take, motions=tuple(motions), start_s=take.start_s - lead_s, end_s=take.end_s + tail_s
    )


def vacant_take(take: Take) -> Take:
    """The take without a dive: nobody moves the boards or the water.

    To be drawn without divers. A camera that would follow the diver follows somebody else who
    moves, or wanders about the board's end.
    """
    rng = stream(take.scene.seed, "vacant")
    times_s = np.arange(take.start_s - 1, take.end_s + 1, 1 / TARGET_HZ)
    motion = take.motions[0]
    moving = [person for person in take.scene.bystanders if person.activity in MOVING]
    if moving and rng.random() < FOLLOWED_SHARE:
        person = moving[rng.integers(len(moving))]
        joints = bystander_joints(person, torch.from_numpy(times_s.astype(np.float32))).numpy()
    else:
        sway = rng.uniform(*TARGET_SWAY_M) * np.sin(
            2 * np.pi * rng.uniform(*TARGET_SWAY_HZ) * times_s + rng.uniform(0, 2 * np.pi)
        )
        moved = np.stack((sway, -0.6 * np.abs(sway), 0.3 * sway), axis=1).astype(np.float32)
        joints = motion.joints[:1] + moved[:, None]
    target = replace(
        motion,
        times_s=times_s,
        joints=joints,
        face=np.repeat(motion.face[:1], len(times_s), axis=0),
        front=np.repeat(motion.front[:1], len(times_s), axis=0),
        board_tip=np.repeat(motion.board_tip[:1], len(times_s), axis=0),
        takeoff_s=NEVER_S,
        position_s=NEVER_S,
        opened_s=NEVER_S,
        entry_s=NEVER_S,
        splash=0.0,
    )
    return replace(take, motions=(target,))


def accompanied_take(take: Take, count: int) -> Take:
    """The take with so many more people who walk, swim or jump in while it lasts."""
    scene = take.scene
    more = random_company(
        stream(scene.seed, "company"),
        scene.venue,
        scene.camera.position_m,
        count,
        (take.start_s, take.end_s),
    )
    return replace(take, scene=replace(scene, bystanders=scene.bystanders + more))


def _waited(
    motion: DiveMotion, stature_m: float, lead_s: float, rng: np.random.Generator
) -> DiveMotion:
    """A motion with what the diver does in the lead_s before it."""
    count = math.ceil(max(lead_s, 0.0) * RATE_HZ)
    pause_s = rng.uniform(*PAUSE_S)
    way_m, phase = rng.uniform(*WALK_M), rng.uniform(0, 2 * np.pi)
    if not count:
        return motion
    times = torch.arange(-count, 0, dtype=torch.float32) / RATE_HZ  # until the motion begins
    first = torch.from_numpy(motion.joints[:1])
    backwards = float(motion.front[0, 0]) < 0
    armstand = bool(first[0, JOINT_INDEX["left_toe"], 1] > first[0, 0, 1])
    base = float(first[..., 1].min())
    pelvis = first[0, 0]
    turn_s = TURN_S if backwards else 0.0
    arrived_s = -(pause_s + turn_s + (ARMSTAND_S if armstand else 0.0))
    way_m = min(way_m, max(float(pelvis[0]) - FARTHEST_BACK_M, 0.0))
    left = ((arrived_s - times) * WALK_M_S).clamp(0, way_m)
    position = torch.stack(
        (pelvis[0] - left, torch.full_like(left, base), pelvis[2].expand_as(left)), dim=1
    )
    yaw = math.pi * soft((times - arrived_s) / TURN_S) if backwards else torch.zeros_like(times)
    stride = torch.sin(2 * math.pi * 0.85 * left / WALK_M_S + phase)
    moving = ((left > 0) & (left < way_m)).float()
    sway = 0.05 * torch.sin(1.3 * times + phase)
    posed = joints_of(walking(stride), stature_m, count)
    stood = joints_of(standing(sway, 0.05), stature_m, count)
    calm = 1 - _soft_edges(moving)
    joints = placed(*on_their_feet(posed + calm[:, None, None] * (stood - posed), position), yaw)
    if armstand:
        folded = joints_of(FOLDED, stature_m, 1)
        down = placed(*on_their_feet(folded, position[-1:]), yaw[-1:])
        down[..., 0] += first[0, HAND, 0] - down[0, HAND, 0]
        joints = blended(joints, down, (times + ARMSTAND_S) / (0.45 * ARMSTAND_S))
        joints = blended(joints, first, (times + 0.5 * ARMSTAND_S) / (0.5 * ARMSTAND_S))
    else:
        joints = blended(joints, first, (times + BLEND_S) / BLEND_S)
    return _joined(motion, joints, before=True)


def _surfaced(
    motion: DiveMotion, stature_m: float, tail_s: float, rng: np.random.Generator
) -> DiveMotion:
    """A motion with what the diver does in the tail_s after it."""
    count = math.ceil(max(tail_s, 0.0) * RATE_HZ)
    yaw_rad, pace = rng.uniform(-np.pi / 2, np.pi / 2), rng.uniform(*SWIM_M_S)
    phase = rng.uniform(0, 2 * np.pi)
    if not count:
        return motion
    times = torch.arange(1, count + 1, dtype=torch.float32) / RATE_HZ
    last = torch.from_numpy(motion.joints[-1:])
    pelvis = last[0, 0]
    rising_s = max(-SWIM_DEPTH_M - float(pelvis[1]), 0.3) / RISE_M_S
    risen = soft(times / rising_s)
    way = pace * (times - 0.5 * rising_s).clamp(min=0)
    position = torch.stack(
        (
            pelvis[0] + way * math.cos(yaw_rad),
            pelvis[1] + risen * (-SWIM_DEPTH_M - pelvis[1]),
            pelvis[2] + way * math.sin(yaw_rad),
        ),
        dim=1,
    )
    stroke = 2 * math.pi * 0.6 * times + phase
    swum = joints_of(swimming(stroke), stature_m, count)
    joints = placed(swum, position, torch.full_like(times, yaw_rad))
    return _joined(motion, blended(last, joints, times / (0.6 * rising_s)), before=False)


def _soft_edges(flag: Tensor) -> Tensor:
    """A (T,) flag whose edges last BLEND_S."""
    width = int(BLEND_S * RATE_HZ) | 1
    padded = torch.nn.functional.pad(flag[None, None], (width // 2, width // 2), mode="replicate")
    return torch.nn.functional.avg_pool1d(padded, width, 1)[0, 0]


def _joined(motion: DiveMotion, joints: Tensor, before: bool) -> DiveMotion:
    """A motion with joints (N, 21, 3) put before or after its own."""
    count = len(joints)
    fronts = front_of(joints).numpy()
    edge = 0 if before else -1
    tips = np.repeat(motion.board_tip[edge:][:1], count, axis=0)
    steps = (np.arange(-count, 0) if before else np.arange(1, count + 1)) / RATE_HZ

    def put(own: np.ndarray, new: np.ndarray) -> np.ndarray:
        return np.concatenate([new, own] if before else [own, new]).astype(own.dtype)

    return replace(
        motion,
        times_s=put(motion.times_s, motion.times_s[edge] + steps),
        joints=put(motion.joints, joints.numpy()),
        face=put(motion.face, fronts),
        front=put(motion.front, fronts),
        board_tip=put(motion.board_tip, tips),
    )
