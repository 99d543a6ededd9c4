import errno
import json
import pickle
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fpcli.cli import app as cli

runner = CliRunner()


def run(*arguments: str) -> object:
    return runner.invoke(cli.app, ["simulate", *arguments])


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fpcli.simulation.clip.FRAME_SIZE", (36, 64))


def test_a_data_set_is_written_and_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "dives"
    options = ("--dives", "1", "--seed", "3", "--numbers", "103b", "--height", "1")
    assert run(str(out), *options).exit_code == 0
    written = (out / "Annotations" / "train_split.pkl").read_bytes()
    annotations = pickle.loads(written)  # noqa: S301 - written just now
    assert len(annotations) == 1
    again = run(str(out), *options)
    assert again.exit_code == 2
    assert "--overwrite" in again.stderr


def test_videos_come_with_their_truth(tmp_path: Path) -> None:
    from fpcli.video.read import read_clip

    result = run(
        str(tmp_path / "clips"),
        *("--dives", "1", "--numbers", "401B", "--height", "3", "--format", "mp4"),
    )
    assert result.exit_code == 0, result.stderr
    (video,) = (tmp_path / "clips").glob("*.mp4")
    truth = json.loads(video.with_suffix(".json").read_text())
    clip = read_clip(video)
    assert clip.info.frame_count == len(truth["frame_times_s"])
    assert truth["dive_number"] == "401B"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--numbers", "999Z"), "999Z"),
        (("--numbers", "626C", "--height", "1"), "1 m"),
        (("--device", "cuda:77"), "cuda:77"),
    ],
)
def test_what_cannot_be_simulated_ends_with_2_and_writes_nothing(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "dives"
    result = run(str(out), "--dives", "1", *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not out.exists()


@pytest.mark.parametrize("as_format", ["finediving", "mp4"])
def test_a_full_disk_ends_with_1_and_leaves_no_half_a_dive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_format: str
) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(Path, "write_text", full)
    out = tmp_path / "dives"
    result = run(
        str(out), *("--dives", "1", "--numbers", "401B", "--height", "3", "--format", as_format)
    )
    assert result.exit_code == 1
    assert "The disk is full" in result.stderr
    assert not [path for path in out.rglob("*") if path.is_file()]
