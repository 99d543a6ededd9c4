"""Frame times that only ever go forward, made from whatever the container says."""

RESTART_S = 0.5  # a step back by more than this is a new time line, not a disorder of two frames
NUDGE = 0.25  # of a frame interval, between frames that claim the same moment
LEAST_STEP_S = 2e-5  # between two moments; no writer can tell apart what is nearer


class Timeline:
    """Turns container times into seconds since the first frame, strictly increasing.

    Works frame by frame, so that streaming and sampling agree. Times that are in order pass through
    unchanged. A missing time lies one frame interval after the frame before. A time that repeats,
    as good as repeats or steps back a little is put a quarter of an interval after it. A time that
    steps back by more than half a second starts a new stretch (joined recordings, a counter that
    ran over), which goes on one interval after the frame before.
    """

    def __init__(self, interval_s: float) -> None:
        """interval_s: the nominal time between frames, seconds."""
        self._interval_s = interval_s
        self._origin_s: float | None = None
        self._last_s = 0.0

    def place(self, container_s: float | None) -> float:
        """Seconds since the first frame for the next frame in presentation order.

        container_s: the frame's time as the container gives it, seconds, None if it gives none.
        """
        if self._origin_s is None:
            self._origin_s = 0.0 if container_s is None else container_s
            return 0.0
        if container_s is None:
            time_s = self._last_s + self._interval_s
        else:
            time_s = container_s - self._origin_s
            if time_s < self._last_s - RESTART_S:
                time_s = self._last_s + self._interval_s
                self._origin_s = container_s - time_s
            elif time_s < self._last_s + LEAST_STEP_S:
                time_s = self._last_s + self._interval_s * NUDGE
        self._last_s = time_s
        return time_s
