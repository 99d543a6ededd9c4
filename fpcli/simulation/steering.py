"""Solving for the angular momentum and the arm swings that make a dive the one its number names."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fpcli.diving.numbers import Direction, DiveNumber, Group, Position
from fpcli.errors import DiveNumberError
from fpcli.simulation.attitude import Attitude, attitude, turned
from fpcli.simulation.body import Body
from fpcli.simulation.choreography import Choreography
from fpcli.simulation.flight import Turning, turning
from fpcli.simulation.kinematics import mechanics
from fpcli.simulation.routine import Schedule, check_duration, perform_flight, schedule
from fpcli.simulation.technique import Controls, Technique

PLANAR_NODES: Final = 161
SOLVING_STEPS_PER_S: Final = 160.0
SWING_LIMIT: Final = 1.35
LEAN_LIMIT: Final = 1.4  # tens of degrees
NEWTON_STEPS: Final = 24
TOLERANCE: Final = 3e-5  # radians
TILT_WEIGHT: Final = 3.0  # a little tilt left over twists a dive a lot
THROWS: Final = (  # share of a full swing, hips bent, lean aside (degrees)
    (0.5, 0.0, 0.0),
    (1.0, 0.0, 0.0),
    (1.0, 20.0, 3.0),
    (1.0, 30.0, 6.0),
    (1.0, 40.0, 9.0),
    (1.15, 40.0, 11.0),
    (1.15, 45.0, 14.0),
)
EARLIEST_TWISTED_S: Final = 0.4
CHECKED_TWIST: Final = 1.0  # radians still twisted while the check slows the twist
LARGEST_STEP: Final = 0.4
LEAST_AFTER_TWIST_S: Final = {
    Position.STRAIGHT: 0.1,
    Position.PIKE: 0.4,
    Position.TUCK: 0.4,
    Position.FREE: 0.22,
}


@dataclass(frozen=True)
class Turns:
    """How a dive is to turn, radians: from its attitude at take-off to that at the water."""

    start_somersault: float
    end_somersault: float
    start_twist: float
    end_twist: float

    @property
    def sense(self) -> float:
        """+1 where the top goes out over the water (forward, back), -1 towards the board."""
        return float(np.sign(self.end_somersault - self.start_somersault))

    def with_twists(self, side: float, twists: float) -> "Turns":
        """These turns with twists (radians) to a side, the error counted along with them."""
        error = self.end_twist - self.start_twist
        return replace(self, end_twist=self.start_twist + side * (twists + error))


def turns(number: DiveNumber, technique: Technique) -> Turns:
    """The turns of a number done with a technique, but for its twists."""
    upright = np.pi if number.group == Group.ARMSTAND else 0.0
    sense = 1.0 if number.direction in (Direction.FORWARD, Direction.BACK) else -1.0
    faces_water = number.direction in (Direction.FORWARD, Direction.REVERSE)
    twist = 0.0 if faces_water else np.pi
    somersaults = sense * (
        number.half_somersaults * np.pi + np.radians(technique.somersault_error_deg)
    )
    return Turns(
        start_somersault=upright + np.radians(technique.lean_deg),
        end_somersault=upright + somersaults,
        start_twist=twist,
        end_twist=twist + np.radians(technique.twist_error_deg),
    )


def planar_momentum(body: Body, choreography: Choreography, wanted: Turns, water_s: float) -> float:
    """The momentum (kg m²/s, in the sense of the dive) that turns a dive without twist."""
    times = np.linspace(0.0, water_s, PLANAR_NODES)
    shape = mechanics(body, *choreography.at(times))
    inertia, own = shape.inertia[2, 2], shape.own_momentum[2]
    if abs(np.cos(wanted.start_twist) + 1) < 1e-9:
        own = -own
    change = wanted.end_somersault - wanted.start_somersault
    momentum = (-change + _integral(own / inertia, times)) / _integral(1 / inertia, times)
    return float(-momentum * wanted.sense)


def _integral(values: np.ndarray, times_s: np.ndarray) -> float:
    """Simpson's rule on an odd number of even nodes."""
    step = times_s[1] - times_s[0]
    weighted = values[0] + values[-1] + 4 * values[1:-1:2].sum() + 2 * values[2:-1:2].sum()
    return float(step / 3 * weighted)


