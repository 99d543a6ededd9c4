"""Two dives in step: each step of the second is stretched or squeezed onto that of the first."""

import numpy as np

from fpcli.analysis.result import DiveAnalysis


class StepAlignment:
    """Which moment of a second dive belongs to a moment of the first.

    Take-off, flight and entry begin and end together. Before and after the dive the second runs at
    its own speed.
    """

    def __init__(self, first: DiveAnalysis, second: DiveAnalysis) -> None:
        ours, theirs = _boundaries(first), _boundaries(second)
        kept = np.concatenate([[True], np.diff(ours) > 0])  # a step without length joins nothing
        self._ours, self._theirs = ours[kept], theirs[kept]

    def moment(self, time_s: float) -> float:
        """Return the second dive's second that belongs to one of the first."""
        ours, theirs = self._ours, self._theirs
        if time_s < ours[0]:
            return float(theirs[0] + time_s - ours[0])
        if time_s >= ours[-1]:
            return float(theirs[-1] + time_s - ours[-1])
        return float(np.interp(time_s, ours, theirs))

    def speed(self, time_s: float) -> float:
        """Return how fast the second runs there: seconds of it in one of the first."""
        ours, theirs = self._ours, self._theirs
        if not ours[0] <= time_s < ours[-1]:
            return 1.0
        place = int(np.searchsorted(ours, time_s, side="right")) - 1
        return float((theirs[place + 1] - theirs[place]) / (ours[place + 1] - ours[place]))


def _boundaries(analysis: DiveAnalysis) -> np.ndarray:
    """(4,) float64 seconds at which the steps begin and the last one ends."""
    steps = analysis.steps
    return np.array([*(step.start_s for step in steps), steps[-1].end_s], dtype=np.float64)
