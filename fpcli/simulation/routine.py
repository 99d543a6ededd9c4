"""The choreography of a dive's flight and entry: which posture, when."""

from dataclasses import dataclass
from typing import Final

from fpcli.diving.numbers import DiveNumber, Group, Position
from fpcli.simulation.choreography import Choreography, Pose
from fpcli.simulation.posture import (
    ARM_ACROSS,
    ARM_BEHIND_HEAD,
    FEET_FIRST,
    LINE_UP,
    PIKE,
    PIKE_FREE,
    PIKE_TOUCHED,
    STRAIGHT,
    STRAIGHT_FAST,
    TRUNK_STRAIGHT,
    TUCK,
)
from fpcli.simulation.technique import Controls, Technique

CLOSE_START_S: Final = 0.04
OPENING_S: Final = {Position.TUCK: 0.24, Position.PIKE: 0.26, Position.STRAIGHT: 0.3}
OPENING_FREE_S: Final = 0.26
FLYING_SHARE: Final = 0.36  # of the flight is straight in a flying dive
THROW_S: Final = (0.02, 0.17)
WRAP_S: Final = (0.16, 0.30)
UNWRAP_S: Final = 0.15  # before the check
CHECK_S: Final = 0.17
LONG_CHECK_S: Final = 0.25  # to stop many twists
LONG_CHECK_FROM: Final = 7  # half twists
SQUARE_OUT_S: Final = 0.20  # from the check's end to the pike that follows
FULL_SWING_DEG: Final = 90.0  # of each arm from the side, up or down
LEGS_WHILE_TWISTING: Final = 0.4  # twisting presses the legs together
CHECK_HIPS_DEG: Final = 88.0
LONG_CHECK_HIPS_DEG: Final = 108.0


@dataclass(frozen=True)
class Schedule:
    """Moments of a flight, seconds from take-off.

    closed_s: the position is reached. open_s, opened_s: opening begins and ends. twisted_s: the
    twist is stopped (0 without twist). water_s: the entry is due.
    """

    closed_s: float
    open_s: float
    opened_s: float
    twisted_s: float
    water_s: float


def schedule(
    number: DiveNumber, technique: Technique, water_s: float, twisted_s: float
) -> Schedule:
    """When a dive that meets the water at water_s closes, twists and opens."""
    opened = water_s - technique.opened_s
    duration = OPENING_S.get(number.position, OPENING_FREE_S)
    open_start = opened - duration
    if number.half_twists:
        open_start = max(open_start, twisted_s + 0.02)
        opened = max(opened, open_start + 0.6 * duration)
    return Schedule(
        closed_s=WRAP_S[0] if number.half_twists else technique.close_s,
        open_s=open_start,
        opened_s=opened,
        twisted_s=twisted_s,
        water_s=water_s,
    )


def perform_flight(
    choreography: Choreography,
    number: DiveNumber,
    technique: Technique,
    plan: Schedule,
    controls: Controls,
    twist_side: float,
) -> None:
    """Add the moves of flight and entry; they begin from the take-off's posture.

    twist_side: +1 twists to the left arm's side, -1 to the right arm's.
    """
    legs = {"ankle": 62 - technique.toes_deg, "spread": technique.feet_apart_deg}
    if number.half_twists:
        legs["spread"] *= LEGS_WHILE_TWISTING
    choreography.move({**legs, "wrist": 0}, 0.0, 0.16)
    if number.half_twists:
        _twist(choreography, number, technique, plan, controls, twist_side)
    else:
        _somersault(choreography, number, technique, plan)
    _enter(choreography, number, technique, plan)


def _somersault(
    choreography: Choreography, number: DiveNumber, technique: Technique, plan: Schedule
) -> None:
    start = CLOSE_START_S
    closed = plan.closed_s
    if number.flying:
        choreography.move(_faulted(STRAIGHT, technique), start, closed)
        start = FLYING_SHARE * plan.water_s
        closed = start + 0.24
    choreography.move(_faulted(_position(number), technique), start, min(closed, plan.open_s))


def _position(number: DiveNumber) -> Pose:
    turns = number.half_somersaults - (1 if number.group != Group.ARMSTAND else 0)
    if number.position == Position.TUCK:
        return TUCK
    if number.position == Position.PIKE:
        return PIKE_TOUCHED if turns == 0 else PIKE
    return STRAIGHT if turns < 2 else STRAIGHT_FAST


def _faulted(pose: Pose, technique: Technique) -> dict[str, float]:
    """A flight position with the technique's looseness, knees, feet and toes."""
    faulted = dict(pose)
    loose = technique.loose_deg
    if faulted["hip"] > 45:
        faulted["hip"] -= 0.75 * loose
        faulted["waist_flex"] -= 0.35 * loose
        faulted["chest_flex"] -= 0.25 * loose
        faulted["raise"] += 0.25 * loose
        faulted["elbow"] = max(0.0, faulted.get("elbow", 0.0) - 0.9 * loose)
        faulted["neck_flex"] -= 0.3 * loose
    if faulted["knee"] < 90:
        faulted["knee"] += technique.knees_deg
    else:
        faulted["knee"] -= 0.9 * loose
    faulted["spread"] = technique.feet_apart_deg
    faulted["ankle"] -= technique.toes_deg
    return faulted


