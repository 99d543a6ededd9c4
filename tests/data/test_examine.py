"""A data set looked at as a whole: all that is missing is found at once, noise is survived."""

import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from made_data_set import FRAMES, LABELS, TRAIN_EVENTS, MadeDataSet, jpeg

from fpcli.data.findings import Fault, Noise
from fpcli.data.finediving import Examination, examine
from fpcli.data.layout import (
    ANNOTATIONS_FOLDER,
    COARSE,
    FINE,
    FINE_AQA,
    FRAMES_FOLDER,
    MASKS_FOLDER,
    TEST,
    TRAIN,
    TRUTH_FOLDER,
    is_data_set,
)
from fpcli.errors import DataError, ExitCode
from fpcli.text import in_short

FIRST = ("01", 1)


def found(result: Examination) -> dict[Fault | Noise, tuple[str, ...]]:
    return {finding.what: finding.clips for finding in (*result.faults, *result.noise)}


def test_a_whole_data_set_has_nothing_to_say(made: MadeDataSet) -> None:
    result = examine(made.write(), pictures=True)
    assert result.problems == ()
    assert found(result) == {}
    assert result.required() is result
    assert [(clip.event, clip.clip) for clip in result.train] == made.train
    assert [(clip.event, clip.clip) for clip in result.test] == made.test
    assert is_data_set(made.root)


def test_a_clip_carries_all_that_is_known(made: MadeDataSet) -> None:
    women = examine(made.write()).train[2]
    assert women.name == "FINAWorldCup_Women10m_final-1"
    assert women.dive_number == "407C"
    assert (women.height_m, women.difficulty, women.score) == (10.0, 3.2, 76.8)
    assert women.mark == pytest.approx(8.0)
    assert women.judge_marks == (8.0, 7.5, 8.0)
    assert women.transitions == (29, 68)  # 30 and 70 of 100 frames
    assert women.step_deductions is None
    assert not women.simulated
    assert len(women.frames) == len(women.masks) == FRAMES
    assert women.frames[0].name == women.masks[0].name == "00001.jpg"
    assert women.frames[0].is_file()


def test_an_event_without_a_height_in_its_name_has_its_difficultys(made: MadeDataSet) -> None:
    heights = {clip.event: clip.height_m for clip in examine(made.write()).train}
    assert heights["FINAWorldCup_Men3m_final"] == 3.0
    assert heights["01"] == 10.0  # 407C is 3.2 from 10 m and 3.4 from 3 m


def test_names_may_be_written_a_little_differently(made: MadeDataSet) -> None:
    root = made.write()
    (root / MASKS_FOLDER).rename(root / "finediving-hm")
    for name in (FINE_AQA, FINE, COARSE, TRAIN, TEST):
        (root / ANNOTATIONS_FOLDER / name).rename(root / name)
    (root / ANNOTATIONS_FOLDER).rmdir()
    assert examine(root).problems == ()


@pytest.mark.parametrize("absent", [FINE_AQA, FINE, COARSE])
def test_one_annotation_file_may_be_absent(made: MadeDataSet, absent: str) -> None:
    whole = examine(made.write()).train
    (made.root / ANNOTATIONS_FOLDER / absent).unlink()
    result = examine(made.root)
    assert result.problems == ()
    for ours, theirs in zip(result.train, whole, strict=True):
        assert ours.transitions == theirs.transitions
        assert ours.mark == theirs.mark
        assert ours.judge_marks == (() if absent == COARSE else theirs.judge_marks)


MISSING = [
    FRAMES_FOLDER,
    MASKS_FOLDER,
    f"{ANNOTATIONS_FOLDER}/{TRAIN}",
    f"{ANNOTATIONS_FOLDER}/{TEST}",
]


@pytest.mark.parametrize("part", MISSING)
def test_a_missing_part_is_named(made: MadeDataSet, part: str) -> None:
    gone = made.write() / part
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    result = examine(made.root)
    assert len(result.problems) == 1
    assert gone.name in result.problems[0]
    with pytest.raises(DataError, match=gone.name) as raised:
        result.required()
    assert raised.value.exit_code == ExitCode.USAGE


def test_everything_that_is_missing_is_found_at_once(made: MadeDataSet) -> None:
    made.train += [("nowhere", 7), ("01", 2)]
    made.write()
    shutil.rmtree(made.root / FRAMES_FOLDER / "01" / "1")
    shutil.rmtree(made.root / MASKS_FOLDER / "01" / "3")
    for path in made.files(MASKS_FOLDER, (TRAIN_EVENTS[1], 1))[50:]:
        path.unlink()
    for under in (FRAMES_FOLDER, MASKS_FOLDER):
        for path in made.files(under, (TRAIN_EVENTS[2], 1))[60:]:
            path.unlink()
    result = examine(made.root)
    assert found(result) == {
        Fault.NOT_ANNOTATED: ("nowhere/7",),
        Fault.IN_BOTH: ("01/2",),
        Fault.NO_FRAMES: ("01/1", "nowhere/7"),
        Fault.NO_MASKS: ("01/3", "nowhere/7"),
        Fault.FEW_MASKS: (f"{TRAIN_EVENTS[1]}/1",),
        Fault.FEW_FRAMES: (f"{TRAIN_EVENTS[2]}/1",),
        Noise.COUNTS_DIFFER: (f"{TRAIN_EVENTS[2]}/1",),
    }
    with pytest.raises(DataError) as raised:
        result.required()
    for named in ("nowhere/7", "01/1", "01/3", "01/2", *TRAIN_EVENTS[1:]):
        assert named in raised.value.message


