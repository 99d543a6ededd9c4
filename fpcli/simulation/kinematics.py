"""From joint angles to places, speeds, inertia and the angular momentum of the body's own motion.

Everything is in the pelvis frame (x front, y up, z right of a standing diver), before the body as a
whole is turned and carried. Arrays hold the component first and time last, so that each step of the
chain is one operation on contiguous memory.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from fpcli.simulation.body import SEGMENTS, Body
from fpcli.simulation.skeleton import JOINTS

ANGLES: Final = (
    "waist_flex",
    "chest_flex",
    "side_bend",
    "trunk_turn",
    "neck_flex",
    "neck_turn",
    *(
        f"{side}_{angle}"
        for side in ("left", "right")
        for angle in ("plane", "raise", "roll", "elbow", "wrist")
    ),
    *(
        f"{side}_{angle}"
        for side in ("left", "right")
        for angle in ("hip", "spread", "knee", "ankle")
    ),
)
"""Joint angles, radians; all zero is standing with the arms down. `plane` is where an arm is
raised: 0 to the front, π/2 to the side; `ankle` is positive with the toes pointed."""

ANGLE_INDEX: Final[dict[str, int]] = {name: index for index, name in enumerate(ANGLES)}

_Turn = tuple[int, str, float]  # axis, angle, sign


def _arm(side: str, sign: float) -> tuple[tuple[_Turn, ...], ...]:
    return (
        (
            (1, f"{side}_plane", -sign),
            (2, f"{side}_raise", 1),
            (1, f"{side}_plane", sign),
            (1, f"{side}_roll", sign),
        ),
        ((2, f"{side}_elbow", 1),),
        ((2, f"{side}_wrist", 1),),
    )


def _leg(side: str, sign: float) -> tuple[tuple[_Turn, ...], ...]:
    return (
        ((2, f"{side}_hip", 1), (0, f"{side}_spread", -sign)),
        ((2, f"{side}_knee", -1),),
        ((2, f"{side}_ankle", -1),),
    )


_TURNS: Final[tuple[tuple[_Turn, ...], ...]] = (
    (),
    ((2, "waist_flex", -1), (0, "side_bend", 0.5), (1, "trunk_turn", 0.5)),
    ((2, "chest_flex", -1), (0, "side_bend", 0.5), (1, "trunk_turn", 0.5)),
    ((2, "neck_flex", -1), (1, "neck_turn", 1)),
    *_arm("left", -1),
    *_arm("right", 1),
    *_leg("left", -1),
    *_leg("right", 1),
)
_PARENT: Final = (-1, 0, 1, 2, 2, 4, 5, 2, 7, 8, 0, 10, 11, 0, 13, 14)


@dataclass(frozen=True, eq=False)
class Mechanics:
    """What a body's shape means to its rotation, about its mass centre, in the pelvis frame.

    centre: (3, T) metres, mass centre from the pelvis. centre_speed: (3, T) m/s. inertia:
    (3, 3, T) kg m². own_momentum: (3, T) kg m²/s, angular momentum of the joints' own motion.
    """

    centre: np.ndarray
    centre_speed: np.ndarray
    inertia: np.ndarray
    own_momentum: np.ndarray


@dataclass(frozen=True, eq=False)
class Chain:
    """Where the segments are, pelvis frame.

    axes: (16, 3, 3, T), column k is the segment's k-th axis (index order: segment, column,
    component, time). spin: (16, 3, T) rad/s. place, speed: (16, 3, T) near joints, m and m/s.
    """

    axes: np.ndarray
    spin: np.ndarray
    place: np.ndarray
    speed: np.ndarray


def chain(body: Body, angles: np.ndarray, rates: np.ndarray) -> Chain:
    """Segments of a body for angles (24, T) radians and rates (24, T) rad/s."""
    count = angles.shape[1]
    axes = np.empty((len(SEGMENTS), 3, 3, count))
    spin = np.empty((len(SEGMENTS), 3, count))
    place = np.zeros((len(SEGMENTS), 3, count))
    speed = np.zeros((len(SEGMENTS), 3, count))
    cosines, sines = np.cos(angles), np.sin(angles)
    axes[0] = np.eye(3)[:, :, None]
    spin[0] = 0
    for segment in range(1, len(SEGMENTS)):
        parent = _PARENT[segment]
        offset = np.einsum("kct,k->ct", axes[parent], body.offset[segment])
        place[segment] = place[parent] + offset
        speed[segment] = speed[parent] + _cross(spin[parent], offset)
        columns, turning = list(axes[parent]), spin[parent].copy()
        for axis, name, sign in _TURNS[segment]:
            index = ANGLE_INDEX[name]
            turning += columns[axis] * (sign * rates[index])
            cosine, sine = cosines[index], sines[index] * np.sign(sign)
            if abs(sign) != 1:
                cosine, sine = np.cos(sign * angles[index]), np.sin(sign * angles[index])
            one, two = (axis + 1) % 3, (axis + 2) % 3
            first, second = columns[one], columns[two]
            columns[one] = first * cosine + second * sine
            columns[two] = second * cosine - first * sine
        axes[segment], spin[segment] = columns, turning
    return Chain(axes, spin, place, speed)


def mechanics(body: Body, angles: np.ndarray, rates: np.ndarray) -> Mechanics:
    """Inertia and own angular momentum for angles (24, T) radians and rates (24, T) rad/s."""
    links = chain(body, angles, rates)
    arm = np.einsum("skct,sk->sct", links.axes, body.centre)
    place = links.place + arm
    speed = links.speed + _cross(links.spin.swapaxes(0, 1), arm.swapaxes(0, 1)).swapaxes(0, 1)
    share = body.mass / body.mass.sum()
    centre = np.einsum("s,sct->ct", share, place)
    centre_speed = np.einsum("s,sct->ct", share, speed)
    place = place - centre
    speed = speed - centre_speed
    # products over segments as one matrix product for each moment: far quicker than einsum
    columns = links.axes.transpose(3, 2, 0, 1).reshape(-1, 3, body.inertia.size)
    local = (columns * body.inertia.reshape(-1)) @ columns.swapaxes(1, 2)
    places_by_time = place.transpose(2, 1, 0)
    outer = ((places_by_time * body.mass) @ places_by_time.swapaxes(1, 2)).transpose(1, 2, 0)
    trace = outer[0, 0] + outer[1, 1] + outer[2, 2]
    inertia = local.transpose(1, 2, 0) - outer
    for axis in range(3):
        inertia[axis, axis] += trace
    turning = np.einsum("skct,sct->skt", links.axes, links.spin) * body.inertia[:, :, None]
    own = np.einsum("skct,skt->ct", links.axes, turning)
    weighted = body.mass[:, None, None] * place
    own += _cross(weighted.swapaxes(0, 1), speed.swapaxes(0, 1)).sum(axis=1)
    return Mechanics(centre, centre_speed, inertia, own)


@dataclass(frozen=True, eq=False)
class Places:
    """joints: (T, 21, 3) metres from the pelvis; face, front: (T, 3) unit vectors."""

    joints: np.ndarray
    face: np.ndarray
    front: np.ndarray


def places(body: Body, angles: np.ndarray) -> Places:
    """The joints of `skeleton.JOINTS` in the pelvis frame, for angles (24, T) radians."""
    links = chain(body, angles, np.zeros_like(angles))
    joints = np.zeros((len(JOINTS), 3, angles.shape[1]))
    joints[1:4] = links.place[1:4]
    joints[4] = links.place[3] + links.axes[3, 1] * body.head_m
    for joint, segment in ((5, 4), (9, 7)):
        joints[joint : joint + 3] = links.place[segment : segment + 3]
        joints[joint + 3] = links.place[segment + 2] - links.axes[segment + 2, 1] * body.hand_m
    for joint, segment in ((13, 10), (17, 13)):
        joints[joint : joint + 3] = links.place[segment : segment + 3]
        joints[joint + 3] = links.place[segment + 2] + np.einsum(
            "kct,k->ct", links.axes[segment + 2], body.toe
        )
    return Places(
        joints=joints.transpose(2, 0, 1), face=links.axes[3, 0].T, front=links.axes[2, 0].T
    )


def _cross(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Cross product with the component first."""
    return np.stack(
        [
            one[1] * two[2] - one[2] * two[1],
            one[2] * two[0] - one[0] * two[2],
            one[0] * two[1] - one[1] * two[0],
        ]
    )
