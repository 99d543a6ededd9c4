"""Dives that are made in the background while a network learns from those that are there."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from fpcli.errors import DataError
from fpcli.training.samples import Pool, sample_path
from fpcli.training.simulated import EVENT_DIVES, dive_key, made_pool, make_pool

POLL_S = 0.5
HELD_OUT_SHARE = 0.05
START_DIVES = 900  # to learn from at first


class _Stopped(Exception):  # noqa: N818 - not an error: the making ends as it was asked to
    """The dives made so far are enough."""


class DiveMaking:
    """Makes a seed's dives in the background while the block runs.

    count, workers: as in `make_pool`. device: where the dives to begin with are drawn; later ones
    are drawn on the CPU, since the device is learning. Leaving the block lets the dives in work be
    finished and drops the others.
    """

    def __init__(
        self, folder: Path, count: int, seed: int, workers: int | None, device: str = "cpu"
    ) -> None:
        self.folder, self.count, self.seed = folder, count, seed
        self._workers, self._device = workers, device
        self._present = 0
        self._stop = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._make, name="dive making")

    def __enter__(self) -> "DiveMaking":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
        self._thread.join()

    def stop(self) -> None:
        """Begin no other dive."""
        self._stop.set()

    @property
    def error(self) -> Exception | None:
        """What has ended the making early, if anything has."""
        return self._error

    @property
    def present(self) -> int:
        """How many dives are there."""
        return self._present

    @property
    def first_events(self) -> int:
        """How many events are held out: the first ones, which are made first."""
        return max(1, round(self.count * HELD_OUT_SHARE / EVENT_DIVES))

    @property
    def first_dives(self) -> int:
        """How many dives must be there before learning begins."""
        return min(self.first_events * EVENT_DIVES + START_DIVES, self.count)

    def wait(self, stop: Callable[[], bool] = lambda: False) -> Pool | None:
        """Wait until learning can begin; returns the dives held out, or None if it is to stop.

        Raises DataError or OSError where the making failed.
        """
        count = self.first_events * EVENT_DIVES
        paths = [sample_path(self.folder, dive_key(self.seed, place)) for place in range(count)]
        while self._present < self.first_dives or not all(path.exists() for path in paths):
            if self._error is not None:
                raise self._error
            if stop():
                return None
            time.sleep(POLL_S)
        return made_pool(self.folder, count, self.seed)

    def _make(self) -> None:
        try:
            for count, device in ((self.first_dives, self._device), (self.count, "cpu")):
                make_pool(
                    self.folder,
                    count,
                    self.seed,
                    workers=self._workers,
                    device=device,
                    on_dive=self._tell,
                )
        except _Stopped:
            pass
        except (DataError, OSError) as error:
            self._error = error

    def _tell(self, present: int) -> None:
        self._present = present
        if self._stop.is_set():
            raise _Stopped
