"""A body in free flight is found among others, timed, and told from what does not fall."""

from dataclasses import replace

import numpy as np
import pytest

from fpcli.analysis.flight_path import GRAVITY, Sightings
from fpcli.analysis.flight_search import find_flights, fitted_path, flight_along
from fpcli.analysis.locate import LEAST_EVIDENCE, SLOWNESSES, likely_dive, strong_flights
from fpcli.analysis.moments import find_moments, stature_of

STATURE = 40.0
RATE_HZ = 30.0
TAKEOFF_S, ENTRY_S = 1.0, 2.3
UP = 2.2  # statures a second at the take-off


def height_at(time_s: float, slowness: float = 1.0) -> float:
    """Middle of a diver, statures below the take-off's: waits, is pushed, flies, stays below."""
    since = (time_s / slowness) - TAKEOFF_S
    if since < 0:
        return min(0.35, 0.5 * -since)
    return -UP * since + GRAVITY * since**2 / 2


def seen(
    *, slowness: float = 1.0, gravity: float = 1.0, clutter: int = 6, noise: float = 0.03
) -> Sightings:
    rng = np.random.default_rng(5)
    times = np.arange(0, 3.2 * slowness, 1 / RATE_HZ)
    surface = height_at(ENTRY_S) + 0.55
    picture, centres, sizes = [], [], []
    for place, time_s in enumerate(times):
        own = time_s / slowness
        low = height_at(time_s, slowness) * gravity
        middle = min(low, surface) if own > ENTRY_S else low
        own_place = (100 + 0.8 * STATURE * max(own - TAKEOFF_S, 0), 200 + STATURE * middle)
        rows = [own_place, *rng.uniform((0, 0), (640, 360), (clutter, 2))]
        picture += [place] * len(rows)
        centres += [np.array(row) + rng.normal(0, noise * STATURE, 2) for row in rows]
        sizes += [STATURE * rng.uniform(0.85, 1.1), *rng.uniform(15, 80, clutter)]
    count = len(picture)
    return Sightings(
        picture_times_s=times,
        picture=np.array(picture),
        centres=np.array(centres),
        stature=np.array(sizes),
        weight=np.full(count, 0.6),
        phases=np.full((count, 3), 1 / 3),
        is_found=np.zeros(count, bool),
    )


def test_flight_before_a_clock_jumps_by_ages_is_found() -> None:
    sightings = seen()
    times = sightings.picture_times_s.copy()
    times[-5:] += 1e12
    (best, *_) = find_flights(replace(sightings, picture_times_s=times))
    assert best.start_s < ENTRY_S - 0.3 < best.end_s < 3.0


def test_flight_is_found_among_clutter_and_timed() -> None:
    sightings = seen()
    best = find_flights(sightings)[0]
    moments = find_moments(sightings, best, 1.0)
    assert moments.takeoff_s == pytest.approx(TAKEOFF_S, abs=0.17)
    assert moments.entry_s == pytest.approx(ENTRY_S, abs=0.1)
    assert stature_of(moments.path, 1.0) == pytest.approx(STATURE, rel=0.15)


def test_doubtful_sightings_hardly_draw_a_path() -> None:
    """Somebody beside the way is taken for the diver, without certainty, as he is lost for long."""
    sightings = seen(clutter=0, noise=0.0)
    times = sightings.times_s
    flies = np.flatnonzero((times > TAKEOFF_S) & (times < ENTRY_S))
    doubtful = times[flies] > ENTRY_S - 0.4
    sightings.centres[flies[doubtful], 0] -= 0.2 * STATURE
    sightings.weight[flies[doubtful]] = 0.0
    path = fitted_path(sightings, flies, 1.0)
    sure = flies[~doubtful]
    off = np.linalg.norm(path.at(times[sure]) - sightings.centres[sure], axis=1)
    assert off.max() < 0.03 * STATURE


def test_path_goes_through_the_body_between_its_sightings() -> None:
    path = find_flights(seen(noise=0.0))[0]
    times = np.linspace(TAKEOFF_S + 0.1, ENTRY_S - 0.1, 20)
    truth = [200 + STATURE * height_at(time_s) for time_s in times]
    assert np.abs(path.at(times)[:, 1] - truth).max() < 0.1 * STATURE


def test_clutter_alone_is_no_flight() -> None:
    flights = find_flights(seen(gravity=0.0))
    assert all(flight.evidence < LEAST_EVIDENCE for flight in flights)


def test_a_ball_falls_too_fast_for_its_size() -> None:
    """A sixth of a diver's size on a diver's path."""
    sightings = seen(clutter=0)
    ball = Sightings(
        sightings.picture_times_s,
        sightings.picture,
        sightings.centres,
        sightings.stature / 6,
        sightings.weight,
        sightings.phases,
        sightings.is_found,
    )
    assert not [
        flight for flight in find_flights(ball) if flight.end_s - flight.start_s > ENTRY_S / 2
    ]


