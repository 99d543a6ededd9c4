"""The path that only a body in free flight takes: a parabola as steep as the body is small."""

from dataclasses import dataclass

import numpy as np

STATURE_M = 1.65  # of a diver; what a standing height in pixels is worth
GRAVITY = 9.81 / STATURE_M  # statures a second squared
PAIR_S = (0.18, 0.55)  # apart: two sightings that make a hypothesis
REACH_S = 0.75  # a hypothesis is tested this far around its middle
TOLERANCE = 0.22  # statures, that the middle of what is seen of a body may lie off its path
TOLERANCE_PX = 1.5  # and pixels, at the size of the picture that is searched
LEAST_FLIGHT_S = 0.45  # seen in the air; the lowest springboard gives 0.7 s
GREATEST_GAP_S = 0.17  # in which nothing is seen on the path
FASTEST_DRIFT = 3.0  # statures a second sideways
SIZE_RATIO = 1.9  # between two sightings of one body, folded and stretched
GRAVITY_RATIO = 1.9  # between the fall seen and the fall that the body's size tells
GRAVITY_GUESSES = (0.6, 1.0, 1.6)  # of what the size tells, tried for each pair
SEARCH_RATE_HZ = 15.0  # pictures a second that hypotheses are made of and tested on
MOST_HYPOTHESES = 6000  # a stretch
STRETCH_S = 1.0  # hypotheses are made for pairs whose middle lies in one stretch
KEPT_HYPOTHESES = 12  # a stretch, refined
FIT_ROUNDS = 8
BOTH_SHARE = 0.5  # of the pictures in a flight that must show the body on its path


@dataclass(frozen=True, eq=False)
class Sightings:
    """All that may be a diver in a stretch of pictures, N sightings in K pictures.

    picture_times_s: (K,) rising. picture: (N,) places among them, rising. centres: (N, 2) in the
    scene's own coordinates, in which the background stands still. stature: (N,) in the same
    unit. boxes: (N, 4) x0, y0, x1, y1. weight: (N,) 0 to 1.
    """

    picture_times_s: np.ndarray
    picture: np.ndarray
    centres: np.ndarray
    stature: np.ndarray
    boxes: np.ndarray
    weight: np.ndarray

    @property
    def times_s(self) -> np.ndarray:
        """(N,) seconds, of each sighting."""
        return self.picture_times_s[self.picture]


@dataclass(frozen=True, eq=False)
class FlightPath:
    """A body in free flight.

    start_s, end_s: first and last moment at which it was seen on its path. origin_s: the moment at
    which the polynomials are anchored. x, y: (3,) place, speed and half the acceleration, in the
    scene's units. stature: of the body as its size tells, same unit. support: share of the
    pictures in between that show it on its path. members: (M,) places among the sightings.
    spread: root mean square distance of the members from the path, statures.
    """

    start_s: float
    end_s: float
    origin_s: float
    x: np.ndarray
    y: np.ndarray
    stature: float
    support: float
    members: np.ndarray
    spread: float

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """Places (T, 2) at times (T,)."""
        since = np.asarray(times_s, dtype=np.float64) - self.origin_s
        powers = np.stack([np.ones_like(since), since, since**2], axis=-1)
        return np.stack([powers @ self.x, powers @ self.y], axis=-1)

    @property
    def gravity(self) -> float:
        """Downward acceleration, scene units a second squared."""
        return 2 * float(self.y[2])

    @property
    def slowness(self) -> float:
        """How much slower than life the body falls for its size: 1 at real speed."""
        return float(np.sqrt(GRAVITY * self.stature / max(self.gravity, 1e-9)))

    @property
    def drop(self) -> float:
        """How much lower the path ends than it starts, statures."""
        ends = self.at(np.array([self.start_s, self.end_s]))
        return float(ends[1, 1] - ends[0, 1]) / self.stature

    @property
    def score(self) -> float:
        """How much speaks for it: seconds on the path, less what is missing or off it."""
        return (self.end_s - self.start_s) * self.support * (1 - self.spread / TOLERANCE / 2)


def find_flights(sightings: Sightings, slowness: float = 1.0) -> list[FlightPath]:
    """Every body in free flight, none overlapping another in time, the best supported first.

    slowness: how many times slower than life the video is shown.
    """
    times = sightings.times_s
    if len(times) < 2:
        return []
    found: list[FlightPath] = []
    step = STRETCH_S * slowness
    for start in np.arange(times[0], times[-1], step):
        for guess in _hypotheses(sightings, start, start + step, slowness):
            path = _refined(sightings, guess, slowness)
            if path is not None:
                found.append(path)
    return _separate(found)


