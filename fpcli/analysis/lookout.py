"""Looking for divers while the next pictures are read: in threads, a few pictures at a time."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from fpcli.analysis.finding import DiverFinder
from fpcli.analysis.moving import Pieces, moving_pieces
from fpcli.analysis.surroundings import Surrounded

TOGETHER = 4  # pictures that the finder sees at once, which costs less than one after another
FINDERS = 2  # lots that it looks at at a time, each in a thread
WAITING_BYTES = 24 * 2**20  # of pictures that wait, so that memory stays bounded


class _Lot:
    """Pictures that are searched together."""

    def __init__(self) -> None:
        self.asked: list[Surrounded] = []
        self.searches: list[Future[list[Pieces]]] = []

    def pieces(self, place: int) -> Pieces:
        """What all searches found in a picture, once they are over."""
        first, *others = (search.result()[place] for search in self.searches)
        return sum(others, first)


@dataclass(frozen=True, eq=False)
class Look:
    """One picture's turn to be searched."""

    _lookout: "Lookout"
    _lot: _Lot
    _place: int

    def pieces(self) -> Pieces:
        """What may be a diver, in the picture's pixels; waits until it was searched."""
        if not self._lot.searches:
            self._lookout.begin(self._lot)
        return self._lot.pieces(self._place)


class Lookout:
    """Searches pictures of one size in threads of its own, until it is closed."""

    def __init__(self, finder: DiverFinder | None) -> None:
        self._finder = finder
        self._movement = ThreadPoolExecutor(1, thread_name_prefix="movement")
        self._lookout = ThreadPoolExecutor(FINDERS, thread_name_prefix="lookout")
        self._under_way: deque[_Lot] = deque()
        self._lot = _Lot()

    def close(self) -> None:
        """End the threads; what was not begun is left."""
        for workers in (self._movement, self._lookout):
            workers.shutdown(cancel_futures=True)

    def look(self, here: Surrounded) -> Look:
        """Have a picture searched; of another size than those before where a scene begins."""
        lot = self._lot
        lot.asked.append(here)
        look = Look(self, lot, len(lot.asked) - 1)
        if len(lot.asked) == TOGETHER:
            self.begin(lot)
        return look

    def begin(self, lot: _Lot) -> None:
        """Hand a lot to the threads, once few enough wait before it."""
        most = WAITING_BYTES // (TOGETHER * lot.asked[0].picture.nbytes)
        while len(self._under_way) > most:
            for search in self._under_way.popleft().searches:
                search.result()
        lot.searches.append(self._movement.submit(_moving, lot.asked))
        if self._finder is not None:
            lot.searches.append(self._lookout.submit(self._finder.find, lot.asked))
        lot.asked = []
        self._under_way.append(lot)
        self._lot = _Lot()


def _moving(pictures: Sequence[Surrounded]) -> list[Pieces]:
    return [moving_pieces(here) for here in pictures]
