"""The body's long axis in the masks: how it leans at the water, and how fast it somersaults.

Angles are of the picture, from its vertical, rising clockwise: a camera held askew or not square to
the flight is not corrected for.
"""

from dataclasses import dataclass

import numpy as np

from fpcli.analysis.doubt import THRESHOLD
from fpcli.analysis.mask_track import largest_piece

LEAST_PIXELS = 60  # of a mask, for its axis to mean anything
LEAST_ELONGATION = 2.6  # length over width of a body whose line can be told
ENTRY_S = (0.14, 0.02)  # before and after the touch: the body's line is read there
LEAST_SEEN = 3  # pictures
LINE_DEG = 3.5  # standard deviation of a line that was read in several pictures
TOUCH_S = 0.015  # standard deviation of the moment of the touch
ASKEW = 0.1  # standard deviation of the share by which an oblique view changes an angle
LEAST_TURN_DEG_S = 100.0  # slower than that, it cannot be told which way a body turns
ABOUT_S = 0.1  # around the touch, in which the whole body is seen
GONE_SHARE = 0.4  # of that area, less of which is no body any more
SINKS_S = (0.025, 0.185)  # after the touch, in which a body vanishes
WATCHED_S = 0.45  # after the touch
HELD_S = (0.15, 0.2)  # after take-off and before the touch, beyond which no position is held
SPIN_WINDOWS_S = (0.4, 0.5, 0.6)  # in which a rate is looked for
SPIN_STEP_S = 0.05  # between windows
LEAST_SPIN_PICTURES = 8
RATES = np.arange(-4.6, 4.61, 0.01)  # somersaults a second
LEAST_RATE = 1.2  # slower than that, nothing is held that turns
LEAST_AGREEMENT = 0.85  # of the axes with a steady rate, 0 to 1
FULL_NARROWNESS = 0.5  # narrower bodies count no more
RATE_ERROR = 0.24  # standard deviation, somersaults a second
SURE_TURNS = 3.0  # standard deviations


@dataclass(frozen=True, eq=False)
class BodyAxis:
    """The long axis of a body in S pictures.

    times_s: (S,) seconds of the video, rising. samples: (S,) places among the sampled pictures.
    angles_rad: (S,) of the axis from the vertical, half turns apart the same. elongation: (S,)
    length over width. area_px: (S,) pixels of the source.
    """

    times_s: np.ndarray
    samples: np.ndarray
    angles_rad: np.ndarray
    elongation: np.ndarray
    area_px: np.ndarray

    @property
    def narrowness(self) -> np.ndarray:
        """(S,) how much longer than wide: 0 for a disc, 1 for a line."""
        square = self.elongation**2
        narrowness: np.ndarray = (square - 1) / (square + 1)
        return narrowness


@dataclass(frozen=True)
class EntryLine:
    """The body's line at the touch of the water.

    angle_deg: off the vertical; with the body's turn, past it is positive and short of it negative.
    error_deg: standard deviation. sample: the picture it was seen in.
    """

    angle_deg: float
    error_deg: float
    sample: int


def body_axis(
    probabilities: np.ndarray, windows_px: np.ndarray, times_s: np.ndarray, places: np.ndarray
) -> BodyAxis:
    """Measure the axis of the largest piece of each mask that is large enough.

    probabilities: (96, h, w). windows_px: (96, 4) what they show of the source. times_s: (96,).
    places: (96,) the pictures' places in the source; a picture that is sampled twice counts once.
    """
    found = []
    for sample in np.unique(places, return_index=True)[1]:
        piece = largest_piece(probabilities[sample] >= THRESHOLD)
        rows, columns = np.nonzero(piece)
        if len(rows) < LEAST_PIXELS:
            continue
        x0, y0, x1, y1 = windows_px[sample]
        height, width = piece.shape
        points = np.stack([columns * (x1 - x0) / width, rows * (y1 - y0) / height])
        spread, axes = np.linalg.eigh(np.cov(points, aweights=probabilities[sample][rows, columns]))
        x, y = axes[:, 1]
        area = len(rows) * (x1 - x0) * (y1 - y0) / piece.size
        found.append((sample, np.arctan2(x, -y), np.sqrt(spread[1] / max(spread[0], 1e-9)), area))
    samples, angles, elongation, areas = np.array(found).reshape(-1, 4).T
    samples = samples.astype(np.int64)
    return BodyAxis(times_s[samples], samples, angles, elongation, areas)


