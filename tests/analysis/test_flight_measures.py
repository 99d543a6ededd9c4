"""Flights made by the laws of free fall are measured as they were made."""

import numpy as np
import pytest

from fpcli.analysis.flight_measures import BODY_DROP_M, measure_flight
from fpcli.analysis.flight_path import FlightPath
from fpcli.analysis.locate import LocatedDive
from fpcli.video.follow import Track

METRE_PX = 40.0
TAKEOFF_S = 2.0


def flown(
    up_m_s: float, height_m: float, *, late_s: float = 0.0, out_m_s: float = 1.0
) -> tuple[LocatedDive, float]:
    """A dive as it would be located, and its time in the air."""
    drop = height_m + BODY_DROP_M
    air_s = (up_m_s + np.sqrt(up_m_s**2 + 2 * 9.81 * drop)) / 9.81
    top_s = TAKEOFF_S + up_m_s / 9.81
    path = FlightPath(
        start_s=TAKEOFF_S,
        end_s=TAKEOFF_S + air_s,
        origin_s=top_s,
        x=np.array([300.0, -out_m_s * METRE_PX, 0.0, 0.0]),
        y=np.array([100.0, 0.0, 9.81 / 2 * METRE_PX, 0.0]),
        size=1.65 * METRE_PX,
        members=np.zeros(0, np.int64),
    )
    times = np.linspace(1.0, 5.0, 100)
    track = Track(times, np.full((100, 2), 200.0), np.full(100, 1.65 * METRE_PX))
    dive = LocatedDive(
        takeoff_s=TAKEOFF_S + late_s,
        entry_s=TAKEOFF_S + air_s,
        start_s=1.0,
        end_s=5.0,
        slowness=1.0,
        track=track,
        size_px=(600, 400),
        path=path,
        evidence=50.0,
        after_cut=False,
        is_cut_short=False,
    )
    return dive, air_s


@pytest.mark.parametrize(("up", "height"), [(4.5, 3.0), (4.0, 1.0), (2.5, 10.0)])
def test_a_flight_tells_its_rise_and_its_board(up, height):
    dive, air_s = flown(up, height)
    flight = measure_flight(dive, None)
    assert flight is not None
    assert flight.agree
    assert flight.time_in_air_s.value == pytest.approx(air_s)
    assert flight.rise_m.value == pytest.approx(up**2 / 2 / 9.81, abs=1e-6)
    assert flight.board_m.value == pytest.approx(height, abs=1e-6)
    assert flight.distance_m.value == pytest.approx(air_s, rel=1e-6)


@pytest.mark.parametrize("late", [-0.05, 0.05])
def test_a_known_height_makes_the_rise_surer_and_mends_the_take_off(late):
    dive, air_s = flown(4.5, 3.0, late_s=late)
    alone, known = measure_flight(dive, None), measure_flight(dive, 3.0)
    assert alone is not None
    assert known is not None
    assert known.rise_m.error < alone.rise_m.error
    assert abs(known.rise_m.value - 1.032) < abs(alone.rise_m.value - 1.032)
    assert abs(known.time_in_air_s.value - air_s) < abs(late)


def test_moments_that_contradict_the_height_are_not_believed():
    dive, _ = flown(4.5, 3.0)
    known = measure_flight(dive, 10.0)
    assert known is not None
    assert not known.agree


def test_nobody_takes_off_flat_but_from_the_hands():
    dive, _ = flown(0.2, 10.0)
    standing, armstand = measure_flight(dive, None), measure_flight(dive, None, armstand=True)
    assert standing is not None
    assert armstand is not None
    assert not standing.agree
    assert armstand.agree
