"""The approach: from standing (or the armstand) to the moment the board is left.

The joints move by choreography; the body is carried so that the foot, or the hands, stay where they
stand, and so that place and speed of the mass centre pass into the flight without a jump.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from fpcli.diving.numbers import DiveNumber, TakeOff
from fpcli.simulation.attitude import turned
from fpcli.simulation.body import Body
from fpcli.simulation.choreography import Choreography, Pose
from fpcli.simulation.kinematics import Mechanics, Places, mechanics, places
from fpcli.simulation.posture import (
    ARMS_BACK,
    ARMS_HIGH,
    ARMS_SIDE,
    ARMSTAND,
    CROUCH,
    STANDING,
)
from fpcli.simulation.skeleton import JOINT_INDEX

HURDLE_START_S: Final = -1.42
HURDLE_LANDING_S: Final = -0.66
HURDLE_LENGTH_M: Final = 0.85
LIFT_S: Final = (-1.30, -0.66)
HURDLE_RISE_M: Final = {True: 0.32, False: 0.20}  # springboard, platform
DEEPEST_S: Final = -0.27
BOARD_DIP_M: Final = {TakeOff.FORWARD: 0.62, TakeOff.BACKWARD: 0.42}
BOARD_HZ: Final = 2.6
BOARD_DECAY_S: Final = 0.32
LEAN_IN_S: Final = 0.22  # before take-off the body begins to turn
SLIP_S: Final = 0.14  # before take-off what the legs' stretch lacks in speed is made up
FOOT_X_M: Final = {TakeOff.FORWARD: -0.02, TakeOff.BACKWARD: -0.06, TakeOff.ARMSTAND: -0.08}
SOLE_M: Final = 0.02
LEAVING: Final[Pose] = {"hip": 0, "knee": 5, "ankle": 55, "waist_flex": 0, "chest_flex": 0}


@dataclass(frozen=True)
class Approach:
    """How a diver comes to the take-off.

    length_s: shown before take-off. hurdle: a jump onto the end comes first. springboard: the end
    gives way and throws.
    """

    length_s: float
    hurdle: bool
    springboard: bool


def approach_choreography(number: DiveNumber, approach: Approach) -> Choreography:
    """The moves from the start until take-off at 0; they end in the take-off's posture."""
    if number.take_off == TakeOff.ARMSTAND:
        choreography = Choreography(ARMSTAND)
        choreography.move({"hip": -6, "waist_flex": -5}, -0.5, -0.1)
        choreography.move({"hip": 0, "waist_flex": 0, "raise": 172}, -0.12, 0.06)
        return choreography
    choreography = Choreography(STANDING)
    high = ARMS_SIDE if number.half_twists else ARMS_HIGH
    if approach.hurdle:
        choreography.move({**ARMS_BACK}, HURDLE_START_S - 0.25, HURDLE_START_S + 0.05)
        choreography.move({"right_knee": 25, "right_hip": 15}, HURDLE_START_S - 0.2, -1.36)
        lifted = {"left_hip": 88, "left_knee": 98, "left_ankle": 40}
        choreography.move(lifted, HURDLE_START_S - 0.05, -1.12)
        choreography.move({"right_knee": 3, "right_hip": 0, "right_ankle": 50}, -1.38, -1.22)
        choreography.move({"raise": 165}, HURDLE_START_S + 0.05, -1.05)
        choreography.move({"hip": 14, "knee": 22, "ankle": 5}, -1.02, -0.68)
        choreography.move({"raise": 90, "plane": 80}, -1.0, -0.72)
        choreography.move(ARMS_BACK, -0.76, -0.46)
    else:
        choreography.move({"raise": 150, "plane": 60}, -1.45, -1.05)
        choreography.move({"ankle": 28}, -1.3, -0.95)
        choreography.move(ARMS_BACK, -1.0, -0.46)
    choreography.move(CROUCH, -0.70, -0.30)
    choreography.move(high, -0.44, -0.02)
    choreography.move(LEAVING, -0.27, 0.05)
    return choreography


@dataclass(frozen=True, eq=False)
class Launch:
    """Posture, place and speed in which the board is left.

    pelvis, centre: (3,) metres. legs_m_s: (3,) speed of the mass centre that the joints alone give.
    """

    pelvis: np.ndarray
    centre: np.ndarray
    legs_m_s: np.ndarray


def launch(
    body: Body, number: DiveNumber, choreography: Choreography, turn: np.ndarray, height_m: float
) -> Launch:
    """The state at take-off for an orientation turn (3, 3)."""
    step = 1e-3
    times = np.array([-step, 0.0])
    angles, rates = choreography.at(times)
    shape = mechanics(body, angles, rates)
    stand = _support(places(body, angles), number)
    foot = np.array([FOOT_X_M[number.take_off], height_m + SOLE_M, 0.0])
    from_foot = (shape.centre.T - stand) @ turn.T
    return Launch(
        pelvis=foot - stand[1] @ turn.T,
        centre=foot + from_foot[1],
        legs_m_s=(from_foot[1] - from_foot[0]) / step,
    )


