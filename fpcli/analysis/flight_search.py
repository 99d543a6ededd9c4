"""Searching what is seen for bodies in free flight."""

from dataclasses import dataclass, field, replace

import numpy as np

from fpcli.analysis.flight_path import (
    GRAVITY,
    SIZE_RATIO,
    TOLERANCE,
    TOLERANCE_PX,
    FlightPath,
    Sightings,
)

PAIR_S = (0.18, 0.55)  # apart: two sightings that make a hypothesis
REACH_S = 0.75  # a hypothesis is tested this far around its first sighting
LEAST_FLIGHT_S = 0.45  # seen in the air; the lowest springboard gives 0.7 s
GREATEST_GAP_S = 0.27  # in which nothing is seen on the path
FASTEST_DRIFT = 3.0  # statures a second sideways
GRAVITY_RATIOS = (
    0.55,
    2.2,
)  # of the fall seen to the fall that the size tells; folded bodies look small
KNOWN_STEEPEST = 2.75  # of a flight that is known: in two looks its size differs by a quarter
GRAVITY_GUESSES = (0.6, 1.0, 1.6)  # of what the size tells, tried for each pair
SEARCH_RATE_HZ = 15.0  # pictures a second that hypotheses are made of and tested on
STRETCH_S = 1.0  # hypotheses are made for pairs whose middle lies in one stretch
MOST_PAIRS = 2000  # a stretch
KEPT = 24  # hypotheses a stretch that are refined
FIT_ROUNDS = 8
BEFORE_PAIR_S, AFTER_PAIR_S = 0.2, 0.5  # of a hypothesis's first sighting, first looked at
GROWTH_S = 0.3  # that a path may grow to either side in a round
KNOWN_REACH_S = (0.3, 0.6)  # before and after a flight that is known, looked at for more of it
LEAST_SEEN = 0.5  # of the pictures in a flight that must show the body on its path
LEAST_MEMBERS = 5
ACCURACY = 0.12  # statures, standard deviation of a sighting from the body's middle
GRAVITY_SHARE = 0.35  # standard deviation of the gravity that a body's size tells, share of it
LEAST_TOLD = 0.2  # of what a sure sighting tells of a path, by one of no certainty
SIDEWAYS = 0.1  # statures that a path's ends may lie off a straight way seen from above
BEND, BEND_BY_WAY = 0.04, 0.04  # statures that its ends may be bent; and for each that it falls


