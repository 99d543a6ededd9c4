"""Splits of dives that share no event: one event has one camera, one panel, one programme."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from fpcli.errors import DataError

MOST_OVER = 1.2  # times the share that was asked for


def held_out_events(events: Sequence[str], share: float) -> frozenset[str]:
    """Choose events that hold about a share of the dives; the same dives give the same choice.

    events: one a dive. The order of names tells men from women and springboard from platform, so
    events are drawn in the order of their names' hashes. Raises DataError where all dives are of
    one event.
    """
    sizes = Counter(events)
    if len(sizes) < 2:
        raise DataError(
            f"All {len(events)} dives are of one event, and no event may be both learned from and "
            "measured on.",
            "Use dives of more events.",
        )
    wanted = share * len(events)
    held_out, dives = set(), 0
    for event in sorted(sizes, key=_hash)[:-1]:
        if dives + sizes[event] <= MOST_OVER * wanted:
            held_out.add(event)
            dives += sizes[event]
        if dives >= wanted:
            break
    return frozenset(held_out or {min(sizes, key=lambda event: (sizes[event], event))})


def _hash(event: str) -> str:
    return hashlib.sha256(event.encode()).hexdigest()
