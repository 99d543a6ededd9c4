"""The finder network at work on one picture and its neighbours."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import cv2
import numpy as np
import torch

from fpcli.analysis.moving import Pieces
from fpcli.analysis.surroundings import Surrounded
from fpcli.model.finder import Candidates, Finder, detect
from fpcli.weights.finder_file import bundled_finder, load_finder

NEIGHBOUR_S = 0.1  # before and after, as in its training
LEAST_SCORE = 0.05
MOST = 6  # a picture


class DiverFinder:
    """Points at divers in pictures; the network is loaded once."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder.folded()

    def find(self, pictures: Sequence[Surrounded]) -> list[Pieces]:
        """Candidates in each of several pictures of one size, the likeliest first."""
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
            seen = detect(self._finder, shown, before, after, most=MOST)
        return [_believed(seen, place) for place in range(len(pictures))]


@cache
def bundled_diver_finder() -> DiverFinder:
    """The finder that comes with the program. Raises WeightsError where it is missing."""
    return DiverFinder(load_finder(bundled_finder()))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let convolutions run in this thread alone.

    They are so small that more threads wait for each other, at full load, most of the time.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _luma_there(moved: np.ndarray | None, own: np.ndarray) -> np.ndarray:
    """The neighbour's luma, the picture's own where the neighbour shows nothing."""
    if moved is None:
        return own
    return np.where(moved == 0, own, moved)


def _believed(seen: Candidates, place: int) -> Pieces:
    """The candidates in one of several pictures that are likely enough."""
    kept = seen.scores[place] >= LEAST_SCORE
    return Pieces(
        centres=seen.centres[place][kept].astype(np.float64),
        stature_px=seen.statures_px[place][kept].astype(np.float64),
        weight=seen.scores[place][kept].astype(np.float64),
        phases=seen.phases[place][kept].astype(np.float64),
        is_found=np.ones(int(kept.sum()), bool),
    )
