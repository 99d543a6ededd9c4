"""Events of simulated dives: which dives make up a data set, and in which split they are."""

from dataclasses import dataclass, replace

import numpy as np

from fpcli.diving.difficulty import heights_for
from fpcli.diving.numbers import parse
from fpcli.errors import UsageError
from fpcli.simulation.attempt import HEIGHT_SHARES, SYNCHRO_HEIGHTS_M, SYNCHRO_SHARE, USUAL
from fpcli.simulation.seeds import stream

DIVES_AN_EVENT = 10
TEST_EVERY = 4  # one event in four is held out whole


@dataclass(frozen=True)
class PlannedDive:
    """One dive of a data set.

    event, clip: its key. seed: of the dive and of what changes from clip to clip; event_seed: of
    the place, the boards and the camera's chain, which one event shares.
    """

    event: str
    clip: int
    seed: int
    event_seed: int
    number: str
    height_m: float
    synchro: bool

    @property
    def key(self) -> tuple[str, int]:
        """The key of FineDiving's annotations."""
        return self.event, self.clip


def plan_dives(
    dives: int,
    seed: int,
    numbers: tuple[str, ...] = (),
    height_m: float | None = None,
    synchro: bool | None = None,
) -> list[PlannedDive]:
    """The dives of a data set, event after event of DIVES_AN_EVENT.

    numbers: only these dives; all that FineDiving has if empty. synchro: only synchronised events,
    or none; both if None. Physics may refuse one of them when it is simulated: see `drawn_again`.
    Raises DiveNumberError for a number that is none, UsageError where no number can be dived from
    height_m.
    """
    names = _names(numbers)
    planned = []
    for first in range(0, dives, DIVES_AN_EVENT):
        number = first // DIVES_AN_EVENT
        rng = stream(seed, f"event {number}")
        event_seed = int(rng.integers(2**31))
        height = _height(rng, names) if height_m is None else height_m
        if not _possible(names, height):
            raise UsageError(
                f"None of the dives asked for is dived from {height:g} m.",
                f"Choose other numbers, or a height among {_heights_of(names)}.",
            )
        drawn = bool(rng.random() < SYNCHRO_SHARE and height in SYNCHRO_HEIGHTS_M)
        for clip in range(min(DIVES_AN_EVENT, dives - first)):
            planned.append(
                PlannedDive(
                    event=f"Simulated_{number + 1:04d}",
                    clip=clip + 1,
                    seed=int(rng.integers(2**31)),
                    event_seed=event_seed,
                    number=_number(rng, names, height),
                    height_m=height,
                    synchro=drawn if synchro is None else synchro,
                )
            )
    return planned


def drawn_again(dive: PlannedDive, numbers: tuple[str, ...] = ()) -> PlannedDive:
    """Another dive of the same event, height and place in it, where physics refuses the one drawn.

    numbers: as `plan_dives` was asked. The same dive gives the same other one.
    """
    rng = stream(dive.seed, "drawn again")
    seed = int(rng.integers(2**31))
    return replace(dive, seed=seed, number=_number(rng, _names(numbers), dive.height_m))


def _names(numbers: tuple[str, ...]) -> list[str]:
    """The dives to draw from; all that FineDiving has if none are given."""
    return [parse(name).text for name in numbers] or list(USUAL)


def _possible(names: list[str], height_m: float) -> list[str]:
    """The dives that the rules know from a height."""
    return [name for name in names if height_m in heights_for(parse(name))]


def _number(rng: np.random.Generator, names: list[str], height_m: float) -> str:
    """Draw a dive that the rules know from a height, one often seen more often."""
    possible = _possible(names, height_m)
    weights = np.sqrt([USUAL[name].clips if name in USUAL else 1 for name in possible])
    return str(rng.choice(possible, p=weights / weights.sum()))


def _height(rng: np.random.Generator, names: list[str]) -> float:
    heights = sorted({height for name in names for height in heights_for(parse(name))})
    shares = np.array([HEIGHT_SHARES[height] for height in heights])
    return float(rng.choice(heights, p=shares / shares.sum()))


def _heights_of(names: list[str]) -> str:
    heights = sorted({height for name in names for height in heights_for(parse(name))})
    return ", ".join(f"{height:g} m" for height in heights)


def split(planned: list[PlannedDive]) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Keys for training and for testing; no event is in both."""
    events = sorted({dive.event for dive in planned})
    held_out = set(events[TEST_EVERY - 1 :: TEST_EVERY]) or set(events[1:][-1:])
    train = [dive.key for dive in planned if dive.event not in held_out]
    return train, [dive.key for dive in planned if dive.event in held_out]