def test_slow_motion_is_a_flight_at_its_own_speed_only() -> None:
    sightings = seen(slowness=3.0, clutter=0)
    slow = find_flights(sightings, 3.0)[0]
    assert np.sqrt(GRAVITY * slow.size / slow.gravity) == pytest.approx(3.0, rel=0.25)
    whole = 0.8 * 3.0 * (ENTRY_S - TAKEOFF_S)
    assert slow.end_s - slow.start_s > whole
    assert all(flight.end_s - flight.start_s < whole for flight in find_flights(sightings))


@pytest.mark.parametrize("truth", [1.0, 3.0])
def test_slow_motion_is_believed_only_where_real_speed_explains_less(truth: float) -> None:
    sightings = seen(slowness=truth)
    at_real_speed = find_flights(sightings)
    strong = {
        slowness: strong_flights(find_flights(sightings, slowness), slowness, at_real_speed)
        for slowness in SLOWNESSES
    }
    whole = 0.8 * truth * (ENTRY_S - TAKEOFF_S)
    believed = {
        slowness
        for slowness, paths in strong.items()
        if any(path.end_s - path.start_s > whole for path in paths)
    }
    assert min(believed) == pytest.approx(truth, rel=0.1)
    assert (1.0 in believed) == (truth == 1.0)
    if truth == 1.0:
        assert find_flights(sightings, 2.0), "else there is nothing to be told apart"
        assert believed == {1.0}


@pytest.mark.parametrize(("truth", "taken_for"), [(3.0, 2.0), (3.0, 5.0), (1.0, 2.0), (1.0, 1.0)])
def test_slowness_is_told_anew_by_a_known_flight(truth: float, taken_for: float) -> None:
    sightings = seen(slowness=truth)
    times = np.arange(TAKEOFF_S + 0.1, ENTRY_S - 0.1, 0.1) * truth
    falls = [200 + STATURE * height_at(time_s, truth) for time_s in times]
    across = 100 + 0.8 * STATURE * (times / truth - TAKEOFF_S)
    places = np.stack([across, falls], axis=1)
    found = flight_along(sightings, times, places, STATURE, taken_for)
    assert found is not None
    assert found[1] == pytest.approx(truth, rel=0.15)
    assert (found[1] == 1.0) == (truth == 1.0)


@pytest.mark.parametrize(("gravity", "is_believed"), [(2.4, True), (3.4, False)])
def test_a_flight_that_is_known_may_fall_a_little_steeper(gravity, is_believed) -> None:
    """Its size differs between two looks, most where a clip plays faster than life."""
    sightings = seen(gravity=gravity, clutter=0)
    times = np.arange(TAKEOFF_S + 0.1, ENTRY_S - 0.1, 1 / RATE_HZ)
    own = [
        (100 + 0.8 * STATURE * (at - TAKEOFF_S), 200 + STATURE * gravity * height_at(at))
        for at in times
    ]
    found = flight_along(sightings, times, np.array(own), STATURE, 1.0)
    assert (found is not None) == is_believed


@pytest.mark.filterwarnings("error")
def test_what_does_not_fall_is_no_slow_motion() -> None:
    times = np.arange(0, 3, 1 / RATE_HZ)
    places = np.stack([100 + 30 * times, 300 - 20 * times**2], axis=1)
    rising = Sightings(
        times,
        np.arange(len(times)),
        places,
        np.full(len(times), STATURE),
        np.full(len(times), 0.6),
        np.full((len(times), 3), 1 / 3),
        np.zeros(len(times), bool),
    )
    assert flight_along(rising, times[20:60], places[20:60], STATURE, 3.2) is None


@pytest.mark.parametrize(
    ("stature_px", "flight", "entry", "is_sure"),
    [
        (40, 0.9, 1.0, True),
        (40, 0.5, 1.0, False),
        (40, 0.5, 1 / 3, None),
        (40, 0.2, 1.0, None),
        (13, 0.5, 1 / 3, True),
        (13, 0.2, 1 / 3, None),
    ],
)
def test_what_the_finder_doubts_is_left_to_the_closer_look(
    stature_px: float, flight: float, entry: float, is_sure: bool | None
) -> None:
    """Small divers it hardly sees; of others a sure entry makes up for a doubtful flight.

    is_sure: None where it is taken for no dive.
    """
    sightings = seen(clutter=0)
    count = len(sightings.picture)
    sightings = replace(
        sightings,
        grain=STATURE / stature_px,
        is_found=np.ones(count, bool),
        phases=np.tile((1 - flight, flight, 0.0), (count, 1)),
    )
    rest = (1 - entry) / 2
    sightings.phases[sightings.times_s > ENTRY_S] = (rest, rest, entry)
    dive = likely_dive(sightings, find_flights(sightings)[0], 1.0)
    assert (None if dive is None else dive.is_sure) == is_sure