def _separate(paths: list[FlightPath]) -> list[FlightPath]:
    kept: list[FlightPath] = []
    for path in sorted(paths, key=lambda path: -path.score):
        if all(not np.intersect1d(path.members, other.members).size for other in kept):
            kept.append(path)
    return kept


def _hypotheses(
    sightings: Sightings, start_s: float, end_s: float, slowness: float
) -> list[tuple[float, np.ndarray, np.ndarray, float]]:
    """Paths through pairs of sightings that most pictures agree with: origin, x, y, stature."""
    chosen = _thinned(sightings, slowness)
    times, places = sightings.times_s[chosen], sightings.centres[chosen]
    stature, weight = sightings.stature[chosen], sightings.weight[chosen]
    near = (times >= start_s - REACH_S * slowness) & (times <= end_s + REACH_S * slowness)
    times, places, stature, weight = times[near], places[near], stature[near], weight[near]
    if len(times) < 2:
        return []
    first, second = np.triu_indices(len(times), 1)
    apart = times[second] - times[first]
    middle = (times[second] + times[first]) / 2
    keep = (apart >= PAIR_S[0] * slowness) & (apart <= PAIR_S[1] * slowness)
    keep &= (middle >= start_s) & (middle < end_s)
    keep &= np.abs(np.log(stature[first] / stature[second])) < np.log(SIZE_RATIO)
    first, second, apart = first[keep], second[keep], apart[keep]
    size = np.sqrt(stature[first] * stature[second])
    drift = np.abs(places[second, 0] - places[first, 0])
    keep = drift <= FASTEST_DRIFT * size * apart / slowness
    first, second, apart, size = first[keep], second[keep], apart[keep], size[keep]
    if not len(first):
        return []
    if len(first) * len(GRAVITY_GUESSES) > MOST_HYPOTHESES:
        order = np.argsort(-weight[first] * weight[second], kind="stable")
        order = order[: MOST_HYPOTHESES // len(GRAVITY_GUESSES)]
        first, second, apart, size = first[order], second[order], apart[order], size[order]
    half = np.concatenate([guess * GRAVITY * size / 2 / slowness**2 for guess in GRAVITY_GUESSES])
    first, second, apart, size = (
        np.tile(values, len(GRAVITY_GUESSES)) for values in (first, second, apart, size)
    )
    way = places[second] - places[first]
    x_speed = way[:, 0] / apart
    y_speed = way[:, 1] / apart - half * apart
    votes = _votes(
        times,
        places,
        stature,
        weight,
        times[first],
        places[first],
        x_speed,
        y_speed,
        half,
        size,
        slowness,
    )
    best = []
    for place in np.argsort(-votes, kind="stable")[: 4 * KEPT_HYPOTHESES]:
        best.append(
            (
                float(times[first[place]]),
                np.array([places[first[place], 0], x_speed[place], 0.0]),
                np.array([places[first[place], 1], y_speed[place], half[place]]),
                float(size[place]),
            )
        )
    return best[: KEPT_HYPOTHESES * 2]


def _thinned(sightings: Sightings, slowness: float) -> np.ndarray:
    """Places of the sightings in about SEARCH_RATE_HZ pictures a second of the dive."""
    ticks = np.floor(sightings.picture_times_s * SEARCH_RATE_HZ / slowness + 1e-6)
    is_first = np.concatenate([[True], np.diff(ticks) > 0])
    return np.flatnonzero(is_first[sightings.picture])


def _votes(
    times, places, stature, weight, origin, corner, x_speed, y_speed, half, size, slowness
) -> np.ndarray:
    """How many pictures show something of the right size where each hypothesis has it."""
    result = np.zeros(len(origin))
    for moment in np.unique(times):
        here = times == moment
        since = moment - origin
        x = corner[:, 0] + x_speed * since
        y = corner[:, 1] + (y_speed + half * since) * since
        off = np.hypot(x[:, None] - places[here, 0], y[:, None] - places[here, 1])
        fits = off < (TOLERANCE * size + TOLERANCE_PX)[:, None]
        ratio = stature[here][None] / size[:, None]
        fits &= (ratio < SIZE_RATIO) & (ratio > 1 / SIZE_RATIO)
        in_reach = np.abs(since) <= REACH_S * slowness
        closeness = 1 - off / (2 * (TOLERANCE * size + TOLERANCE_PX))[:, None]
        result += np.where(in_reach, (fits * closeness * weight[here]).max(axis=1), 0.0)
    return result


def _refined(
    sightings: Sightings, guess: tuple[float, np.ndarray, np.ndarray, float], slowness: float
) -> FlightPath | None:
    """Fit a path to all that lies on it, growing to both sides; None if no flight is left."""
    origin, x, y, size = guess
    expected = GRAVITY * size / slowness**2 / 2
    middle = origin + 0.15 * slowness
    members = np.zeros(0, np.int64)
    reach = 0.35 * slowness
    for _ in range(FIT_ROUNDS):
        members = _on_path(sightings, origin, x, y, size, middle, reach, slowness)
        if len(members) < 5:
            return None
        times = sightings.times_s[members] - origin
        places = sightings.centres[members]
        size = float(np.median(sightings.stature[members]))
        expected = GRAVITY * size / slowness**2 / 2
        x = _fit(times, places[:, 0], prior=0.0, strength=_stiffness(times, expected, 0.15))
        y = _fit(times, places[:, 1], prior=expected, strength=_stiffness(times, expected, 0.5))
        seen = sightings.times_s[members]
        middle = float(seen[0] + seen[-1]) / 2
        reach = float(seen[-1] - seen[0]) / 2 + 0.3 * slowness
    seen = sightings.times_s[members]
    length = float(seen[-1] - seen[0])
    if length < LEAST_FLIGHT_S * slowness or y[2] <= 0:
        return None
    ratio = y[2] / expected
    if not 1 / GRAVITY_RATIO < ratio < GRAVITY_RATIO:
        return None
    pictures = sightings.picture_times_s
    between = np.count_nonzero((pictures >= seen[0]) & (pictures <= seen[-1]))
    support = len(members) / max(between, 1)
    if support < BOTH_SHARE:
        return None
    path = FlightPath(float(seen[0]), float(seen[-1]), origin, x, y, size, support, members, 0.0)
    off = np.linalg.norm(path.at(seen) - sightings.centres[members], axis=1) / size
    return FlightPath(
        path.start_s,
        path.end_s,
        origin,
        x,
        y,
        size,
        support,
        members,
        float(np.sqrt(np.mean(off**2))),
    )


def _on_path(
    sightings: Sightings,
    origin: float,
    x: np.ndarray,
    y: np.ndarray,
    size: float,
    middle: float,
    reach: float,
    slowness: float,
) -> np.ndarray:
    """Places of the sightings nearest to a path, one a picture at most, without long gaps."""
    times = sightings.times_s
    near = np.flatnonzero(np.abs(times - middle) <= reach)
    since = times[near] - origin
    off = np.hypot(
        x[0] + since * (x[1] + since * x[2]) - sightings.centres[near, 0],
        y[0] + since * (y[1] + since * y[2]) - sightings.centres[near, 1],
    )
    ratio = sightings.stature[near] / size
    fits = (off < TOLERANCE * size + TOLERANCE_PX) & (ratio < SIZE_RATIO) & (ratio > 1 / SIZE_RATIO)
    near, off = near[fits], off[fits]
    if not len(near):
        return near
    order = np.lexsort((off, sightings.picture[near]))
    near = near[order]
    is_first = np.concatenate([[True], np.diff(sightings.picture[near]) > 0])
    near = near[is_first]
    gaps = np.flatnonzero(np.diff(times[near]) > GREATEST_GAP_S * slowness)
    pieces = np.split(near, gaps + 1)
    return max(pieces, key=len)


def _stiffness(times: np.ndarray, expected: float, share: float) -> float:
    """Weight of the prior on half the acceleration: as of one sighting at the path's far end."""
    return 0.2 / share**2


def _fit(times: np.ndarray, values: np.ndarray, *, prior: float, strength: float) -> np.ndarray:
    """Quadratic through values, outliers held down, its curvature drawn to a prior."""
    powers = np.stack([np.ones_like(times), times, times**2], axis=1)
    span = max(float(times[-1] - times[0]), 1e-6)
    pull = np.array([0.0, 0.0, np.sqrt(strength) * span**2 / 4])
    weights = np.ones(len(times))
    result = np.zeros(3)
    for _ in range(4):
        rows = np.vstack([powers * weights[:, None], pull])
        target = np.concatenate([values * weights, [pull[2] * prior]])
        result = np.linalg.lstsq(rows, target, rcond=None)[0]
        off = np.abs(values - powers @ result)
        scale = 1.5 * float(np.median(off)) + 1e-6
        weights = np.sqrt(np.minimum(1.0, scale / np.maximum(off, 1e-9)))
    return result
