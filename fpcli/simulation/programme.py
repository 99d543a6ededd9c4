"""Which dives are done: numbers and heights as often as in FineDiving's competitions."""

from typing import Final

import numpy as np

from fpcli.diving.difficulty import heights_for
from fpcli.diving.numbers import DiveNumber, Group, parse
from fpcli.errors import DiveNumberError
from fpcli.simulation.dive import SimulatedDive, simulate_dive

# clips of each number among FineDiving's 3000
FREQUENCIES: Final[dict[str, int]] = {
    "407C": 347, "107B": 324, "307C": 233, "5253B": 209, "205B": 204, "207C": 159, "109C": 158,
    "405B": 133, "5154B": 114, "6243D": 107, "5152B": 94, "301B": 87, "305B": 84, "5255B": 79,
    "207B": 72, "201B": 68, "305C": 56, "626C": 53, "5156B": 38, "103B": 36, "401B": 36,
    "6245D": 32, "5353B": 31, "626B": 25, "403B": 24, "5337D": 23, "101B": 22, "107C": 16,
    "405C": 16, "205C": 16, "5231D": 12, "6142D": 10, "5132D": 9, "5251B": 8, "5235D": 7,
    "407B": 7, "409C": 6, "105B": 6, "636C": 5, "612B": 5, "6241B": 5, "5331D": 4, "614B": 3,
    "5355B": 3, "5233D": 3, "5172B": 3, "5335D": 2, "5237D": 2, "201A": 1, "303C": 1, "109B": 1,
    "201C": 1,
}  # fmt: skip
HEIGHT_SHARES: Final = {3.0: 0.47, 10.0: 0.47, 1.0: 0.03, 5.0: 0.01, 7.5: 0.02}
MOST_HALF_TWISTS_FROM_3_M: Final = 5  # that our divers' arms can do
DRAWS: Final = 20  # a number that physics does not allow from a height is drawn again


def sample_number(generator: np.random.Generator) -> tuple[DiveNumber, float]:
    """A number and a height (metres) as likely as in competition."""
    numbers = tuple(FREQUENCIES)
    weights = np.array(list(FREQUENCIES.values()), float)
    number = parse(numbers[int(generator.choice(len(numbers), p=weights / weights.sum()))])
    heights = programme_heights(number)
    shares = np.array([HEIGHT_SHARES[height] for height in heights])
    return number, heights[int(generator.choice(len(heights), p=shares / shares.sum()))]


def programme_heights(number: DiveNumber) -> list[float]:
    """The heights (metres) that a number is done from: dives with twists from 3 and 10 m only."""
    if number.group == Group.ARMSTAND:
        return [10.0]
    wanted = (3.0, 10.0) if number.half_twists else tuple(HEIGHT_SHARES)
    if number.half_twists > MOST_HALF_TWISTS_FROM_3_M:
        wanted = (10.0,)
    return [height for height in wanted if height in heights_for(number)]


def sample_dive(seed: int) -> SimulatedDive:
    """A random dive of a random number by a random diver; the same seed gives the same dive."""
    draws, inner = np.random.SeedSequence(seed).spawn(2)
    generator = np.random.default_rng(draws)
    seeds = inner.generate_state(DRAWS)
    for inner_seed in seeds[:-1]:
        number, height_m = sample_number(generator)
        try:
            return simulate_dive(number, height_m, int(inner_seed))
        except DiveNumberError:
            continue
    return simulate_dive("103B", 3.0, int(seeds[-1]))
