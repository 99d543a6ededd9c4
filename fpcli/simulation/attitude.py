"""Orientation in the words of the sport: somersault, tilt and twist."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Attitude:
    """How a diver is turned, radians, each (T,) and free of jumps.

    somersault: of the body's long axis about the board's cross line, 0 upright, growing as the
    top goes out over the water. tilt: of the long axis out of that plane. twist: about the long
    axis, 0 facing the water.
    """

    somersault: np.ndarray
    tilt: np.ndarray
    twist: np.ndarray


def attitude(turn: np.ndarray, long_axis: np.ndarray | None = None) -> Attitude:
    """The attitude of orientations (T, 3, 3); the first somersault lies within half a turn of 0.

    long_axis: (T, 3) unit vectors in the world frame instead of the pelvis frame's own y axis.
    """
    up = turn[:, :, 1] if long_axis is None else long_axis
    somersault = np.unwrap(np.arctan2(up[:, 0], up[:, 1]))
    tilt = np.arcsin(np.clip(up[:, 2], -1.0, 1.0))
    # the front, seen in the frame that somersaults and tilts with the body
    front = turn[:, :, 0]
    cosine, sine = np.cos(somersault), np.sin(somersault)
    ahead = front[:, 0] * cosine - front[:, 1] * sine
    along = front[:, 0] * sine + front[:, 1] * cosine
    aside = front[:, 2] * np.cos(tilt) - along * np.sin(tilt)
    twist = np.unwrap(np.arctan2(-aside, ahead))
    return Attitude(somersault, tilt, twist)


def turned(somersault: float, tilt: float, twist: float) -> np.ndarray:
    """The orientation (3, 3) of an attitude in radians."""
    lean = np.array(
        [
            [np.cos(somersault), np.sin(somersault), 0.0],
            [-np.sin(somersault), np.cos(somersault), 0.0],
            [0.0, 0.0, 1.0],
        ]
    )
    side = np.array(
        [
            [1.0, 0.0, 0.0],
            [0.0, np.cos(tilt), -np.sin(tilt)],
            [0.0, np.sin(tilt), np.cos(tilt)],
        ]
    )
    about = np.array(
        [
            [np.cos(twist), 0.0, np.sin(twist)],
            [0.0, 1.0, 0.0],
            [-np.sin(twist), 0.0, np.cos(twist)],
        ]
    )
    orientation: np.ndarray = lean @ side @ about
    return orientation
