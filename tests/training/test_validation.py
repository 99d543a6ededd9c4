"""Measured while it learns: on held-out dives, the same each time."""

import dataclasses
from functools import partial
from pathlib import Path

import pytest
import torch
from made_dives import SMALL, label, write_pool
from tiny_network import TINY

from fpcli.model.build import build
from fpcli.model.config import PICTURE
from fpcli.model.features import DiveFeatures, StepDeltas
from fpcli.training.supply import Supply
from fpcli.training.validation import Validation, _differences, validate


def measured(folder: Path, numbers: tuple[str, ...]) -> Validation:
    torch.manual_seed(1)
    labels = [label(place, number=number, mark=4.0 + place) for place, number in enumerate(numbers)]
    network = build(TINY).eval()
    geometry = dataclasses.replace(SMALL, size=PICTURE)
    return validate(network, Supply(write_pool(folder, labels)), geometry)


def test_it_says_the_same_twice_and_all_its_parts_are_numbers(tmp_path: Path) -> None:
    first = measured(tmp_path / "one", ("107B", "107B", "107B", "205B"))
    assert first == measured(tmp_path / "two", ("107B", "107B", "107B", "205B"))
    assert all(torch.isfinite(torch.tensor(value)) for value in dataclasses.astuple(first))
    assert 0 <= first.mask_iou <= 1
    assert 0 <= first.flight_iou <= 1
    # Three dives a mark apart: an untrained head that sees no difference is off by 4/3 on average.
    assert first.mark_error == pytest.approx(4 / 3, abs=0.4)


def test_without_two_dives_of_one_number_marks_are_left_out(tmp_path: Path) -> None:
    found = measured(tmp_path, ("107B", "205B"))
    assert found.mark_error == 0
    assert found.loss == pytest.approx(2 - found.flight_iou - found.mask_iou)


def test_the_best_has_the_least_of_everything() -> None:
    good = Validation(mark_error=0.5, rho=0.9, flight_iou=0.9, mask_iou=0.7)
    for worse in ({"mark_error": 0.6}, {"flight_iou": 0.8}, {"mask_iou": 0.6}):
        assert dataclasses.replace(good, **worse).loss > good.loss


def test_a_difference_is_what_the_first_dive_has_over_the_second() -> None:
    """A head that knows the marks is never off, and one that confuses the two always is."""
    marks = torch.tensor([4.0, 7.0, 5.5, 9.0])
    labels = [label(place, mark=float(mark)) for place, mark in enumerate(marks)]
    features = DiveFeatures(marks.view(4, 1, 1), marks, marks)

    def compare(query: DiveFeatures, exemplar: DiveFeatures, sense: float = 1.0) -> StepDeltas:
        over = sense * (query.dynamic - exemplar.dynamic).view(-1, 1).expand(-1, 3)
        return StepDeltas(torch.stack([over, -over]), torch.stack([over, -over]))

    network = build(TINY)
    network.compare = compare  # type: ignore[method-assign, assignment]
    found, true = _differences(network, features, labels)
    assert found == pytest.approx(true)
    assert sorted(abs(true)) == [1.5, 1.5, 2.0, 3.0, 3.5, 5.0]
    network.compare = partial(compare, sense=-1.0)  # type: ignore[method-assign, assignment]
    assert _differences(network, features, labels)[0] == pytest.approx(-true)
