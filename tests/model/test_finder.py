"""The finder: its grid, what folding keeps, and how maps become candidates."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from fpcli.errors import WeightsError
from fpcli.model.finder import (
    GRID_PX,
    PHASES,
    Finder,
    FinderConfig,
    FinderMaps,
    candidates,
    detect,
    finder_input,
)

SMALL = FinderConfig(longer_side=64, widths=(4, 4, 8, 8, 8), blocks=(1, 1, 1, 1))
MOST_PARAMETERS = 600_000


def maps_with(
    *divers: tuple[float, float, float, int, float], height: int = 20, width: int = 30
) -> FinderMaps:
    """Maps that say x, y, stature, phase and logit of each diver, at the point nearest to him."""
    maps = FinderMaps(
        torch.full((1, height, width), -8.0),
        torch.zeros(1, 2, height, width),
        torch.zeros(1, height, width),
        torch.zeros(1, len(PHASES), height, width),
    )
    for x, y, stature, phase, logit in divers:
        row, column = int(y // GRID_PX), int(x // GRID_PX)
        maps.diver[0, row, column] = logit
        maps.offset[0, :, row, column] = torch.tensor((x, y)) / GRID_PX - torch.tensor(
            (column + 0.5, row + 0.5)
        )
        maps.log_stature[0, row, column] = float(np.log(stature))
        maps.phase[0, phase, row, column] = 5.0
    return maps


@pytest.mark.parametrize("size", [(64, 96), (45, 83), (8, 8)])
def test_the_grid_covers_pictures_of_any_size(size: tuple[int, int]) -> None:
    maps = Finder(SMALL).eval()(torch.zeros(2, 5, *size))
    grid = tuple(-(-side // GRID_PX) for side in size)
    assert maps.diver.shape == maps.log_stature.shape == (2, *grid)
    assert maps.offset.shape == (2, 2, *grid)
    assert maps.phase.shape == (2, len(PHASES), *grid)


def test_the_usual_size_is_small() -> None:
    assert sum(part.numel() for part in Finder().parameters()) <= MOST_PARAMETERS


def test_an_untrained_finder_expects_nobody() -> None:
    maps = Finder(SMALL).eval()(torch.zeros(1, 5, 64, 64))
    assert maps.diver.detach().sigmoid().max() < 0.1


def test_folding_changes_nothing_that_is_said() -> None:
    torch.manual_seed(0)
    finder = Finder(SMALL).eval()
    for part in finder.modules():
        if isinstance(part, nn.BatchNorm2d):
            assert part.running_mean is not None
            assert part.running_var is not None
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2.0)
    pictures = torch.randn(2, 5, 50, 70)
    folded = finder.folded()
    assert not any(isinstance(part, nn.BatchNorm2d) for part in folded.modules())
    for as_trained, as_used in zip(finder(pictures), folded(pictures), strict=True):
        torch.testing.assert_close(as_used, as_trained, rtol=1e-4, atol=1e-4)


def test_what_stands_still_has_no_difference() -> None:
    rng = np.random.default_rng(0)
    pictures = torch.from_numpy(rng.integers(0, 256, (1, 6, 7, 3), np.uint8))
    luma = pictures.float() @ torch.tensor((0.299, 0.587, 0.114))
    read = finder_input(pictures, luma, luma - 25.5)
    assert read.shape == (1, 5, 6, 7)
    assert float(read[:, 3].abs().max()) < 1e-3
    torch.testing.assert_close(read[:, 4], torch.ones(1, 6, 7))


def test_candidates_are_where_the_maps_say_the_likeliest_first() -> None:
    found = candidates(maps_with((50.0, 30.0, 40.0, 1, 2.0), (201.0, 133.0, 12.0, 0, 4.0)), most=3)
    np.testing.assert_allclose(found.centres[0, :2], [[201, 133], [50, 30]], atol=1e-3)
    np.testing.assert_allclose(found.statures_px[0, :2], [12, 40], rtol=1e-4)
    assert found.phases[0, :2].argmax(axis=-1).tolist() == [0, 1]
    assert found.scores[0, 0] > found.scores[0, 1] > 0.8 > 0.1 > found.scores[0, 2]


def test_one_large_diver_is_one_candidate() -> None:
    one = (100.0, 80.0, 120.0, 1, 4.0)
    beside = (124.0, 80.0, 120.0, 1, 3.0)  # 0.2 statures away
    apart = (180.0, 80.0, 120.0, 1, 2.0)
    found = candidates(maps_with(one, beside, apart), most=2)
    np.testing.assert_allclose(found.centres[0, :, 0], [100, 180], atol=1e-3)


def test_a_picture_smaller_than_the_wanted_candidates_is_searched() -> None:
    picture = np.zeros((2, 16, 16, 3), np.uint8)
    found = detect(Finder(SMALL).folded(), picture, picture[..., 0], picture[..., 0], most=8)
    assert len(found.scores) == 2
    assert found.centres.shape == (*found.scores.shape, 2)


def test_a_configuration_survives_json() -> None:
    assert FinderConfig.from_dict(json.loads(json.dumps(SMALL.to_dict()))) == SMALL


def test_an_unknown_entry_is_named() -> None:
    with pytest.raises(WeightsError, match="depth"):
        FinderConfig.from_dict({"depth": 3})
