"""`fineparser score`: what it prints, what it refuses, and with which code."""

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fpcli.analysis.analyse import Analyser
from fpcli.cli.app import app

HEAVY = ("torch", "av", "cv2", "matplotlib", "numpy")

pytestmark = pytest.mark.usefixtures("load_once")


def test_terminal_shows_score_steps_and_what_to_know(run, small_video: Path):
    result = run("score", small_video, "--dive", "107b", "--height", 3)
    assert result.exit_code == 0, result.output
    for word in ("Score", "107B", "take-off", "flight", "entry", "90 % interval", "execution"):
        assert word in result.stdout
    assert "simulated" in result.stdout
    assert "small-test" in result.stderr
    assert "cpu" in result.stderr


def test_without_a_number_it_works_and_says_so(run, small_video: Path):
    result = run("score", small_video)
    assert result.exit_code == 0, result.output
    assert "--dive" in result.stdout


def test_each_dive_of_a_video_stands_apart_and_is_counted(
    run, small_video: Path, monkeypatch: pytest.MonkeyPatch
):
    def twice(self: Analyser, *asked: object):
        return iter([self.analyse(*asked)] * 2)  # type: ignore[arg-type]

    monkeypatch.setattr(Analyser, "analyse_all", twice)
    result = run("score", small_video, "--all", "--dive", "107B", "--height", 3)
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    first, second = (
        next(place for place, line in enumerate(lines) if line.startswith(name))
        for name in (f"{small_video.name}, dive 1", f"{small_video.name}, dive 2")
    )
    assert first == 0
    assert lines[second - 1] == ""
    assert lines[second - 2] != ""


def test_json_is_one_object_whose_parts_add_up(run, small_video: Path):
    result = run("score", small_video, "--dive", "107B", "--json")
    said = json.loads(result.stdout)
    assert said["schema_version"]
    total = said["exemplar_mean_points"]
    for step in said["steps"]:
        total += step["contribution_points"]
    assert total + said["limit_points"] == said["score_points"]
    assert said["dive"]["dive_number"] == "107B"


def test_twice_the_same_and_quiet_is_silent_on_stderr(run, small_video: Path):
    first = run("score", small_video, "--json", "-q")
    again = run("score", small_video, "--json", "-q")
    assert first.stdout == again.stdout
    assert first.stderr == ""


def test_verbose_tells_timings_on_stderr_only(run, small_video: Path):
    result = run("score", small_video, "--json", "-v")
    json.loads(result.stdout)
    assert "encoding:" in result.stderr
    assert "96 x 64" in result.stderr


def test_what_is_no_video_ends_with_one_sentence_and_code_3(run, unreadable: Path):
    before = sorted(unreadable.parent.iterdir())
    result = run("score", unreadable)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert result.stderr.count("Error:") == 1
    assert "Traceback" not in result.stderr
    assert "unexpected" not in result.stderr
    assert sorted(unreadable.parent.iterdir()) == before


@pytest.mark.parametrize(
    "options",
    [
        ("--dive", "999Z"),
        ("--dive", "614B", "--height", "3"),
        ("--dd", "-1"),
        ("--exemplars", "0"),
        ("--level", "90"),
        ("--start", "3", "--end", "2"),
        ("--device", "abacus"),
        ("-q", "-v"),
    ],
    ids=" ".join,
)
def test_options_that_cannot_be_followed_end_with_code_2(run, small_video: Path, options):
    result = run("score", small_video, *options)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_part_without_frames_ends_with_code_3(run, small_video: Path):
    result = run("score", small_video, "--start", 90)
    assert result.exit_code == 3


def test_missing_weights_end_with_code_4(run, small_video: Path, tmp_path: Path):
    result = run("score", small_video, "--weights", tmp_path / "absent.safetensors")
    assert result.exit_code == 4
    assert result.stderr.count("Error:") == 1


def test_of_several_one_bad_is_told_and_the_others_are_scored(
    run, small_video: Path, tmp_path: Path
):
    bad = tmp_path / "bad.mp4"
    bad.touch()
    result = run("score", bad, small_video, "--json")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert "bad.mp4" in result.stderr


def test_of_several_one_that_the_disk_refuses_stops_no_other(
    run, small_video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    analyse = Analyser.analyse

    def failing(self: Analyser, video: Path, *rest: object):
        if Path(video).name == "bad.mp4":
            raise OSError(errno.EIO, "Input/output error", str(video))
        return analyse(self, video, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Analyser, "analyse", failing)
    result = run("score", shutil.copy(small_video, tmp_path / "bad.mp4"), small_video, "--json")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert "Input/output error" in result.stderr
    assert "bad.mp4" in result.stderr


@pytest.mark.parametrize("command", ["score", "explain", "batch"])
def test_help_loads_nothing_heavy_and_ends_with_examples(command: str):
    program = (
        "import sys; from typer.testing import CliRunner; from fpcli.cli.app import app\n"
        f"result = CliRunner().invoke(app, [{command!r}, '--help'])\n"
        f"print(result.output, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert shown.rstrip().endswith("[]")
    assert f"fineparser {command}" in shown.split("Examples")[1]


def test_first_line_of_help_says_what_the_score_means(run):
    shown = " ".join(run("score", "--help").stdout.split())
    assert "the points a panel would give" in shown.split("The score is")[0]


@pytest.mark.parametrize("command", ["score", "explain", "batch", "split"])
def test_an_address_is_told_from_a_mistyped_name(run, tmp_path: Path, command: str):
    words = ("-o", tmp_path / "dives", "--overwrite") if command == "split" else ()
    result = CliRunner().invoke(app, [command, "https://example.org/watch?v=1", *map(str, words)])
    assert result.exit_code == 3
    assert "is an address" in result.stderr
    assert "Download the video first" in result.stderr


def test_a_folder_of_videos_names_the_command_for_it(run, tmp_path: Path):
    result = run("score", tmp_path)
    assert result.exit_code == 3
    assert "fineparser batch" in result.stderr


@pytest.mark.parametrize("command", [("score",), ("batch",), ("split", "-o", "dives")])
def test_a_video_that_may_not_be_read_ends_with_3(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
):
    monkeypatch.setattr("os.access", lambda *_, **__: False)  # as Typer asks
    (tmp_path / "secret.mp4").touch()
    result = CliRunner().invoke(app, [*command, str(tmp_path / "secret.mp4")])
    assert result.exit_code == (1 if command == ("batch",) else 3)
    assert "secret.mp4" in result.stderr
