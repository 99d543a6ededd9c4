"""Joint angles over time: moves that start and stop softly and may overlap.

Each move carries one angle from where the moves before it leave it to a target, by the quintic
with zero speed and acceleration at both ends, so the sum of all moves is twice continuously
differentiable.
"""

from collections.abc import Mapping

import numpy as np

from fpcli.simulation.kinematics import ANGLE_INDEX, ANGLES

Pose = Mapping[str, float]
"""Joint angles in degrees; a name without its side stands for both sides."""


def both_sides(pose: Pose) -> dict[str, float]:
    """A pose with every one-sided name written out."""
    written: dict[str, float] = {}
    for name, degrees in pose.items():
        if name in ANGLE_INDEX:
            written[name] = degrees
        else:
            written[f"left_{name}"] = degrees
            written[f"right_{name}"] = degrees
    return written


class Choreography:
    """The joint angles of one dive, built move by move in the order of time."""

    def __init__(self, start: Pose) -> None:
        self._base = np.zeros(len(ANGLES))
        for name, degrees in both_sides(start).items():
            self._base[ANGLE_INDEX[name]] = np.radians(degrees)
        self._target = self._base.copy()
        self._spans: dict[tuple[float, float], np.ndarray] = {}

    def move(self, pose: Pose, start_s: float, end_s: float) -> None:
        """Carry the named angles to a pose (degrees) between two moments (seconds)."""
        change = self._change(start_s, end_s)
        for name, degrees in both_sides(pose).items():
            index = ANGLE_INDEX[name]
            change[index] += np.radians(degrees) - self._target[index]
            self._target[index] = np.radians(degrees)

    def shift(self, pose: Pose, start_s: float, end_s: float) -> None:
        """Change the named angles by degrees between two moments, over whatever they do besides."""
        change = self._change(start_s, end_s)
        for name, degrees in both_sides(pose).items():
            change[ANGLE_INDEX[name]] += np.radians(degrees)
            self._target[ANGLE_INDEX[name]] += np.radians(degrees)

    def at(self, times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Angles (24, T) radians and rates (24, T) rad/s at times (T,) seconds."""
        spans = np.array(list(self._spans), float).reshape(-1, 2)
        changes = np.array(list(self._spans.values()), float).reshape(-1, len(ANGLES))
        length = np.maximum(spans[:, 1:] - spans[:, :1], 1e-3)
        share = np.clip((times_s[None] - spans[:, :1]) / length, 0.0, 1.0)
        done = share**3 * (10 - 15 * share + 6 * share**2)
        rate = 30 * share**2 * (1 - share) ** 2 / length
        return self._base[:, None] + changes.T @ done, changes.T @ rate

    def copy(self) -> "Choreography":
        """The same moves, to be continued in another way."""
        twin = Choreography({})
        twin._base = self._base.copy()
        twin._target = self._target.copy()
        twin._spans = {span: change.copy() for span, change in self._spans.items()}
        return twin

    def _change(self, start_s: float, end_s: float) -> np.ndarray:
        return self._spans.setdefault((start_s, end_s), np.zeros(len(ANGLES)))