def test_noise_is_survived_and_said_in_a_line_each(made: MadeDataSet) -> None:
    first, men, women, third = made.train
    made.relabel(first, np.repeat([4, 25, 35], [30, 40, 30]), [30, 70])
    made.relabel(men, LABELS, [70, -1])
    made.full[women]["sub-action_types"] = {4: "Inward", 36: "Entry"}
    made.relabel(third, np.repeat([4, 36, 25, 36], [30, 5, 35, 30]))
    made.relabel(("01", 2), np.repeat([4, 25, 36], [30, 40, 33]))
    made.relabel(("unused", 1), LABELS)
    made.short[women] = ["407q", 150.0, *made.short[women][2:]]
    made.train.append(men)
    made.write()
    made.files(FRAMES_FOLDER, women)[40].unlink()
    made.files(MASKS_FOLDER, women)[80].unlink()
    result = examine(made.root)
    assert result.problems == ()
    assert found(result) == {
        Noise.TRANSITIONS_DISAGREE: (f"{men[0]}/1",),
        Noise.LABEL_UNNAMED: (f"{women[0]}/1",),
        Noise.ENDS_IN_TWIST: ("01/1",),
        Noise.ENTRY_TWICE: ("01/3",),
        Noise.COUNTS_DIFFER: ("01/2", f"{women[0]}/1"),
        Noise.FRAMES_SKIPPED: (f"{women[0]}/1",),
        Noise.MASKS_LACKING: (f"{women[0]}/1",),
        Noise.NUMBER_UNKNOWN: (f"{women[0]}/1",),
        Noise.MARK_BEYOND: (f"{women[0]}/1",),
        Noise.LISTED_TWICE: (f"{men[0]}/1",),
        Noise.IN_NO_SPLIT: ("unused/1",),
    }
    lines = [finding.line for finding in result.noise]
    assert len(lines) == len(set(lines)) == 11
    assert (
        "more or fewer labels than frames, the last label going on to the end: 2 clips (01/2, "
        in " ".join(lines)
    )
    clips = {(clip.event, clip.clip): clip for clip in result.train}
    assert clips[first].transitions == clips[men].transitions == (29, 68)
    assert clips[women].mark == 10
    assert len(clips[women].frames) == 99
    # The mask of frame 81 is gone: its neighbour's, in the 80th place as frame 41 is gone too.
    assert clips[women].masks[79].name in ("00080.jpg", "00082.jpg")
    assert len(clips) == 4


def test_frame_numbers_may_begin_anywhere(made: MadeDataSet) -> None:
    made.add(("late", 1), first=489)
    made.train.append(("late", 1))
    result = examine(made.write())
    assert found(result) == {}
    assert result.train[-1].frames[0].name == "00489.jpg"


def test_labels_without_three_steps_stop(made: MadeDataSet) -> None:
    made.relabel(FIRST, np.full(FRAMES, 36))
    result = examine(made.write())
    assert found(result)[Fault.NO_STEPS] == ("01/1",)
    assert len(result.train) == 3


BAD_ENTRIES = {
    "too short": ["407c", 76.8],
    "no text": [407, 76.8, 3.2, np.array([30, 70]), LABELS],
    "no number": ["407c", "many", 3.2, np.array([30, 70]), LABELS],
    "not a number": ["407c", float("nan"), 3.2, np.array([30, 70]), LABELS],
    "no difficulty": ["407c", 76.8, 0.0, np.array([30, 70]), LABELS],
    "no labels": ["407c", 76.8, 3.2, np.array([30, 70]), np.array([])],
    "labels in a square": ["407c", 76.8, 3.2, np.array([30, 70]), LABELS.reshape(10, 10)],
    "a long number": ["4" * 5000, 76.8, 3.2, np.array([30, 70]), LABELS],
    "labels that are none": ["407c", 76.8, 3.2, np.array([30, 70]), np.full(100, np.nan)],
    "half labels": ["407c", 76.8, 3.2, np.array([30, 70]), LABELS + 0.5],
    "nothing": None,
}


@pytest.mark.parametrize("kind", BAD_ENTRIES)
def test_a_malformed_annotation_is_named_and_the_others_are_read(
    made: MadeDataSet, kind: str
) -> None:
    made.short[FIRST] = BAD_ENTRIES[kind]
    result = examine(made.write())
    assert "('01', 1)" in found(result)[Fault.MALFORMED]
    assert len(result.train) == 3


