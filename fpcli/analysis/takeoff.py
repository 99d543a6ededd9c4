"""When a flight begins: the moment at which the feet, or the hands, leave the board."""

from dataclasses import dataclass

import numpy as np

from fpcli.analysis.flight_path import GRAVITY, FlightPath, Sightings

GRID_S = 1 / 120  # moments are tried this far apart
SEARCH_S = (0.6, 0.5)  # tried before and after the first sighting on the path
FLIGHT_S = 1.1  # of the flight that tells: further on a low camera bends the parabola
PUSH_S = 0.25  # before the take-off in which legs and board push
PUSH = (11.0, 5.0)  # statures a second squared, gravity counted in: mean and standard deviation
TOPPLE = (0.1, 0.3)  # statures a second downward, before the hands leave the board: the same
ACCURACY = 0.1  # statures, standard deviation of a sighting from the body's centre of mass
GRAVITY_SHARE = 0.07  # standard deviation of the path's own gravity, share of a diver's
LEAST_FLYING = 3  # sightings after the take-off that a parabola needs
ANYWHERE = 1e-6  # weight of what is expected of place and speed: next to nothing
FIT_ROUNDS = 4
MOST_OFF = 1.5  # standard deviations, from which a sighting pulls no harder
UNTOLD = 0.5  # cost of a sighting before the push, where any place would do
PHASE_DOUBT = 0.2  # least probability of a phase that the finder denies
PHASE_WEIGHT = 0.8  # successive pictures err alike
SPEED_FLOOR = 0.02  # density of the speeds that nobody expects
SPEEDS = (-1.0, 4.2)  # upward, statures a second, that can be: falling off a board, the best spring
NEVER = 1e-20  # density of the others
HIGH_DROP = (2.5, 0.25)  # statures from take-off to entry: between 3 m and 5 m, and the margin
LOW_SPEED = (2.4, 0.7)  # of low boards, which mostly spring: mean and standard deviation
HIGH_SPEED = (1.7, 0.3)  # of platforms
ARMSTAND_SPEED = (0.0, 0.25)
ARMSTAND_SHARE = 0.25  # of the dives from platforms

REACH = 0.35  # statures from where the body was expected
REACH_RATE = 1.5  # more for each second in which it was not seen
MOST_REACH = 0.7
DRIFT_SIGHTINGS, DRIFT_KEPT = 5, 0.7  # that tell how it moves, and how much is believed
FOUND_GAIN = (0.1, 0.3)  # statures: preferred to what merely moves, and for the finder's certainty
MOVING_WEIGHT = 0.3  # of a sighting of what merely moves; the finder's weigh by their certainty
FOUND_WEIGHT = (0.4, 0.6)
BOARD, FLIGHT, ENTRY = range(3)  # of a sighting's phases


def takeoff_s(sightings: Sightings, path: FlightPath, stature: float, slowness: float) -> float:
    """The moment at which a flight begins, seconds.

    Three things tell. Before it legs and board push: going back in time the body lies higher than
    the parabola would have it, by half the push times the square of the time. Or it stood on its
    hands, at one height until it toppled, and nothing pushes. What came before and the parabola are
    fitted anew for each moment tried, both ways. The finder sees somebody on a board before and in
    flight after. And boards of one kind throw everybody up about equally fast, an armstand hardly.
    The middle of what they leave likely is returned: where nothing tells, no moment is better than
    another.
    """
    earlier, later = (reach * slowness for reach in SEARCH_S)
    first = max(path.start_s - earlier, float(sightings.picture_times_s[0]))
    tried = np.arange(first, path.start_s + later, GRID_S * slowness)
    body = followed_back(sightings, path, stature, slowness, first - PUSH_S * slowness)
    if len(body) < LEAST_FLYING:
        return path.start_s
    seen_s = sightings.times_s[body]
    told = (tried >= seen_s[0] - PUSH_S * slowness) & (tried <= seen_s[-LEAST_FLYING])
    if not told.any():
        return path.start_s
    tried = tried[told]
    water = float(path.at(np.array([path.end_s]))[0, 1]) / stature
    ways = [
        _log_likelihood(
            _fits(sightings, body, path, tried, stature, slowness, by_hands), water, by_hands
        )
        for by_hands in (False, True)
    ]
    costs = PHASE_WEIGHT * _phase_cost(sightings, body, tried) - np.logaddexp(*ways)
    likely = np.cumsum(np.exp(np.min(costs) - costs))
    return float(tried[np.searchsorted(likely, likely[-1] / 2)])


def followed_back(
    sightings: Sightings, path: FlightPath, stature: float, slowness: float, from_s: float
) -> np.ndarray:
    """Places (M,) of a body's sightings from from_s to the end of its flight, one a picture.

    Followed back in time, from the flight into what came before it.
    """
    times = sightings.picture_times_s
    pictures = np.flatnonzero((times >= from_s) & (times <= path.end_s))
    chosen: list[int] = []
    for picture in pictures[::-1]:
        here = np.flatnonzero(sightings.picture == picture)
        here = here[sightings.sized(stature)[here]]
        expected = path.at(times[picture : picture + 1])[0]
        reach = REACH
        if chosen:
            unseen_s = float(sightings.times_s[chosen[-1]] - times[picture]) / slowness
            reach = min(REACH + REACH_RATE * unseen_s, MOST_REACH)
            if times[picture] < path.start_s:
                expected = _went_on(sightings, chosen[-DRIFT_SIGHTINGS:], times[picture])
        off = np.linalg.norm(sightings.centres[here] - expected, axis=1) / stature
        least, certain = FOUND_GAIN
        gain = sightings.is_found[here] * (least + certain * sightings.weight[here])
        near = off < reach
        if near.any():
            chosen.append(int(here[near][np.argmin((off - gain)[near])]))
    return np.array(chosen[::-1], np.int64)


