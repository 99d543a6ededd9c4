"""When a flight begins: the moment at which the feet, or the hands, leave the board."""

from dataclasses import dataclass

import numpy as np

from fpcli.analysis.flight_path import GRAVITY, FlightPath, Sightings

GRID_S = 1 / 120  # moments are tried this far apart
SEARCH_S = (0.6, 0.5)  # tried before and after the first sighting on the path
FLIGHT_S = 0.8  # of the flight that tells: further on a low camera bends the parabola
PUSH_S = 0.25  # before the take-off in which legs and board push
BEFORE_S = 0.45  # before the take-off that is looked at
PUSH = (11.0, 5.0)  # statures a second squared, gravity counted in: mean and standard deviation
TOPPLE = (0.1, 0.3)  # statures a second downward, before the hands leave the board: the same
ACCURACY = 0.15  # statures, standard deviation of a sighting from the body's centre of mass
GRAVITY_SHARE = 0.07  # standard deviation of the path's own gravity, share of a diver's
LEAST_FLYING = 3  # sightings after the take-off that a parabola needs
ANYWHERE = 1e-6  # weight of what is expected of place and speed: next to nothing
FIT_ROUNDS = 4
MOST_OFF = 1.5  # standard deviations, from which a sighting pulls no harder
UNTOLD = 0.5  # cost of a sighting before the push, where any place would do
SURE_AFTER_S = 0.05  # of flight, from which on the finder is sure of it
SURENESS = 20.0  # power of the density of the probability that it then gives
FLIGHT_DOUBT = 0.1  # share of the pictures in which it is not sure all the same
PHASE_WEIGHT = 0.35  # successive pictures err alike
SPEED_FLOOR = 0.02  # density of the speeds that nobody expects
SPEEDS = (-1.0, 4.2)  # upward, statures a second, that can be: falling off a board, the best spring
NEVER = 1e-20  # density of the others
MOST_EXPONENT = 700.0  # of which a number can still be told
HIGH_DROP = (2.5, 0.25)  # statures from take-off to entry: between 3 m and 5 m, and the margin
LOW_SPEED = (2.4, 0.7)  # of low boards, which mostly spring: mean and standard deviation
HIGH_SPEED = (1.7, 0.3)  # of platforms
ARMSTAND_SPEED = (0.0, 0.25)
ARMSTAND_SHARE = 0.25  # of the dives from platforms
CROUCH_S = (0.45, 0.2)  # before the take-off, in which the body is lowest
LOW_CROUCH = (0.45, 0.15)  # statures that it then is lower than at the take-off; a board bends
HIGH_CROUCH = (0.18, 0.09)
ARMSTAND_CROUCH = (0.0, 0.07)
CROUCH_FLOOR = 0.012  # density of the depths that nobody expects, of the likeliest

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

    Four things tell. Before it legs and board push: going back in time the body lies higher than
    the parabola would have it, by half the push times the square of the time. Or it stood on its
    hands, at one height until it toppled, and nothing pushes. What came before and the parabola are
    fitted anew for each moment tried, both ways. Before the push the body crouches, about equally
    deep on boards of one kind. These throw everybody up about equally fast, too, an armstand
    hardly. And the finder is sure of whoever flies, while it says anything of those on a board. The
    middle of what they leave likely is returned: where nothing tells, no moment is better than
    another.
    """
    earlier, later = (reach * slowness for reach in SEARCH_S)
    first = max(path.start_s - earlier, float(sightings.picture_times_s[0]))
    tried = np.arange(first, path.start_s + later, GRID_S * slowness)
    body = followed_back(sightings, path, stature, slowness, first - BEFORE_S * slowness)
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
    costs = _phase_cost(sightings, body, tried, slowness) - np.logaddexp(*ways)
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
    a second. crouch: (K,) statures that the body was lower before, nan where nobody was seen.
    """

    cost: np.ndarray
    height: np.ndarray
    speed: np.ndarray
    crouch: np.ndarray


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
    certain = _weights(sightings, body)
    before, after = np.minimum(since, 0.0), np.maximum(since, 0.0)
    still = np.ones_like(since)
    if by_hands:
        powers = np.stack([still, after, after**2 / 2, before], axis=-1)
    else:
        powers = np.stack([still, since, since**2 / 2, -(before**2) / 2], axis=-1)
    mean, deviation = TOPPLE if by_hands else PUSH
    wanted = np.array([0.0, 0.0, path.gravity * slowness**2 / stature, mean])
    prior = np.diag([ANYWHERE, ANYWHERE, (GRAVITY_SHARE * GRAVITY) ** -2, deviation**-2])
    weights = told * certain / ACCURACY**2
    for _ in range(FIT_ROUNDS):
        weighted = np.swapaxes(powers * weights[..., None], 1, 2)
        right = weighted @ heights + prior @ wanted
        found = np.linalg.solve(weighted @ powers + prior, right[..., None])
        off = np.abs(heights - (powers @ found)[..., 0]) / ACCURACY
        pull = np.minimum(1.0, MOST_OFF / np.maximum(off, 1e-9))
        weights = told * certain * pull / ACCURACY**2
    each = np.where(off < MOST_OFF, off**2 / 2, MOST_OFF * (off - MOST_OFF / 2))
    each = np.where(since < -PUSH_S, UNTOLD, told * each)
    amiss = found[..., 0] - wanted
    cost = each @ certain + np.einsum("ki,ij,kj->k", amiss, prior, amiss) / 2
    crouch = _crouches(since, heights - found[:, 0], certain)
    return _Fits(cost, found[:, 0, 0], -found[:, 1, 0], crouch)