def find_flights(sightings: Sightings, slowness: float = 1.0) -> list[FlightPath]:
    """Every body in free flight, the likeliest first; no two share a sighting.

    slowness: how many times slower than life the video is shown.
    """
    times = sightings.times_s
    if len(times) < LEAST_MEMBERS:
        return []
    thinned = sightings.only(_thinned(sightings, slowness))
    found: dict[bytes, FlightPath] = {}
    known = _Known()
    step = STRETCH_S * slowness
    # Only where something is seen: a broken clock may leave years between two pictures.
    for start in times[0] + step * np.unique((times - times[0]) // step):
        for guess in _guesses(thinned, start, start + step, slowness):
            path = _grown(sightings, guess, slowness, known)
            if path is not None:
                found[path.members.tobytes()] = path
    return _separate(
        [
            path.weighed(sightings, slowness)
            for path in found.values()
            if _falls_as_a_body(sightings, path, slowness)
        ]
    )


def _separate(paths: list[FlightPath]) -> list[FlightPath]:
    kept: list[FlightPath] = []
    for path in sorted(paths, key=lambda path: -path.evidence):
        if all(not np.intersect1d(path.members, other.members).size for other in kept):
            kept.append(path)
    return kept


def _thinned(sightings: Sightings, slowness: float) -> np.ndarray:
    """Places of the sightings in about SEARCH_RATE_HZ pictures a second of the dive."""
    ticks = np.floor(sightings.picture_times_s * SEARCH_RATE_HZ / slowness + 1e-6)
    is_first = np.concatenate([[True], np.diff(ticks) > 0])
    return np.flatnonzero(is_first[sightings.picture])


def _guesses(
    sightings: Sightings, start_s: float, end_s: float, slowness: float
) -> list[FlightPath]:
    """Paths through pairs of sightings that most pictures agree with, the best first."""
    times = sightings.times_s
    near = (times >= start_s - REACH_S * slowness) & (times <= end_s + REACH_S * slowness)
    sightings = sightings.only(near)
    first, second = _pairs(sightings, start_s, end_s, slowness)
    if not len(first):
        return []
    times, places = sightings.times_s, sightings.centres
    size = np.sqrt(sightings.stature[first] * sightings.stature[second])
    half = np.outer(GRAVITY_GUESSES, GRAVITY * size / 2 / slowness**2)
    apart = times[second] - times[first]
    speed = (places[second] - places[first]) / apart[:, None]
    downward = speed[:, 1] - half * apart
    votes = _votes(sightings, first, speed[:, 0], downward, half, size, slowness)
    best = np.argsort(-votes.ravel(), kind="stable")[:KEPT]
    none = np.zeros(0, np.int64)
    return [
        FlightPath(
            start_s=float(times[first[pair]]) - BEFORE_PAIR_S * slowness,
            end_s=float(times[first[pair]]) + AFTER_PAIR_S * slowness,
            origin_s=float(times[first[pair]]),
            x=np.array([places[first[pair], 0], speed[pair, 0], 0.0, 0.0]),
            y=np.array([places[first[pair], 1], downward[fall, pair], half[fall, pair], 0.0]),
            size=float(size[pair]),
            members=none,
        )
        for fall, pair in zip(*np.unravel_index(best, votes.shape), strict=True)
    ]


def _pairs(
    sightings: Sightings, start_s: float, end_s: float, slowness: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of sightings that could be one flying body, those of most weight."""
    times, places, stature = sightings.times_s, sightings.centres, sightings.stature
    first, second = np.triu_indices(len(times), 1)
    apart = (times[second] - times[first]) / slowness
    middle = (times[second] + times[first]) / 2
    keep = (apart >= PAIR_S[0]) & (apart <= PAIR_S[1]) & (middle >= start_s) & (middle < end_s)
    first, second, apart = first[keep], second[keep], apart[keep]
    size = np.sqrt(stature[first] * stature[second])
    keep = np.abs(np.log(stature[first] / stature[second])) < np.log(SIZE_RATIO)
    keep &= np.abs(places[second, 0] - places[first, 0]) <= FASTEST_DRIFT * size * apart
    first, second = first[keep], second[keep]
    if len(first) > MOST_PAIRS:
        weight = sightings.weight[first] * sightings.weight[second]
        order = np.argsort(-weight, kind="stable")[:MOST_PAIRS]
        first, second = first[order], second[order]
    return first, second


def _votes(
    sightings: Sightings,
    first: np.ndarray,
    across: np.ndarray,
    downward: np.ndarray,
    half: np.ndarray,
    size: np.ndarray,
    slowness: float,
) -> np.ndarray:
    """How many pictures show something of the right size where each hypothesis has it.

    first: (P,) sightings that they begin at. across: (P,) their speed sideways. downward, half:
    (G, P) their speed down and half their acceleration, for G guesses of gravity. Returns (G, P).
    """
    origin, corner = sightings.times_s[first], sightings.centres[first]
    tolerance = TOLERANCE * size + TOLERANCE_PX * sightings.grain
    result = np.zeros(half.shape)
    for picture in np.unique(sightings.picture):
        here = np.flatnonzero(sightings.picture == picture)
        since = sightings.picture_times_s[picture] - origin
        reached = np.flatnonzero(np.abs(since) <= REACH_S * slowness)
        since = since[reached]
        # Gravity does not act sideways: what lies too far aside does so at every guess.
        x = corner[reached, 0] + across[reached] * since
        aside = x[:, None] - sightings.centres[here, 0]
        ratio = sightings.stature[here] / size[reached, None]
        near = np.abs(aside) < tolerance[reached, None]
        row, seen = np.nonzero(near & (ratio < SIZE_RATIO) & (ratio > 1 / SIZE_RATIO))
        if not len(row):
            continue
        pair, aside, since = reached[row], aside[row, seen], since[row]
        y = corner[pair, 1] + (downward[:, pair] + half[:, pair] * since) * since
        down = y - sightings.centres[here[seen], 1]
        off = np.sqrt(aside**2 + down**2)  # a third of the time that np.hypot takes
        reach = tolerance[pair]
        vote = (off < reach) * (1 - off / (2 * reach)) * sightings.weight[here[seen]]
        begins = np.flatnonzero(np.diff(row, prepend=-1))
        result[:, pair[begins]] += np.maximum.reduceat(vote, begins, axis=1)
    return result


def flight_along(
    sightings: Sightings, times_s: np.ndarray, places: np.ndarray, size: float, slowness: float
) -> tuple[FlightPath, float] | None:
    """The flight near places (T, 2) where a body is known to be at times (T,), or None.

    Returns with it how much slower than life it is shown. What was taken for slow motion is asked
    again: the fall tells, now that it is well seen. Flight is looked for KNOWN_REACH_S beyond the
    known times, no further: somebody who waits in an armstand hardly leaves the path.
    """
    if len(times_s) < LEAST_MEMBERS:
        return None
    before, after = (reach * slowness for reach in KNOWN_REACH_S)
    seen_s = sightings.times_s
    near = np.flatnonzero((seen_s >= times_s[0] - before) & (seen_s <= times_s[-1] + after))
    here = sightings.only(near)
    path = _grown(here, _fitted(times_s, places, size, slowness), slowness)
    if path is not None and slowness > 1:
        if path.gravity <= 0:
            return None
        slowness = slowness_of(path)
        path = _grown(here, path, slowness)
    if path is None or not _falls_as_a_body(here, path, slowness, KNOWN_STEEPEST):
        return None
    path = path.weighed(here, slowness)
    return replace(path, members=near[path.members]), slowness


def slowness_of(path: FlightPath) -> float:
    """How much slower than life a fall is shown, by the size of what falls; 1 where that may be."""
    slowness = float(np.sqrt(GRAVITY * path.size / path.gravity))
    return slowness if slowness > GRAVITY_RATIOS[0] ** -0.5 else 1.0


@dataclass(frozen=True)
class _Known:
    """What became of guesses before, by the members of their paths; many meet on the way.

    fits: paths through those members. grown: what they had grown to when nothing more joined.
    """

    fits: dict[bytes, FlightPath] = field(default_factory=dict)
    grown: dict[bytes, FlightPath | None] = field(default_factory=dict)


def _grown(
    sightings: Sightings,
    path: FlightPath,
    slowness: float,
    known: _Known | None = None,
) -> FlightPath | None:
    """Fit a path to all that lies on it, growing to both sides; None if hardly anything does."""
    known = known or _Known()
    fits, grown = known.fits, known.grown
    met: list[bytes] = []
    for _ in range(FIT_ROUNDS):
        members = on_path(sightings, path, slowness)
        key = members.tobytes()
        if key in grown:
            break
        if len(members) < LEAST_MEMBERS:
            grown[key] = None
            break
        if met and met[-1] == key:
            grown[key] = path
            break
        if key not in fits:
            fits[key] = fitted_path(sightings, members, slowness)
        path = fits[key]
        met.append(key)
    else:
        return path
    grown.update(dict.fromkeys(met, grown[key]))
    return grown[key]


def _falls_as_a_body(
    sightings: Sightings, path: FlightPath, slowness: float, steepest: float = GRAVITY_RATIOS[1]
) -> bool:
    """Whether something falls as fast as its size tells, long enough, and seen often enough."""
    fall = path.gravity * slowness**2 / (GRAVITY * path.size)
    times = sightings.picture_times_s
    between = np.count_nonzero((times >= path.start_s) & (times <= path.end_s))
    return bool(
        GRAVITY_RATIOS[0] < fall < steepest
        and path.end_s - path.start_s >= LEAST_FLIGHT_S * slowness
        and len(path.members) >= LEAST_SEEN * between
    )


def fitted_path(sightings: Sightings, members: np.ndarray, slowness: float) -> FlightPath:
    """The parabola through sightings of one body, drawn to the gravity that its size tells.

    Each counts as much as it is certain.
    """
    size = _size(sightings, members)
    told = LEAST_TOLD + (1 - LEAST_TOLD) * sightings.weight[members]
    places = sightings.centres[members]
    path = _fitted(sightings.times_s[members], places, size, slowness, told)
    return replace(path, members=members)


def _size(sightings: Sightings, members: np.ndarray) -> float:
    """Stature that sightings tell: the finder's word, where it gave it often enough."""
    found = members[sightings.is_found[members]]
    told = found if len(found) >= LEAST_MEMBERS else members
    return float(np.median(sightings.stature[told]))


def _fitted(
    times_s: np.ndarray,
    places: np.ndarray,
    size: float,
    slowness: float,
    told: np.ndarray | float = 1.0,
) -> FlightPath:
    origin = float(times_s[0] + times_s[-1]) / 2
    expected = GRAVITY * size / slowness**2 / 2
    bend = BEND + BEND_BY_WAY * float(np.ptp(places[:, 1])) / size
    since = times_s - origin
    fall = GRAVITY_SHARE * expected * (float(np.ptp(times_s)) / 2) ** 2
    x, y = _fit(
        since,
        places.T,
        accuracy=ACCURACY * size,
        told=told,
        expected=np.array([0.0, expected]),
        pulls=np.array([[SIDEWAYS * size, bend * size], [fall, bend * size]]),
    )
    none = np.zeros(0, np.int64)
    return FlightPath(float(times_s[0]), float(times_s[-1]), origin, x, y, size, none)


def on_path(sightings: Sightings, path: FlightPath, slowness: float) -> np.ndarray:
    """Places of the sightings nearest to a path, one a picture at most, without long gaps."""
    times = sightings.times_s
    first, last = path.start_s - GROWTH_S * slowness, path.end_s + GROWTH_S * slowness
    near = np.flatnonzero((times >= first) & (times <= last) & sightings.sized(path.size))
    off = np.linalg.norm(path.at(times[near]) - sightings.centres[near], axis=1)
    tolerance = sightings.tolerance(path.size)
    fits = off < tolerance
    near, off = near[fits], off[fits] / tolerance - 0.5 * sightings.weight[near[fits]]
    if not len(near):
        return near
    near = near[np.lexsort((off, sightings.picture[near]))]
    near = near[np.concatenate([[True], np.diff(sightings.picture[near]) > 0])]
    gaps = np.flatnonzero(np.diff(times[near]) > GREATEST_GAP_S * slowness)
    return max(np.split(near, gaps + 1), key=len)


def _fit(
    times: np.ndarray,
    values: np.ndarray,
    *,
    accuracy: float,
    told: np.ndarray | float,
    expected: np.ndarray,
    pulls: np.ndarray,
) -> np.ndarray:
    """Cubics through two rows of values (2, T), outliers held down; (2, 4) coefficients.

    accuracy: standard deviation of a value. told: (T,) how much each is worth, 0 to 1. expected:
    (2,) half the acceleration. pulls: (2, 2) how far the ends may be off what is expected by their
    acceleration, and by a bend; standard deviations.
    """
    reach = max(float(np.ptp(times)) / 2, 1e-6)
    powers = (times / reach)[:, None] ** np.arange(4)  # of -1 to 1: well conditioned
    origin = values[:, :1]  # scene units may be large numbers
    prior = np.zeros((2, 4, 4))
    prior[:, [2, 3], [2, 3]] = (accuracy / pulls) ** 2
    wanted = np.zeros((2, 4))
    wanted[:, 2] = expected * reach**2 * prior[:, 2, 2]
    values = values - origin
    weights = np.ones(values.shape) * told
    result = np.zeros((2, 4))
    half = len(times) // 2
    for _ in range(4):
        weighted = powers.T * weights[:, None]
        sums = (weighted @ values[..., None])[..., 0] + wanted
        result = np.linalg.solve(weighted @ powers + prior, sums[..., None])[..., 0]
        off = np.abs(values - result @ powers.T)
        ordered = np.sort(off, axis=1)
        middle = (ordered[:, half] + ordered[:, -1 - half])[:, None] / 2
        weights = told * np.minimum(1.0, (1.5 * middle + 1e-6) / np.maximum(off, 1e-9))
    result[:, 0] += origin[:, 0]
    scaled: np.ndarray = result / reach ** np.arange(4)
    return scaled
