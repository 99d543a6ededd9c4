"""Reading ahead: the next items of a stream are made while the last one is worked on."""

from collections.abc import Generator, Iterable
from queue import Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

MOST_AHEAD = 6  # items held


def read_ahead(items: Iterable[Item], most: int = MOST_AHEAD) -> Generator[Item]:
    """The same items in the same order, made in a thread of its own.

    most: items that wait to be taken at any moment. What the source raises is raised here, in its
    turn. Closing the generator ends the thread.
    """
    waiting: Queue[tuple[Item | None, BaseException | None, bool]] = Queue(most)
    closed = Event()

    def make() -> None:
        try:
            for item in items:
                waiting.put((item, None, False))
                if closed.is_set():
                    return
            waiting.put((None, None, True))
        except BaseException as error:  # noqa: BLE001 - raised again where the items are taken
            waiting.put((None, error, True))

    maker = Thread(target=make, daemon=True)
    maker.start()
    try:
        while True:
            item, error, is_end = waiting.get()
            if error is not None:
                raise error
            if is_end:
                return
            yield item  # type: ignore[misc]
    finally:
        closed.set()
        while maker.is_alive():
            if not waiting.empty():
                waiting.get_nowait()
            maker.join(0.01)
