"""`fineparser data check`: what it prints, and its exit codes."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from made_data_set import FRAMES, LABELS, MadeDataSet
from typer.testing import CliRunner, Result

from fpcli.cli.app import app
from fpcli.data.layout import FRAMES_FOLDER, MASKS_FOLDER


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["data", "check", *map(str, arguments)])


def test_a_whole_data_set_is_0(made: MadeDataSet) -> None:
    result = check(made.write())
    assert result.exit_code == 0, result.stderr
    assert "5 clips of 3 events" in result.stdout
    assert "Nothing is missing" in result.stdout
    assert result.stderr == ""


def test_a_narrow_screen_breaks_no_file_name(
    made: MadeDataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fpcli.cli.streams.PIPED_WIDTH", 80)
    shown = check(made.write()).stdout
    assert "FineDiving_fine-grained_annotation.pkl" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_noise_is_a_line_each_and_0(made: MadeDataSet) -> None:
    made.relabel(("01", 1), np.repeat([4, 25, 35], [30, 40, 30]))
    result = check(made.write(), "-q")
    assert result.exit_code == 0
    assert "is meant and read: 1 clip (01/1)" in result.stdout


def test_all_that_is_missing_is_listed_and_2(made: MadeDataSet) -> None:
    made.train.append(("nowhere", 7))
    shutil.rmtree(made.write() / MASKS_FOLDER)
    result = check(made.root)
    assert result.exit_code == 2
    lines = [line for line in result.stdout.splitlines() if line.startswith("✗")]
    assert len(lines) == 3
    assert f"there is no folder {made.root / MASKS_FOLDER}" in lines[0]
    assert "nowhere/7" in lines[1]
    assert "no frames" in lines[2]
    assert "3 problems" in result.stderr


def test_every_clip_to_be_copied_again_is_named(made: MadeDataSet) -> None:
    gone = [("nowhere", clip) for clip in range(12)]
    made.train += gone
    for key in gone:
        made.relabel(key, LABELS)
    shown = check(made.write()).stdout
    (line,) = [line for line in shown.splitlines() if "no frames" in line]
    assert "12 clips" in line
    assert all(f"nowhere/{clip}" in line for _, clip in gone)


def test_a_damaged_picture_needs_pictures_and_is_2(made: MadeDataSet) -> None:
    made.write()
    path = made.files(FRAMES_FOLDER, ("01", 1))[FRAMES - 1]
    path.write_bytes(path.read_bytes()[:-40])
    assert check(made.root).exit_code == 0
    result = check(made.root, "--pictures")
    assert result.exit_code == 2
    assert "damaged" in result.stdout


@pytest.mark.parametrize("name", ["absent", "file"])
def test_what_is_no_folder_is_2(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    result = check(tmp_path / name)
    assert result.exit_code == 2
    assert name in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "part", ["MTL-AQA_split_0_data/", "Ready_2_Use/", "final_annotations_dict.pkl"]
)
@pytest.mark.parametrize("command", [("data", "check"), ("train", "-o", "run", "--data")])
def test_mtl_aqa_is_told_what_it_lacks_and_where_its_dives_are(
    tmp_path: Path, part: str, command: tuple[str, ...]
) -> None:
    place = tmp_path / part
    place.mkdir() if part.endswith("/") else place.touch()
    result = CliRunner().invoke(app, [*command, str(tmp_path)])
    assert result.exit_code == 2
    assert "neither the steps of its dives nor masks" in result.stderr
    assert "FineDiving-HM" in result.stderr
    assert result.stdout == ""


def test_finediving_beside_a_part_of_mtl_aqa_is_finediving(made: MadeDataSet) -> None:
    (made.write() / "Ready_2_Use").mkdir()
    assert check(made.root).exit_code == 0
