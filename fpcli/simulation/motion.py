"""One diver's motion from the approach to under water: what the physics hands to the picture."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fpcli.diving.numbers import DiveNumber


@dataclass(frozen=True, eq=False)
class DiveMotion:
    """Where a diver's joints are at every moment, in the world frame of `skeleton`.

    dive: the number that was attempted.
    height_m: board or platform height above the water.
    springboard: True for a springboard (its tip moves), False for a platform.
    times_s: (N,) seconds, evenly spaced, 0 at the first moment shown.
    joints: (N, 21, 3) float32 metres, in the order of `skeleton.JOINTS`.
    face: (N, 3) float32 unit vectors, where the face looks.
    front: (N, 3) float32 unit vectors, where the chest faces.
    board_tip: (N, 3) float32 metres, the tip of the board (still for a platform).
    radii: (21,) float32 metres, half the body's thickness at each joint.
    takeoff_s: feet or hands leave the board.
    position_s: the flight position is reached; FineDiving's first transition.
    opened_s: opened for the entry; FineDiving's second transition.
    entry_s: the first touch of the water.
    splash: size of the splash, 0 (none) to 1 (the largest), a consequence of the entry.
    facing_water: True where the diver starts facing the water (forward, reverse).
    """

    dive: "DiveNumber"
    height_m: float
    springboard: bool
    times_s: np.ndarray
    joints: np.ndarray
    face: np.ndarray
    front: np.ndarray
    board_tip: np.ndarray
    radii: np.ndarray
    takeoff_s: float
    position_s: float
    opened_s: float
    entry_s: float
    splash: float
    facing_water: bool

    @property
    def end_s(self) -> float:
        """The last moment shown, seconds."""
        return float(self.times_s[-1])

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """The joints at times_s (M,) seconds, (M, 21, 3) float32 metres; ends are held."""
        return _sampled(self.times_s, self.joints, times_s)

    def face_at(self, times_s: np.ndarray) -> np.ndarray:
        """Where the face looks at times_s (M,) seconds, (M, 3) float32 unit vectors."""
        return _unit(_sampled(self.times_s, self.face, times_s))

    def board_tip_at(self, times_s: np.ndarray) -> np.ndarray:
        """The board's tip at times_s (M,) seconds, (M, 3) float32 metres."""
        return _sampled(self.times_s, self.board_tip, times_s)


def _sampled(grid_s: np.ndarray, values: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Values (N, ...) on an even grid, read linearly at times_s (M,), (M, ...) float32."""
    step = float(grid_s[1] - grid_s[0])
    place = np.clip((np.asarray(times_s, float) - grid_s[0]) / step, 0.0, len(grid_s) - 1.0)
    low = np.minimum(place.astype(np.int64), len(grid_s) - 2)
    share = (place - low).reshape(-1, *[1] * (values.ndim - 1)).astype(np.float32)
    sampled: np.ndarray = values[low] * (1 - share) + values[low + 1] * share
    return sampled


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit
