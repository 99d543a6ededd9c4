"""The diver's way: it stays with the background and never runs ahead of the diver."""

import numpy as np
import pytest

from fpcli.analysis.diver_track import flight_track, follow_dive
from fpcli.analysis.flight_path import GRAVITY, FlightPath
from fpcli.analysis.flight_track import FlightTrack
from fpcli.analysis.moments import Moments
from fpcli.analysis.scene import Glimpse, Stretch

STATURE, TAKEOFF_S, ENTRY_S = 20.0, 0.5, 1.2
PAN_PX_S = 100.0  # of the camera, to the right


@pytest.fixture
def panned() -> tuple[Stretch, Moments]:
    """A dive that a camera pans along with: a pixel of the scene moves to the left."""
    times = np.arange(0.0, 2.0, 0.04)
    glimpses = []
    for time_s in times:
        to_scene = np.eye(3)
        to_scene[0, 2] = PAN_PX_S * time_s
        glimpses.append(Glimpse(float(time_s), to_scene, None))
    fall = np.array([30.0, -40.0, GRAVITY * STATURE / 2, 0.0])
    across = np.array([100.0, 50.0, 0.0, 0.0])
    path = FlightPath(
        TAKEOFF_S, ENTRY_S, TAKEOFF_S, across, fall, STATURE, np.zeros(0, np.int64), 50.0
    )
    surface = float(path.at(np.array([ENTRY_S]))[0, 1]) + STATURE / 2
    stretch = Stretch(tuple(glimpses), (640, 360), 1.0, closes=True, after_cut=False)
    return stretch, Moments(TAKEOFF_S, ENTRY_S, surface, path)


def test_the_way_stays_with_the_background_of_a_camera_that_pans(panned):
    stretch, moments = panned
    way = flight_track(stretch, moments, stretch.times_s, 1.0)
    assert way.moments_s[0] == TAKEOFF_S
    assert ENTRY_S < way.moments_s[-1] < ENTRY_S + 0.3
    for place, time_s in enumerate(way.times_s):
        (x, y), *_ = way.places_px[place]
        assert x == pytest.approx(100.0 - PAN_PX_S * time_s)
        assert y == pytest.approx(30.0)


def test_it_ends_where_the_diver_is(panned):
    stretch, moments = panned
    track = follow_dive(stretch, stretch.sightings(), moments, STATURE, 1.0)
    way = flight_track(stretch, moments, track.times_s, 1.0)
    for time_s, centre in zip(track.times_s, track.centres, strict=True):
        behind_s, places = way.covered(float(time_s))
        assert (behind_s <= time_s).all()
        if time_s > TAKEOFF_S:
            assert places[-1] == pytest.approx(centre, abs=0.6)
            assert behind_s[-1] == min(time_s, way.moments_s[-1])


def test_nothing_is_behind_him_before_the_take_off_or_outside_the_clip(panned):
    stretch, moments = panned
    way = flight_track(stretch, moments, stretch.times_s, 1.0)
    for time_s in (0.2, TAKEOFF_S, -1.0, 3.0):
        assert len(way.covered(time_s)[0]) == 0


def test_between_two_pictures_the_way_lies_between():
    places = np.array([[[0.0, 0.0], [10.0, 0.0]], [[4.0, 2.0], [14.0, 2.0]]])
    way = FlightTrack(np.array([1.0, 2.0]), np.array([0.0, 1.5]), places)
    (half,) = way.in_pictures_of(np.array([1.5])).places_px
    assert half.tolist() == [[2.0, 1.0], [12.0, 1.0]]
