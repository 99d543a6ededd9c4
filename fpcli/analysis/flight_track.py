"""The diver's way through the air, as a camera that moves shows it in each picture."""

from dataclasses import dataclass

import numpy as np

from fpcli.video.follow import at_times


@dataclass(frozen=True, eq=False)
class FlightTrack:
    """Where the middle of the body was from take-off to the water, in each of T pictures.

    times_s: (T,) of the pictures, rising, seconds of the source. moments_s: (K,) of the flight,
    rising. places_px: (T, K, 2) x and y, in pixels of the upright source, of the place of each
    moment as each picture shows it: the background moves with the camera, and the way with it.
    """

    times_s: np.ndarray
    moments_s: np.ndarray
    places_px: np.ndarray

    def in_pictures_of(self, times_s: np.ndarray) -> "FlightTrack":
        """The same way in pictures of other moments (T,)."""
        flat = self.places_px.reshape(len(self.times_s), -1)
        places = at_times(times_s, self.times_s, flat).reshape(len(times_s), -1, 2)
        return FlightTrack(np.asarray(times_s), self.moments_s, places)

    def covered(self, time_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Moments (N,) and places (N, 2) that lie behind the diver at a moment, and his own last.

        Both are empty before the take-off and outside the pictures.
        """
        shown = self.times_s[0] <= time_s <= self.times_s[-1]
        if not shown or time_s <= self.moments_s[0]:
            return np.empty(0), np.empty((0, 2))
        places = self.in_pictures_of(np.array([time_s])).places_px[0]
        until_s = min(time_s, float(self.moments_s[-1]))
        moments = np.append(self.moments_s[self.moments_s < until_s], until_s)
        return moments, at_times(moments, self.moments_s, places)
