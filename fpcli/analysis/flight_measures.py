"""What a flight's moments and its parabola tell by the laws of free fall, with their errors.

Three moments are seen: take-off, top and touch. Two numbers describe a fall from a known height,
its take-off speed and its beginning, so they are fitted to all three; of an unknown height the
three moments tell it.
"""

from dataclasses import dataclass

import numpy as np

from fpcli.analysis.flight_path import GRAVITY_M_S2, FlightPath
from fpcli.analysis.locate import LocatedDive

TAKEOFF_S, TOP_S, TOUCH_S = 0.075, 0.035, 0.012  # standard deviations of the moments, seconds
BODY_DROP_M = 0.06  # how much lower above the water the middle is at the touch than above the board
BODY_DROP_ERROR_M = 0.1
ARMSTAND_DROP_M = -0.2
LEAST_UP_S = 0.12  # from take-off to top; no diver who stands takes off flatter
ODD = 2.6  # standard deviations from which the moments contradict each other
SCALE_ERROR = 0.1  # share: how far a metre in the picture is known
LEAN_ERROR_M = 0.15  # by which a body leans out, unseen, where it leaves and where it touches
FIT_ROUNDS = 6


@dataclass(frozen=True)
class Estimate:
    """A value and its standard deviation."""

    value: float
    error: float


@dataclass(frozen=True)
class Flight:
    """What a flight tells.

    board_m: of a given height the same, without error. top_s: seconds of the video. agree: whether
    the moments can be a dive's, and fit a given height.
    """

    time_in_air_s: Estimate
    rise_m: Estimate
    board_m: Estimate
    distance_m: Estimate
    top_s: float
    agree: bool


def measure_flight(
    dive: LocatedDive, height_m: float | None, *, armstand: bool = False
) -> Flight | None:
    """Measure a flight shown at real speed; None where its path has no top.

    height_m: of the board, where it is known.
    """
    top_s = _top_s(dive.path)
    if top_s is None:
        return None
    seen = np.array([dive.takeoff_s, top_s, dive.entry_s])
    errors = np.array([TAKEOFF_S, TOP_S, TOUCH_S])
    drop = Estimate(ARMSTAND_DROP_M if armstand else BODY_DROP_M, BODY_DROP_ERROR_M)
    metre = dive.path.gravity / GRAVITY_M_S2
    ends = dive.path.at(seen[[0, 2]])
    distance = abs(float(ends[1, 0] - ends[0, 0])) / metre
    air = Estimate(float(seen[2] - seen[0]), float(np.hypot(TAKEOFF_S, TOUCH_S)))
    share = float(np.hypot(SCALE_ERROR, air.error / air.value))
    way = Estimate(distance, float(np.hypot(distance * share, LEAN_ERROR_M)))
    rises = armstand or top_s - dive.takeoff_s >= LEAST_UP_S
    if height_m is None:
        rise, board = _free(seen, errors, drop)
        return Flight(air, rise, board, way, top_s, rises)
    rise, air, off = _bound(seen, errors, height_m, drop)
    return Flight(air, rise, Estimate(height_m, 0.0), way, top_s, rises and off < ODD)


def _top_s(path: FlightPath) -> float | None:
    """The moment at which a path is highest, seconds of the video."""
    _, speed, half, bend = path.y
    about = -speed / (2 * half)
    roots = np.roots([3 * bend, 2 * half, speed])
    real = roots[np.isreal(roots)].real
    if not len(real):
        return None
    return path.origin_s + float(real[np.argmin(np.abs(real - about))])


def _free(seen: np.ndarray, errors: np.ndarray, drop: Estimate) -> tuple[Estimate, Estimate]:
    """Rise and height of the board from the three moments alone."""
    up, down = max(float(seen[1] - seen[0]), 0.0), float(seen[2] - seen[1])
    early, top, late = errors
    g = GRAVITY_M_S2
    rise = Estimate(g / 2 * up**2, float(g * np.hypot(up * np.hypot(early, top), early**2)))
    height = g / 2 * (down**2 - up**2) - drop.value
    slopes = np.array([g * up * early, g * (up + down) * top, g * down * late, drop.error])
    return rise, Estimate(height, float(np.linalg.norm(slopes)))


def _bound(
    seen: np.ndarray, errors: np.ndarray, height_m: float, drop: Estimate
) -> tuple[Estimate, Estimate, float]:
    """Rise and time in the air of a fall from a known height, and how odd the moments are.

    Gauss and Newton on the take-off's speed and moment, and the body's drop.
    """
    g = GRAVITY_M_S2

    def moments(unknown: np.ndarray) -> np.ndarray:
        speed, start, fall = unknown
        touch = speed / g + np.sqrt(speed**2 / g**2 + 2 * max(fall, 0.1) / g)
        return np.array([start, start + speed / g, start + touch, fall])

    wanted = np.append(seen, height_m + drop.value)
    weights = 1 / np.append(errors, drop.error)
    unknown = np.array([3.0, seen[0], height_m + drop.value])
    for _ in range(FIT_ROUNDS):
        slopes = np.stack(
            [(moments(unknown + step) - moments(unknown)) / 1e-5 for step in 1e-5 * np.eye(3)],
            axis=1,
        )
        left = (wanted - moments(unknown)) * weights
        unknown = unknown + np.linalg.lstsq(slopes * weights[:, None], left, rcond=None)[0]
    spread = np.linalg.inv((slopes * weights[:, None]).T @ (slopes * weights[:, None]))
    speed = float(unknown[0])
    rise = Estimate(max(speed, 0.0) ** 2 / 2 / g, abs(speed) / g * float(np.sqrt(spread[0, 0])))
    fitted = moments(unknown)
    of_air = slopes[2] - slopes[0]
    air = Estimate(float(fitted[2] - fitted[0]), float(np.sqrt(of_air @ spread @ of_air)))
    odd = float(np.linalg.norm((wanted - fitted) * weights))
    return rise, air, odd
