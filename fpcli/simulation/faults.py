"""What goes wrong: the technique of a random dive, with faults that combine as real ones do.

A dive has one severity, from the diver's level and the day; every fault scales with it. A low
take-off leaves less time, so the diver opens later and enters shorter.
"""

from typing import Final

import numpy as np

from fpcli.diving.numbers import Direction, DiveNumber, Group, TakeOff
from fpcli.simulation.body import Sex
from fpcli.simulation.technique import Technique

SEVERITY_SPREAD: Final = 0.42  # of the logarithm
LOWEST_RISE_M_S: Final = {"springboard": 3.2, "platform": 1.6, "armstand": 0.2}
MANY_HALF_TWISTS: Final = 3
GROSS_FAILURE: Final = 0.012  # share of dives that fail badly


def faultless(number: DiveNumber, height_m: float, sex: Sex) -> Technique:
    """The technique of a dive without fault."""
    rise, lean = _usual_take_off(number, height_m, sex)
    turned = number.half_somersaults / 2
    many_twists = number.half_twists >= MANY_HALF_TWISTS
    return Technique(
        rise_m_s=rise,
        out_m_s=0.95,
        lean_deg=lean,
        close_s=0.24,
        opened_s=0.13 if many_twists else 0.14 + 0.08 * max(0.0, 3.5 - turned),
    )


def _usual_take_off(number: DiveNumber, height_m: float, sex: Sex) -> tuple[float, float]:
    """Speed upwards (m/s) and lean (degrees) of a good take-off."""
    outward = number.direction in (Direction.FORWARD, Direction.BACK)
    if number.group == Group.ARMSTAND:
        return 0.55, 25.0 if outward else 8.0
    strength = 1.0 if sex == "male" else 0.93
    backward = number.take_off == TakeOff.BACKWARD
    lean = 8.0 if outward else 5.0
    if height_m == 1:
        return (4.5 if backward else 4.9) * strength, lean
    if height_m == 3:
        return (5.1 if backward else 5.5) * strength, lean
    return (2.9 if backward else 3.1) * strength, lean


def random_severity(generator: np.random.Generator) -> float:
    """How badly a dive goes, 1 in the middle."""
    return float(np.exp(SEVERITY_SPREAD * np.clip(generator.standard_normal(), -2.6, 2.6)))


def random_technique(
    generator: np.random.Generator,
    number: DiveNumber,
    height_m: float,
    good: Technique,
    severity: float,
) -> Technique:
    """A good technique with faults of a severity."""
    normal = generator.standard_normal(24)
    share = generator.random(12)

    def some(index: int, size: float, likely: float = 1.0) -> float:
        """The size of a fault that is there with a likelihood."""
        there = share[index % len(share)] < likely * min(1.0, 0.45 + 0.55 * severity)
        return float(size * severity * abs(normal[index])) if there else 0.0

    kind = (
        "armstand"
        if number.group == Group.ARMSTAND
        else ("springboard" if height_m <= 3 else "platform")
    )
    weak = some(0, 0.05)
    rise = good.rise_m_s * (1 + 0.02 * normal[1] - weak)
    out = good.out_m_s + 0.05 * normal[2] + 0.10 * severity * normal[3]
    late = 0.020 * severity * abs(normal[4]) + 0.28 * weak
    short = -40.0 * weak + 7.0 * severity * normal[5]
    if share[11] < GROSS_FAILURE * severity:
        short += float(np.sign(normal[5])) * (25 + 12 * abs(normal[6]))
    twist_error = 0.0
    if number.half_twists:
        twist_error = float(np.clip(0.30 * severity * normal[7], -1.6, 1.6))
    return Technique(
        rise_m_s=round(max(rise, LOWEST_RISE_M_S[kind]), 4),
        out_m_s=round(float(np.clip(out, 0.45, 2.4)), 4),
        lean_deg=round(float(good.lean_deg + 1.0 * normal[8] + 1.8 * severity * normal[9]), 3),
        close_s=round(
            float(good.close_s + 0.012 * normal[10] + 0.012 * severity * abs(normal[11])), 4
        ),
        opened_s=round(float(np.clip(good.opened_s - late, 0.03, 0.6)), 4),
        aside_m_s=round(float(0.045 * severity * normal[12]), 4),
        loose_deg=round(min(some(13, 9.5), 45.0), 3),
        knees_deg=round(min(some(14, 8.0, 0.6), 50.0), 3),
        feet_apart_deg=round(min(some(15, 2.6, 0.5), 16.0), 3),
        toes_deg=round(min(some(16, 9.0, 0.8), 50.0), 3),
        somersault_error_deg=round(float(np.clip(short, -75, 75)), 3),
        twist_error_deg=round(twist_error, 3),
        arms_apart_deg=round(min(some(17, 4.0, 0.8), 40.0), 3),
        elbows_deg=round(min(some(18, 6.0, 0.4), 60.0), 3),
        entry_hips_deg=round(float(np.clip(7.5 * severity * normal[19], -28, 40)), 3),
        entry_knees_deg=round(min(some(20, 6.0, 0.4), 50.0), 3),
        entry_feet_deg=round(min(some(21, 2.6, 0.5), 18.0), 3),
    )
