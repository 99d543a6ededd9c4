"""The height that a dive was done from: FineDiving does not say it, its events and difficulties do.

An event is dived from one height. Its name may say which; if not, it is the height at which the
table gives most of its dives the difficulty that they have.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from fpcli.diving.table import HEIGHTS_M, PLATFORM_HEIGHTS_M, published_difficulties

NAMED_HEIGHT = re.compile(r"(?<![\d.])(\d{1,2}(?:\.5)?)[ _-]?[mM](?:et|$|[^a-z])")
PLATFORM_M, SPRINGBOARD_M = 10.0, 3.0  # what is dived most, and therefore guessed
LIKELIEST = (PLATFORM_M, SPRINGBOARD_M)


def heights_of(dives: Sequence[tuple[str, str, float]]) -> list[tuple[float, bool]]:
    """Heights of dives, given as (event, dive number in capitals, difficulty).

    Returns (metres, whether it is a guess) of each.
    """
    by_event: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for event, number, difficulty in dives:
        by_event[event].append((number, difficulty))
    known = {event: _event_height(event, programme) for event, programme in by_event.items()}
    return [_dive_height(known[event], number, dd) for event, number, dd in dives]


def _event_height(event: str, programme: Sequence[tuple[str, float]]) -> float | None:
    named = NAMED_HEIGHT.search(event)
    if named and float(named[1]) in HEIGHTS_M:
        return float(named[1])
    fitting = dict.fromkeys(sorted(HEIGHTS_M, key=_least_likely_last), 0)
    for number, difficulty in programme:
        for height in _heights_with(number, difficulty):
            fitting[height] += 1
    best = max(fitting, key=lambda height: fitting[height])
    return best if fitting[best] else None


def _dive_height(event_height: float | None, number: str, difficulty: float) -> tuple[float, bool]:
    """A dive's height; the event's unless this dive cannot be done from there."""
    if event_height is not None:
        armstand = number.startswith("6")
        if not armstand or event_height in PLATFORM_HEIGHTS_M:
            return event_height, False
    fitting = sorted(_heights_with(number, difficulty), key=_least_likely_last)
    if fitting:
        return fitting[0], False
    return PLATFORM_M if number.startswith("6") else SPRINGBOARD_M, True


def _heights_with(number: str, difficulty: float) -> list[float]:
    """The heights at which the table has a dive with this difficulty."""
    table = published_difficulties().get(number, {})
    return [height for height, value in table.items() if abs(value - difficulty) < 0.05]


def _least_likely_last(height: float) -> int:
    return LIKELIEST.index(height) if height in LIKELIEST else len(LIKELIEST)
