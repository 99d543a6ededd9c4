import json
import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest

from fpcli.errors import DiskFullError, OutputError, UsageError
from fpcli.simulation.clip import SimulatedClip, simulate_clip
from fpcli.simulation.dataset import plan_dives, split
from fpcli.simulation.layout import (
    ANNOTATIONS_FOLDER,
    COARSE,
    FINE,
    FINE_AQA,
    FRAMES_FOLDER,
    MASKS_FOLDER,
    TEST,
    TRAIN,
    TRUTH_FOLDER,
    FineDivingWriter,
    prepare_folder,
)
from fpcli.simulation.step_labels import ENTRY, frame_labels, step_names

SIZE = (36, 64)


def jpeg(picture: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("layout") / "dives"
    prepare_folder(root, overwrite=False)
    writer = FineDivingWriter(root, jpeg)
    for planned in plan_dives(2, seed=3, numbers=("103B", "403B"), height_m=3.0):
        clip = simulate_clip(
            planned.seed,
            size=SIZE,
            number=planned.number,
            height_m=planned.height_m,
            synchro=False,
            event_seed=planned.event_seed,
            frames=20,
        )
        writer.add(planned, clip)
    writer.finish()
    return root


def read(root: Path, name: str) -> object:
    # Written by this very test.
    return pickle.loads((root / ANNOTATIONS_FOLDER / name).read_bytes())  # noqa: S301


def test_pictures_and_masks_have_the_same_names(written: Path) -> None:
    keys = list(read(written, FINE_AQA))
    assert len(keys) == 2
    for event, clip in keys:
        frames = sorted((written / FRAMES_FOLDER / event / str(clip)).iterdir())
        masks = sorted((written / MASKS_FOLDER / event / str(clip)).iterdir())
        assert [path.name for path in frames] == [path.name for path in masks]
        assert len(frames) == 20
        assert frames[0].name == "00001.jpg"


def test_masks_survive_their_jpeg(written: Path) -> None:
    event, clip = next(iter(read(written, FINE_AQA)))
    truth = json.loads((written / TRUTH_FOLDER / event / f"{clip}.json").read_text())
    frame = next(i for i, box in enumerate(truth["boxes_px"]) if box is not None)
    name = f"{frame + 1:05d}.jpg"
    path = written / MASKS_FOLDER / event / str(clip) / name
    mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert mask.shape == SIZE
    rows, columns = np.nonzero(mask >= 128)
    box = truth["boxes_px"][frame]
    assert [columns.min(), rows.min()] == pytest.approx(box[:2], abs=2)
    assert [columns.max() + 1, rows.max() + 1] == pytest.approx(box[2:], abs=2)
    picture = cv2.imread(str(written / FRAMES_FOLDER / event / str(clip) / name))
    assert picture.shape == (*SIZE, 3)


def test_the_five_pickles_agree_with_each_other_and_the_truth(written: Path) -> None:
    aqa, fine, coarse = (read(written, name) for name in (FINE_AQA, FINE, COARSE))
    assert set(aqa) == set(fine) == set(coarse)
    assert set(read(written, TRAIN)) | set(read(written, TEST)) == set(aqa)
    for key, (number, score, difficulty, transitions, labels) in aqa.items():
        truth = json.loads((written / TRUTH_FOLDER / key[0] / f"{key[1]}.json").read_text())
        assert number == truth["dive_number"].lower()
        assert score == pytest.approx(truth["truth"]["score"])
        assert difficulty == truth["truth"]["difficulty"]
        assert list(transitions) == truth["transitions"]
        changes = np.nonzero(np.diff(labels))[0] + 1
        assert list(changes) == list(transitions)
        assert len(labels) == len(truth["frame_times_s"])
        assert fine[key]["dive_score"] == score
        assert set(fine[key]["sub-action_types"]) == set(labels.tolist())
        assert len(coarse[key]["judge_scores"]) == 7
        assert truth["simulated"] is True


def test_labels_are_finedivings() -> None:
    assert step_names("5253B") == {2: "Back", 15: "2.5 Soms.Pike", ENTRY: "Entry"}
    assert step_names("407C") == {4: "Inward", 25: "3.5 Soms.Tuck", ENTRY: "Entry"}
    assert next(iter(step_names("626C"))) == 6
    labels = frame_labels("107B", np.array([3, 6]), 8)
    assert labels.tolist() == [1, 1, 1, 17, 17, 17, ENTRY, ENTRY]


def test_no_event_is_in_both_splits() -> None:
    planned = plan_dives(85, seed=1)
    train, test = split(planned)
    assert len(train) + len(test) == 85
    assert {event for event, _ in train}.isdisjoint(event for event, _ in test)
    assert 0.1 < len(test) / 85 < 0.35


def test_the_plan_depends_on_the_seed_alone() -> None:
    assert plan_dives(12, seed=5) == plan_dives(12, seed=5)
    assert plan_dives(12, seed=5)[:4] == plan_dives(4, seed=5)
    assert plan_dives(12, seed=5) != plan_dives(12, seed=6)


def test_dives_that_no_board_allows_are_refused() -> None:
    with pytest.raises(UsageError, match="1 m"):
        plan_dives(3, seed=1, numbers=("626C",), height_m=1.0)


def test_a_folder_with_something_in_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        prepare_folder(tmp_path, overwrite=False)
    prepare_folder(tmp_path, overwrite=True)
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.fixture(scope="module")
def small_clip() -> SimulatedClip:
    return simulate_clip(1, size=(24, 24), number="103B", height_m=3.0, synchro=False, frames=3)


def test_a_failed_clip_leaves_no_folder(tmp_path: Path, small_clip: SimulatedClip) -> None:
    def full(_: np.ndarray) -> bytes:
        raise OSError(28, "No space left on device")

    planned = plan_dives(1, seed=3, numbers=("103B",), height_m=3.0)[0]
    with pytest.raises(DiskFullError, match="disk is full"):
        FineDivingWriter(tmp_path, full).add(planned, small_clip)
    assert not list(tmp_path.iterdir())


def test_a_dive_without_its_frames_leaves_no_masks(
    tmp_path: Path, small_clip: SimulatedClip
) -> None:
    """The disk fills between the masks and the frames of the second dive."""
    pictures = 0

    def filling(picture: np.ndarray) -> bytes:
        nonlocal pictures
        pictures += 1
        if pictures > 3 * len(small_clip.frames):
            raise OSError(28, "No space left on device")
        return jpeg(picture)

    first, second = plan_dives(2, seed=3, numbers=("103B",), height_m=3.0)
    writer = FineDivingWriter(tmp_path, filling)
    writer.add(first, small_clip)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DiskFullError):
        writer.add(second, small_clip)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_full_disk_leaves_no_half_annotation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_clip: SimulatedClip
) -> None:
    def filled(path: Path, content: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(content[:1])
        raise OSError(28, "No space left on device")

    prepare_folder(tmp_path / "dives", overwrite=False)
    writer = FineDivingWriter(tmp_path / "dives", jpeg)
    writer.add(plan_dives(1, seed=3, numbers=("103B",), height_m=3.0)[0], small_clip)
    monkeypatch.setattr(Path, "write_bytes", filled)
    with pytest.raises(DiskFullError, match="disk is full"):
        writer.finish()
    assert list((tmp_path / "dives" / ANNOTATIONS_FOLDER).iterdir()) == []
