"""How people who do not dive hold themselves: standing, walking, swimming, jumping."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from fpcli.simulation.skeleton import JOINTS

# Lengths as fractions of the stature, after the segment ends of de Leva (1996).
PELVIS_TO_WAIST, WAIST_TO_CHEST, CHEST_TO_NECK, NECK_TO_TOP = 0.075, 0.115, 0.105, 0.165
SHOULDER_HALF, HIP_HALF, SHOULDER_DROP = 0.108, 0.052, 0.02
UPPER_ARM, FOREARM, HAND = 0.163, 0.152, 0.095
THIGH, SHIN, FOOT = 0.242, 0.250, 0.125
SOLE_M = 0.02  # of a toe's middle above the ground


@dataclass(frozen=True)
class Stance:
    """Joint angles in radians, each a number or (T,); all zero stands upright, arms down.

    lean: trunk forwards. Limb angles are (left, right): hips, shoulders positive forwards and up,
    knees and elbows positive bent; spread: arms away from the body sideways.
    """

    lean: Tensor | float = 0.0
    hips: tuple[Tensor | float, Tensor | float] = (0.0, 0.0)
    knees: tuple[Tensor | float, Tensor | float] = (0.0, 0.0)
    shoulders: tuple[Tensor | float, Tensor | float] = (0.0, 0.0)
    elbows: tuple[Tensor | float, Tensor | float] = (0.1, 0.1)
    spread: float = 0.08


def _direction(angle: Tensor, sideways: float = 0.0) -> Tensor:
    """(T, 3) direction hanging down, turned forwards (+x) by angle and sideways (+z)."""
    side = torch.full_like(angle, math.sin(sideways))
    down = math.cos(sideways)
    return torch.stack((angle.sin() * down, -angle.cos() * down, side), dim=-1)


def joints_of(stance: Stance, stature_m: float, frames: int) -> Tensor:
    """(T, 21, 3) joints, metres: the pelvis at the origin, facing +x, y up, right at +z."""

    def angle(value: Tensor | float) -> Tensor:
        return torch.as_tensor(value, dtype=torch.float32).expand(frames)

    lean = angle(stance.lean)
    up = torch.stack((lean.sin(), lean.cos(), torch.zeros_like(lean)), dim=-1) * stature_m
    side = torch.tensor((0.0, 0.0, 1.0))
    place = {"pelvis": torch.zeros(frames, 3)}
    place["waist"] = place["pelvis"] + PELVIS_TO_WAIST * up
    place["chest"] = place["waist"] + WAIST_TO_CHEST * up
    place["neck"] = place["chest"] + CHEST_TO_NECK * up
    place["head_top"] = place["neck"] + NECK_TO_TOP * up
    for index, name in enumerate(("left", "right")):
        outward = -1.0 if name == "left" else 1.0
        shoulder = place["neck"] - SHOULDER_DROP * up + outward * SHOULDER_HALF * stature_m * side
        raised = angle(stance.shoulders[index]) + lean * 0.3
        bent = raised + angle(stance.elbows[index])
        elbow = shoulder + UPPER_ARM * stature_m * _direction(raised, outward * stance.spread)
        wrist = elbow + FOREARM * stature_m * _direction(bent, outward * stance.spread / 2)
        hip = place["pelvis"] + outward * HIP_HALF * stature_m * side
        flexed = angle(stance.hips[index])
        below = flexed - angle(stance.knees[index])
        knee = hip + THIGH * stature_m * _direction(flexed)
        ankle = knee + SHIN * stature_m * _direction(below)
        place[f"{name}_shoulder"] = shoulder
        place[f"{name}_elbow"] = elbow
        place[f"{name}_wrist"] = wrist
        place[f"{name}_fingertip"] = wrist + HAND * stature_m * _direction(bent)
        place[f"{name}_hip"] = hip
        place[f"{name}_knee"] = knee
        place[f"{name}_ankle"] = ankle
        place[f"{name}_toe"] = ankle + FOOT * stature_m * _direction(below + 1.45)
    return torch.stack([place[joint] for joint in JOINTS], dim=1)


def placed(joints: Tensor, position: Tensor, yaw_rad: Tensor) -> Tensor:
    """Joints turned about the upright by yaw (0 faces +x) and moved, (T, 3) or (3,) metres."""
    yaw = yaw_rad.reshape(-1, 1)
    cos, sin = yaw.cos(), yaw.sin()
    x, y, z = joints.unbind(-1)
    turned = torch.stack((cos * x - sin * z, y, cos * z + sin * x), dim=-1)
    return turned + position.reshape(-1, 1, 3)


def on_their_feet(joints: Tensor, ground: Tensor) -> tuple[Tensor, Tensor]:
    """Joints and where to move them so that the lowest stands on the ground, (T, 3) metres."""
    up = torch.zeros((len(joints), 3))
    up[:, 1] = SOLE_M - joints[..., 1].amin(1)
    return joints, ground + up


def soft(share: Tensor) -> Tensor:
    """From 0 to 1 while a share goes from 0 to 1, without a jerk."""
    share = share.clamp(0, 1)
    return share * share * (3 - 2 * share)


def blended(one: Tensor, two: Tensor, share: Tensor) -> Tensor:
    """Joints that go over from one to two while a share (T,) goes from 0 to 1."""
    return one + soft(share)[:, None, None] * (two - one)


def standing(sway: Tensor, restless: float) -> Stance:
    """Upright with the arms down, swaying a little; sway: (T,) radians."""
    return Stance(
        lean=0.3 * sway,
        knees=(0.05, 0.05),
        hips=(0.02, 0.02),
        shoulders=(0.1 + sway, 0.1 - 0.5 * sway),
        elbows=(0.2 + restless * 5, 0.3),
    )


def walking(stride: Tensor) -> Stance:
    """Walking; stride: (T,) from -1 with the right foot in front to 1 with the left."""
    return Stance(
        lean=0.05,
        hips=(0.45 * stride, -0.45 * stride),
        knees=(0.3 + 0.3 * stride, 0.3 - 0.3 * stride),
        shoulders=(-0.4 * stride, 0.4 * stride),
        elbows=(0.4, 0.4),
    )


def swimming(stroke: Tensor) -> Stance:
    """Crawling on the front; stroke: (T,) radians of the arms' turns."""
    kick = torch.sin(3 * stroke)
    return Stance(
        lean=1.4,
        hips=(-1.3 + 0.1 * kick, -1.3 - 0.1 * kick),
        shoulders=(1.4 + 1.4 * stroke.sin(), 1.4 - 1.4 * stroke.sin()),
    )


def falling(raised: Tensor) -> Stance:
    """Upright in the air, feet first; raised: (T,) 0 with bent knees to 1 stretched, arms up."""
    return Stance(
        lean=0.1,
        hips=(0.9 - 0.8 * raised, 0.8 - 0.75 * raised),
        knees=(1.3 - 1.2 * raised, 1.2 - 1.15 * raised),
        shoulders=(-0.6 + 2.4 * raised, -0.5 + 2.1 * raised),
        elbows=(0.5, 0.4),
        spread=0.3,
    )
