"""From joints to a body that can be seen: rounded cones with skin, hair and clothes."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from fpcli.simulation.cones import Cones
from fpcli.simulation.skeleton import JOINTS

NEVER = 2.0  # a split beyond the cone's end

Colour = tuple[float, float, float]

SKINS = (
    (0.93, 0.76, 0.66),
    (0.86, 0.67, 0.54),
    (0.78, 0.57, 0.43),
    (0.66, 0.46, 0.33),
    (0.50, 0.33, 0.23),
    (0.36, 0.23, 0.16),
)
OUTFITS = ("briefs", "trunks", "one_piece", "clothes")
MEN_WEAR, WOMEN_WEAR, OTHERS_WEAR = (0.8, 0.2, 0, 0), (0, 0, 1, 0), (0.15, 0.15, 0.2, 0.5)
HAIRS = ((0.08, 0.06, 0.05), (0.16, 0.10, 0.07), (0.30, 0.19, 0.11), (0.62, 0.47, 0.26))


@dataclass(frozen=True)
class Appearance:
    """How a person looks; colours are (red, green, blue) in 0-1.

    outfit: "briefs", "trunks", "one_piece" or "clothes" (shirt and trousers).
    """

    skin: Colour
    hair: Colour
    upper: Colour
    lower: Colour
    outfit: str


def vivid(rng: np.random.Generator, low: float = 0.03, high: float = 0.95) -> Colour:
    """A random colour of any hue, from nearly black to bright."""
    value = rng.uniform(low, high)
    return _colour(value * (1 - rng.uniform(0, 1) * rng.uniform(0, 1, 3)))


def _colour(values: np.ndarray) -> Colour:
    return (float(values[0]), float(values[1]), float(values[2]))


def random_appearance(rng: np.random.Generator, wear: tuple[float, ...]) -> Appearance:
    """Anybody at the pool; wear: how often each of OUTFITS is worn."""
    tone = np.array(SKINS[rng.integers(len(SKINS))]) + rng.normal(0, 0.02, 3)
    hair = HAIRS[rng.integers(len(HAIRS))] if rng.random() < 0.85 else vivid(rng)
    upper = vivid(rng)
    return Appearance(
        skin=_colour(tone.clip(0.05, 1)),
        hair=hair,
        upper=upper,
        lower=upper if rng.random() < 0.6 else vivid(rng, 0.02, 0.5),
        outfit=str(rng.choice(OUTFITS, p=wear)),
    )


@dataclass(frozen=True)
class _Bone:
    """A cone between two mixtures of joints; radii are fractions of the named joint's radius."""

    part: str
    start: dict[str, float]
    end: dict[str, float]
    start_scale: float = 1.0
    end_scale: float = 1.0


def _limbs(side: str) -> list[_Bone]:
    shoulder, elbow, wrist = f"{side}_shoulder", f"{side}_elbow", f"{side}_wrist"
    hip, knee, ankle = f"{side}_hip", f"{side}_knee", f"{side}_ankle"
    return [
        _Bone("flank", {shoulder: 0.62, "chest": 0.38}, {"waist": 0.5, hip: 0.5}),
        _Bone("hip", {"waist": 0.45, hip: 0.55}, {hip: 0.85, "pelvis": 0.15}),
        _Bone("upper_arm", {shoulder: 1}, {elbow: 1}),
        _Bone("forearm", {elbow: 1}, {wrist: 1}),
        _Bone("hand", {wrist: 1}, {f"{side}_fingertip": 1}),
        _Bone("thigh", {hip: 1}, {knee: 1}),
        _Bone("shin", {knee: 1}, {ankle: 1}),
        _Bone("foot", {ankle: 1}, {f"{side}_toe": 1}),
    ]


BONES = (
    _Bone("head", {"neck": 0.66, "head_top": 0.34}, {"neck": 0.37, "head_top": 0.63}),
    _Bone("neck", {"neck": 1.15, "head_top": -0.15}, {"neck": 0.75, "head_top": 0.25}),
    _Bone("shoulders", {"left_shoulder": 0.8, "neck": 0.2}, {"right_shoulder": 0.8, "neck": 0.2}),
    _Bone("chest", {"neck": 0.3, "chest": 0.7}, {"waist": 1}),
    _Bone("belly", {"waist": 1}, {"pelvis": 1}),
    *_limbs("left"),
    *_limbs("right"),
)

