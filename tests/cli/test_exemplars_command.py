"""`fineparser exemplars`: add, list, remove, import, and let them vote."""

import csv
import dataclasses
import io
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fpcli.cli.app import app
from fpcli.cli.dive_options import whose_and_how_many
from fpcli.errors import UsageError

KNOWN = ("--dive", "107B", "--height", "3")


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("FINEPARSER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "exemplars"


@pytest.fixture
def scored(tmp_path: Path, make_video) -> list[Path]:
    """Two dives that a panel scored."""
    videos = [tmp_path / "ann.mp4", tmp_path / "bo.mp4"]
    for place, video in enumerate(videos):
        make_video(video, left=20 + 20 * place)
    return videos


def plain(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def add(run, video: Path, *more: object):
    return run("exemplars", "add", video, *KNOWN, "--score", "62", "--force", *more)


def test_an_added_dive_votes_and_is_named(run, scored, small_video: Path):
    result = add(run, scored[0])
    assert result.exit_code == 0, result.output
    assert result.stdout == "ann\n"
    said = run("score", small_video, *KNOWN, "--exemplars", "mine", "--force", "--json")
    assert said.exit_code == 0, said.output
    analysis = json.loads(said.stdout)
    (vote,) = analysis["votes"]
    assert vote["exemplar"] == "mine/ann"
    assert vote["exemplar_mark"] == pytest.approx(62 / 9.3, rel=1e-6)
    assert {"own_exemplars", "few_exemplars"} <= set(analysis["flags"])
    assert "weights' exemplars" in analysis["interval"]["method"]
    assert analysis["provenance"]["exemplars_from"] == "mine"
    assert analysis["provenance"]["own_exemplars_sha256"]
    shown = run("score", small_video, *KNOWN, "--exemplars", "mine:1", "--force").stdout
    assert "your own exemplars" in shown


def test_other_weights_refuse_it_and_the_list_brings_it_back(
    run, scored, small_video: Path, small_bundle_path: Path, tmp_path: Path
):
    add(run, scored[0], "--start", "0.1")
    other = tmp_path / "other.safetensors"
    from fpcli.weights.bundle import load_bundle, save_bundle

    bundle = load_bundle(small_bundle_path)
    next(iter(bundle.state.values())).mul_(1.01)
    save_bundle(bundle, other)
    asked = ("score", small_video, *KNOWN, "--exemplars", "mine", "--force", "--weights", other)
    refused = run(*asked)
    assert refused.exit_code == 2
    assert "exemplars import mine.csv --overwrite" in refused.stderr
    listed = tmp_path / "mine.csv"
    listed.write_text(plain("exemplars", "list", "--csv").stdout)
    again = run("exemplars", "import", listed, "--overwrite", "--weights", other)
    assert again.exit_code == 0, again.output
    assert run(*asked).exit_code == 0
    (facts,) = json.loads(plain("exemplars", "list", "--json").stdout)["exemplars"]
    assert (facts["key"], facts["start_s"], facts["score_points"]) == ("ann", 0.1, 62.0)


def test_a_list_is_imported_whole_and_goes_past_a_broken_video(run, scored, tmp_path: Path):
    (tmp_path / "broken.mp4").write_text("no video")
    listed = tmp_path / "scored.csv"
    listed.write_text(
        "File;Dive;Height;Points;Key\nann.mp4;107B;3;62,5;\nbroken.mp4;103B;3;40;\n"
        "bo;103B;3;40;=cmd\n".replace("bo;", "bo.mp4;")
    )
    result = run("exemplars", "import", listed)
    assert result.exit_code == 1
    assert result.stdout.split() == ["ann", "=cmd"]
    assert "line 3: broken.mp4" in result.stderr
    rows = list(csv.DictReader(io.StringIO(plain("exemplars", "list", "--csv").stdout)))
    assert [row["key"] for row in rows] == ["'=cmd", "ann"]
    assert rows[1]["dive"] == "107B"


def test_a_wrong_list_is_refused_before_any_work(run, scored, tmp_path: Path, own_folder: Path):
    listed = tmp_path / "scored.csv"
    listed.write_text(
        "file,dive,height,score\nann.mp4,107B,3,\nnone.mp4,103B,3,40\nbo.mp4,103Z,3,4\n"
    )
    result = run("exemplars", "import", listed)
    assert result.exit_code == 2
    for line in (
        "line 2: An exemplar needs its score",
        "line 3: There is no video",
        "line 4: 103Z",
    ):
        assert line in result.stderr
    assert not own_folder.exists()


def test_a_video_of_several_dives_is_no_exemplar(run, scored, monkeypatch):
    from fpcli.analysis import analyse
    from fpcli.analysis.result import Flag

    read = analyse.read_dive

    def several(*asked: object):
        dive = read(*asked)  # type: ignore[arg-type]
        return dataclasses.replace(dive, flags=(*dive.flags, Flag.SEVERAL_DIVES))

    monkeypatch.setattr(analyse, "read_dive", several)
    refused = run("exemplars", "add", scored[0], *KNOWN, "--score", "62")
    assert refused.exit_code == 3
    assert "--start" in refused.stderr
    assert add(run, scored[0]).exit_code == 0  # with --force


def test_listing_and_removing(run, scored, small_bundle_path: Path):
    empty = plain("exemplars", "list")
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert "exemplars add" in empty.stderr
    add(run, scored[0], "--key", "final\x1b[2J")
    listed = plain("exemplars", "list", "--weights", small_bundle_path)
    assert "\x1b" not in listed.stdout
    assert "107B" in listed.stdout
    assert "cannot vote" not in listed.stderr
    assert "1 of 1 cannot vote" in plain("exemplars", "list").stderr  # with the bundled weights
    assert add(run, scored[1], "--key", "final\x1b[2J").exit_code == 2
    assert plain("exemplars", "remove", "none").exit_code == 2
    assert plain("exemplars", "remove", "final\x1b[2J").exit_code == 0
    assert json.loads(plain("exemplars", "list", "--json").stdout)["exemplars"] == []


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--dive", "107X", "--height", "3", "--score", "60"), "no dive number"),
        (("--dive", "612B", "--height", "3", "--score", "60"), "armstand"),
        (("--dive", "107B", "--height", "3", "--score", "99"), "cannot be reached"),
        (("--dive", "107B", "--height", "3", "--score", "60", "--key", " "), "name"),
    ],
)
def test_what_cannot_be_an_exemplar_is_refused(run, small_video: Path, options, why: str):
    result = run("exemplars", "add", small_video, *options)
    assert result.exit_code == 2
    assert why in result.stderr


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flight that does not tell how high the board is."""
    from fpcli.analysis import adding
    from fpcli.analysis.result import Measure, Missing

    nothing = Measure(missing=Missing.IMPRECISE)
    monkeypatch.setattr(adding, "confirmed_board", lambda *_, **__: nothing)


def test_without_a_height_it_says_which_was_taken_and_why(run, scored, unmeasured):
    added = run("exemplars", "add", scored[0], "--dive", "107b", "--score", "62", "--force")
    assert added.exit_code == 0, added.output
    assert added.stdout == "ann\n"
    said = " ".join(added.stderr.split())
    assert "ann: 107B from 3 m (the usual one of the heights that fit)" in said
    assert "difficulty 3.1, mark 6.7" in said
    (ann, *_) = json.loads(plain("exemplars", "list", "--json").stdout)["exemplars"]
    assert (ann["height_m"], ann["difficulty"]) == (3.0, 3.1)


def test_a_height_that_nothing_tells_is_asked_for(run, scored, unmeasured, own_folder: Path):
    asked = run("exemplars", "add", scored[0], "--dive", "103B", "--score", "0", "--force")
    assert asked.exit_code == 2
    said = " ".join(asked.stderr.split())
    assert "could be 1 m (difficulty 1.7), 3 m" in said
    assert "--height" in said
    assert not (own_folder / "exemplars.safetensors").exists()


def test_the_flight_tells_a_height_and_denies_one(run, scored, monkeypatch):
    from fpcli.analysis import adding
    from fpcli.analysis.result import Measure

    low_board = Measure(1.4, 0.7, 2.1, 20, 0.8)
    monkeypatch.setattr(adding, "confirmed_board", lambda *_, **__: low_board)
    added = run("exemplars", "add", scored[0], "--dive", "101B", "--score", "0", "--force")
    assert "101B from 1 m (by its flight the board is" in " ".join(added.stderr.split())
    assert "one of them is wrong" not in added.stderr
    wrong = run(
        "exemplars",
        "add",
        scored[1],
        "--dive",
        "101B",
        "--height",
        "10",
        "--score",
        "30",
        "--force",
    )
    assert wrong.exit_code == 0
    assert "10 m was told, but by its flight" in " ".join(wrong.stderr.split())


def test_a_batch_leaves_each_dive_out_of_its_own_vote(run, scored, tmp_path: Path):
    for video in scored:
        add(run, video)
    folder = tmp_path / "dives"
    folder.mkdir()
    shutil.copy(scored[0], folder / "again.mp4")
    result = run("batch", folder, *KNOWN, "--exemplars", "mine", "--force", "--json")
    (vote,) = json.loads(result.stdout)["votes"]
    assert vote["exemplar"] == "mine/bo"


@pytest.mark.parametrize(
    ("text", "meant"),
    [("5", ("bundled", 5)), ("mine", ("mine", 10)), ("both:3", ("both", 3)), ("0", ("bundled", 0))],
)
def test_whose_and_how_many(text: str, meant):
    assert whose_and_how_many(text) == meant


@pytest.mark.parametrize("text", ["", "yours", "mine:", "mine:x", "1.5", "-3:mine"])
def test_neither_whose_nor_how_many_is_refused(text: str):
    with pytest.raises(UsageError):
        whose_and_how_many(text)


def test_keys_are_offered_when_tab_is_pressed(run, scored, own_folder: Path):
    from fpcli.cli.complete import complete_exemplar_keys

    assert complete_exemplar_keys("") == []
    for video in scored:
        add(run, video)
    assert complete_exemplar_keys("") == [("ann", "107B from 3 m"), ("bo", "107B from 3 m")]
    assert complete_exemplar_keys("b") == [("bo", "107B from 3 m")]
    (own_folder / "exemplars.safetensors").write_bytes(b"damaged")
    assert complete_exemplar_keys("") == []


def test_exemplars_are_listed_where_no_weights_are(run, scored, monkeypatch: pytest.MonkeyPatch):
    from fpcli.errors import WeightsError

    def none(name: str | None) -> Path:
        raise WeightsError("There are no weights.", "Get some.")

    add(run, scored[0])
    monkeypatch.setattr("fpcli.weights.locate.find_weights", none)
    listed = plain("exemplars", "list")
    assert listed.exit_code == 0, listed.output
    assert "ann" in listed.stdout
    assert "There are no weights." in " ".join(listed.stderr.split())
    assert plain("exemplars", "list", "--weights", "s-simulated").exit_code == 4
