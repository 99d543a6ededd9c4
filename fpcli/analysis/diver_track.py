"""From a flight to the diver's whole way: the approach before it, the water after it."""

import numpy as np

from fpcli.analysis.flight_path import FlightPath, Sightings
from fpcli.analysis.flight_track import FlightTrack
from fpcli.analysis.moments import Moments
from fpcli.analysis.scene import Stretch
from fpcli.video.follow import Track

BEFORE_S = 1.0  # of the approach, kept before the take-off (FineDiving's clips)
AFTER_S = 1.35  # of the water, kept after the entry
STEP_REACH = 0.5  # statures: how far the middle of a body may be from where it was expected
STEP_SHARE = 0.4  # of the way to what is seen that is followed at once
WAY_MOMENTS = 48  # of a flight, between which its way is straight enough to be drawn
BOARD_SIZE_RATIO = 2.2  # of a body on the board to the body in the air, as pieces that move


def follow_dive(
    stretch: Stretch,
    sightings: Sightings,
    moments: Moments,
    stature: float,
    slowness: float,
) -> Track:
    """The diver's track in pixels of the source, over the clip of a dive.

    stature: scene units. Before the take-off the sightings are followed backwards; from the moment
    at which the path reaches the water on, the track stays with that place of the scene.
    """
    takeoff, entry, path = moments.takeoff_s, moments.entry_s, moments.path
    start, end = clip_around(takeoff, entry, slowness)
    times = stretch.times_s
    chosen = np.flatnonzero((times >= start) & (times <= end))
    sinks = _sinks_s(path, moments.surface, entry, slowness)
    places = path.at(np.clip(times[chosen], takeoff, sinks))
    approach = np.flatnonzero(times[chosen] < takeoff)
    places[approach] = _backwards(
        sightings, times[chosen[approach]], path.at(np.array([takeoff]))[0], stature
    )
    glimpses = [stretch.glimpses[place] for place in chosen]
    pixels = np.stack(
        [glimpse.pixels(place[None])[0] for glimpse, place in zip(glimpses, places, strict=True)]
    )
    zoom = np.array([glimpse.zoom for glimpse in glimpses])
    return Track(
        times_s=times[chosen],
        centres=pixels,
        stature_px=stature / zoom,
    )


def flight_track(
    stretch: Stretch, moments: Moments, times_s: np.ndarray, slowness: float
) -> FlightTrack:
    """The way through the air, take-off to water, in the stretch's pictures of these times (T,)."""
    takeoff, entry, path = moments.takeoff_s, moments.entry_s, moments.path
    sinks = _sinks_s(path, moments.surface, entry, slowness)
    flown_s = np.linspace(takeoff, sinks, WAY_MOMENTS)
    way = path.at(flown_s)
    chosen = np.searchsorted(stretch.times_s, times_s)
    places = np.stack([stretch.glimpses[place].pixels(way) for place in chosen])
    return FlightTrack(times_s, flown_s, places)


def clip_around(takeoff_s: float, entry_s: float, slowness: float) -> tuple[float, float]:
    """Start and end of the clip of a dive, seconds of the video."""
    return takeoff_s - BEFORE_S * slowness, entry_s + AFTER_S * slowness


def _sinks_s(path: FlightPath, surface: float, entry: float, slowness: float) -> float:
    """When the body's middle reaches the water."""
    times = entry + np.arange(0, 0.5, 0.005) * slowness
    under = np.flatnonzero(path.at(times)[:, 1] >= surface)
    return float(times[under[0]] if len(under) else times[-1])


def _backwards(
    sightings: Sightings, times_s: np.ndarray, place: np.ndarray, stature: float
) -> np.ndarray:
    """Places (K, 2) of a body in successive pictures, known after the last of them."""
    places = np.empty((len(times_s), 2))
    seen_s = sightings.times_s
    for row in range(len(times_s) - 1, -1, -1):
        here = seen_s == times_s[row]
        expected = place
        off = np.linalg.norm(sightings.centres[here] - expected, axis=1) / stature
        odd = np.abs(np.log(sightings.stature[here] / stature))
        fits = (off < STEP_REACH) & (odd < np.log(BOARD_SIZE_RATIO))
        if fits.any():
            best = np.flatnonzero(fits)[np.argmin((off + 0.3 * odd)[fits])]
            seen = sightings.centres[here][best]
            place = expected + STEP_SHARE * (seen - expected)
        places[row] = place
    return places