@pytest.mark.parametrize(
    "key",
    [
        ("../../elsewhere", 1),
        ("..", 1),
        ("a/b", 1),
        ("a\\b", 1),
        ("/etc", 1),
        ("", 1),
        ("a\x00", 1),
        ("a\x1b[2J", 1),
        ("C:", 1),
        ("01", "1"),
        ("01", 1.5),
        ("01", -1),
        ("01", 10**15),
        ("01", float("inf")),
        ("e" * 300, 1),
        ("ü" * 200, 1),
        "01/1",
        7,
    ],
)
def test_a_key_never_leads_out_of_the_data_set(made: MadeDataSet, key: object) -> None:
    made.short[key] = made.short[FIRST]
    made.train.append(key)
    result = examine(made.write())
    assert in_short(key) in found(result)[Fault.MALFORMED]
    assert len(result.train) == 4


@pytest.mark.parametrize("refusal", [PermissionError, OSError])
def test_a_folder_that_cannot_be_read_is_listed_and_the_others_are_looked_at(
    made: MadeDataSet, monkeypatch: pytest.MonkeyPatch, refusal: type[OSError]
) -> None:
    looked_into = os.scandir

    def refused(folder: Path) -> object:
        if folder == made.root / MASKS_FOLDER / "01" / "1":
            raise refusal
        return looked_into(folder)

    made.write()
    monkeypatch.setattr(os, "scandir", refused)
    result = examine(made.root)
    assert found(result) == {Fault.UNREADABLE: ("01/1",)}
    assert len(result.train) == 3


def test_a_clip_number_of_thousands_of_digits_is_a_problem_in_a_sentence(made: MadeDataSet) -> None:
    made.train.append(("01", 10**5000))
    (problem,) = examine(made.write()).problems
    assert "enormous number" in problem
    assert len(problem) < 400


@pytest.mark.parametrize("marks", [[8.0, float("nan")], None, "none", [[8.0]]])
def test_judges_marks_that_are_none_are_named_and_stop_nothing(
    made: MadeDataSet, marks: object
) -> None:
    """Nothing is learned from them: a data set without any is whole."""
    made.coarse[FIRST] = {"judge_scores": marks}
    result = examine(made.write()).required()
    assert found(result) == {Noise.JUDGES_UNREADABLE: ("01/1",)}
    assert result.train[0].judge_marks == ()


@pytest.mark.parametrize("content", [b"[" * 100_000, b"", b"[]", b" " * 5 * 2**20 + b"{}"])
def test_a_truth_that_is_none_is_named(
    made: MadeDataSet, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = made.root / TRUTH_FOLDER / "01" / "1.json"
    truth.parent.mkdir(parents=True)
    truth.write_bytes(content)
    read = Path.read_text

    def within_reason(path: Path, **how: str) -> str:
        assert path.stat().st_size < 2**20, "read whole, whatever its size"
        return read(path, **how)

    monkeypatch.setattr(Path, "read_text", within_reason)
    assert found(examine(made.write())) == {Fault.MALFORMED: ("01/1",)}


class Hostile:
    def __reduce__(self) -> object:
        return exec, ("open('run', 'w')",)


@pytest.mark.parametrize("name", [FINE_AQA, FINE, COARSE, TRAIN, TEST])
def test_a_hostile_annotation_is_named_and_runs_nothing(
    made: MadeDataSet, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (made.write() / ANNOTATIONS_FOLDER / name).write_bytes(pickle.dumps([Hostile()]))
    with pytest.raises(DataError, match=rf"{name} asks for 'builtins.exec'.*nothing in it was run"):
        examine(made.root).required()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", [FINE_AQA, TRAIN])
def test_a_file_of_another_kind_is_named(made: MadeDataSet, name: str) -> None:
    (made.write() / ANNOTATIONS_FOLDER / name).write_bytes(pickle.dumps("something else"))
    (problem,) = examine(made.root).problems
    assert name in problem


@pytest.mark.parametrize("content", [b"", b"text", jpeg(np.zeros((8, 8, 3), np.uint8))[:-30]])
def test_damaged_pictures_are_found_when_they_are_opened(made: MadeDataSet, content: bytes) -> None:
    made.write()
    made.files(MASKS_FOLDER, FIRST)[13].write_bytes(content)
    assert found(examine(made.root)) == {}
    assert found(examine(made.root, pictures=True)) == {Fault.DAMAGED: ("01/1",)}


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder that can be read"):
        examine(tmp_path / "absent")
    assert not is_data_set(tmp_path / "absent")
    assert not is_data_set(tmp_path)


def test_progress_is_told(made: MadeDataSet) -> None:
    told: list[tuple[int, int]] = []
    examine(made.write(), on_clip=lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(1, 6)]
