"""What can be seen of a dive, measured from its motion and not from the faults that were meant."""

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from fpcli.diving.numbers import Position, TakeOff
from fpcli.simulation.attitude import attitude
from fpcli.simulation.kinematics import ANGLE_INDEX
from fpcli.simulation.performance import RATE_HZ, Performance
from fpcli.simulation.skeleton import JOINT_INDEX

HOLD_MARGIN_S: Final = 0.05


@dataclass(frozen=True)
class Measures:
    """Quantities of one dive, as a camera and a ruler would find them.

    rise_m: of the mass centre above its place at take-off, at the top. lean_deg: of the line from
    foot (hand) to mass centre at take-off, out over the water. distance_m: of the nearest joint
    from the end when it passes the end's height on the way down. aside_m: off the line of flight
    at the entry. flight_s: from take-off to the touch. somersaults, twists: turned in flight.
    fastest_rev_s: of the somersault. hips_deg: the sharpest bend at the hips. held_hips_deg: the
    mean bend while the position is held. knees_deg, feet_apart_m, toes_deg: mean bend of the knees
    (in pike and straight), gap between the ankles, and toes short of pointed while in flight.
    compactness: mean distance of the joints from the mass centre over stature while held.
    opened_height_m: of the mass centre above the water when opened.
    opened_before_s: that long before the touch. entry_angle_deg: of the body's line past (+) or
    short of (-) the vertical, in the sense of the dive. entry_tilt_deg: sideways. entry_twist_deg:
    past (+) or short of (-) the twist asked for. line_deg: bend of the body at the hips at
    the entry, arch negative. hands_apart_m, elbows_deg, knees and
    feet at the entry. entry_speed_m_s: of the mass centre. entry_distance_m: from the end.
    """

    rise_m: float
    lean_deg: float
    distance_m: float
    aside_m: float
    flight_s: float
    somersaults: float
    twists: float
    fastest_rev_s: float
    held_hips_deg: float
    knees_deg: float
    feet_apart_m: float
    toes_deg: float
    compactness: float
    opened_height_m: float
    opened_before_s: float
    entry_angle_deg: float
    entry_tilt_deg: float
    entry_twist_deg: float
    line_deg: float
    hands_apart_m: float
    elbows_deg: float
    entry_knees_deg: float
    entry_feet_apart_m: float
    entry_speed_m_s: float
    entry_distance_m: float

    def to_dict(self) -> dict[str, float]:
        """Names and values, rounded so that machines agree to the last digit."""
        return {name: round(float(value), 4) for name, value in asdict(self).items()}


def measure(dive: Performance) -> Measures:
    """The quantities of a performed dive."""
    number, plan = dive.number, dive.plan
    start = int(np.searchsorted(dive.times_s, -1e-9))
    entry = int(np.searchsorted(dive.times_s, dive.touch_s - 1e-9))
    joints = dive.joints[start : entry + 1]
    times = dive.times_s[start : entry + 1]
    centre = dive.centre_m[start : entry + 1]
    angles = np.degrees(dive.choreography.at(times)[0])
    held = _held(dive, times)

    def mean_angle(name: str, chosen: np.ndarray | slice) -> float:
        sides = [ANGLE_INDEX[f"left_{name}"], ANGLE_INDEX[f"right_{name}"]]
        return float(angles[sides][:, chosen].mean())

    def gap(left: str, chosen: np.ndarray | slice) -> float:
        one = joints[chosen, JOINT_INDEX[f"left_{left}"]]
        two = joints[chosen, JOINT_INDEX[f"right_{left}"]]
        return float(np.linalg.norm(one - two, axis=-1).mean())

    seen = attitude(dive.flown.turn)
    touch = np.arange(len(seen.somersault)) / RATE_HZ
    turned = float(np.interp(dive.touch_s, touch, seen.somersault)) - seen.somersault[0]
    twisted = float(np.interp(dive.touch_s, touch, seen.twist)) - seen.twist[0]
    sense = float(np.sign(dive.wanted_turns[0] - (np.pi if number.group == 6 else 0.0)) or 1.0)
    wanted_twist = number.half_twists * np.pi
    last = slice(-1, None)
    line = _line(joints[-1])
    angle, aside = _off_vertical(joints[-1], number.head_first, sense)
    still_flex = number.position == Position.TUCK
    rest = 2 * float(dive.body.offset[13, 2])
    opened = float(plan.open_s + 0.75 * (plan.opened_s - plan.open_s))
    foot = _stand_point(dive, start)
    reach = centre[0] - foot
    speed = (centre[-1] - centre[-2]) * RATE_HZ
    flight = (times > plan.closed_s + 0.05) & (times < plan.water_s - 0.02)
    return Measures(
        rise_m=float(centre[:, 1].max() - centre[0, 1]),
        lean_deg=float(np.degrees(np.arctan2(reach[0], reach[1]))),
        distance_m=_distance(joints, dive.height_m),
        aside_m=float(centre[-1, 2] - centre[0, 2]),
        flight_s=dive.touch_s,
        somersaults=abs(turned) / (2 * np.pi),
        twists=abs(twisted) / (2 * np.pi),
        fastest_rev_s=float(np.abs(np.gradient(seen.somersault) * RATE_HZ).max() / (2 * np.pi)),
        held_hips_deg=_held_hips(dive, times, angles, held),
        knees_deg=0.0 if still_flex else max(0.0, mean_angle("knee", held)),
        feet_apart_m=max(0.0, gap("ankle", flight) - rest),
        toes_deg=max(0.0, 62.0 - mean_angle("ankle", flight)),
        compactness=float(
            np.linalg.norm(joints[held] - centre[held, None], axis=-1).mean()
            / dive.body.build.stature_m
        ),
        opened_height_m=float(np.interp(opened, times, centre[:, 1])),
        opened_before_s=dive.touch_s - opened,
        entry_angle_deg=angle,
        entry_tilt_deg=aside,
        entry_twist_deg=float(np.degrees(abs(twisted) - wanted_twist)),
        line_deg=line,
        hands_apart_m=gap("wrist", last) if number.head_first else _hands_off_thighs(joints[-1]),
        elbows_deg=max(0.0, mean_angle("elbow", last)),
        entry_knees_deg=max(0.0, mean_angle("knee", last)),
        entry_feet_apart_m=max(0.0, gap("ankle", last) - rest),
        entry_speed_m_s=float(np.linalg.norm(speed)),
        entry_distance_m=float(joints[-1, :, 0][joints[-1, :, 1].argmin()]),
    )


