"""Looking for divers while the next pictures are read: in a thread, a few pictures at a time."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from fpcli.analysis.finding import DiverFinder
from fpcli.analysis.moving import Pieces, moving_pieces
from fpcli.analysis.surroundings import Surrounded

TOGETHER = 4  # pictures that the finder sees at once, which costs less than one after another
MOST_UNDER_WAY = 2  # such lots that wait, so that memory stays bounded


class _Lot:
    """Pictures that are searched together."""

    def __init__(self) -> None:
        self.asked: list[Surrounded] = []
        self.found: Future[list[Pieces]] | None = None


@dataclass(frozen=True, eq=False)
class Look:
    """One picture's turn to be searched."""

    _lookout: "Lookout"
    _lot: _Lot
    _place: int

    def pieces(self) -> Pieces:
        """What may be a diver, in the picture's pixels; waits until it was searched."""
        if self._lot.found is None:
            self._lookout.begin(self._lot)
        assert self._lot.found is not None
        return self._lot.found.result()[self._place]


class Lookout:
    """Searches pictures of one size in a thread of its own, until it is closed."""

    def __init__(self, finder: DiverFinder | None) -> None:
        self._finder = finder
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="lookout")
        self._under_way: deque[Future[list[Pieces]]] = deque()
        self._lot = _Lot()

    def close(self) -> None:
        """End the thread; what was not begun is left."""
        self._worker.shutdown(cancel_futures=True)

    def look(self, here: Surrounded) -> Look:
        """Have a picture searched; of another size than those before where a scene begins."""
        lot = self._lot
        lot.asked.append(here)
        look = Look(self, lot, len(lot.asked) - 1)
        if len(lot.asked) == TOGETHER:
            self.begin(lot)
        return look

    def begin(self, lot: _Lot) -> None:
        """Hand a lot to the thread, once few enough wait before it."""
        if len(self._under_way) == MOST_UNDER_WAY:
            self._under_way.popleft().result()
        lot.found = self._worker.submit(self._pieces, lot.asked)
        lot.asked = []
        self._under_way.append(lot.found)
        self._lot = _Lot()

    def _pieces(self, pictures: list[Surrounded]) -> list[Pieces]:
        pieces = [moving_pieces(here) for here in pictures]
        if self._finder is None:
            return pieces
        found = self._finder.find(pictures)
        return [moving + seen for moving, seen in zip(pieces, found, strict=True)]
