"""One dive performed: approach, flight and entry put together into a motion."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from fpcli.diving.numbers import Direction, DiveNumber, TakeOff
from fpcli.simulation.attitude import turned
from fpcli.simulation.body import Body
from fpcli.simulation.choreography import Choreography
from fpcli.simulation.flight import GRAVITY_M_S2, Turning, fall, flight_time
from fpcli.simulation.kinematics import mechanics, places
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.routine import Schedule
from fpcli.simulation.skeleton import JOINT_INDEX
from fpcli.simulation.steering import Problem, fly, turns
from fpcli.simulation.takeoff import (
    Approach,
    Launch,
    approach_choreography,
    board_bend,
    carry,
    launch,
)
from fpcli.simulation.technique import Controls, Technique
from fpcli.simulation.water_entry import settle, sink

RATE_HZ: Final = 240.0
AFTER_ENTRY_S: Final = 1.0
LATE_TOUCH_S: Final = 0.15  # a body that is not lined up may touch this much later
SPRINGBOARD_HEIGHTS_M: Final = (1.0, 3.0)


@dataclass(frozen=True, eq=False)
class Performance:
    """A dive as it was done.

    joints: (N, 21, 3) metres at times_s (N,), seconds from take-off. flown: the turning in flight.
    centre_m: (N, 3) mass centre. touch_s: first touch of the water, from take-off. plan: intended
    moments. start: the choreography up to take-off; choreography: the whole.
    """

    body: Body
    number: DiveNumber
    height_m: float
    approach: Approach
    technique: Technique
    controls: Controls
    plan: Schedule
    start: Choreography
    choreography: Choreography
    flown: Turning
    launch: Launch
    times_s: np.ndarray
    joints: np.ndarray
    face: np.ndarray
    front: np.ndarray
    centre_m: np.ndarray
    board_tip: np.ndarray
    touch_s: float
    wanted_turns: tuple[float, float]

    def motion(self, splash: float) -> DiveMotion:
        """The motion that the picture is drawn from; its time starts at 0."""
        shift = -float(self.times_s[0])
        flight_start, opened = position_moments(self)
        return DiveMotion(
            dive=self.number,
            height_m=self.height_m,
            springboard=self.approach.springboard,
            times_s=self.times_s + shift,
            joints=self.joints.astype(np.float32),
            face=self.face.astype(np.float32),
            front=self.front.astype(np.float32),
            board_tip=self.board_tip.astype(np.float32),
            radii=self.body.radii,
            takeoff_s=shift,
            position_s=flight_start + shift,
            opened_s=opened + shift,
            entry_s=self.touch_s + shift,
            splash=splash,
            facing_water=self.number.direction in (Direction.FORWARD, Direction.REVERSE),
        )


def position_moments(performance: Performance) -> tuple[float, float]:
    """When the flight position is reached and when it is opened, seconds from take-off."""
    plan = performance.plan
    reached = 0.7 * plan.closed_s
    opened = plan.open_s + 0.75 * (plan.opened_s - plan.open_s)
    return reached, min(opened, performance.touch_s - 0.02)


def pose_problem(
    body: Body,
    number: DiveNumber,
    height_m: float,
    approach: Approach,
    technique: Technique,
    twist_side: float,
) -> tuple[Problem, Launch]:
    """The dive to be solved and the state in which it leaves the board."""
    start = approach_choreography(number, approach)
    wanted = turns(number, technique)
    turn = turned(wanted.start_somersault, 0.0, wanted.start_twist)
    left = launch(body, number, start, turn, height_m)
    rough = Problem(body, number, technique, start, 1.5, twist_side)
    reach = _reach(body, number, rough.choreography(Controls(0.0, 0.7)))
    water = flight_time(technique.rise_m_s, float(left.centre[1]) - reach)
    return Problem(body, number, technique, start, water, twist_side), left


def perform(
    problem: Problem,
    left: Launch,
    height_m: float,
    approach: Approach,
    controls: Controls,
) -> Performance:
    """The dive with given controls, from the approach to under water."""
    body, number, technique = problem.body, problem.number, problem.technique
    choreography, wanted = problem.choreography(controls), problem.wanted
    flight_steps = int(np.ceil((problem.water_s + LATE_TOUCH_S) * RATE_HZ))
    flown = fly(problem, controls, flight_steps / RATE_HZ, RATE_HZ)
    before = np.arange(-int(approach.length_s * RATE_HZ), 1) / RATE_HZ
    after = np.arange(flight_steps + 1 + int((AFTER_ENTRY_S + 0.05) * RATE_HZ)) / RATE_HZ
    surface(choreography, problem)
    speed = np.array([technique.out_m_s, technique.rise_m_s, technique.aside_m_s])

    angles, rates = choreography.at(before)
    shape, shown = mechanics(body, angles, rates), places(body, angles)
    turn_rate = -float((flown.turn[0] @ flown.spin[0])[2])
    tilt = problem.lean_aside(controls)
    carried = carry(
        number,
        approach,
        shown,
        shape,
        before,
        (wanted.start_somersault, tilt, wanted.start_twist),
        turn_rate,
        speed,
        height_m,
    )
    approach_joints = carried.pelvis[:, None] + np.einsum(
        "tij,tkj->tki", carried.turn, shown.joints
    )
    approach_centre = carried.pelvis + np.einsum("tij,jt->ti", carried.turn, shape.centre)

    angles, _ = choreography.at(after)
    shown_after = places(body, angles)
    centre_local = mechanics(body, angles, np.zeros_like(angles)).centre.T
    start_centre = approach_centre[-1]
    path = fall(start_centre, speed, after[: flight_steps + 1])
    relative = shown_after.joints[: flight_steps + 1] - centre_local[: flight_steps + 1, None]
    joints = path[:, None] + np.einsum("tij,tkj->tki", flown.turn, relative)
    touch = first_touch(joints, after[: flight_steps + 1])
    last = int(np.ceil(touch * RATE_HZ))
    last = min(last, flight_steps)
    end = last + int(AFTER_ENTRY_S * RATE_HZ)
    wet = after[last : end + 1] - after[last]
    fall_speed = speed - np.array([0.0, GRAVITY_M_S2 * after[last], 0.0])
    under = sink(wet, path[last], fall_speed)
    turn = np.concatenate([flown.turn[:last], settle(wet, flown.turn[last], flown.spin[last])])
    centre = np.concatenate([path[:last], under])
    relative = shown_after.joints[: end + 1] - centre_local[: end + 1, None]
    joints = centre[:, None] + np.einsum("tij,tkj->tki", turn, relative)
    tip = np.tile([0.0, height_m, 0.0], (len(joints), 1))
    if approach.springboard:
        release = board_release(carried.board_tip[:, 1])
        tip[:, 1] += board_bend(after[: end + 1], number.take_off, approach.hurdle, release)

    def joined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return np.concatenate([first[:-1], second])

    return Performance(
        body=body,
        number=number,
        height_m=height_m,
        approach=approach,
        technique=technique,
        controls=controls,
        plan=problem.plan(controls),
        start=problem.start,
        choreography=choreography,
        flown=flown,
        launch=left,
        times_s=joined(before, after[: end + 1]),
        joints=joined(approach_joints, joints),
        face=joined(
            np.einsum("tij,tj->ti", carried.turn, shown.face),
            np.einsum("tij,tj->ti", turn, shown_after.face[: end + 1]),
        ),
        front=joined(
            np.einsum("tij,tj->ti", carried.turn, shown.front),
            np.einsum("tij,tj->ti", turn, shown_after.front[: end + 1]),
        ),
        centre_m=joined(approach_centre, centre),
        board_tip=joined(carried.board_tip, tip),
        touch_s=touch,
        wanted_turns=(wanted.end_somersault, wanted.end_twist),
    )


def board_release(heights: np.ndarray) -> float:
    """The tip's speed (m/s) at the end of its heights (N,) metres."""
    return float((heights[-1] - heights[-2]) * RATE_HZ)


