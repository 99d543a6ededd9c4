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


def test_a_dive_that_physics_refuses_as_drawn_is_drawn_again(tmp_path: Path) -> None:
    """The first dive of this seed would be 5154B from 1 m, by a man: nobody turns so fast."""
    out = tmp_path / "dives"
    result = run(str(out), "--dives", "1", "--height", "1", "--camera", "phone")
    assert result.exit_code == 0, result.stderr
    assert "Draws replaced" in result.stderr
    (truth,) = (out / "Truth").rglob("*.json")
    content = json.loads(truth.read_text())
    assert content["height_m"] == 1.0
    assert content["dive_number"] != "5154B"


def test_what_no_draw_can_dive_ends_with_2_and_leaves_the_folder_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fpcli.cli.simulate.MOST_DRAWS", 2)
    out = tmp_path / "dives"
    result = run(str(out), "--dives", "1", "--height", "1", "--numbers", "109C")
    assert result.exit_code == 2
    assert "109C from 1 m" in result.stderr
    assert not list(out.iterdir())


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