def fly(problem: "Problem", controls: Controls, end_s: float, steps_per_s: float) -> Turning:
    """The body's turning with given controls, from take-off to end_s."""
    wanted = problem.wanted
    momentum = np.array([0.0, 0.0, -wanted.sense * controls.momentum])
    tilt = problem.lean_aside(controls)
    start = turned(wanted.start_somersault, tilt, wanted.start_twist)
    tilt = problem.lean_aside(controls)
    choreography = problem.choreography(controls)
    return turning(problem.body, choreography, start, momentum, end_s, steps_per_s)


def attitude_of(flown: Turning, wanted: Turns) -> Attitude:
    """The attitude over a flight, counted from the take-off's own somersault and twist."""
    seen = attitude(flown.turn)
    whole = 2 * np.pi
    somersault = seen.somersault + whole * np.round(
        (wanted.start_somersault - seen.somersault[0]) / whole
    )
    twist = seen.twist + whole * np.round((wanted.start_twist - seen.twist[0]) / whole)
    return Attitude(somersault, seen.tilt, twist)


@dataclass(frozen=True)
class Problem:
    """A dive to be solved: whose body, which number, how, from which posture, in which time.

    start: the choreography up to take-off. twist_side: +1 or -1, the side the diver twists to.
    """

    body: Body
    number: DiveNumber
    technique: Technique
    start: Choreography
    water_s: float
    twist_side: float

    @property
    def wanted(self) -> Turns:
        """The turns that the dive is to make."""
        wanted = turns(self.number, self.technique)
        # arms thrown to one side twist the body to the side that the somersault's sense says
        side = self.twist_side * wanted.sense * np.cos(wanted.start_twist)
        return wanted.with_twists(-side, self.number.half_twists * np.pi)

    def plan(self, controls: Controls) -> Schedule:
        """The moments of the flight."""
        return schedule(self.number, self.technique, self.water_s, controls.twisted_s)

    def choreography(self, controls: Controls) -> Choreography:
        """Approach, flight and entry with given controls."""
        whole = self.start.copy()
        plan = self.plan(controls)
        perform_flight(whole, self.number, self.technique, plan, controls, self.twist_side)
        return whole

    def lean_aside(self, controls: Controls) -> float:
        """Tilt at take-off (radians), to the side that speeds the twist up."""
        side = self.twist_side * np.cos(self.wanted.start_twist)
        return float(np.radians(controls.lean_aside_deg) * side)

    @property
    def latest_twisted_s(self) -> float:
        """The twist must have been stopped by then, to leave time for what follows."""
        after = LEAST_AFTER_TWIST_S[self.number.position]
        return self.water_s - self.technique.opened_s - after


def solve(problem: Problem, guess: Controls | None = None, search: bool = True) -> Controls:
    """The controls that make a dive turn as it wants to.

    guess: controls of a similar dive, from which few steps lead here. search: look far and wide
    where they do not.
    Raises DiveNumberError where no arm action gives the twists in the time.
    """
    if not problem.number.half_twists:
        choreography = problem.choreography(Controls(0.0))
        wanted, water_s = problem.wanted, problem.water_s
        return Controls(planar_momentum(problem.body, choreography, wanted, water_s))
    if guess is not None:
        solved = _newton(problem, guess)
        if solved is not None:
            return solved
    for throw, hips_deg, lean_deg in THROWS if search else ():
        for start in _starts(problem, throw, hips_deg, lean_deg):
            solved = _newton(problem, start)
            if solved is not None and solved.twisted_s <= problem.latest_twisted_s:
                return solved
    raise DiveNumberError(
        f"{problem.number.text} asks for more twist than the arms can give in "
        f"{problem.water_s:.2f} s of flight.",
        "Choose fewer twists or a higher board.",
    )


def _starts(problem: Problem, throw: float, hips_deg: float, lean_deg: float) -> list[Controls]:
    """Rough controls, the nearest first, for one way to throw the twist."""
    latest, wanted = problem.latest_twisted_s, problem.wanted
    asked = abs(wanted.end_twist - wanted.start_twist)
    stop = latest
    for _ in range(3):
        still = Controls(0.0, stop, throw, 0.0, hips_deg, lean_deg)
        choreography = problem.choreography(still)
        momentum = planar_momentum(problem.body, choreography, wanted, problem.water_s)
        free = replace(still, momentum=momentum, twisted_s=latest, check=1.0)
        flown = fly(problem, free, latest - check_duration(problem.number), SOLVING_STEPS_PER_S)
        twisted = np.abs(attitude_of(flown, wanted).twist - wanted.start_twist)
        enough = np.flatnonzero(twisted > asked - CHECKED_TWIST)
        if not len(enough):
            return []
        stop = min(float(flown.times_s[enough[0]]) + check_duration(problem.number), latest)
    rough = []
    for check in (-1.0, -0.5, 0.0, 0.5, 1.0):
        for shift in (0.03, 0.13):
            controls = replace(
                still,
                momentum=momentum,
                twisted_s=max(stop + shift, EARLIEST_TWISTED_S),
                check=check,
            )
            miss = _miss(problem, controls)
            rough.append((float(np.abs(miss[1:]).sum()), controls))
    rough.sort(key=lambda pair: pair[0])
    return [controls for _, controls in rough[:4]]


