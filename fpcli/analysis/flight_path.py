"""The path that only a body in free flight takes: a parabola as steep as the body is small."""

from dataclasses import dataclass, replace

import numpy as np

STATURE_M = 1.65  # of a diver; what a standing height in pixels is worth
GRAVITY_M_S2 = 9.81
GRAVITY = GRAVITY_M_S2 / STATURE_M  # statures a second squared
TOLERANCE = 0.22  # statures, that the middle of what is seen of a body may lie off its path
TOLERANCE_PX = 1.5  # and pixels, at the size of the picture that is searched
SIZE_RATIO = 1.9  # between two sightings of one body, folded and stretched
EVIDENCE_RATE_HZ = 15.0  # pictures a second that count as independent
SEEN_SHARE = 0.9  # of the pictures show a body where it flies
AROUND = (1.5, 4.0)  # tolerances from a path: where one looks for what lies about by chance
LEAST_ABOUT = 0.25  # pieces that lie about where none is seen


@dataclass(frozen=True, eq=False)
class Sightings:
    """All that may be a diver in a stretch of pictures, N sightings in K pictures.

    picture_times_s: (K,) rising. picture: (N,) places among them, rising. centres: (N, 2) in the
    scene's own coordinates, in which the background stands still. stature: (N,) in the same
    unit. weight: (N,) 0 to 1. phases: (N, 3) probabilities of board, flight and entry. is_found:
    (N,) whether the finder saw it. grain: a pixel of the searched pictures in the scene's unit.
    """

    picture_times_s: np.ndarray
    picture: np.ndarray
    centres: np.ndarray
    stature: np.ndarray
    weight: np.ndarray
    phases: np.ndarray
    is_found: np.ndarray
    grain: float = 1.0

    @property
    def times_s(self) -> np.ndarray:
        """(N,) seconds, of each sighting."""
        times: np.ndarray = self.picture_times_s[self.picture]
        return times

    def only(self, chosen: np.ndarray) -> "Sightings":
        """Those chosen, of the same pictures."""
        return Sightings(
            self.picture_times_s,
            self.picture[chosen],
            self.centres[chosen],
            self.stature[chosen],
            self.weight[chosen],
            self.phases[chosen],
            self.is_found[chosen],
            self.grain,
        )

    def tolerance(self, stature: float) -> float:
        """How far what is seen of a body may lie off its path, scene units."""
        return TOLERANCE * stature + TOLERANCE_PX * self.grain

    def sized(self, stature: float) -> np.ndarray:
        """(N,) which could be a body of that stature, folded or stretched."""
        ratio = self.stature / stature
        return np.asarray((ratio < SIZE_RATIO) & (ratio > 1 / SIZE_RATIO))


@dataclass(frozen=True, eq=False)
class FlightPath:
    """A body in free flight.

    start_s, end_s: first and last moment at which it was seen on its path. origin_s: the moment at
    which the polynomials are anchored. x, y: (4,) place, speed, half the acceleration, and the
    little that a camera's turn and a change of distance bend the parabola, in the scene's units.
    size: stature that the body's size tells, same unit. members: (M,) places among the sightings.
    evidence: how much likelier it is than chance, natural logarithm.
    """

    start_s: float
    end_s: float
    origin_s: float
    x: np.ndarray
    y: np.ndarray
    size: float
    members: np.ndarray
    evidence: float = 0.0

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """Places (T, 2) at times (T,)."""
        since = np.asarray(times_s, dtype=np.float64) - self.origin_s
        powers = np.stack([np.ones_like(since), since, since**2, since**3], axis=-1)
        return np.stack([powers @ self.x, powers @ self.y], axis=-1)

    @property
    def gravity(self) -> float:
        """Downward acceleration, scene units a second squared."""
        return 2 * float(self.y[2])

    def weighed(self, sightings: Sightings, slowness: float) -> "FlightPath":
        """The same path with its evidence."""
        return replace(self, evidence=_evidence(sightings, self, slowness))


def _evidence(sightings: Sightings, path: FlightPath, slowness: float) -> float:
    """How much likelier what is seen is with a body on a path than by chance, natural logarithm.

    Chance is what lies about around the path: among many moving pieces one more says little.
    """
    times = sightings.picture_times_s
    pictures = np.flatnonzero((times >= path.start_s) & (times <= path.end_s))
    places = path.at(times[pictures])
    near = np.flatnonzero((sightings.picture >= pictures[0]) & (sightings.picture <= pictures[-1]))
    near = near[sightings.sized(path.size)[near]]
    row = sightings.picture[near] - pictures[0]
    tolerance = sightings.tolerance(path.size)
    off = np.linalg.norm(sightings.centres[near] - places[row], axis=1) / tolerance
    around = (off > AROUND[0]) & (off < AROUND[1])
    about = np.bincount(row[around], minlength=len(pictures)) + LEAST_ABOUT
    chance = 1 - np.exp(-about / (AROUND[1] ** 2 - AROUND[0] ** 2))
    own = sightings.picture[path.members] - pictures[0]
    distance = np.linalg.norm(sightings.centres[path.members] - places[own], axis=1)
    told = np.log((1 - SEEN_SHARE) / (1 - chance))
    told[own] = (
        np.log(SEEN_SHARE / chance[own]) * (0.5 + sightings.weight[path.members])
        - (distance / tolerance) ** 2
    )
    independent = EVIDENCE_RATE_HZ * (path.end_s - path.start_s) / slowness
    return float(told.sum() * min(independent / len(pictures), 1.0))
