"""Long work that can be told to stop: by Ctrl-C, by SIGTERM, or by the clock."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from fpcli.errors import UsageError

SIGNALS = (signal.SIGINT, signal.SIGTERM)
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Interrupted(Exception):  # noqa: N818 - not an error: the work stops here as it was asked to
    """The interruption that was wanted has reached a good moment."""


class Interruption:
    """Whether work is to stop at its next good moment.

    budget_s: seconds from now; None for no limit. The second signal does not wait for that moment.
    """

    def __init__(self, budget_s: float | None = None) -> None:
        self._deadline = None if budget_s is None else time.monotonic() + budget_s
        self.signalled = False

    @property
    def wanted(self) -> bool:
        """Whether a signal has come or the time is over."""
        return self.signalled or (self._deadline is not None and time.monotonic() >= self._deadline)

    def raise_if_wanted(self) -> None:
        """Raise Interrupted if work is to stop."""
        if self.wanted:
            raise Interrupted

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals over while the block runs."""
        before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.signalled:
            raise KeyboardInterrupt
        self.signalled = True


def seconds_of(text: str) -> float:
    """Return the seconds that 90s, 9m, 2h or a plain number of seconds stand for.

    Raises UsageError.
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNIT_SECONDS else (text, "s")
    try:
        seconds = float(number) * UNIT_SECONDS[unit]
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"{text!r} is not a length of time.", "Write it as 90s, 9m or 2h.")
    return seconds