@dataclass(frozen=True, eq=False)
class Carried:
    """The body over the approach: turn (N, 3, 3), pelvis (N, 3) metres, board_tip (N, 3) metres."""

    turn: np.ndarray
    pelvis: np.ndarray
    board_tip: np.ndarray


def carry(
    number: DiveNumber,
    approach: Approach,
    shown: Places,
    shape: Mechanics,
    times_s: np.ndarray,
    start: tuple[float, float, float],
    turn_rate: float,
    leaving_m_s: np.ndarray,
    height_m: float,
) -> Carried:
    """Orientation and place of the pelvis over times_s (N,) up to and including 0.

    shown, shape: of the same moments. start: somersault, tilt and twist at take-off, radians.
    turn_rate: of the somersault at take-off, rad/s. leaving_m_s: (3,) speed of the mass centre.
    """
    somersault, tilt, twist = start
    upright = np.pi if number.take_off == TakeOff.ARMSTAND else 0.0
    lean_in = 0.55 if number.take_off == TakeOff.ARMSTAND else LEAN_IN_S
    leaning = upright + _arrive(times_s, lean_in, somersault - upright, turn_rate)
    aside = _arrive(times_s, lean_in, tilt, 0.0)
    turn = np.array([turned(lean, side, twist) for lean, side in zip(leaning, aside, strict=True)])
    stand = np.einsum("tij,tj->ti", turn, _support(shown, number))
    centre = np.einsum("tij,jt->ti", turn, shape.centre)
    foot = np.tile([FOOT_X_M[number.take_off], height_m + SOLE_M, 0.0], (len(times_s), 1))
    if approach.hurdle:
        share = np.clip((times_s - LIFT_S[0]) / (LIFT_S[1] - LIFT_S[0]), 0.0, 1.0)
        foot[:, 0] -= HURDLE_LENGTH_M * (1 - share)
        foot[:, 1] += 4 * HURDLE_RISE_M[approach.springboard] * share * (1 - share)
    step = times_s[1] - times_s[0]
    legs = ((centre - stand)[-1] - (centre - stand)[-2]) / step
    lacking = leaving_m_s - legs
    tip = np.tile([0.0, height_m, 0.0], (len(times_s), 1))
    if approach.springboard:
        tip[:, 1] += board_bend(times_s, number.take_off, approach.hurdle, float(lacking[1]))
        foot[:, 1] += (tip[:, 1] - height_m) * (times_s >= LIFT_S[1] if approach.hurdle else 1)
        lacking = lacking * [1.0, 0.0, 1.0]
    slip = np.where(times_s > -SLIP_S, times_s * (1 + times_s / SLIP_S) ** 2, 0.0)
    return Carried(turn, foot - stand + lacking * slip[:, None], tip)


def board_bend(
    times_s: np.ndarray, take_off: TakeOff, hurdle: bool, release_m_s: float
) -> np.ndarray:
    """How far the springboard's tip is above its rest (N,) metres; at 0 it has release_m_s."""
    landing = HURDLE_LANDING_S if hurdle else -0.62
    dip = BOARD_DIP_M[take_off]
    down = np.clip((times_s - landing) / (DEEPEST_S - landing), 0.0, 1.0)
    bend = -dip * down**2 * (3 - 2 * down)
    up = np.clip((times_s - DEEPEST_S) / -DEEPEST_S, 0.0, 1.0)
    rising = _hermite(up, -dip, 0.0, 0.0, release_m_s * -DEEPEST_S)
    bend = np.where(times_s > DEEPEST_S, rising, bend)
    swing = 2 * np.pi * BOARD_HZ
    free = release_m_s / swing * np.exp(-times_s.clip(0) / BOARD_DECAY_S) * np.sin(swing * times_s)
    return np.where(times_s > 0, free, bend)


def _hermite(share: np.ndarray, start: float, end: float, out: float, into: float) -> np.ndarray:
    square, cube = share**2, share**3
    return (
        start * (2 * cube - 3 * square + 1)
        + end * (3 * square - 2 * cube)
        + out * (cube - 2 * square + share)
        + into * (cube - square)
    )


def _arrive(times_s: np.ndarray, length_s: float, value: float, rate: float) -> np.ndarray:
    """From rest at 0 to value at rate, over the last length_s before 0."""
    share = np.clip(1 + times_s / length_s, 0.0, 1.0)
    return _hermite(share, 0.0, value, 0.0, rate * length_s)


def _support(shown: Places, number: DiveNumber) -> np.ndarray:
    """Where the body stands, (T, 3) metres from the pelvis: the right toes, or the hands."""
    if number.take_off == TakeOff.ARMSTAND:
        hands = [JOINT_INDEX["left_wrist"], JOINT_INDEX["right_wrist"]]
        middle: np.ndarray = shown.joints[:, hands].mean(axis=1)
        return middle
    toes = shown.joints[:, JOINT_INDEX["right_toe"]].copy()
    toes[:, 2] = 0.0
    return toes
