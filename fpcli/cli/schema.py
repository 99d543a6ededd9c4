"""`fineparser schema`: what programs can rely on in the JSON outputs."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from fpcli.cli.options import OUTPUT
from fpcli.cli.streams import open_streams

EXAMPLES = ("fineparser schema", "fineparser schema batch > batch.schema.json")


class CommandName(StrEnum):
    """Commands whose --json has a schema."""

    SCORE = "score"
    EXPLAIN = "explain"
    BATCH = "batch"
    COMPARE = "compare"


def schema(
    command: Annotated[
        CommandName,
        typer.Argument(
            metavar="COMMAND",
            help="score, explain, batch (of each line) or compare.",
            rich_help_panel=OUTPUT,
        ),
    ] = CommandName.SCORE,
) -> None:
    """Print the JSON Schema of a command's --json.

    Units are in the keys; a key that is new raises the minor number of schema_version, a changed
    one the major number.
    """
    from fpcli.report.json_schema import Output, schema_of

    streams = open_streams(machine=True)
    streams.data(json.dumps(schema_of(Output(command.value)), indent=2))
