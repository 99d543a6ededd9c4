"""The finder network at work on one picture and its neighbours.

A search begins before torch is loaded, so torch is imported where the network first looks.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fpcli.analysis.moving import Pieces
from fpcli.analysis.surroundings import Surrounded

if TYPE_CHECKING:
    from fpcli.model.finder import Candidates, Finder

NEIGHBOUR_S = 0.1  # before and after, as in its training
LEAST_SCORE = 0.05
MOST = 6  # a picture


class DiverFinder:
    """Points at divers in pictures, in several threads if need be.

    load: gives the network, folded, when it first looks.
    """

    def __init__(self, load: "Callable[[], Finder]") -> None:
        self._load = load

    def find(self, pictures: Sequence[Surrounded]) -> list[Pieces]:
        """Candidates in each of several pictures of one size, the likeliest first."""
        finder = self._load()
        from fpcli.model.finder import detect

        shown = np.stack([here.picture for here in pictures])
        lumas = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in shown]
        before, after = (
            np.stack(
                [
                    _luma_there(here.neighbour_luma(reach), luma)
                    for here, luma in zip(pictures, lumas, strict=True)
                ]
            )
            for reach in (-NEIGHBOUR_S, NEIGHBOUR_S)
        )
        with _one_thread():
            seen = detect(finder, shown, before, after, most=MOST)
        return [_believed(seen, place) for place in range(len(pictures))]


def bundled_diver_finder(wait: Callable[[], None] | None = None) -> DiverFinder:
    """The finder that comes with the program.

    wait: returns when its network may be loaded. Looking raises WeightsError where it is missing,
    and what `wait` raises.
    """

    def load() -> "Finder":
        if wait is not None:
            wait()
        with _LOADING:
            return _bundled_network()

    return DiverFinder(load)


@cache
def _bundled_network() -> "Finder":
    from fpcli.weights.finder_file import bundled_finder, load_finder

    return load_finder(bundled_finder()).folded()


_LOADING = Lock()
_SHARING = Lock()
_alone: list[int] = []  # for each thread that works alone now, how many there were before it


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let convolutions run in this thread alone.

    They are so small that more threads wait for each other, at full load, most of the time. Torch
    keeps the number for each thread that asked for it, and gives the last one set to new threads.
    """
    import torch

    with _SHARING:
        _alone.append(_alone[0] if _alone else torch.get_num_threads())
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _SHARING:
            torch.set_num_threads(_alone.pop())


def _luma_there(moved: np.ndarray | None, own: np.ndarray) -> np.ndarray:
    """The neighbour's luma, the picture's own where the neighbour shows nothing."""
    if moved is None:
        return own
    return np.where(moved == 0, own, moved)


def _believed(seen: "Candidates", place: int) -> Pieces:
    """The candidates in one of several pictures that are likely enough."""
    kept = seen.scores[place] >= LEAST_SCORE
    return Pieces(
        centres=seen.centres[place][kept].astype(np.float64),
        stature_px=seen.statures_px[place][kept].astype(np.float64),
        weight=seen.scores[place][kept].astype(np.float64),
        phases=seen.phases[place][kept].astype(np.float64),
        is_found=np.ones(int(kept.sum()), bool),
    )
