"""`fineparser batch --startlist`: each video scored as what the list says it shows."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("load_once")


@pytest.fixture
def meet(tmp_path: Path, small_video: Path) -> Path:
    """A folder of two dives with their start list."""
    for name in ("a.mp4", "b.mp4"):
        shutil.copy(small_video, tmp_path / name)
    (tmp_path / "meet.csv").write_text(
        "File;Diver;Dive;Height;Score;Nation\n"
        'a.mp4;=HYPERLINK("x");107B;3;62,5;GER\n'
        "b.mp4;Bo \x1b[31m;;;;GER\n"
    )
    return tmp_path


def test_rows_carry_the_list_and_no_cell_is_a_formula(run, meet: Path):
    result = run("batch", meet, "--startlist", meet / "meet.csv", "--csv", "--force")
    assert result.exit_code == 0, result.output
    first, second = csv.DictReader(io.StringIO(result.stdout))
    assert first["diver"] == '\'=HYPERLINK("x")'
    assert (first["dive_number"], first["height_m"], first["panel_points"]) == (
        "107B",
        "3.0",
        "62.5",
    )
    assert first["height_origin"] == "start list"
    assert second["diver"] == "Bo \\x1b[31m"
    assert second["dive_number"] == ""
    assert "Nation" in result.stderr


def test_json_and_the_terminal_name_the_diver(run, meet: Path):
    listed = ("batch", meet, "--startlist", meet / "meet.csv", "--force")
    said = [json.loads(line) for line in run(*listed, "--json").stdout.splitlines()]
    assert [one["dive"]["diver"] for one in said] == ['=HYPERLINK("x")', "Bo \x1b[31m"]
    assert said[0]["dive"]["panel_points"] == 62.5
    table = run(*listed).stdout
    assert "HYPERLINK" in table
    assert "\x1b" not in table


def test_resume_scores_again_only_what_the_list_changed(run, meet: Path, tmp_path: Path):
    target = tmp_path / "out.csv"
    listed = ("batch", meet, "--startlist", meet / "meet.csv", "--force", "-o", target)
    run(*listed)
    again = run(*listed, "--resume")
    assert "2 of 2 kept" in again.stderr
    text = (meet / "meet.csv").read_text()
    (meet / "meet.csv").write_text(text.replace("Bo", "Bob"))
    assert "1 of 2 kept" in run(*listed, "--resume").stderr
    assert "Bob" in target.read_text()


def test_all_wrong_rows_are_named_before_any_work(run, meet: Path):
    (meet / "meet.csv").write_text("file,dive,height\na.mp4,107X,3\nc.mp4,103B,3\n")
    result = run("batch", meet, "--startlist", meet / "meet.csv", "--csv")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "line 2: 107X is no dive number" in result.stderr
    assert "line 3: there is no video c.mp4" in result.stderr
    assert result.stderr.count("Error:") == 1


def test_the_list_is_an_input_and_never_written_to(run, meet: Path):
    before = (meet / "meet.csv").read_text()
    listed = ("batch", meet, "--startlist", meet / "meet.csv", "-o", meet / "meet.csv")
    assert run(*listed, "--overwrite").exit_code == 2
    assert (meet / "meet.csv").read_text() == before
    assert run("batch", meet, "--startlist", meet / "none.csv").exit_code == 2


def test_a_video_that_is_not_listed_is_scored_and_named(run, meet: Path):
    (meet / "meet.csv").write_text("file,dive,height\na.mp4,107B,3\n")
    result = run("batch", meet, "--startlist", meet / "meet.csv", "--csv", "--force")
    assert result.exit_code == 0, result.output
    assert "Not in" in result.stderr
    assert "b.mp4" in result.stderr