def _miss(problem: Problem, controls: Controls) -> np.ndarray:
    """By how much a dive misses (radians): somersault at the water if no twist were left when it is
    stopped, twist and tilt at that moment."""
    wanted = problem.wanted
    flown = fly(problem, controls, controls.twisted_s, SOLVING_STEPS_PER_S)
    seen = attitude_of(flown, wanted)
    times = np.linspace(controls.twisted_s, problem.water_s, PLANAR_NODES // 2 + 1)
    shape = mechanics(problem.body, *problem.choreography(controls).at(times))
    inertia, own = shape.inertia[2, 2], shape.own_momentum[2]
    own = own * np.sign(np.cos(wanted.end_twist))
    rate = (wanted.sense * controls.momentum + own) / inertia
    somersault = seen.somersault[-1] + _integral(rate, times)
    return np.array(
        [
            somersault - wanted.end_somersault,
            seen.twist[-1] - wanted.end_twist,
            TILT_WEIGHT * seen.tilt[-1],
        ]
    )


def _newton(problem: Problem, start: Controls) -> Controls | None:
    """Controls that miss nothing, by damped Newton steps, or None where they lead nowhere.

    More controls than conditions: each step is the smallest that meets them. The lean aside is free
    only where the start has one.
    """
    leans = start.lean_aside_deg > 0
    scale = np.array([start.momentum, 0.3, 1.0, 1.0, 10.0])
    given = [start.momentum, start.twisted_s, start.throw, start.check, start.lean_aside_deg]
    values = np.array(given) / scale
    nudge = np.array([0.005, 0.012, 0.01, 0.01, 0.01])
    low = np.array([0.2, EARLIEST_TWISTED_S / 0.3, 0.1, -SWING_LIMIT, 0.1 * leans])
    latest = problem.latest_twisted_s / 0.3
    high = np.array([4.0, latest, SWING_LIMIT, SWING_LIMIT, LEAN_LIMIT * leans])

    def controls(trial: np.ndarray) -> Controls:
        momentum, twisted_s, throw, check, lean = (float(value) for value in trial * scale)
        return replace(
            start,
            momentum=momentum,
            twisted_s=twisted_s,
            throw=throw,
            check=check,
            lean_aside_deg=lean,
        )

    values = np.clip(values, low, high)
    miss = _miss(problem, controls(values))
    jacobian: np.ndarray | None = None
    for _ in range(NEWTON_STEPS):
        if np.abs(miss).max() < TOLERANCE:
            return controls(values)
        fresh = jacobian is None
        if jacobian is None:
            nudged = [_miss(problem, controls(values + step)) for step in np.diag(nudge)]
            jacobian = (np.array(nudged) - miss).T / nudge
        free = ~(
            ((values <= low + 1e-9) & (jacobian.T @ miss > 0))
            | ((values >= high - 1e-9) & (jacobian.T @ miss < 0))
        )
        change = np.where(free, -np.linalg.lstsq(jacobian * free, miss, rcond=1e-4)[0], 0.0)
        change *= min(1.0, LARGEST_STEP / float(np.abs(change).max() + 1e-12))
        for share in (1.0, 0.4, 0.15):
            trial = np.clip(values + share * change, low, high)
            missed = _miss(problem, controls(trial))
            if np.abs(missed).sum() < np.abs(miss).sum():
                break
        else:
            if fresh:
                return None
            jacobian = None
            continue
        moved = trial - values
        jacobian = jacobian + np.outer(missed - miss - jacobian @ moved, moved) / float(
            moved @ moved + 1e-12
        )
        if np.abs(missed).sum() > 0.6 * np.abs(miss).sum():
            jacobian = None
        values, miss = trial, missed
    return None
