"""From what can be seen of a dive to deductions by step, and from those to judges' marks.

Source of the faults: World Aquatics Competition Regulations, Part Four, articles 8.3 to 8.6. The
sizes are our own, set so that the marks of many dives are spread as those of real panels are.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from fpcli.diving.numbers import DiveNumber, Position
from fpcli.simulation.flight import GRAVITY_M_S2
from fpcli.simulation.measurement import Measures

USUAL_HAND_GAP_M: Final = 0.115
FAILED_TWIST_DEG: Final = 90.0  # 0 (8.6.6)
UNSAFE_M: Final = 0.05  # this near the board at most 2 (8.5.4)
UNSAFE_MARK: Final = 2.0
ARMS_BELOW_HEAD_DEG: Final = 75.0  # elbows bent so far: at most 4½ (8.6.3)
ARMS_BELOW_HEAD_MARK: Final = 4.5
TASTE: Final = 0.20  # standard deviation of what no fault explains, in marks
# what many faults together take off a mark: raw deductions and the marks they cost
IMPRESSION_RAW: Final = (0.0, 0.1, 0.4, 1.15, 2.0, 3.1, 6.0, 9.5, 16.0)
IMPRESSION_MARKS: Final = (0.0, 0.45, 1.05, 2.0, 2.75, 3.5, 5.4, 7.0, 9.6)
# a judge's spread by the level of the dive: level, standard deviation in marks before rounding
SPREAD_LEVELS: Final = (0.0, 1.0, 3.0, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.0)
SPREAD_MARKS: Final = (0.25, 0.30, 0.42, 0.44, 0.45, 0.38, 0.31, 0.27, 0.25, 0.24)


@dataclass(frozen=True)
class Deduction:
    """Marks lost for one fault. step: 0 take-off, 1 flight, 2 entry."""

    step: int
    fault: str
    marks: float


def deductions(number: DiveNumber, seen: Measures, good: Measures) -> tuple[Deduction, ...]:
    """Every fault that can be seen in a dive and its raw size, largest first.

    good: the same quantities of a faultless dive of this number from this height.
    """
    rise, good_rise = max(seen.rise_m, 0.0), max(good.rise_m, 0.0)
    slower = np.sqrt(2 * GRAVITY_M_S2) * (np.sqrt(good_rise) - np.sqrt(rise))
    raw = [
        (0, "low take-off", 2.4 * max(0.0, slower - 0.03)),
        (0, "too close to the board", 2.6 * max(0.0, min(0.42, good.distance_m) - seen.distance_m)),
        (0, "too far from the board", 1.4 * max(0.0, seen.distance_m - good.distance_m - 0.15)),
        (0, "off balance", 0.10 * max(0.0, abs(seen.lean_deg - good.lean_deg) - 1.0)),
        (0, "off the line", 1.6 * max(0.0, abs(seen.aside_m - good.aside_m) - 0.02)),
        (1, "loose position", 0.030 * max(0.0, good.held_hips_deg - seen.held_hips_deg - 1.0)),
        (1, "knees bent", 0.040 * max(0.0, seen.knees_deg - good.knees_deg - 2.0)),
        (1, "feet apart", 4.5 * max(0.0, seen.feet_apart_m - good.feet_apart_m - 0.01)),
        (1, "toes not pointed", 0.024 * max(0.0, seen.toes_deg - good.toes_deg - 2.0)),
        (1, "opened late", 9.0 * max(0.0, good.opened_before_s - seen.opened_before_s - 0.01)),
        (2, "entry short", _angle(-seen.entry_angle_deg)),
        (2, "entry over", _angle(seen.entry_angle_deg)),
        (2, "entry tilted", _angle(abs(seen.entry_tilt_deg))),
        (2, "entry twisted", 0.035 * max(0.0, abs(seen.entry_twist_deg) - 4.0)),
        (2, "body not straight", 0.070 * max(0.0, abs(seen.line_deg) - 2.0)),
        (2, "arms apart", 3.6 * max(0.0, seen.hands_apart_m - good.hands_apart_m - 0.015)),
        (2, "arms bent", 0.028 * max(0.0, seen.elbows_deg - good.elbows_deg - 3.0)),
        (2, "knees bent at the entry", 0.035 * max(0.0, seen.entry_knees_deg - 2.0)),
        (2, "feet apart at the entry", 4.5 * max(0.0, seen.entry_feet_apart_m - 0.01)),
    ]
    if number.position not in (Position.PIKE, Position.TUCK):
        raw = [one for one in raw if one[1] != "loose position"]
    found = [Deduction(step, fault, float(marks)) for step, fault, marks in raw if marks > 0.005]
    return tuple(sorted(found, key=lambda one: -one.marks))


def impression(found: tuple[Deduction, ...], seen: Measures) -> tuple[Deduction, ...]:
    """Deductions as one overall impression makes them: many faults count less than their sum."""
    raw = sum(one.marks for one in found)
    if raw <= 0:
        return ()
    marks = float(np.interp(raw, IMPRESSION_RAW, IMPRESSION_MARKS))
    if seen.elbows_deg >= ARMS_BELOW_HEAD_DEG:
        marks = max(marks, 10.0 - ARMS_BELOW_HEAD_MARK)
    if seen.distance_m < UNSAFE_M:
        marks = max(marks, 10.0 - UNSAFE_MARK)
    if abs(seen.entry_twist_deg) >= FAILED_TWIST_DEG:
        marks = 10.0
    return tuple(Deduction(one.step, one.fault, round(one.marks * marks / raw, 4)) for one in found)


def by_step(found: tuple[Deduction, ...]) -> tuple[float, float, float]:
    """Marks lost in take-off, flight and entry."""
    lost = [0.0, 0.0, 0.0]
    for one in found:
        lost[one.step] += one.marks
    return round(lost[0], 4), round(lost[1], 4), round(lost[2], 4)


def splash_size(seen: Measures, generator: np.random.Generator) -> float:
    """Size of the splash, 0 to 1, from how the body meets the water."""
    broad = (
        0.030 * abs(seen.entry_angle_deg)
        + 0.030 * abs(seen.entry_tilt_deg)
        + 0.012 * abs(seen.line_deg)
        + 1.6 * max(0.0, seen.hands_apart_m - USUAL_HAND_GAP_M)
        + 0.010 * seen.elbows_deg
        + 0.012 * seen.entry_knees_deg
        + 1.2 * seen.entry_feet_apart_m
    )
    speed = seen.entry_speed_m_s / 14.0
    luck = float(np.exp(0.18 * generator.standard_normal()))
    return round(float(1.0 - np.exp(-(0.10 + broad) * speed * luck)), 4)


def award(quality: float, judges: int, generator: np.random.Generator) -> tuple[float, ...]:
    """Marks of a panel's judges in half points for a dive of a quality (marks)."""
    spread = float(np.interp(quality, SPREAD_LEVELS, SPREAD_MARKS))
    seen = quality + spread * generator.standard_normal(judges)
    return tuple(float(mark) for mark in np.clip(np.round(2 * seen) / 2, 0.0, 10.0))


def _angle(past_deg: float) -> float:
    """Raw deduction for a body this far off the vertical."""
    off = max(0.0, past_deg - 1.5)
    return 0.085 * off + 0.0012 * off**2
