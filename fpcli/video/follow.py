"""A square window that follows a subject through a clip at a steady scale."""

from dataclasses import dataclass

import numpy as np

WINDOW_STATURES = 1.8  # side of the window: an upright body with its arms raised, and a margin
CENTRE_SMOOTHING_S = 0.06  # standard deviation of the bell that the path is smoothed with
STATURE_SMOOTHING_S = 0.6  # scale changes as a camera zooms, not as a body folds
BELL_REACH = 4.0  # standard deviations after which the bell is cut off


@dataclass(frozen=True, eq=False)
class Track:
    """Where a subject is in each of T pictures.

    times_s: (T,) rising seconds. centres: (T, 2) its middle, x and y in pixels of the upright
    picture, edges and not pixel centres. stature_px: (T,) pixels that its standing height would
    span at its distance, whatever its pose. All finite.
    """

    times_s: np.ndarray
    centres: np.ndarray
    stature_px: np.ndarray

    def __post_init__(self) -> None:
        """Check that the arrays fit together and can be followed."""
        count = len(self.times_s)
        if self.centres.shape != (count, 2) or self.stature_px.shape != (count,):
            raise ValueError("centres and stature_px must have one entry a picture")
        if not (np.isfinite(self.centres).all() and (self.stature_px > 0).all()):
            raise ValueError("a track must be finite, and its stature positive")


def follow_windows(track: Track, statures: float = WINDOW_STATURES) -> np.ndarray:
    """Smooth windows around a track.

    statures: side of a window in statures. Returns (T, 3) float64: left, top and side in pixels of
    the upright picture. A window may reach over the picture's edges.
    """
    centres = _smoothed(track.times_s, track.centres, CENTRE_SMOOTHING_S)
    sizes = np.exp(_smoothed(track.times_s, np.log(track.stature_px)[:, None], STATURE_SMOOTHING_S))
    sides = statures * sizes
    return np.concatenate([centres - sides / 2, sides], axis=1)


def at_times(times_s: np.ndarray, known_s: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values (K, C), known at rising times (K,), read at times (T,): straight between, (T, C)."""
    return np.stack([np.interp(times_s, known_s, column) for column in values.T], axis=-1)


def _smoothed(times_s: np.ndarray, values: np.ndarray, sigma_s: float) -> np.ndarray:
    """Average (T, C) values under a bell in time; straight lines stay straight inside."""
    result = np.empty_like(values, dtype=np.float64)
    for place, time_s in enumerate(times_s):
        near = np.abs(times_s - time_s) <= BELL_REACH * sigma_s
        weights = np.exp(-(((times_s[near] - time_s) / sigma_s) ** 2) / 2)
        result[place] = weights @ values[near] / weights.sum()
    return result
