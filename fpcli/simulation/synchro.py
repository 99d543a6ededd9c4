"""Two divers at once: partners of one sex who dive the same number side by side."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from fpcli.diving.marks import execution_mark
from fpcli.diving.numbers import DiveNumber
from fpcli.diving.panels import Panel, panel_points
from fpcli.errors import DiveNumberError
from fpcli.simulation.body import Build, random_build
from fpcli.simulation.dive import DiveTruth, SimulatedDive, simulate_dive
from fpcli.simulation.judging import award
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.seeds import stream

PANEL: Final = Panel.SYNCHRO_11
EXECUTION_JUDGES: Final = 3  # of each diver
SYNCHRO_JUDGES: Final = 5
PLATFORM_APART_M: Final = (1.4, 1.9)
SPRINGBOARDS_APART_M: Final = (2.2, 3.2)
TIMING_SD_S: Final = 0.03  # between the partners' take-offs
TRIALS: Final = 12  # partners drawn until two take off in the same way
# What synchronisation judges take off (9.5), in marks: a second between take-offs and between
# entries, and half a metre between the divers' highest points.
TIMING_LOSS, ENTRY_LOSS, HEIGHT_LOSS = 12.0, 8.0, 2.0


@dataclass(frozen=True)
class PairTruth:
    """Everything that is known of a simulated synchronised dive.

    divers: the truth about each. takeoff_apart_s, entry_apart_s: how late the second diver is.
    height_apart_m: how much higher the first one jumps. marks: execution marks of the first diver,
    of the second, then synchronisation. lost_by_step: mean of the two. The rest as in DiveTruth.
    """

    number: str
    height_m: float
    difficulty: float
    seed: int
    build: Build
    divers: tuple[DiveTruth, DiveTruth]
    takeoff_apart_s: float
    entry_apart_s: float
    height_apart_m: float
    panel: str
    marks: tuple[float, ...]
    mark: float
    score: float
    lost_by_step: tuple[float, float, float]
    splash: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, texts, lists and mappings, ready for JSON."""
        plain = asdict(self)
        plain["divers"] = [diver.to_dict() for diver in self.divers]
        return plain


@dataclass(frozen=True, eq=False)
class SimulatedPair:
    """The motions that a picture is drawn from, in one clock and place, and the truth."""

    motions: tuple[DiveMotion, DiveMotion]
    truth: PairTruth


def simulate_pair(number: DiveNumber, height_m: float, seed: int) -> SimulatedPair:
    """A synchronised dive; the same seed gives the same dive everywhere.

    Raises DiveNumberError where the rules or physics do not allow the dive.
    """
    rng = stream(seed, "synchro")
    first = simulate_dive(number, height_m, seed)
    second = _partner(rng, first, number, height_m)
    springboard = first.motion.springboard
    apart_m = rng.uniform(*(SPRINGBOARDS_APART_M if springboard else PLATFORM_APART_M))
    late_s = float(TIMING_SD_S * rng.standard_normal())
    left = _moved(first.motion, 0.0, -apart_m / 2)
    lead_s = first.motion.takeoff_s - second.motion.takeoff_s + late_s
    right = _moved(second.motion, lead_s, apart_m / 2)
    return SimulatedPair((left, right), _judged(rng, seed, (first, second), (left, right)))


def _partner(
    rng: np.random.Generator, first: SimulatedDive, number: DiveNumber, height_m: float
) -> SimulatedDive:
    """A second diver of the same sex and about the same severity who starts in the same way."""
    build = random_build(rng)
    while build.sex != first.truth.build.sex:
        build = random_build(rng)
    severity = max(0.05, first.truth.severity * float(np.exp(0.3 * rng.standard_normal())))
    for _ in range(TRIALS):
        try:
            partner = simulate_dive(
                number, height_m, int(rng.integers(2**31)), severity=severity, build=build
            )
        except DiveNumberError:
            continue
        if partner.truth.running == first.truth.running:
            return partner
    raise DiveNumberError(
        f"No partner could be found for {number.text} from {height_m:g} m.",
        "Choose an easier dive or another seed.",
    )


def _moved(motion: DiveMotion, later_s: float, aside_m: float) -> DiveMotion:
    aside = np.array((0, 0, aside_m), np.float32)
    return replace(
        motion,
        times_s=motion.times_s + later_s,
        joints=motion.joints + aside,
        board_tip=motion.board_tip + aside,
        takeoff_s=motion.takeoff_s + later_s,
        position_s=motion.position_s + later_s,
        opened_s=motion.opened_s + later_s,
        entry_s=motion.entry_s + later_s,
    )


def _judged(
    rng: np.random.Generator,
    seed: int,
    dives: tuple[SimulatedDive, SimulatedDive],
    motions: tuple[DiveMotion, DiveMotion],
) -> PairTruth:
    one, two = (dive.truth for dive in dives)
    takeoff = motions[1].takeoff_s - motions[0].takeoff_s
    entry = motions[1].entry_s - motions[0].entry_s
    tops = [float(motion.joints[:, :, 1].mean(axis=1).max()) for motion in motions]
    apart = (
        TIMING_LOSS * abs(takeoff) + ENTRY_LOSS * abs(entry) + HEIGHT_LOSS * abs(tops[0] - tops[1])
    )
    together = float(np.clip((one.quality + two.quality) / 2 + 1 - apart, 0, 10))
    if min(one.quality, two.quality) <= 0:
        together = 0.0
    marks = (
        *award(np.clip(one.quality + one.taste, 0, 10), EXECUTION_JUDGES, rng),
        *award(np.clip(two.quality + two.taste, 0, 10), EXECUTION_JUDGES, rng),
        *award(together, SYNCHRO_JUDGES, rng),
    )
    points = panel_points(marks, one.difficulty, PANEL)
    lost = tuple((a + b) / 2 for a, b in zip(one.lost_by_step, two.lost_by_step, strict=True))
    return PairTruth(
        number=one.number,
        height_m=one.height_m,
        difficulty=one.difficulty,
        seed=seed,
        build=one.build,
        divers=(one, two),
        takeoff_apart_s=round(takeoff, 4),
        entry_apart_s=round(entry, 4),
        height_apart_m=round(tops[0] - tops[1], 4),
        panel=PANEL.name,
        marks=marks,
        mark=round(execution_mark(points, one.difficulty), 4),
        score=points,
        lost_by_step=(lost[0], lost[1], lost[2]),
        splash=max(one.splash, two.splash),
    )
