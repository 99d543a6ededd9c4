"""The data set that the tests of this room read and break."""

import shutil
from pathlib import Path

import pytest
from made_data_set import LABELS, TEST_EVENTS, TRAIN_EVENTS, MadeDataSet


@pytest.fixture(scope="session")
def whole_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of five clips, written once."""
    made = MadeDataSet(tmp_path_factory.mktemp("finediving"))
    for event in TRAIN_EVENTS:
        made.add((event, 1))
    made.add(("01", 2))
    made.add(("01", 3))
    return made.root


@pytest.fixture
def made(whole_root: Path, tmp_path: Path) -> MadeDataSet:
    """A whole data set of four training clips and one test clip, the test's own to break."""
    made = MadeDataSet(tmp_path / "data")
    shutil.copytree(whole_root, made.root)
    made.train = [*((event, 1) for event in TRAIN_EVENTS), ("01", 3)]
    made.test = [(event, 2) for event in TEST_EVENTS]
    for key in (*made.train, *made.test):
        made.relabel(key, LABELS)
        made.coarse[key] = {"judge_scores": [8.0, 7.5, 8.0]}
    return made
