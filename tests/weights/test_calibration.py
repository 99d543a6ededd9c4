"""The groups of a calibration's dives: kept in the bundle, left out of older ones, refused."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from rewriting import description_of, rewritten

from fpcli.diving.numbers import Group
from fpcli.errors import WeightsError
from fpcli.weights.bundle import Bundle, Calibration, load_bundle, save_bundle

THREE = Calibration(np.float32([0.1, 0.4, 2.5]), 0.05, (Group.TWISTING, None, Group.FORWARD))


@pytest.fixture(scope="module")
def bundle(small_bundle_path: Path) -> Bundle:
    return dataclasses.replace(load_bundle(small_bundle_path), calibration=THREE)


@pytest.fixture
def file(bundle: Bundle, tmp_path: Path) -> Path:
    path = tmp_path / "good.safetensors"
    save_bundle(bundle, path)
    return path


def test_groups_come_back_in_the_residuals_order(file: Path):
    back = load_bundle(file).calibration
    assert back.groups == THREE.groups
    assert all(group is None or isinstance(group, Group) for group in back.groups)
    np.testing.assert_array_equal(back.residual_marks, THREE.residual_marks)
    assert back.residuals_of(Group.TWISTING).tolist() == pytest.approx([0.1])


def test_a_bundle_without_groups_is_read_as_ever_and_written_as_it_was(file: Path, tmp_path: Path):
    older = rewritten(file, describe=lambda description: description["calibration"].pop("groups"))
    back = load_bundle(older)
    assert back.calibration.groups is None
    np.testing.assert_array_equal(back.calibration.residual_marks, THREE.residual_marks)
    again = tmp_path / "again.safetensors"
    save_bundle(back, again)
    assert description_of(again) == description_of(older)


def test_residuals_of_a_group_are_its_dives_alone():
    groups = (Group.BACK, None, Group.INWARD, Group.BACK)
    calibration = Calibration(np.float32([0.1, 0.2, 0.4, 2.5]), groups=groups)
    assert calibration.residuals_of(Group.BACK).tolist() == pytest.approx([0.1, 2.5])
    assert len(calibration.residuals_of(Group.ARMSTAND)) == 0
    assert len(Calibration(np.float32([0.1])).residuals_of(Group.BACK)) == 0


@pytest.mark.parametrize(
    ("groups", "named"),
    [
        ([1, 5], "one a residual"),
        ([1, 5, 2, 2], "one a residual"),
        ([], "one a residual"),
        ([0, 1, 1], "1 to 6"),
        ([1, 7, 1], "1 to 6"),
        ([1, 10**400, 1], "1 to 6"),
        ([1, True, 1], "1 to 6"),
        ([1, 2.0, 1], "1 to 6"),
        ([1, float("nan"), 1], "1 to 6"),
        ([1, "2", 1], "1 to 6"),
        ([1, [2], 1], "1 to 6"),
        ({"1": 1, "2": 2, "3": 3}, "1 to 6"),
        ("123", "1 to 6"),
        (5, "1 to 6"),
        (False, "1 to 6"),
    ],
)
def test_what_is_no_group_is_refused_in_words(file: Path, groups: object, named: str):
    path = rewritten(
        file, describe=lambda description: description["calibration"].update(groups=groups)
    )
    with pytest.raises(WeightsError, match=f"calibration's groups must be .*{named}") as refused:
        load_bundle(path)
    assert len(str(refused.value)) < 400 + len(str(path))
