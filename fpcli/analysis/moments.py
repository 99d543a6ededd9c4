"""The two moments of a flight: the feet leave the board, the hands or feet touch the water."""

from dataclasses import dataclass

import numpy as np

from fpcli.analysis.flight_path import GRAVITY, FlightPath, Sightings
from fpcli.analysis.flight_search import ACCURACY, LEAST_MEMBERS, fitted_path, on_path
from fpcli.analysis.takeoff import ENTRY, FLIGHT, GRID_S, takeoff_s

ENTRY_SEARCH_S = (0.4, 0.3)  # tried before and after the last one
LOOK_S = 0.3  # of pictures beyond what is tried that are looked at
MOST_OFF = 2.5  # standard deviations, from which a sighting tells no more
HALF_REACH = 0.55  # statures from the middle of a stretched body to its finger tips
DOUBT = 0.3  # cost of a sighting of no weight
PHASE_COST = 0.3  # of a sighting in another phase of the dive
UNSURE = 0.4  # what a phase's probability may be where it tells nothing: a hurdle looks like flight
ROUNDS = 3
AIR_S = (0.5, 2.1)  # between take-off and entry, of any board
LATER_SHARE = 0.6  # of a path that is too long for a flight, which is one
SURE_S = 0.12  # from a moment, in which the phase is beyond doubt
SPLASH_S = 0.6  # after the entry in which it can be seen
NEAR = 0.6  # statures within which a sighting is the same body's


@dataclass(frozen=True)
class Moments:
    """Take-off and entry in seconds, and the height of the water's surface there, scene units.

    path: the flight between them, fitted again.
    """

    takeoff_s: float
    entry_s: float
    surface: float
    path: FlightPath


def find_moments(sightings: Sightings, path: FlightPath, slowness: float) -> Moments:
    """Find where a flight begins and ends, and fit its path to what lies between."""
    moments = _moments(sightings, path, slowness)
    if moments.entry_s - moments.takeoff_s < AIR_S[1] * slowness:
        return moments
    # The path took in somebody who stood, or walked out, as slowly as a flight begins.
    later = sightings.times_s[path.members] > path.end_s - LATER_SHARE * (path.end_s - path.start_s)
    if np.count_nonzero(later) < LEAST_MEMBERS:
        return moments
    return _moments(sightings, fitted_path(sightings, path.members[later], slowness), slowness)


def _moments(sightings: Sightings, path: FlightPath, slowness: float) -> Moments:
    for _ in range(ROUNDS):
        stature = stature_of(path, slowness)
        takeoff = takeoff_s(sightings, path, stature, slowness)
        entry, surface = entry_s(sightings, path, stature, slowness)
        members = on_path(sightings, path, slowness)
        times = sightings.times_s[members]
        inside = members[(times >= takeoff) & (times <= entry)]
        if len(inside) < LEAST_MEMBERS or np.array_equal(inside, path.members):
            break
        path = fitted_path(sightings, inside, slowness)
    return Moments(takeoff, entry, surface, path)


def stature_of(path: FlightPath, slowness: float) -> float:
    """A diver's stature in scene units: as the size and, at real speed, the fall tell it.

    Their errors are alike and have nothing to do with each other, so the middle of both is used.
    """
    if slowness > 1:
        return path.size
    return float(np.sqrt(path.size * max(path.gravity, 0.0) / GRAVITY)) or path.size


def entry_s(
    sightings: Sightings, path: FlightPath, stature: float, slowness: float
) -> tuple[float, float]:
    """The moment at which a flight ends at the water, seconds, and the surface, scene units.

    What is seen of an upright body that sinks: its middle rises against the path as the water
    swallows it, and stays at the surface once it is gone.
    """
    earlier, later = (reach * slowness for reach in ENTRY_SEARCH_S)
    last = min(path.end_s + later, float(sightings.picture_times_s[-1]))
    tried = np.arange(path.end_s - earlier, last, GRID_S * slowness)
    beyond = LOOK_S * slowness
    view = _View(sightings, path, stature, float(tried[0]) - beyond, float(tried[-1]) + beyond)
    surfaces = path.at(tried)[:, 1] + HALF_REACH * stature
    middle = path.at(view.times_s)[:, 1]
    found = np.minimum(middle, surfaces[:, None]) - middle
    bottom = np.minimum(middle + HALF_REACH * stature, surfaces[:, None])
    top = np.minimum(middle - HALF_REACH * stature, surfaces[:, None])
    odd = view.phase_cost(tried, (0.0, 1.0), ENTRY)
    costs = view.cost((bottom + top) / 2 - middle, found, odd).sum(axis=1)
    best = int(np.argmin(costs))
    return float(tried[best]), float(surfaces[best])