def _twist(
    choreography: Choreography,
    number: DiveNumber,
    technique: Technique,
    plan: Schedule,
    controls: Controls,
    twist_side: float,
) -> None:
    low, high = ("left", "right") if twist_side > 0 else ("right", "left")
    hips = controls.throw_hips_deg
    straight = {**TRUNK_STRAIGHT, "hip": 0, "knee": LEGS_WHILE_TWISTING * technique.knees_deg}
    if hips:
        bent = {**TRUNK_STRAIGHT, "hip": hips, "waist_flex": 0.2 * hips, "knee": 0}
        choreography.move(bent, -0.06, THROW_S[0] + 0.08)
        choreography.move(straight, WRAP_S[0], WRAP_S[1] + 0.04)
    else:
        choreography.move(straight, 0.0, 0.2)
    _swing(choreography, controls.throw, low, high, *THROW_S)
    if number.half_twists > 1:
        wrapped = {f"{low}_{name}": degrees for name, degrees in ARM_ACROSS.items()}
        upper = ARM_ACROSS if number.half_twists % 2 else ARM_BEHIND_HEAD
        # lowered in front, where it tilts nothing
        choreography.move({f"{high}_plane": upper["plane"]}, WRAP_S[0] - 0.06, WRAP_S[0] + 0.04)
        wrapped |= {f"{high}_{name}": degrees for name, degrees in upper.items()}
        choreography.move(wrapped, *WRAP_S)
    check_start = plan.twisted_s - check_duration(number)
    unwrap = max(check_start - UNWRAP_S, WRAP_S[1] - 0.1)
    _raise_in_front(choreography, controls.check, low, high, unwrap, check_start)
    bent_pose = _bent_after_twist(number)
    if bent_pose is not None:
        long = number.half_twists >= LONG_CHECK_FROM
        hip = min(LONG_CHECK_HIPS_DEG if long else CHECK_HIPS_DEG, bent_pose["hip"])
        choreography.move({"hip": hip}, unwrap + 0.05, check_start + 0.08)
    choreography.move({"raise": 90, "plane": 88}, check_start, plan.twisted_s)
    if bent_pose is not None:
        end = min(plan.twisted_s + SQUARE_OUT_S, plan.open_s + 0.08)
        choreography.move(_faulted(bent_pose, technique), plan.twisted_s - 0.02, end)


def check_duration(number: DiveNumber) -> float:
    """How long the arms take to stop a number's twist, seconds."""
    return LONG_CHECK_S if number.half_twists >= LONG_CHECK_FROM else CHECK_S


def _bent_after_twist(number: DiveNumber) -> Pose | None:
    if number.position == Position.TUCK:
        return TUCK
    if number.half_somersaults <= 1:
        return None
    if number.position == Position.PIKE:
        return PIKE
    if number.half_somersaults >= 4:
        return PIKE
    if number.half_twists >= LONG_CHECK_FROM:
        return {**PIKE_FREE, "hip": LONG_CHECK_HIPS_DEG}
    return PIKE_FREE


def _swing(
    choreography: Choreography, share: float, low: str, high: str, start_s: float, end_s: float
) -> None:
    """Straight arms to either side of the body's cross line: one down, the other up."""
    swing = FULL_SWING_DEG * share
    choreography.move(
        {
            f"{low}_raise": 90 - swing,
            f"{high}_raise": 90 + swing,
            "plane": 88,
            "roll": 0,
            "elbow": 0,
        },
        start_s,
        end_s,
    )


def _raise_in_front(
    choreography: Choreography, share: float, low: str, high: str, start_s: float, end_s: float
) -> None:
    """The arms of a swing's beginning, reached through the front and only then parted."""
    swing = FULL_SWING_DEG * share
    straight = {f"{low}_raise": 90 - swing, f"{high}_raise": 90 + swing, "roll": 0, "elbow": 0}
    choreography.move(straight, start_s, end_s)
    choreography.move({"plane": 88}, (start_s + end_s) / 2, end_s + 0.02)


def _enter(
    choreography: Choreography, number: DiveNumber, technique: Technique, plan: Schedule
) -> None:
    line = dict(LINE_UP if number.head_first else FEET_FIRST)
    apart = technique.arms_apart_deg
    line["raise"] = line["raise"] - apart if number.head_first else line["raise"] + apart
    line["elbow"] += technique.elbows_deg
    line["hip"] += 0.6 * technique.entry_hips_deg
    line["waist_flex"] += 0.25 * technique.entry_hips_deg
    line["chest_flex"] += 0.15 * technique.entry_hips_deg
    line["knee"] += technique.entry_knees_deg
    line["spread"] = technique.entry_feet_deg / 2
    line["ankle"] -= technique.toes_deg
    arms = {name: line[name] for name in ("raise", "plane", "roll", "elbow", "wrist")}
    body = {name: value for name, value in line.items() if name not in arms}
    choreography.move(body, plan.open_s, plan.opened_s)
    reach = min(0.06, 0.4 * (plan.water_s - plan.opened_s))
    choreography.move(arms, plan.open_s + 0.03, plan.opened_s + reach)
