"""The entry: the body goes on along its path and the water slows it down."""

from typing import Final

import numpy as np

from fpcli.simulation.flight import rotations

DRAG_PER_S: Final = 3.6  # of the speed, once the body is under
TURN_DRAG_PER_S: Final = 24.0  # the body follows the hands through the hole they make
WETTING_S: Final = 0.20  # until the drag acts in full


def sink(times_s: np.ndarray, place: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """The mass centre (N, 3) metres at times_s (N,) after the touch, from place and speed there."""
    return place + speed * _travelled(times_s, DRAG_PER_S)[:, None]


def settle(times_s: np.ndarray, turn: np.ndarray, spin: np.ndarray) -> np.ndarray:
    """Orientations (N, 3, 3) after the touch, from turn (3, 3) and spin (3,) rad/s in the body."""
    left = (1 - np.exp(-TURN_DRAG_PER_S * times_s)) / TURN_DRAG_PER_S
    return turn @ rotations(spin * left[:, None])


def _travelled(times_s: np.ndarray, drag_per_s: float) -> np.ndarray:
    """Seconds of undiminished motion that the slowed motion is worth (N,)."""
    wet = np.clip(times_s / WETTING_S, 0.0, 1.0)
    spent = drag_per_s * np.where(
        times_s < WETTING_S, WETTING_S * wet**2 / 2, times_s - WETTING_S / 2
    )
    left = np.exp(-spent)
    step = np.diff(times_s, prepend=0.0)
    before = np.concatenate([[1.0], left[:-1]])
    travelled: np.ndarray = np.cumsum((before + left) / 2 * step)
    return travelled
