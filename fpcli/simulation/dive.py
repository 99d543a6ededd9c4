"""One simulated dive: physics, what can be seen of it, and what a panel gives for it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Final, TypeVar

import numpy as np

from fpcli.diving.difficulty import difficulty
from fpcli.diving.marks import execution_mark
from fpcli.diving.numbers import DiveNumber, TakeOff, parse
from fpcli.diving.panels import Panel, panel_points
from fpcli.errors import DiveNumberError
from fpcli.simulation.body import Build, Sex, make_body, random_build, reference_build
from fpcli.simulation.faults import faultless, random_severity, random_technique
from fpcli.simulation.judging import (
    TASTE,
    Deduction,
    award,
    by_step,
    deductions,
    impression,
    splash_size,
)
from fpcli.simulation.measurement import Measures, measure
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.performance import Performance, approach_for, perform, pose_problem
from fpcli.simulation.starts import Refusal, known_refusal, known_start
from fpcli.simulation.steering import Problem, solve
from fpcli.simulation.takeoff import Launch
from fpcli.simulation.technique import Controls, Technique

CONTINUATION_STEPS: Final = (1, 2, 4, 8)
STREAMS: Final = 4  # build, technique, judging, habits: one never disturbs another
RUNNING_SHARE: Final = 0.6  # of forward platform dives with a running take-off
FASTEST_REV_S: Final = 4.4  # no diver somersaults faster
CLEAR_M: Final = 0.55  # a good dive passes the board at least this far off
CLEARING_S: Final = 0.7  # about when it does
CLEARING_STEPS: Final = 4
CLEAR_DRAWS: Final = 8  # a dive that would lead through the board goes wrong in another way
FASTEST_OUT_M_S: Final = 1.9


@dataclass(frozen=True)
class DiveTruth:
    """Everything that is known of a simulated dive.

    moments: take-off, position reached, opened and entry, seconds of the motion. severity: how
    badly the dive was meant to go. technique: what went wrong in it. measures: what can be seen.
    deductions: each fault's marks; lost_by_step: their sums for take-off, flight, entry. quality:
    the mark that the faults leave, without taste. marks: the judges'; mark: 0 to 10; score: points.
    splash: 0 to 1.
    """

    number: str
    height_m: float
    difficulty: float
    seed: int
    build: Build
    running: bool
    twist_side: float
    moments: dict[str, float]
    severity: float
    technique: Technique
    momentum_kg_m2_s: float
    measures: Measures
    deductions: tuple[Deduction, ...]
    lost_by_step: tuple[float, float, float]
    quality: float
    taste: float
    panel: str
    marks: tuple[float, ...]
    mark: float
    score: float
    splash: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, texts, lists and mappings, ready for JSON."""
        plain = asdict(self)
        plain["measures"] = self.measures.to_dict()
        return plain


@dataclass(frozen=True, eq=False)
class SimulatedDive:
    """The motion that a picture is drawn from and the truth about it."""

    motion: DiveMotion
    truth: DiveTruth


def simulate_dive(
    number: DiveNumber | str,
    height_m: float,
    seed: int,
    *,
    severity: float | None = None,
    build: Build | None = None,
    panel: Panel = Panel.SEVEN,
) -> SimulatedDive:
    """A dive of a number from a height (metres); the same seed gives the same dive everywhere.

    severity: 0 for a faultless dive, 1 for a middling one, None for a random one. build: the
    diver's body, None for a random one. panel: who judges (synchro panels judge execution with
    their execution judges' seats and are put together by the caller).
    Raises DiveNumberError where the rules or physics do not allow the dive.
    """
    if isinstance(number, str):
        number = parse(number)
    worth = difficulty(number, height_m).value
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(STREAMS)]
    bodies, faults, judges, habits = streams
    build = build or random_build(bodies)
    running = bool(habits.random() < RUNNING_SHARE)
    twist_side = 1.0 if habits.random() < 0.5 else -1.0
    standard = standard_dive(number.text, height_m, build.sex)
    random = random_severity(faults)
    severity = random if severity is None else severity
    for _ in range(CLEAR_DRAWS):
        technique = random_technique(faults, number, height_m, standard.technique, severity)
        if severity == 0:
            technique = standard.technique
        dive = performed(number, height_m, build, technique, running, twist_side)
        seen = measure(dive)
        if seen.distance_m >= 0:
            break
    else:
        raise DiveNumberError(
            f"{number.text} from {height_m:g} m would lead through the end of the board.",
            "Choose another seed, number or height.",
        )
    splash = splash_size(seen, judges)
    motion = dive.motion(splash)
    found = impression(deductions(number, seen, standard.measures), seen)
    lost = by_step(found)
    quality = max(0.0, 10.0 - sum(lost))
    taste = TASTE * float(judges.standard_normal()) if quality > 0 else 0.0
    marks = award(float(np.clip(quality + taste, 0.0, 10.0)), panel.judges, judges)
    points = panel_points(marks, worth, panel)
    return SimulatedDive(
        motion=motion,
        truth=DiveTruth(
            number=number.text,
            height_m=height_m,
            difficulty=worth,
            seed=seed,
            build=build,
            running=running and number.take_off == TakeOff.FORWARD,
            twist_side=twist_side if number.half_twists else 0.0,
            moments={
                "takeoff_s": round(motion.takeoff_s, 4),
                "position_s": round(motion.position_s, 4),
                "opened_s": round(motion.opened_s, 4),
                "entry_s": round(motion.entry_s, 4),
            },
            severity=round(severity, 4),
            technique=technique,
            momentum_kg_m2_s=round(dive.controls.momentum, 3),
            measures=seen,
            deductions=found,
            lost_by_step=lost,
            quality=round(quality, 4),
            taste=round(taste, 4),
            panel=panel.name,
            marks=marks,
            mark=round(execution_mark(points, worth), 4),
            score=points,
            splash=splash,
        ),
    )


