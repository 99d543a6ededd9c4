"""Reading ahead: the next items of a stream are made while the last one is worked on."""

from collections.abc import Generator, Iterable, Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")

MOST_AHEAD = 6  # items held
PATIENCE_S = 0.1  # between two looks whether anybody still wants what is made


class ReadAhead(Iterator[Item], Generic[Item]):
    """The same items in the same order, made in a thread of its own from now on.

    What the source raises is raised here, in its turn. Closing ends the thread; so does dropping.
    """

    def __init__(self, items: Iterable[Item], most: int = MOST_AHEAD) -> None:
        """most: items that wait to be taken at any moment."""
        self._waiting: Queue[tuple[Item | None, BaseException | None, bool]] = Queue(most)
        self._closed = Event()
        self._maker = Thread(
            target=_make, args=(items, self._waiting, self._closed), name="ahead", daemon=True
        )
        self._maker.start()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Item:
        if self._closed.is_set():
            raise StopIteration
        item, error, is_end = self._waiting.get()
        if error is not None:
            self.close()
            raise error
        if is_end:
            self.close()
            raise StopIteration
        return item  # type: ignore[return-value]

    def close(self) -> None:
        """End the thread; no more items come."""
        self._closed.set()
        self._maker.join()

    def __del__(self) -> None:
        self._closed.set()


def _make(
    items: Iterable[Item],
    waiting: "Queue[tuple[Item | None, BaseException | None, bool]]",
    closed: Event,
) -> None:
    def hand_over(item: Item | None, error: BaseException | None, is_end: bool) -> None:
        while not closed.is_set():
            try:
                waiting.put((item, error, is_end), timeout=PATIENCE_S)
                return
            except Full:
                continue

    try:
        for item in items:
            hand_over(item, None, False)
            if closed.is_set():
                return
        hand_over(None, None, True)
    except BaseException as error:  # noqa: BLE001 - raised again where the items are taken
        hand_over(None, error, True)
    finally:
        if isinstance(items, Generator | ReadAhead):
            items.close()
