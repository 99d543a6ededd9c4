"""`fineparser compare`: two dives beside each other, on the terminal and as JSON."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("load_once")

KNOWN = ("--dive", "107B", "--height", "3", "--force")


@pytest.fixture
def pair(tmp_path: Path, make_video) -> tuple[Path, Path]:
    paths = (tmp_path / "a.mp4", tmp_path / "b\x1b[2J.mp4")
    for place, path in enumerate(paths):
        make_video(path, left=15 + 30 * place)
    return paths


def test_terminal_shows_both_dives_the_verdict_and_the_steps(run, pair):
    result = run("compare", *pair, *KNOWN)
    assert result.exit_code == 0, result.output
    shown = " ".join(result.stdout.split())
    for word in ("a.mp4", "107B", "A − B", "take-off", "flight", "entry", "A over B", "marks"):
        assert word in shown
    assert "\x1b" not in result.stdout
    assert "simulated" in shown


def test_json_holds_both_analyses_and_a_sum_that_adds_up(run, pair):
    result = run("compare", *pair, *KNOWN, "--json")
    said = json.loads(result.stdout)
    assert said["schema_version"]
    one, other, found = said["first"], said["second"], said["comparison"]
    assert found["difference_marks"] == one["mark"] - other["mark"]
    assert found["difference_points"] == one["score_points"] - other["score_points"]
    total = 0.0
    for step in found["steps"]:
        total += step["contrast_marks"]
    assert total == found["direct_marks"]
    assert sum(found["directions_marks"]) / 2 == pytest.approx(found["direct_marks"], abs=1e-6)


def test_turned_round_it_says_the_opposite(run, pair):
    there = json.loads(run("compare", *pair, *KNOWN, "--json").stdout)["comparison"]
    back = json.loads(run("compare", *reversed(pair), *KNOWN, "--json").stdout)["comparison"]
    assert back["difference_marks"] == -there["difference_marks"]
    assert back["direct_marks"] == pytest.approx(-there["direct_marks"], abs=1e-6)
    turned = {"first": "second", "second": "first"}
    whole, _, rest = there["verdict"].partition("_")
    assert back["verdict"] == "_".join(filter(None, [turned.get(whole, whole), rest]))


def test_a_dive_beside_itself_is_not_better(run, pair):
    said = json.loads(run("compare", pair[0], pair[0], *KNOWN, "--json").stdout)["comparison"]
    assert said["verdict"] == "open"
    assert said["difference_marks"] == 0
    assert said["direct_marks"] == 0


def test_dives_of_two_numbers_are_compared_in_marks_and_it_says_so(run, pair):
    result = run("compare", *pair, *KNOWN, "--other-dive", "205B")
    assert result.exit_code == 0, result.output
    shown = " ".join(result.stdout.split())
    assert "different numbers" in shown
    assert "marks are compared, not the points" in shown


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--other-dive", "107Z"), 2),
        (("--dive", "612B", "--height", "3"), 2),
        (("--exemplars", "yours"), 2),
        (("--weights", "no-such-weights"), 4),
    ],
    ids=str,
)
def test_what_cannot_be_followed_ends_with_its_code(run, pair, options, code: int):
    result = run("compare", *pair, *options)
    assert result.exit_code == code
    assert result.stdout == ""


def test_what_is_no_video_ends_with_code_3(run, pair, unreadable: Path):
    result = run("compare", pair[0], unreadable)
    assert result.exit_code == 3
    assert result.stderr.count("Error:") == 1