def performed(
    number: DiveNumber,
    height_m: float,
    build: Build,
    technique: Technique,
    running: bool = False,
    twist_side: float = 1.0,
) -> Performance:
    """A dive done with a technique, solved so that it ends as the technique says.

    Raises DiveNumberError where physics does not allow it.
    """
    approach = approach_for(number, height_m, running)

    def posed(build: Build, technique: Technique) -> tuple[Problem, Launch]:
        body = make_body(build)
        return pose_problem(body, number, height_m, approach, technique, twist_side)

    problem, left = posed(build, technique)
    if number.half_twists:
        controls = _from_standard(posed, number, height_m, build, technique)
    else:
        controls = solve(problem)
    dive = perform(problem, left, height_m, approach, controls)
    _require_possible(dive)
    return dive


def _from_standard(
    posed: Callable[[Build, Technique], tuple[Problem, Launch]],
    number: DiveNumber,
    height_m: float,
    build: Build,
    technique: Technique,
) -> Controls:
    """The controls of a twisting dive, reached from the standard dive in ever shorter steps."""
    standard = standard_dive(number.text, height_m, build.sex)
    reference = reference_build(build.sex)
    for steps in CONTINUATION_STEPS:
        controls, water_s, size = standard.controls, standard.water_s, standard.size
        try:
            for step in range(1, steps + 1):
                between = _blended(reference, build, step / steps)
                problem, _ = posed(between, _blended(standard.technique, technique, step / steps))
                bulk = between.mass_kg * between.stature_m**2
                guess = _scaled(controls, problem.water_s / water_s, bulk / size)
                controls = solve(problem, guess, search=False)
                water_s, size = problem.water_s, bulk
        except DiveNumberError:
            # A search from nowhere hardly ever finds what the shortest steps did not.
            if steps == CONTINUATION_STEPS[-1]:
                raise
            continue
        break
    return controls


_Numbers = TypeVar("_Numbers", Build, Technique)


def _blended(one: _Numbers, two: _Numbers, share: float) -> _Numbers:
    """Numbers between those of one and two; anything else is two's."""
    first, second = asdict(one), asdict(two)
    return replace(
        two,
        **{
            name: first[name] + share * (value - first[name])
            for name, value in second.items()
            if isinstance(value, float)
        },
    )


def _scaled(controls: Controls, time: float, size: float) -> Controls:
    """Controls for a flight and a body that are larger by the shares time and size."""
    return replace(
        controls, momentum=controls.momentum * size / time, twisted_s=controls.twisted_s * time
    )


@dataclass(frozen=True)
class StandardDive:
    """A faultless dive of the middle diver: the start of every other one, and its yardstick.

    water_s: of flight. size: mass times stature squared, kg m².
    """

    technique: Technique
    controls: Controls
    measures: Measures
    water_s: float
    size: float


def standard_dive(text: str, height_m: float, sex: Sex) -> StandardDive:
    """The faultless dive of a number from a height, far enough from the board.

    Raises DiveNumberError where physics does not allow it.
    """
    found = _standard_or_reason(text, height_m, sex)
    if isinstance(found, StandardDive):
        return found
    raise DiveNumberError(found.message, found.hint)


@lru_cache(maxsize=1024)
def _standard_or_reason(text: str, height_m: float, sex: Sex) -> StandardDive | Refusal:
    """The standard dive, or why there is none: either is found once."""
    refusal = known_refusal(text, height_m, sex)
    if refusal is not None:
        return refusal
    try:
        return solved_standard_dive(text, height_m, sex)
    except DiveNumberError as refused:
        return Refusal(refused.message, refused.hint)


def solved_standard_dive(text: str, height_m: float, sex: Sex) -> StandardDive:
    """The standard dive, solved anew whatever is remembered of it.

    Raises DiveNumberError where physics does not allow it.
    """
    number, build = parse(text), reference_build(sex)
    approach = approach_for(number, height_m, running=False)
    technique = faultless(number, height_m, sex)
    start = known_start(text, height_m, sex)
    guess = None
    if start is not None:
        guess, technique = start.controls, replace(technique, out_m_s=start.out_m_s)
    body = make_body(build)
    for _ in range(CLEARING_STEPS):
        problem, left = pose_problem(body, number, height_m, approach, technique, 1.0)
        controls = solve(problem, guess)
        guess = controls
        dive = perform(problem, left, height_m, approach, controls)
        seen = measure(dive)
        lacking = CLEAR_M - seen.distance_m
        if lacking <= 0:
            break
        out = min(technique.out_m_s + lacking / CLEARING_S + 0.02, FASTEST_OUT_M_S)
        technique = replace(technique, out_m_s=round(out, 3))
    _require_possible(dive)
    size = build.mass_kg * build.stature_m**2
    return StandardDive(technique, controls, seen, problem.water_s, size)


def _require_possible(dive: Performance) -> None:
    """Refuse what no diver can do."""
    spin = float(np.abs(dive.flown.spin[:, 2]).max() / (2 * np.pi))
    if spin > FASTEST_REV_S:
        raise DiveNumberError(
            f"{dive.number.text} from {dive.height_m:g} m would need {spin:.1f} somersaults a "
            f"second, and no diver turns faster than {FASTEST_REV_S:g}.",
            "Choose fewer somersaults, a tighter position or a higher board.",
        )