def surface(choreography: Choreography, problem: Problem) -> None:
    """Under water the diver lets go of the line."""
    start = problem.water_s + 0.38
    choreography.move({"hip": 35, "waist_flex": 20, "knee": 30}, start, start + 0.5)
    choreography.move({"raise": 110, "plane": 80}, start, start + 0.6)


def first_touch(joints: np.ndarray, times_s: np.ndarray) -> float:
    """When the first joint meets the water, seconds; the last moment if none does."""
    lowest = joints[:, :, 1].min(axis=1)
    under = np.flatnonzero(lowest <= 0.0)
    if not len(under) or under[0] == 0:
        return float(times_s[-1])
    index = int(under[0])
    share = lowest[index - 1] / (lowest[index - 1] - lowest[index])
    return float(times_s[index - 1] + share * (times_s[index] - times_s[index - 1]))


def _reach(body: Body, number: DiveNumber, choreography: Choreography) -> float:
    """How far below the mass centre the water is met, in the posture of the entry, metres."""
    angles, rates = choreography.at(np.array([10.0]))
    centre = float(mechanics(body, angles, rates).centre[1, 0])
    heights = places(body, angles).joints[0, :, 1]
    if number.head_first:
        return (
            float(heights[[JOINT_INDEX["left_fingertip"], JOINT_INDEX["right_fingertip"]]].max())
            - centre
        )
    return centre - float(heights.min())


def approach_for(number: DiveNumber, height_m: float, running: bool) -> Approach:
    """How a number is approached from a height; running only matters where it is possible."""
    springboard = height_m in SPRINGBOARD_HEIGHTS_M
    forward = number.take_off == TakeOff.FORWARD
    hurdle = forward and (springboard or running)
    return Approach(length_s=1.75 if hurdle else 1.6, hurdle=hurdle, springboard=springboard)