@dataclass(frozen=True)
class PhaseShares:
    """How surely the finder sees flight in the air, and an entry after it; 0 to 1, None unknown."""

    flight: float
    entry: float | None


def phase_shares(
    sightings: Sightings, moments: Moments, stature: float, slowness: float
) -> PhaseShares:
    """Ask the finder what it sees along a flight, and where the body went into the water."""
    takeoff, entry = moments.takeoff_s, moments.entry_s
    times = sightings.picture_times_s
    flying = (times >= takeoff + SURE_S * slowness) & (times <= entry - SURE_S * slowness)
    gone = (times >= entry + SURE_S * slowness) & (times <= entry + SPLASH_S * slowness)
    sunk = moments.path.at(np.array([entry + SURE_S * slowness]))
    in_water = np.repeat(sunk, int(gone.sum()), axis=0)
    in_air = moments.path.at(times[flying])
    shares = [
        _phase_share(sightings, np.flatnonzero(pictures), places, stature, phase)
        for pictures, places, phase in ((flying, in_air, FLIGHT), (gone, in_water, ENTRY))
    ]
    return PhaseShares(shares[0] or 0.0, shares[1])


def _phase_share(
    sightings: Sightings, pictures: np.ndarray, places: np.ndarray, stature: float, phase: int
) -> float | None:
    """Mean probability of a phase near places (K, 2) in K pictures; None where none can tell."""
    told = []
    for picture, place in zip(pictures, places, strict=True):
        here = np.flatnonzero((sightings.picture == picture) & sightings.is_found)
        off = np.linalg.norm(sightings.centres[here] - place, axis=1) / stature
        near = here[off < NEAR]
        likeliest = near[np.argmax(sightings.weight[near])] if len(near) else None
        if likeliest is not None:
            told.append(float(sightings.phases[likeliest, phase]))
        elif phase == FLIGHT:  # a body in the air is seen, a small splash need not be
            told.append(0.0)
    return float(np.mean(told)) if told else None


class _View:
    """The pictures of a few tenths of a second, and how well a body's places agree with them."""

    def __init__(
        self, sightings: Sightings, path: FlightPath, stature: float, start_s: float, end_s: float
    ) -> None:
        times = sightings.picture_times_s
        pictures = np.flatnonzero((times >= start_s) & (times <= end_s))
        self.times_s = times[pictures]
        first = pictures[0] if len(pictures) else 0
        near = np.flatnonzero(
            (sightings.picture >= first) & (sightings.picture < first + len(pictures))
        )
        near = near[sightings.sized(stature)[near]]
        self._row = sightings.picture[near] - first
        self._off = sightings.centres[near] - path.at(sightings.times_s[near])
        self._off = self._off / stature
        self._stature = stature
        self._is_found = sightings.is_found[near]
        self._doubt = DOUBT * (1 - sightings.weight[near])
        self._phases = sightings.phases[near]

    def phase_cost(
        self, moments_s: np.ndarray, wanted: tuple[float, float], phase: int
    ) -> np.ndarray:
        """Cost (M, N) of the N sightings where a phase ends or begins at each of M moments.

        wanted: the probability of the phase before and after.
        """
        told = self._phases[:, phase]
        earlier = self.times_s[self._row] < moments_s[:, None]
        fits = np.where(earlier, np.abs(told - wanted[0]), np.abs(told - wanted[1]))
        return np.where(self._is_found, PHASE_COST * fits, PHASE_COST * UNSURE)

    def cost(self, offsets: np.ndarray, found_offsets: np.ndarray, odd: np.ndarray) -> np.ndarray:
        """Cost (M, K), 0 to 1, of M ways of the body through the K pictures.

        offsets: (M, K) how much lower than its path the middle of what moves lies, scene units;
        found_offsets: the same of the body's middle as the finder sees it. odd: (M, N) what else
        speaks against each sighting.
        """
        columns = np.where(self._is_found, found_offsets[:, self._row], offsets[:, self._row])
        away = np.hypot(self._off[:, 0], self._off[:, 1] - columns / self._stature) / ACCURACY
        each = np.minimum((away / MOST_OFF) ** 2 + self._doubt + odd, 1.0)
        result = np.ones_like(offsets)
        np.minimum.at(result.T, self._row, each.T)
        return result
