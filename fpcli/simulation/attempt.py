"""What is dived how often, and how clips of it are cut: the habits of FineDiving's events.

Counts and timings are measured on FineDiving's 3000 clips (25 frames a second).
"""

from dataclasses import dataclass

import numpy as np

from fpcli.diving.difficulty import heights_for
from fpcli.diving.numbers import DiveNumber, Group, parse

RATE_HZ = 25.0
APPROACH_FRAMES = (8.0, 55.0)  # from a clip's start to the flight position: 1 % and 99 %
AFTER_FRAMES = (22.0, 52.0)  # from the opening to a clip's end: 1 % and 99 %
AFTER_MEAN, AFTER_SD = 38.0, 6.5
OTHER_APPROACH = (29.0, 14.0)
SYNCHRO_SHARE = 0.15
SYNCHRO_HEIGHTS_M = (3.0, 10.0)
SPRINGBOARDS_M = (1.0, 3.0)
HEIGHT_SHARES = {1.0: 0.14, 3.0: 0.36, 5.0: 0.05, 7.5: 0.05, 10.0: 0.40}


@dataclass(frozen=True)
class Usual:
    """A dive's habits: clips of it, and frames before its flight position (mean, sd)."""

    clips: int
    approach_frames: float
    approach_sd: float


USUAL = {
    "407C": Usual(347, 23.5, 11.8),
    "107B": Usual(324, 34.3, 18.0),
    "307C": Usual(233, 30.6, 12.9),
    "5253B": Usual(209, 24.0, 11.0),
    "205B": Usual(204, 30.0, 10.7),
    "207C": Usual(159, 24.4, 11.7),
    "109C": Usual(158, 38.3, 16.6),
    "405B": Usual(133, 28.4, 11.6),
    "5154B": Usual(114, 39.0, 11.5),
    "6243D": Usual(107, 29.2, 9.9),
    "5152B": Usual(94, 41.1, 12.6),
    "301B": Usual(87, 29.1, 10.2),
    "305B": Usual(84, 42.2, 12.5),
    "5255B": Usual(79, 23.8, 11.1),
    "207B": Usual(72, 24.4, 9.1),
    "201B": Usual(68, 29.5, 8.9),
    "305C": Usual(56, 28.4, 16.0),
    "626C": Usual(53, 26.7, 9.6),
    "5156B": Usual(38, 41.3, 13.2),
    "103B": Usual(36, 28.3, 13.8),
    "401B": Usual(36, 27.8, 9.6),
    "6245D": Usual(32, 35.0, 11.0),
    "5353B": Usual(31, 45.5, 13.7),
    "626B": Usual(25, 34.5, 10.3),
    "403B": Usual(24, 18.3, 14.5),
    "5337D": Usual(23, 39.3, 7.2),
    "101B": Usual(22, 31.6, 12.0),
    "107C": Usual(16, 47.1, 21.4),
    "405C": Usual(16, 27.4, 11.5),
    "205C": Usual(16, 23.2, 5.5),
    "5231D": Usual(12, 22.8, 8.2),
    "6142D": Usual(10, 33.4, 10.5),
    "5132D": Usual(9, 18.4, 16.7),
    "5251B": Usual(8, 26.4, 9.1),
    "5235D": Usual(7, 27.6, 16.9),
    "407B": Usual(7, 22.0, 12.2),
    "409C": Usual(6, 23.0, 10.5),
    "105B": Usual(6, 46.5, 16.1),
    "636C": Usual(5, 26.6, 8.5),
    "612B": Usual(5, 35.0, 5.1),
    "6241B": Usual(5, 28.2, 7.1),
    "5331D": Usual(4, 26.2, 13.9),
    "614B": Usual(3, 32.0, 5.1),
    "5355B": Usual(3, 56.0, 14.7),
    "5233D": Usual(3, 21.0, 1.6),
    "5172B": Usual(3, 28.0, 4.3),
    "5335D": Usual(2, 62.5, 3.5),
    "5237D": Usual(2, 28.5, 1.5),
    "201A": Usual(1, 31.0, 0.0),
    "303C": Usual(1, 41.0, 0.0),
    "109B": Usual(1, 12.0, 0.0),
    "201C": Usual(1, 35.0, 0.0),
}


@dataclass(frozen=True)
class Attempt:
    """What is going to be dived.

    number: the dive. height_m: of the board. synchro: by two divers side by side.
    """

    number: DiveNumber
    height_m: float
    synchro: bool

    @property
    def springboard(self) -> bool:
        """Whether the board bends."""
        return self.height_m in SPRINGBOARDS_M


def random_attempt(
    rng: np.random.Generator,
    number: str | None = None,
    height_m: float | None = None,
    synchro: bool | None = None,
    synchro_share: float = SYNCHRO_SHARE,
) -> Attempt:
    """A dive as events bring it, with what is given held fast.

    Rare numbers come more often than in FineDiving, so that each is seen. Raises DiveNumberError
    for a number that is none.
    """
    if number is None:
        names = [name for name in USUAL if height_m is None or height_m in heights_for(parse(name))]
        weights = np.sqrt([USUAL[name].clips for name in names])
        number = str(rng.choice(names, p=weights / weights.sum()))
    dive = parse(number)
    if height_m is None:
        heights = heights_for(dive) or ((10.0,) if dive.group == Group.ARMSTAND else (3.0, 10.0))
        shares = np.array([HEIGHT_SHARES[height] for height in heights])
        height_m = float(rng.choice(heights, p=shares / shares.sum()))
    drawn = bool(rng.random() < synchro_share and height_m in SYNCHRO_HEIGHTS_M)
    return Attempt(dive, height_m, drawn if synchro is None else synchro)


def random_cut(
    rng: np.random.Generator, number: DiveNumber, position_s: float, opened_s: float
) -> tuple[float, float]:
    """Where a clip of a dive begins and ends, in seconds of the dive."""
    usual = USUAL.get(number.text)
    mean, sd = (usual.approach_frames, usual.approach_sd) if usual else OTHER_APPROACH
    before = float(np.clip(rng.normal(mean, sd), *APPROACH_FRAMES)) / RATE_HZ
    after = float(np.clip(rng.normal(AFTER_MEAN, AFTER_SD), *AFTER_FRAMES)) / RATE_HZ
    return position_s - before, opened_s + after
