"""What may go wrong around `fineparser batch -o`: no row that was made is lost."""

import csv
import shutil
from pathlib import Path

import pytest

from fpcli.analysis.analyse import Analyser
from fpcli.cli.batch_rows import RowFormat, claimed_part, gathering_file, row_file

resource = pytest.importorskip("resource", reason="limits of file sizes are Unix's")
pytestmark = pytest.mark.usefixtures("load_once")

ENOUGH_FOR_A_ROW = 3000  # bytes, and not for two


@pytest.fixture(autouse=True)
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the videos that are analysed."""
    names: list[str] = []
    analyse = Analyser.analyse

    def watched(self: Analyser, path: Path, *rest: object):
        names.append(path.name)
        return analyse(self, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Analyser, "analyse", watched)
    return names


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch):
    """Press Ctrl-C when the video of that name is to be analysed."""

    def at(name: str) -> None:
        analyse = Analyser.analyse

        def interrupted(self: Analyser, path: Path, *rest: object):
            if path.name == name:
                raise KeyboardInterrupt
            return analyse(self, path, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(Analyser, "analyse", interrupted)

    return at


@pytest.fixture
def folder(tmp_path: Path, small_video: Path) -> Path:
    place = tmp_path / "dives"
    place.mkdir()
    for name in ("a.mp4", "b.mp4"):
        shutil.copy(small_video, place / name)
    return place


def names_in(table: Path) -> list[str]:
    with table.open() as stream:
        return [Path(row["path"]).name for row in csv.DictReader(stream)]


@pytest.mark.parametrize("options", [("--synchro",), ("--exemplars", "3")], ids=" ".join)
def test_other_options_are_another_question(run, folder: Path, tmp_path: Path, analysed, options):
    target = tmp_path / "scores.csv"
    asked = ("batch", folder / "a.mp4", "-o", target, "--resume")
    run(*asked)
    analysed.clear()
    assert run(*asked, *options).exit_code == 0
    assert run(*asked, *options).exit_code == 0
    assert analysed == ["a.mp4"]


def test_rows_of_a_killed_run_are_safe_before_the_next_begins(
    run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target = tmp_path / "scores.csv"
    run("batch", folder / "b.mp4", "-o", target)
    target.rename(gathering_file(target))
    refused = run("batch", folder, "-o", target)
    assert refused.exit_code == 2
    assert "--resume" in refused.stderr
    assert names_in(gathering_file(target)) == ["b.mp4"]

    kept: list[list[str]] = []

    def look(*_: object) -> None:
        kept.append(names_in(target))
        raise KeyboardInterrupt

    monkeypatch.setattr(Analyser, "analyse", look)
    run("batch", folder, "-o", target, "--resume")
    assert kept == [["b.mp4"]]


def test_two_batches_do_not_write_one_file(run, folder: Path, tmp_path: Path, analysed):
    target = tmp_path / "scores.csv"
    with (
        claimed_part(target, may_hold_rows=False) as part,
        row_file(target, RowFormat.CSV, part) as write,
    ):
        write("first")
        refused = run("batch", folder, "-o", target, "--overwrite")
        write("second")
    assert refused.exit_code == 2
    assert "Another batch" in refused.stderr
    assert analysed == []
    assert target.read_text().splitlines()[1:] == ["first", "second"]
    assert not gathering_file(target).exists()


def test_an_interruption_keeps_rows_that_were_not_reached(
    run, folder: Path, tmp_path: Path, interrupt
):
    target = tmp_path / "scores.csv"
    asked = ("batch", folder, "-o", target)
    run(*asked)
    before = target.read_text()
    interrupt("a.mp4")
    assert run(*asked, "--overwrite").exit_code == 130
    assert target.read_text() == before
    interrupt("b.mp4")
    assert run(*asked, "--resume", "--dive", "107B").exit_code == 130
    assert names_in(target) == ["a.mp4", "b.mp4"]
    assert not gathering_file(target).exists()


def test_an_interruption_prints_the_table_so_far(run, folder: Path, interrupt):
    interrupt("b.mp4")
    result = run("batch", folder)
    assert result.exit_code == 130
    assert "a.mp4" in result.stdout
    assert "b.mp4" not in result.stdout


def test_a_video_that_is_gone_has_a_row_that_says_so(run, folder: Path, tmp_path: Path):
    (folder / "gone.mp4").symlink_to(tmp_path / "nowhere.mp4")
    target = tmp_path / "scores.csv"
    result = run("batch", folder, "-o", target)
    assert result.exit_code == 1
    assert names_in(target) == ["a.mp4", "b.mp4", "gone.mp4"]
    assert "Traceback" not in result.stderr


def test_a_full_disk_leaves_the_target_and_the_rows_that_fitted(tmp_path: Path):
    target = tmp_path / "scores.jsonl"
    target.write_text("before\n")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    fits, cut = "x" * (ENOUGH_FOR_A_ROW - 100), "y" * ENOUGH_FOR_A_ROW

    def write_all() -> None:
        with (
            claimed_part(target, may_hold_rows=True) as part,
            row_file(target, RowFormat.JSON, part) as write,
        ):
            write(fits)
            try:
                write(cut)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
                write("behind the cut")

    resource.setrlimit(resource.RLIMIT_FSIZE, (ENOUGH_FOR_A_ROW, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_all()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert target.read_text() == "before\n"
    first, *rest = gathering_file(target).read_text().split("\n")
    assert first == fits
    assert "behind" not in "".join(rest)


@pytest.mark.parametrize("name", ["scores.csv", "scores.jsonl"])
def test_what_holds_other_than_rows_is_not_written_over(run, folder: Path, tmp_path: Path, name):
    target = tmp_path / name
    for text in ("my notes\n", "[1]\n", '{"path": 3}\n'):
        target.write_text(text)
        refused = run("batch", folder, "-o", target, "--resume")
        assert refused.exit_code == 2
        assert "Line 1" in refused.stderr
        assert target.read_text() == text
