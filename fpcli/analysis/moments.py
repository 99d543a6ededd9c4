"""The two moments of a flight: the feet leave the board, the hands or feet touch the water."""

import numpy as np

from fpcli.analysis.flight_path import GRAVITY, FlightPath, Sightings

GRID_S = 1 / 240  # moments are tried this far apart
EARLIER_S, LATER_S = 0.45, 0.35  # tried around the first and last sighting on the path
LOOK_S = 0.3  # what is looked at on either side of a moment
PUSH_G = (1.0, 2.0, 3.5, 5.0)  # a board's push beyond weight, in weights
OUTLIER = 0.25  # statures off the path, from which a sighting tells no more
REACH_UP = 0.7  # statures from the middle of a stretched body to its finger tips


def takeoff_s(sightings: Sightings, path: FlightPath, stature: float, slowness: float) -> float:
    """The moment at which a flight begins, seconds.

    Before it the board pushes the body up: going back in time it lies higher than the parabola
    would have it, by half the push's acceleration times the squared distance in time.
    """
    gravity = GRAVITY * stature / slowness**2
    times, off = _off_path(
        sightings,
        path,
        stature,
        path.start_s - (EARLIER_S + LOOK_S) * slowness,
        path.start_s + (LATER_S + LOOK_S) * slowness,
    )
    grid = np.arange(path.start_s - EARLIER_S * slowness, path.start_s + LATER_S * slowness, GRID_S)
    best, best_cost = path.start_s, np.inf
    for moment in grid:
        before = np.clip(moment - times, 0.0, LOOK_S * slowness)
        for push in PUSH_G:
            model = -push * gravity * before**2 / 2
            misfit = np.hypot(off[:, 1] - model, off[:, 0] * 0.5) / stature
            cost = float(np.mean(np.minimum(misfit / OUTLIER, 1.0) ** 2))
            if cost < best_cost:
                best, best_cost = float(moment), cost
    return best


def entry_s(sightings: Sightings, path: FlightPath, stature: float, slowness: float) -> float:
    """The moment at which a flight ends at the water, seconds.

    What is above the water of an upright body that sinks: its middle rises against the path as the
    water swallows it, and stays at the surface once it is gone.
    """
    first, last = path.end_s - EARLIER_S * slowness, path.end_s + LATER_S * slowness
    times, off = _off_path(sightings, path, stature, first, last + LOOK_S * slowness, upward=3.0)
    best, best_cost = path.end_s, np.inf
    for moment in np.arange(first, last, GRID_S):
        surface = path.at(np.array([moment]))[0, 1] + REACH_UP * stature
        middle = path.at(times)[:, 1]
        bottom = np.minimum(middle + REACH_UP * stature, surface)
        top = np.minimum(middle - REACH_UP * stature, surface)
        model = (top + bottom) / 2 - middle
        misfit = np.hypot(off[:, 1] - model, off[:, 0] * 0.5) / stature
        cost = float(np.mean(np.minimum(misfit / OUTLIER, 1.0) ** 2))
        if cost < best_cost:
            best, best_cost = float(moment), cost
    return best


def _off_path(
    sightings: Sightings,
    path: FlightPath,
    stature: float,
    start_s: float,
    end_s: float,
    upward: float = 1.2,
) -> tuple[np.ndarray, np.ndarray]:
    """Times and offsets (M, 2) of the sighting in each picture that is likeliest the same body."""
    times = sightings.times_s
    near = np.flatnonzero((times >= start_s) & (times <= end_s))
    off = sightings.centres[near] - path.at(times[near])
    fits = (np.abs(off[:, 0]) < 0.6 * stature) & (off[:, 1] > -upward * stature)
    fits &= off[:, 1] < 0.5 * stature
    ratio = sightings.stature[near] / stature
    fits &= (ratio > 0.4) & (ratio < 2.5)
    near, off, ratio = near[fits], off[fits], ratio[fits]
    rank = np.hypot(off[:, 0], off[:, 1]) / stature + 0.5 * np.abs(np.log(ratio))
    order = np.lexsort((rank, sightings.picture[near]))
    near, off = near[order], off[order]
    if not len(near):
        return np.zeros(0), np.zeros((0, 2))
    is_first = np.concatenate([[True], np.diff(sightings.picture[near]) > 0])
    return times[near[is_first]], off[is_first]