def _crouches(since: np.ndarray, lower: np.ndarray, certain: np.ndarray) -> np.ndarray:
    """(K,) statures that a body lies lower before each of K moments than at it.

    since: (K, M) seconds. lower: (K, M) statures. certain: (M,) weights. Where nobody was seen
    then, the nearest moment's is taken; nan where there is none.
    """
    weights = certain * ((since > -CROUCH_S[0]) & (since < -CROUCH_S[1]))
    seen = weights.sum(axis=1)
    known = np.flatnonzero(seen)
    if not len(known):
        return np.full(len(since), np.nan)
    depths = (weights * lower).sum(axis=1)[known] / seen[known]
    filled: np.ndarray = np.interp(np.arange(len(since)), known, depths)
    return filled


def _weights(sightings: Sightings, body: np.ndarray) -> np.ndarray:
    """(M,) how much each sighting of a body tells of where it is."""
    least, certain = FOUND_WEIGHT
    found = least + certain * sightings.weight[body]
    return np.where(sightings.is_found[body], found, MOVING_WEIGHT)


def _phase_cost(
    sightings: Sightings, body: np.ndarray, tried: np.ndarray, slowness: float
) -> np.ndarray:
    """(K,) how much the finder's phases speak against each moment tried, natural logarithm.

    Of a body in flight the probability that it flies is nearly 1; of one on the board it is
    anything, and flight more often than not where a real diver jumps.
    """
    board, flight = sightings.phases[body, BOARD], sightings.phases[body, FLIGHT]
    flies = flight / np.maximum(board + flight, 1e-3)
    density = FLIGHT_DOUBT + (1 - FLIGHT_DOUBT) * SURENESS * flies ** (SURENESS - 1)
    told = PHASE_WEIGHT * sightings.weight[body] * sightings.is_found[body]
    is_flight = sightings.times_s[body] >= tried[:, None] + SURE_AFTER_S * slowness
    cost: np.ndarray = -(is_flight * np.log(density)) @ told
    return cost


def _log_likelihood(fits: _Fits, water: float, by_hands: bool) -> np.ndarray:
    """(K,) of flights that begin at each moment, by one way to leave a board, natural logarithm.

    water: height of the entry, statures downward; how deep they fall tells low boards from
    platforms, and how fast each of them throws a body up is known.
    """
    deeper = (water - fits.height - HIGH_DROP[0]) / HIGH_DROP[1]
    is_high = 1 / (1 + np.exp(np.minimum(-deeper, MOST_EXPONENT)))
    if by_hands:
        density = is_high * ARMSTAND_SHARE * _density(fits, ARMSTAND_SPEED, ARMSTAND_CROUCH)
    else:
        density = is_high * (1 - ARMSTAND_SHARE) * _density(fits, HIGH_SPEED, HIGH_CROUCH)
        density += (1 - is_high) * _density(fits, LOW_SPEED, LOW_CROUCH)
    likelihood: np.ndarray = np.log(density + NEVER) - fits.cost
    return likelihood


def _density(fits: _Fits, speeds: tuple[float, float], depths: tuple[float, float]) -> np.ndarray:
    """(K,) of the upward speeds at the take-off and the crouches, of which the usual are told."""
    speed, crouch = (
        np.exp(-(((values - mean) / deviation) ** 2) / 2)
        for values, (mean, deviation) in ((fits.speed, speeds), (fits.crouch, depths))
    )
    speed = speed / speeds[1] + SPEED_FLOOR
    crouch = np.where(np.isnan(crouch), 1.0, crouch + CROUCH_FLOOR)
    can_be = (fits.speed > SPEEDS[0]) & (fits.speed < SPEEDS[1])
    return np.where(can_be, speed * crouch, 0.0)
