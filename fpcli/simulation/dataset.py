"""Events of simulated dives: which dives make up a data set, and in which split they are."""

from dataclasses import dataclass

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
    or none; both if None. Raises DiveNumberError for a
    number that is none, UsageError where no number can be dived from height_m.
    """
    names = [parse(name).text for name in numbers] or list(USUAL)
    planned = []
    for first in range(0, dives, DIVES_AN_EVENT):
        number = first // DIVES_AN_EVENT
        rng = stream(seed, f"event {number}")
        event_seed = int(rng.integers(2**31))
        height = _height(rng, names) if height_m is None else height_m
        possible = [name for name in names if height in heights_for(parse(name))]
        if not possible:
            raise UsageError(
                f"None of the dives asked for is dived from {height:g} m.",
                f"Choose other numbers, or a height among {_heights_of(names)}.",
            )
        weights = np.sqrt([USUAL[name].clips if name in USUAL else 1 for name in possible])
        drawn = bool(rng.random() < SYNCHRO_SHARE and height in SYNCHRO_HEIGHTS_M)
        for clip in range(min(DIVES_AN_EVENT, dives - first)):
            planned.append(
                PlannedDive(
                    event=f"Simulated_{number + 1:04d}",
                    clip=clip + 1,
                    seed=int(rng.integers(2**31)),
                    event_seed=event_seed,
                    number=str(rng.choice(possible, p=weights / weights.sum())),
                    height_m=height,
                    synchro=drawn if synchro is None else synchro,
                )
            )
    return planned


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