def _held(dive: Performance, times_s: np.ndarray) -> np.ndarray:
    """The moments in which the flight position is held."""
    plan = dive.plan
    start = plan.closed_s + HOLD_MARGIN_S
    if dive.number.half_twists:
        start = plan.twisted_s + 0.16
        if dive.number.half_somersaults <= 1 or start > plan.open_s - 0.02:
            start = plan.closed_s + HOLD_MARGIN_S
    if dive.number.flying:
        start = 0.36 * plan.water_s + 0.24
    held: np.ndarray = (times_s >= start) & (times_s <= max(plan.open_s - 0.01, start + 0.03))
    return held


def _held_hips(
    dive: Performance, times_s: np.ndarray, angles_deg: np.ndarray, held: np.ndarray
) -> float:
    """Bend of hips and trunk together: mean while held, after a twist the sharpest, degrees."""
    hips = angles_deg[[ANGLE_INDEX["left_hip"], ANGLE_INDEX["right_hip"]]].mean(axis=0)
    trunk = angles_deg[[ANGLE_INDEX["waist_flex"], ANGLE_INDEX["chest_flex"]]].sum(axis=0)
    if dive.number.half_twists:
        return float((hips + trunk)[times_s > dive.plan.twisted_s].max())
    return float((hips + trunk)[held].mean())


def _stand_point(dive: Performance, start: int) -> np.ndarray:
    names = ("wrist",) if dive.number.take_off == TakeOff.ARMSTAND else ("toe",)
    rows = [JOINT_INDEX[f"{side}_{name}"] for side in ("left", "right") for name in names]
    point: np.ndarray = dive.joints[start, rows].mean(axis=0)
    return point


def _distance(joints: np.ndarray, height_m: float) -> float:
    """How far from the end the nearest joint passes the end's height on the way down, metres."""
    falling = (joints[1:, :, 1] < height_m) & (joints[:-1, :, 1] >= height_m)
    late = np.arange(len(falling))[:, None] > 0.25 * RATE_HZ
    passing = np.argwhere(falling & late)
    if not len(passing):
        return float(joints[-1, :, 0].min())
    return float(min(joints[frame, joint, 0] for frame, joint in passing))


def _middle(joints: np.ndarray, name: str) -> np.ndarray:
    middle: np.ndarray = (
        joints[JOINT_INDEX[f"left_{name}"]] + joints[JOINT_INDEX[f"right_{name}"]]
    ) / 2
    return middle


def _off_vertical(joints: np.ndarray, head_first: bool, sense: float) -> tuple[float, float]:
    """The body's line off the vertical: past it in the sense of the dive, and sideways, degrees."""
    top, bottom = _middle(joints, "ankle"), _middle(joints, "wrist" if head_first else "shoulder")
    axis = top - bottom if head_first else bottom - top
    axis = axis / np.linalg.norm(axis)
    past = float(np.degrees(np.arctan2(axis[0], axis[1]))) * sense
    return past, float(np.degrees(np.arcsin(np.clip(axis[2], -1.0, 1.0))))


def _line(joints: np.ndarray) -> float:
    """Bend between the knees, hips and shoulders, degrees; pike positive, arch negative."""
    hips = joints[JOINT_INDEX["pelvis"]]
    upper = _middle(joints, "shoulder")
    legs, trunk = _middle(joints, "knee") - hips, hips - upper
    cosine = float(legs @ trunk / np.linalg.norm(legs) / np.linalg.norm(trunk))
    toes = _middle(joints, "toe") - _middle(joints, "ankle")
    bend = float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
    # the toes point to the body's front: legs bent that way are a pike
    across = toes - (toes @ trunk) / (trunk @ trunk) * trunk
    return bend if float(legs @ across) > 0 else -bend


def _hands_off_thighs(joints: np.ndarray) -> float:
    """How far the wrists are from the hips, metres, beyond arms at the sides."""
    gaps = [
        float(
            np.linalg.norm(
                joints[JOINT_INDEX[f"{side}_wrist"]] - joints[JOINT_INDEX[f"{side}_hip"]]
            )
        )
        for side in ("left", "right")
    ]
    return max(0.0, float(np.mean(gaps)) - 0.13)
