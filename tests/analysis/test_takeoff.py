"""The moment at which the feet leave the board, from where the body was and what it looked like."""

import numpy as np
import pytest

from fpcli.analysis.flight_path import GRAVITY, FlightPath, Sightings
from fpcli.analysis.flight_search import fitted_path
from fpcli.analysis.takeoff import followed_back, takeoff_s

STATURE, RATE_HZ, TAKEOFF_S = 40.0, 32.0, 1.0
KINDS = {  # upward speed at the take-off, statures a second, and seconds in the air
    "springboard": (2.8, 1.3),
    "platform": (1.7, 1.75),
    "armstand": (0.0, 1.4),  # stands still until it falls
}
BOARD, FLIGHT, NOTHING = (0.9, 0.1, 0.0), (0.1, 0.9, 0.0), (1 / 3, 1 / 3, 1 / 3)


def middle_at(since_s: float, up: float, push: float) -> float:
    """Height of a body's middle, statures downward from the take-off: crouches, is pushed, flies.

    The push brings it from rest to its speed; before that it is as deep as then.
    """
    if since_s >= 0:
        return -up * since_s + GRAVITY * since_s**2 / 2
    since_s = max(since_s, -up / push)
    return -up * since_s - push * since_s**2 / 2


def sightings_of(
    kind: str, *, slowness: float = 1.0, is_found: bool = True, noise: float = 0.03
) -> tuple[Sightings, FlightPath]:
    """A dive as it is seen, and the flight as a search finds it: from well after the take-off."""
    up, air_s = KINDS[kind]
    rng = np.random.default_rng(3)
    times = np.arange(0, TAKEOFF_S + air_s, 1 / RATE_HZ)
    places = np.array(
        [(0.6 * max(t - TAKEOFF_S, 0), middle_at(t - TAKEOFF_S, up, 8)) for t in times]
    )
    places = STATURE * (places + rng.normal(0, noise, places.shape)) + (200, 100)
    count = len(times)
    seen_as = [BOARD if t < TAKEOFF_S else FLIGHT for t in times]
    sightings = Sightings(
        picture_times_s=times * slowness,
        picture=np.arange(count),
        centres=places,
        stature=np.full(count, STATURE),
        weight=np.full(count, 0.8),
        phases=np.array(seen_as if is_found else [NOTHING] * count),
        is_found=np.full(count, is_found),
    )
    return sightings, fitted_path(sightings, np.flatnonzero(times > TAKEOFF_S + 0.15), slowness)


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("slowness", [1.0, 3.2])
def test_feet_leave_where_the_push_ends(kind: str, slowness: float) -> None:
    sightings, path = sightings_of(kind, slowness=slowness)
    assert takeoff_s(sightings, path, STATURE, slowness) / slowness == pytest.approx(
        TAKEOFF_S, abs=0.05
    )


@pytest.mark.parametrize("kind", ["springboard", "platform"])
def test_the_way_alone_tells_where_the_finder_says_nothing(kind: str) -> None:
    sightings, path = sightings_of(kind, is_found=False)
    assert takeoff_s(sightings, path, STATURE, 1.0) == pytest.approx(TAKEOFF_S, abs=0.1)


@pytest.mark.parametrize("slowness", [1.0, 3.2])
def test_hands_leave_where_the_body_begins_to_fall(slowness: float) -> None:
    """Nothing pushes, and nothing but the way tells: it might be the highest point of a jump."""
    sightings, path = sightings_of("armstand", is_found=False, slowness=slowness)
    found = takeoff_s(sightings, path, STATURE, slowness) / slowness
    assert found == pytest.approx(TAKEOFF_S, abs=0.06)


def test_a_later_look_of_standing_moves_the_moment_later() -> None:
    sightings, path = sightings_of("platform")
    known = takeoff_s(sightings, path, STATURE, 1.0)
    lingers = (sightings.times_s >= TAKEOFF_S) & (sightings.times_s < TAKEOFF_S + 0.2)
    sightings.phases[lingers] = BOARD
    assert takeoff_s(sightings, path, STATURE, 1.0) > known + 0.03


@pytest.mark.parametrize("kind", list(KINDS))
def test_flight_seen_in_somebody_on_the_board_is_hardly_believed(kind: str) -> None:
    """Of whoever jumps, or topples, the finder says flight too early; once he flies it is sure."""
    sightings, path = sightings_of(kind)
    before = sightings.times_s < TAKEOFF_S
    sightings.phases[before], sightings.phases[~before] = (0.2, 0.8, 0.0), (0.01, 0.99, 0.0)
    assert takeoff_s(sightings, path, STATURE, 1.0) == pytest.approx(TAKEOFF_S, abs=0.09)


@pytest.mark.parametrize("kind", ["springboard", "platform"])
def test_the_deeper_the_crouch_the_lower_the_feet_leave(kind: str) -> None:
    """The push itself is hidden: how deep boards of a kind let one crouch tells how far it went."""

    def left_s(lower: float) -> float:
        sightings, path = sightings_of(kind, is_found=False)
        crouches = sightings.times_s < TAKEOFF_S - 0.27
        sightings.centres[crouches, 1] += lower * STATURE
        shown = np.flatnonzero(crouches | (sightings.times_s > TAKEOFF_S + 0.05))
        return takeoff_s(sightings.only(shown), path, STATURE, 1.0)

    assert left_s(0.1) < left_s(-0.1) - 0.03


def test_where_too_little_is_seen_the_flight_begins_where_it_was_found() -> None:
    sightings, path = sightings_of("platform")
    last = sightings.only(np.flatnonzero(sightings.times_s > path.end_s - 1.5 / RATE_HZ))
    assert takeoff_s(last, path, STATURE, 1.0) == path.start_s


def test_body_is_followed_back_past_somebody_beside_the_board() -> None:
    sightings, path = sightings_of("platform")
    count = len(sightings.picture)
    beside = np.tile((200 + 0.9 * STATURE, 100.0), (count, 1))
    both = Sightings(
        sightings.picture_times_s,
        np.repeat(np.arange(count), 2),
        np.stack([beside, sightings.centres], axis=1).reshape(-1, 2),
        np.full(2 * count, STATURE),
        np.tile([0.9, 0.5], count),
        np.repeat(sightings.phases, 2, axis=0),
        np.ones(2 * count, bool),
    )
    followed = followed_back(both, path, STATURE, 1.0, 0.3)
    assert (followed % 2 == 1).all()
    assert both.times_s[followed][0] == pytest.approx(0.3, abs=2 / RATE_HZ)
