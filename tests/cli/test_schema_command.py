"""`fineparser schema` prints one JSON Schema and nothing else."""

import json

import pytest
from typer.testing import CliRunner

from fpcli.cli.app import app


@pytest.mark.parametrize("words", [(), ("score",), ("explain",), ("batch",), ("compare",)])
def test_it_prints_a_schema(words):
    result = CliRunner().invoke(app, ["schema", *words])
    assert result.exit_code == 0, result.output
    described = json.loads(result.stdout)
    assert described["$schema"].endswith("2020-12/schema")
    assert described["title"] == f"fineparser {(words or ('score',))[0]} --json"
    assert "score_points" in described["$defs"]["analysis"]["required"]


def test_a_command_without_json_is_refused():
    assert CliRunner().invoke(app, ["schema", "doctor"]).exit_code == 2
