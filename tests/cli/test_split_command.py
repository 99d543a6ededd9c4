"""`fineparser split`: one file a dive and an index; nothing is written over."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fpcli.cli.app import app
from fpcli.errors import DiskFullError
from fpcli.video.read import read_clip


def split(*words: object):
    return CliRunner().invoke(app, ["split", *(str(word) for word in words)])


def test_dive_becomes_a_file_and_a_row(small_video: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dives"
    result = split(small_video, "-o", folder)
    assert result.exit_code == 0, result.output
    assert "1 dive in" in result.stderr
    with (folder / "index.csv").open() as stream:
        (row,) = csv.DictReader(stream)
    assert read_clip(folder / row["file"]).info.frame_count >= 16
    assert float(row["takeoff_s"]) < float(row["entry_s"])
    assert row["copied"] == "yes"
    again = split(small_video, "-o", folder)
    assert again.exit_code == 2
    assert split(small_video, "-o", folder, "--overwrite").exit_code == 0


def test_recording_without_a_dive_ends_with_3_and_leaves_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    assert split(empty, "-o", tmp_path / "dives").exit_code == 3
    assert not (tmp_path / "dives").exists()


def test_a_full_disk_ends_with_1_and_leaves_nothing(
    small_video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DiskFullError("The disk is full.", "Free some space.")

    monkeypatch.setattr("fpcli.video.copy_part.copy_part", full)
    result = split(small_video, "-o", tmp_path / "dives")
    assert result.exit_code == 1
    assert "disk is full" in result.stderr
    assert not (tmp_path / "dives").exists()