def sinks_at_touch(axis: BodyAxis, touch_s: float, slowness: float) -> bool:
    """Whether the body is seen to vanish as long after a moment as it does after the touch."""
    since_s = (axis.times_s - touch_s) / slowness
    before = axis.area_px[(since_s >= -ABOUT_S) & (since_s <= ABOUT_S)]
    if not len(before):
        return False
    there = since_s[(axis.area_px >= GONE_SHARE * before.max()) & (since_s <= WATCHED_S)]
    return bool(SINKS_S[0] <= there.max(initial=-np.inf) <= SINKS_S[1])


@dataclass(frozen=True)
class Spin:
    """A steady somersault: rate and standard deviation a second, and the picture in its middle."""

    rate: float
    error: float
    sample: int


def spin(axis: BodyAxis, takeoff_s: float, touch_s: float, slowness: float) -> Spin | None:
    """The steadiest rate at which the axis turns in the air; None where none is steady.

    A mask looks the same after half a turn, so its doubled angle goes round twice a somersault.
    """
    since_s = (axis.times_s - takeoff_s) / slowness
    air_s = (touch_s - takeoff_s) / slowness
    flying = np.flatnonzero((since_s > HELD_S[0]) & (since_s < air_s - HELD_S[1]))
    most, best = 0.0, None
    for window in SPIN_WINDOWS_S:
        for start in np.arange(HELD_S[0], air_s - HELD_S[1] - window, SPIN_STEP_S):
            here = flying[(since_s[flying] >= start) & (since_s[flying] <= start + window)]
            weight = np.minimum(axis.narrowness[here] / FULL_NARROWNESS, 1.0)
            if len(here) < LEAST_SPIN_PICTURES or not weight.any():
                continue
            turning = weight * np.exp(2j * axis.angles_rad[here])
            waves = np.exp(-4j * np.pi * RATES[:, None] * since_s[here])
            agreement = np.abs(waves @ turning) / weight.sum()
            place = int(agreement.argmax())
            share, rate = float(agreement[place]), abs(float(RATES[place]))
            worth = share * len(here) ** 0.5
            if worth > most:
                steady = share >= LEAST_AGREEMENT and LEAST_RATE <= rate < RATES[-1]
                middle = int(axis.samples[here[len(here) // 2]])
                most, best = worth, Spin(rate, RATE_ERROR, middle) if steady else None
    return best


def entry_line(axis: BodyAxis, touch_s: float, slowness: float) -> EntryLine | None:
    """Read the body's line at the touch; None where it is not seen or its turn is unclear.

    touch_s: seconds of the video. The line is a straight one through the last pictures in the air;
    the way it turns there is the somersault's, which tells short of the vertical from past it.
    """
    since_s = (axis.times_s - touch_s) / slowness
    chosen = (since_s >= -ENTRY_S[0]) & (since_s <= ENTRY_S[1])
    chosen &= axis.elongation >= LEAST_ELONGATION
    if chosen.sum() < LEAST_SEEN:
        return None
    since_s = since_s[chosen]
    angles = np.degrees(np.unwrap(axis.angles_rad[chosen], period=np.pi))
    angles -= 180 * np.round(angles[-1] / 180)
    powers = np.stack([np.ones_like(since_s), since_s], axis=1)
    (angle, turn), *_ = np.linalg.lstsq(powers, angles, rcond=None)
    off = float(np.sqrt(((angles - powers @ (angle, turn)) ** 2).mean()))
    scatter = max(off, LINE_DEG)
    turn_error = scatter / (np.sqrt(len(since_s)) * float(since_s.std()))
    if abs(turn) < max(LEAST_TURN_DEG_S, SURE_TURNS * turn_error):
        return None
    angle = float(angle * np.sign(turn))
    error = float(np.sqrt(scatter**2 + (turn * TOUCH_S) ** 2 + (ASKEW * angle) ** 2))
    return EntryLine(angle, error, int(axis.samples[chosen][-1]))