def _went_on(sightings: Sightings, last: list[int], time_s: float) -> np.ndarray:
    """Where a body (2,) was that was `last` seen after time_s, the latest first."""
    times, places = sightings.times_s[last], sightings.centres[last]
    rate = (places[-1] - places[0]) / (times[-1] - times[0]) if len(last) > 1 else 0.0
    place: np.ndarray = places[-1] + DRIFT_KEPT * rate * (time_s - times[-1])
    return place


@dataclass(frozen=True, eq=False)
class _Fits:
    """Flights that begin at each of K moments.

    cost: (K,). height: (K,) of the beginning, statures downward. speed: (K,) upward then, statures
    a second.
    """

    cost: np.ndarray
    height: np.ndarray
    speed: np.ndarray


def _fits(
    sightings: Sightings,
    body: np.ndarray,
    path: FlightPath,
    tried: np.ndarray,
    stature: float,
    slowness: float,
    by_hands: bool,
) -> _Fits:
    """Fit to a body's sightings a parabola and what comes before it, met at each moment tried.

    by_hands: an armstand sinks slowly, at one speed; otherwise legs and board push.
    """
    times = sightings.times_s[body]
    heights = sightings.centres[body, 1] / stature
    since = (times - tried[:, None]) / slowness
    ends = np.minimum(path.end_s, tried + FLIGHT_S * slowness)[:, None]
    told = (since >= -PUSH_S) & (times <= ends)
    known = _weights(sightings, body) / ACCURACY**2
    before, after = np.minimum(since, 0.0), np.maximum(since, 0.0)
    still = np.ones_like(since)
    if by_hands:
        powers = np.stack([still, after, after**2 / 2, before], axis=-1)
    else:
        powers = np.stack([still, since, since**2 / 2, -(before**2) / 2], axis=-1)
    mean, deviation = TOPPLE if by_hands else PUSH
    wanted = np.array([0.0, 0.0, path.gravity * slowness**2 / stature, mean])
    prior = np.diag([ANYWHERE, ANYWHERE, (GRAVITY_SHARE * GRAVITY) ** -2, deviation**-2])
    weights = told * known
    for _ in range(FIT_ROUNDS):
        weighted = np.swapaxes(powers * weights[..., None], 1, 2)
        right = weighted @ heights + prior @ wanted
        found = np.linalg.solve(weighted @ powers + prior, right[..., None])
        off = np.abs(heights - (powers @ found)[..., 0]) / ACCURACY
        weights = told * known * np.minimum(1.0, MOST_OFF / np.maximum(off, 1e-9))
    each = np.where(off < MOST_OFF, off**2 / 2, MOST_OFF * (off - MOST_OFF / 2))
    each = np.where(since < -PUSH_S, UNTOLD, told * each)
    amiss = found[..., 0] - wanted
    cost = each @ _weights(sightings, body) + np.einsum("ki,ij,kj->k", amiss, prior, amiss) / 2
    return _Fits(cost, found[:, 0, 0], -found[:, 1, 0])


def _weights(sightings: Sightings, body: np.ndarray) -> np.ndarray:
    """(M,) how much each sighting of a body tells of where it is."""
    least, certain = FOUND_WEIGHT
    found = least + certain * sightings.weight[body]
    return np.where(sightings.is_found[body], found, MOVING_WEIGHT)


def _phase_cost(sightings: Sightings, body: np.ndarray, tried: np.ndarray) -> np.ndarray:
    """(K,) how much the finder's phases speak against each moment tried, natural logarithm."""
    board, flight = sightings.phases[body, BOARD], sightings.phases[body, FLIGHT]
    flies = flight / np.maximum(board + flight, 1e-3)
    flies = PHASE_DOUBT + (1 - 2 * PHASE_DOUBT) * flies
    told = sightings.weight[body] * sightings.is_found[body]
    is_before = sightings.times_s[body] < tried[:, None]
    cost: np.ndarray = -np.where(is_before, np.log(1 - flies), np.log(flies)) @ told
    return cost


def _log_likelihood(fits: _Fits, water: float, by_hands: bool) -> np.ndarray:
    """(K,) of flights that begin at each moment, by one way to leave a board, natural logarithm.

    water: height of the entry, statures downward; how deep they fall tells low boards from
    platforms, and how fast each of them throws a body up is known.
    """
    is_high = 1 / (1 + np.exp(-(water - fits.height - HIGH_DROP[0]) / HIGH_DROP[1]))
    if by_hands:
        density = is_high * ARMSTAND_SHARE * _speed_density(fits.speed, ARMSTAND_SPEED)
    else:
        density = is_high * (1 - ARMSTAND_SHARE) * _speed_density(fits.speed, HIGH_SPEED)
        density += (1 - is_high) * _speed_density(fits.speed, LOW_SPEED)
    likelihood: np.ndarray = np.log(density + NEVER) - fits.cost
    return likelihood


def _speed_density(speed: np.ndarray, usual: tuple[float, float]) -> np.ndarray:
    """(K,) of upward speeds at the take-off, of which the usual ones are told."""
    mean, deviation = usual
    density = np.exp(-(((speed - mean) / deviation) ** 2) / 2) / deviation + SPEED_FLOOR
    can_be = (speed > SPEEDS[0]) & (speed < SPEEDS[1])
    return np.where(can_be, density, 0.0)
