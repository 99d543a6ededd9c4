"""The finder at work on a picture: what it reads, and that it leaves the machine as it was."""

import numpy as np
import pytest
import torch

from fpcli.analysis.finding import DiverFinder
from fpcli.analysis.surroundings import Surroundings
from fpcli.model.finder import Finder

SHIFT_PX = 3


def surrounded():
    """The middle one of three pictures that a turning camera took of a scene of noise."""
    scene = np.random.default_rng(2).integers(1, 255, (64, 120, 3)).astype(np.uint8)
    step = np.eye(3)
    step[0, 2] = -SHIFT_PX
    held = Surroundings()
    for place in range(3):
        picture = np.ascontiguousarray(scene[:, place * SHIFT_PX :][:, :96])
        list(held.add(picture, place * 0.1, step if place else np.eye(3)))
    return list(held.finish())[1]


def test_neighbour_is_brought_to_where_the_camera_looks() -> None:
    here = surrounded()
    for reach in (-0.1, 0.1):
        moved, luma = here.neighbour(reach), here.neighbour_luma(reach)
        assert moved is not None
        assert luma is not None
        shown = luma > 0
        assert ((moved[..., 0] > 0) == shown).all()
        assert shown.mean() == pytest.approx(1 - SHIFT_PX / 96, abs=0.01)
        assert (moved[shown] == here.picture[shown]).all()
    assert here.neighbour_luma(0.3) is None


def test_finder_gives_the_threads_back() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        (seen,) = DiverFinder(Finder().eval).find([surrounded()])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert seen.is_found.all()