RADII_M = {  # radius at the start and at the end of each part of the standing diver
    "head": (0.076, 0.098),
    "neck": (0.062, 0.058),
    "shoulders": (0.072, 0.072),
    "chest": (0.115, 0.108),
    "belly": (0.108, 0.118),
    "flank": (0.098, 0.088),
    "hip": (0.088, 0.105),
    "upper_arm": (0.056, 0.043),
    "forearm": (0.043, 0.029),
    "hand": (0.036, 0.016),
    "thigh": (0.090, 0.058),
    "shin": (0.058, 0.036),
    "foot": (0.042, 0.024),
}


def _weights(mixtures: list[dict[str, float]]) -> Tensor:
    table = torch.zeros(len(mixtures), len(JOINTS))
    for row, mixture in enumerate(mixtures):
        for joint, weight in mixture.items():
            table[row, JOINTS.index(joint)] = weight
    return table


_START = _weights([bone.start for bone in BONES])
_END = _weights([bone.end for bone in BONES])
_PARTS = tuple(bone.part for bone in BONES)


def _covered(outfit: str) -> dict[str, tuple[str, float]]:
    """For each part under cloth: which piece, and the fraction of the part that it covers."""
    if outfit == "briefs":
        return {"hip": ("lower", NEVER), "thigh": ("lower", 0.08)}
    if outfit == "trunks":
        return {"hip": ("lower", NEVER), "thigh": ("lower", 0.45), "belly": ("lower", NEVER)}
    body = ("chest", "belly", "flank")
    if outfit == "one_piece":
        return {**dict.fromkeys((*body, "hip"), ("upper", NEVER)), "thigh": ("upper", 0.1)}
    return {
        **dict.fromkeys((*body, "shoulders"), ("upper", NEVER)),
        "upper_arm": ("upper", 0.7),
        **dict.fromkeys(("hip", "shin"), ("lower", NEVER)),
        "thigh": ("lower", NEVER),
        "foot": ("lower", NEVER),
    }


def _colours(appearance: Appearance) -> tuple[Tensor, Tensor]:
    """(P, 2, 3) colours of each bone and (P,) the split between them."""
    covered = _covered(appearance.outfit)
    colours, splits = [], []
    for part in _PARTS:
        first, split = appearance.skin, NEVER
        if part == "head":
            first, split = appearance.hair, 0.25
        elif part in covered:
            piece, split = covered[part]
            first = appearance.upper if piece == "upper" else appearance.lower
        colours.append((first, appearance.skin))
        splits.append(split)
    return torch.tensor(colours), torch.tensor(splits)


def front_of(joints: Tensor) -> Tensor:
    """(T, 3) direction that the chest faces, from (T, 21, 3) joints."""
    lateral = joints[:, JOINTS.index("left_shoulder")] - joints[:, JOINTS.index("right_shoulder")]
    upwards = joints[:, JOINTS.index("neck")] - joints[:, JOINTS.index("pelvis")]
    return normalize(torch.linalg.cross(lateral, upwards), dim=-1)


def body_cones(joints: Tensor, face: Tensor, thickness: Tensor, appearance: Appearance) -> Cones:
    """The cones of a body.

    joints: (T, 21, 3) metres in the order of JOINTS. face: (T, 3) where the face looks.
    thickness: (21,) the body's thickness at each joint relative to the standing diver of
    `skeleton`.
    """
    start, end = _START.to(joints.device), _END.to(joints.device)
    radii = torch.tensor([RADII_M[part] for part in _PARTS], device=joints.device)
    colours, splits = _colours(appearance)
    return Cones(
        start @ joints,
        end @ joints,
        radii[:, 0] * (start @ thickness),
        radii[:, 1] * (end @ thickness),
        colours.to(joints.device),
        splits,
        face,
        face_cone=_PARTS.index("head"),
    )
