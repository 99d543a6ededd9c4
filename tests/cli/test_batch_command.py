"""`fineparser batch`: a row a video, whatever lies in the folder."""

import contextlib
import csv
import dataclasses
import io
import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fpcli.analysis.analyse import Analyser
from fpcli.analysis.file_stamp import stamp_of
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import DiveAnalysis

pytestmark = pytest.mark.usefixtures("load_once")


@pytest.fixture
def folder(tmp_path: Path, small_video: Path) -> Path:
    """Two dives, a file that is no video, a text named as one, and what is none of these."""
    place = tmp_path / "dives"
    place.mkdir()
    shutil.copy(small_video, place / "b.mp4")
    shutil.copy(small_video, place / "a.mp4")
    (place / "broken.mp4").write_text("no video")
    (place / "notes.txt").write_text("none of your business")
    return place


@pytest.fixture
def good_folder(folder: Path) -> Path:
    """The same without the broken file."""
    (folder / "broken.mp4").unlink()
    return folder


@pytest.fixture(scope="module")
def known() -> dict[tuple[bytes, object], DiveAnalysis]:
    """Analyses made so far, by the file's content and the request: the same ones every time."""
    return {}


@pytest.fixture(autouse=True)
def analysed(monkeypatch: pytest.MonkeyPatch, known) -> list[str]:
    """Names of the videos that are analysed; of equal files only the first is truly encoded."""
    names: list[str] = []
    analyse = Analyser.analyse

    def watched(self: Analyser, path: Path, request: AnalysisRequest, *rest: object):
        names.append(path.name)
        if not path.is_file():
            return analyse(self, path, request, *rest)  # type: ignore[arg-type]
        asked = (path.read_bytes(), request)
        if asked not in known:
            known[asked] = analyse(self, path, request, *rest)  # type: ignore[arg-type]
        made, stamp = known[asked], stamp_of(path)
        source = dataclasses.replace(made.source, path=path, **dataclasses.asdict(stamp))
        return dataclasses.replace(made, source=source)

    monkeypatch.setattr(Analyser, "analyse", watched)
    return names


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_what_is_no_file_gets_a_row_or_is_named_and_nothing_waits(run, folder: Path):
    """A pipe nobody writes to, a socket, a link to nothing and one to itself, a folder."""
    os.mkfifo(folder / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as plug, contextlib.chdir(folder):
        plug.bind("socket.mp4")
    (folder / "dangling.mp4").symlink_to("nowhere.mp4")
    (folder / "loop.mp4").symlink_to("loop.mp4")
    (folder / "folder.mp4").mkdir()
    result = run("batch", folder, "--csv")
    assert result.exit_code == 1
    said = {Path(row["path"]).name: row["error"] for row in rows(result.stdout)}
    assert [name for name, error in said.items() if not error] == ["a.mp4", "b.mp4"]
    assert "no file" in said["dangling.mp4"]
    assert "no file" in said["loop.mp4"]
    assert "not a file" in said["pipe.mp4"]
    assert "not a file" in said["socket.mp4"]
    assert "folder.mp4" not in said
    passed_over = next(line for line in result.stderr.splitlines() if "Passed over" in line)
    assert "folder.mp4" in passed_over
    assert "notes.txt" in passed_over


def test_csv_has_a_sorted_row_a_video_and_failures_are_listed_last(run, folder: Path):
    result = run("batch", folder, "--csv")
    assert result.exit_code == 1
    said = rows(result.stdout)
    assert [Path(row["path"]).name for row in said] == ["a.mp4", "b.mp4", "broken.mp4"]
    assert float(said[0]["score_points"]) == float(said[1]["score_points"])
    assert said[2]["score_points"] == ""
    assert said[2]["error"]
    assert "broken.mp4" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert "notes.txt" in result.stderr


def test_folder_of_good_videos_ends_with_code_0(run, good_folder: Path):
    result = run("batch", good_folder, "--csv", "--dive", "107B")
    assert result.exit_code == 0, result.output
    assert {row["dive_number"] for row in rows(result.stdout)} == {"107B"}


def test_json_has_an_object_a_line_failures_included(run, folder: Path):
    result = run("batch", folder, "--json")
    said = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert ["error" in one for one in said] == [False, False, True]


def test_terminal_gets_a_table(run, folder: Path):
    result = run("batch", folder)
    assert result.exit_code == 1
    assert "a.mp4" in result.stdout
    assert "broken.mp4" in result.stderr


def test_file_holds_what_stdout_would(run, good_folder: Path, tmp_path: Path):
    target = tmp_path / "scores.csv"
    printed = run("batch", good_folder, "--csv").stdout
    result = run("batch", good_folder, "-o", target)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert target.read_text() == printed
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("name", ["scores.csv", "scores.jsonl"])
def test_resume_scores_only_what_is_new_or_changed(
    run, good_folder: Path, tmp_path: Path, analysed: list[str], name: str
):
    target = tmp_path / name
    run("batch", good_folder, "-o", target)
    analysed.clear()
    first = target.read_text()
    again = run("batch", good_folder, "-o", target, "--resume")
    assert again.exit_code == 0, again.output
    assert analysed == []
    assert target.read_text() == first

    os.utime(good_folder / "b.mp4", (1_000_000_000, 1_000_000_000))
    shutil.copy(good_folder / "a.mp4", good_folder / "aa.mp4")
    run("batch", good_folder, "-o", target, "--resume")
    assert analysed == ["aa.mp4", "b.mp4"]
    lines = target.read_text().splitlines()
    assert len(lines) == len(first.splitlines()) + 1
    assert [place for place, line in enumerate(lines) if line in first.splitlines()] == (
        [0, 1] if name.endswith("csv") else [0]
    )


def test_resume_scores_again_with_other_options_or_after_a_failure(
    run, folder: Path, tmp_path: Path, analysed: list[str]
):
    target = tmp_path / "scores.csv"
    run("batch", folder, "-o", target)
    analysed.clear()
    assert run("batch", folder, "-o", target, "--resume").exit_code == 1
    assert analysed == ["broken.mp4"]
    analysed.clear()
    run("batch", folder, "-o", target, "--resume", "--dive", "107B")
    assert analysed == ["a.mp4", "b.mp4", "broken.mp4"]
    assert len(rows(target.read_text())) == 3


@pytest.mark.parametrize("name", ["scores.csv", "scores.jsonl"])
def test_resume_scores_again_with_another_cut_or_where_a_score_was_forced(
    run, good_folder: Path, tmp_path: Path, analysed: list[str], name: str
):
    from fpcli.video.write import VideoWriter

    target = tmp_path / name
    with VideoWriter(good_folder / "b.mp4", width=96, height=64, overwrite=True) as writer:
        for index in range(40):
            writer.write(np.full((64, 96, 3), 90, np.uint8), index / 25)
    asked = ("batch", good_folder, "-o", target)
    assert run(*asked, "--force").exit_code == 0
    for options, again in (
        (("--resume", "--force"), []),
        (("--resume",), ["b.mp4"]),
        (("--resume", "--force"), ["b.mp4"]),
        (("--resume", "--force", "--geometry", "published"), ["a.mp4", "b.mp4"]),
        (("--resume", "--force", "--geometry", "published"), []),
    ):
        analysed.clear()
        run(*asked, *options)
        assert analysed == again, options


def test_resume_keeps_rows_of_other_folders(
    run, good_folder: Path, tmp_path: Path, make_video: Callable[..., None]
):
    target, other = tmp_path / "scores.csv", tmp_path / "other.mp4"
    make_video(other, left=10)
    run("batch", good_folder, "-o", target)
    run("batch", other, "-o", target, "--resume")
    names = [Path(row["path"]).name for row in rows(target.read_text())]
    assert names == ["a.mp4", "b.mp4", "other.mp4"]


def test_interrupted_batch_keeps_its_rows_and_resumes(
    run, good_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target = tmp_path / "scores.csv"
    analyse = Analyser.analyse

    def interrupted(self: Analyser, path: Path, *rest: object):
        if path.name == "b.mp4":
            raise KeyboardInterrupt
        return analyse(self, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Analyser, "analyse", interrupted)
    result = run("batch", good_folder, "-o", target)
    assert result.exit_code == 130
    assert [Path(row["path"]).name for row in rows(target.read_text())] == ["a.mp4"]
    monkeypatch.setattr(Analyser, "analyse", analyse)
    assert run("batch", good_folder, "-o", target, "--resume").exit_code == 0
    assert len(rows(target.read_text())) == 2


def test_row_cut_by_a_killed_run_is_made_again(
    run, good_folder: Path, tmp_path: Path, analysed: list[str]
):
    target = tmp_path / "scores.csv"
    run("batch", good_folder, "-o", target)
    whole = target.read_text()
    target.rename(tmp_path / "scores.csv.part")
    (tmp_path / "scores.csv.part").write_text(whole[:-30])
    analysed.clear()
    run("batch", good_folder, "-o", target, "--resume")
    assert analysed == ["b.mp4"]
    assert target.read_text() == whole


def test_fail_fast_stops_at_the_first_failure(run, folder: Path, analysed: list[str]):
    (folder / "a.mp4").write_text("no video either")
    result = run("batch", folder, "--csv", "--fail-fast")
    assert result.exit_code == 1
    assert analysed == ["a.mp4"]


def test_subfolders_only_when_asked(run, good_folder: Path):
    result = run("batch", good_folder.parent)
    assert result.exit_code != 0
    assert "--recursive" in result.stderr
    assert run("batch", good_folder.parent, "--recursive", "--csv").exit_code == 0


def test_folder_without_videos_is_refused(run, tmp_path: Path):
    (tmp_path / "notes.txt").touch()
    result = run("batch", tmp_path)
    assert result.exit_code == 3
    assert result.stderr.count("Error:") == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    "options",
    [("--csv", "--json"), ("--resume",), ("-o", "scores.txt"), ("--dive", "999Z")],
    ids=" ".join,
)
def test_options_that_cannot_be_followed_end_with_code_2(run, good_folder: Path, options):
    assert run("batch", good_folder, *options).exit_code == 2


def test_existing_file_is_kept_without_overwrite(run, good_folder: Path, tmp_path: Path):
    target = tmp_path / "scores.csv"
    target.write_text("mine")
    assert run("batch", good_folder, "-o", target).exit_code == 2
    assert target.read_text() == "mine"
    assert run("batch", good_folder, "-o", target, "--resume").exit_code == 2
    assert target.read_text() == "mine"
    assert run("batch", good_folder, "-o", target, "--overwrite").exit_code == 0
    assert len(rows(target.read_text())) == 2


@pytest.mark.parametrize("form", [(), ("--csv",), ("-o", "scores.csv")], ids=" ".join)
def test_a_page_ranks_what_was_scored_and_lists_what_was_not(
    run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form
):
    monkeypatch.chdir(tmp_path)
    result = run("batch", folder, *form, "--html", "index.html")
    assert result.exit_code == 1
    page = (tmp_path / "index.html").read_text("utf-8")
    assert "2 dives scored, 1 not" in page
    assert all(name in page for name in ("a.mp4", "b.mp4", "broken.mp4"))


def test_a_page_is_refused_before_any_work(run, good_folder: Path, tmp_path: Path, analysed):
    target = tmp_path / "index.html"
    target.write_text("mine")
    assert run("batch", good_folder, "--html", target).exit_code == 2
    assert run("batch", good_folder, "--html", tmp_path / "index.txt").exit_code == 2
    table = ("-o", tmp_path / "scores.csv", "--resume")
    assert run("batch", good_folder, *table, "--html", tmp_path / "other.html").exit_code == 2
    assert target.read_text() == "mine"
    assert analysed == []
