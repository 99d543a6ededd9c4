"""Free flight: what mechanics demands, checked from the motion and not from the integrator."""

from functools import lru_cache

import numpy as np
import pytest

from fpcli.diving.numbers import parse
from fpcli.errors import DiveNumberError
from fpcli.simulation.body import make_body, reference_build
from fpcli.simulation.dive import performed, simulate_dive, standard_dive
from fpcli.simulation.flight import flight_time
from fpcli.simulation.kinematics import chain
from fpcli.simulation.performance import Performance
from fpcli.simulation.programme import FREQUENCIES, programme_heights
from fpcli.simulation.steering import Problem, fly

HEIGHTS = {"107B": 10.0, "205B": 3.0, "407C": 10.0, "301B": 3.0, "626C": 10.0, "103B": 1.0}
TWISTERS = {"5253B": 10.0, "5152B": 3.0}


@lru_cache(maxsize=32)
def faultless(text: str, height_m: float) -> Performance:
    standard = standard_dive(text, height_m, "male")
    return performed(parse(text), height_m, reference_build("male"), standard.technique)


def world_momentum(dive: Performance, steps_per_s: float = 2400.0) -> np.ndarray:
    """Angular momentum (T, 3) about the mass centre from where the segments are, by differences."""
    problem = Problem(dive.body, dive.number, dive.technique, dive.start, dive.plan.water_s, 1.0)
    flown = fly(problem, dive.controls, dive.touch_s, steps_per_s)
    angles, rates = dive.choreography.at(flown.times_s)
    links = chain(dive.body, angles, rates)
    mass = dive.body.mass
    place = links.place + np.einsum("skct,sk->sct", links.axes, dive.body.centre)
    place = np.einsum("tij,sjt->sit", flown.turn, place)
    place -= np.einsum("s,sit->it", mass / mass.sum(), place)
    axes = np.einsum("tij,skjt->skit", flown.turn, links.axes)
    step = flown.times_s[1]

    def change(values: np.ndarray) -> np.ndarray:
        return (
            45 * (values[..., 4:-2] - values[..., 2:-4])
            - 9 * (values[..., 5:-1] - values[..., 1:-5])
            + (values[..., 6:] - values[..., :-6])
        ) / (60 * step)

    inner = axes[..., 3:-3]
    spin = 0.5 * np.cross(inner, change(axes), axis=2).sum(axis=1)
    orbital = np.einsum("s,sit->ti", mass, np.cross(place[..., 3:-3], change(place), axis=1))
    turning = np.einsum("skit,sit->skt", inner, spin) * dive.body.inertia[:, :, None]
    own: np.ndarray = np.einsum("skit,skt->ti", inner, turning)
    return orbital + own


@pytest.mark.parametrize("text", [*HEIGHTS, *TWISTERS])
def test_angular_momentum_is_constant_in_flight(text: str) -> None:
    dive = faultless(text, {**HEIGHTS, **TWISTERS}[text])
    momentum = world_momentum(dive)
    size = np.linalg.norm(momentum, axis=1).mean()
    assert size > 5.0
    assert size == pytest.approx(dive.controls.momentum, rel=1e-6)
    assert np.abs(momentum - momentum.mean(axis=0)).max() < 1e-6 * size


@pytest.mark.parametrize("text", [*HEIGHTS, *TWISTERS])
def test_flight_time_is_the_ballistic_one(text: str) -> None:
    dive = faultless(text, {**HEIGHTS, **TWISTERS}[text])
    left = int(np.searchsorted(dive.times_s, -1e-9))
    start_y = dive.centre_m[left, 1]
    touch_y = np.interp(dive.touch_s, dive.times_s[left:], dive.centre_m[left:, 1])
    expected = flight_time(dive.technique.rise_m_s, float(start_y - touch_y))
    assert dive.touch_s == pytest.approx(expected, abs=1e-3)


def test_the_mass_centre_of_the_joints_falls_freely() -> None:
    dive = faultless("107B", 10.0)
    left = int(np.searchsorted(dive.times_s, -1e-9))
    touch = int(np.searchsorted(dive.times_s, dive.touch_s)) - 1
    height = dive.centre_m[left:touch, 1]
    fall = np.diff(height, 2) * 240.0**2
    assert fall == pytest.approx(np.full(len(fall), -9.81), abs=1e-3)


@pytest.mark.parametrize("text", FREQUENCIES)
def test_somersaults_and_twists_are_those_of_the_number(text: str) -> None:
    number = parse(text)
    height_m = max(programme_heights(number))
    seen = standard_dive(text, height_m, "female").measures
    # the take-off's lean and the vertical at the water leave out or add less than a tenth
    assert seen.somersaults == pytest.approx(number.half_somersaults / 2, abs=0.09)
    assert round(2 * seen.somersaults) == number.half_somersaults
    assert seen.twists == pytest.approx(number.half_twists / 2, abs=0.02)
    assert abs(seen.entry_angle_deg) < 2.5
    assert abs(seen.entry_tilt_deg) < 1.0
    assert seen.distance_m > 0.3


@pytest.mark.parametrize(
    ("text", "height_m", "shortest_s", "longest_s"),
    [
        ("107B", 10.0, 1.4, 1.9),
        ("407C", 10.0, 1.4, 1.9),
        ("626C", 10.0, 1.4, 1.9),
        ("205B", 3.0, 1.1, 1.6),
        ("305C", 3.0, 1.1, 1.6),
        ("103B", 1.0, 0.8, 1.2),
        ("401B", 1.0, 0.8, 1.2),
    ],
)
def test_flights_last_as_real_ones_do(
    text: str, height_m: float, shortest_s: float, longest_s: float
) -> None:
    for seed in range(3):
        seen = simulate_dive(text, height_m, seed).truth.measures
        assert shortest_s <= seen.flight_s <= longest_s


def test_tuck_turns_faster_than_straight() -> None:
    tucked, straight = faultless("201C", 3.0), faultless("201A", 3.0)
    assert np.abs(tucked.flown.spin[:, 2]).max() > 1.5 * np.abs(straight.flown.spin[:, 2]).max()


def test_nothing_jumps_at_take_off_or_entry() -> None:
    for text in ("107B", "305C", "5253B", "614B"):
        dive = faultless(text, 10.0)
        speed = np.diff(dive.joints, axis=0) * 240.0
        assert np.abs(speed).max() < 40.0
        left = int(np.searchsorted(dive.times_s, -1e-9))
        jump = np.diff(dive.centre_m[left - 4 : left + 5], axis=0) * 240.0
        assert np.abs(np.diff(jump, axis=0)).max() < 0.6


@pytest.mark.parametrize(
    ("text", "height_m", "reason"),
    [("109B", 1.0, "somersaults a second"), ("5156B", 1.0, "twist|somersaults|springboard|table")],
)
def test_impossible_dives_are_refused_with_the_reason(
    text: str, height_m: float, reason: str
) -> None:
    with pytest.raises(DiveNumberError, match=reason):
        simulate_dive(text, height_m, 0)


def test_the_body_weighs_what_it_should() -> None:
    build = reference_build("female")
    body = make_body(build)
    assert body.mass.sum() == pytest.approx(build.mass_kg)
    assert len(body.mass) == 16
    assert (body.inertia > 0).all()
