"""`fineparser dive`: what it says of a number, on a terminal and as JSON."""

import json

import pytest
import typer
from typer.testing import CliRunner, Result

from fpcli.cli.app import register
from fpcli.cli.dive import EXAMPLES, complete_dive_numbers, dive
from fpcli.diving.explain import explain
from fpcli.diving.numbers import parse
from fpcli.errors import DiveNumberError, ExitCode


@pytest.fixture
def command() -> typer.Typer:
    app = typer.Typer()
    register(app, "dive", dive, EXAMPLES)
    return app


def run(command: typer.Typer, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_a_dive_from_one_height_is_explained_part_by_part(command: typer.Typer) -> None:
    result = run(command, "5253b", "--height", "10")
    assert result.exit_code == ExitCode.OK
    rows = [line.split() for line in result.stdout.splitlines()]
    assert "5253B · back 2½ somersaults 1½ twists pike" in result.stdout
    assert "with the back to the water · entry head first" in result.stdout
    for row in (
        ["2½", "somersaults", "2.1"],
        ["pike", "0.3"],
        ["1½", "twists", "0.6"],
        ["back", "approach", "0.2"],
        ["difficulty", "3.2"],
        ["from", "the", "table"],
        ["half", "a", "mark,", "in", "points", "4.80"],
    ):
        assert row in rows
    assert "World Aquatics 2025" in result.stdout


def test_without_a_height_every_height_of_the_table_is_shown(command: typer.Typer) -> None:
    result = run(command, "5253B")
    assert "3 m   7.5 m    10 m" in result.stdout
    assert ["difficulty", "3.4", "3.3", "3.2"] in [
        line.split() for line in result.stdout.splitlines()
    ]


def test_a_calculated_difficulty_says_so(command: typer.Typer) -> None:
    assert "calculated by the formula" in run(command, "105A", "--height", "1").stdout
    assert "calculated" not in run(command, "105B", "--height", "1").stdout


def test_a_cell_without_formula_shows_no_parts(command: typer.Typer) -> None:
    result = run(command, "1011C", "--height", "10")
    assert "the formula has no value for a part" in result.stdout
    assert ["difficulty", "4.7"] in [line.split() for line in result.stdout.splitlines()]


def test_json_is_one_object_that_says_the_same(command: typer.Typer) -> None:
    result = run(command, "6243D", "--height", "10", "--json")
    explained = json.loads(result.stdout)
    assert explained["description"] == "armstand back 2 somersaults 1½ twists free"
    assert (explained["somersaults"], explained["twists"]) == (2.0, 1.5)
    (row,) = explained["heights"]
    assert (row["difficulty"], row["difficulty_origin"]) == (3.2, "table")
    assert sum(row["components"].values()) == pytest.approx(3.2)
    assert row["points_per_mark"] == 9.6
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("107D",), "free position"),
        (("5152A",), "pike or tuck"),
        (("612B", "--height", "3"), "platform only"),
        (("107B", "--height", "2"), "from 2 m"),
        (("1010C",), "from any height"),
    ],
)
def test_what_cannot_be_dived_is_refused_on_stderr(
    command: typer.Typer, arguments: tuple[str, ...], reason: str
) -> None:
    result = run(command, *arguments)
    assert result.exit_code == ExitCode.USAGE
    assert reason in result.stderr
    assert result.stdout == ""


def test_a_dive_outside_the_table_is_explained_where_the_formula_reaches() -> None:
    explanation = explain(parse("6341D"))
    assert [row.height_m for row in explanation.heights] == [5.0, 7.5, 10.0]
    assert {row.difficulty.origin for row in explanation.heights} == {"formula"}
    with pytest.raises(DiveNumberError, match="from any height"):
        explain(parse("107A"))


def test_the_shell_completes_dives_of_the_table() -> None:
    assert complete_dive_numbers("5253") == ["5253B", "5253C"]
    assert complete_dive_numbers("1011c") == ["1011C"]
    assert complete_dive_numbers("107D") == []


@pytest.mark.parametrize("typed", ["10", "10m", "10 m platform", "10,0"])
def test_a_height_is_read_as_people_type_it(command: typer.Typer, typed: str) -> None:
    result = run(command, "107b", "--height", typed, "--json")
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)["heights"]
    assert row["height_m"] == 10.0


@pytest.mark.parametrize(("typed", "why"), [("Platform", "write the metres"), ("x", "no height")])
def test_what_is_no_height_is_said_plainly(command: typer.Typer, typed: str, why: str) -> None:
    result = run(command, "107b", "--height", typed)
    assert result.exit_code == 2
    assert why in " ".join(result.stderr.replace("│", "").split())
