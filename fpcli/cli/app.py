"""The `fineparser` command: every command, registered.

A command is a module of this room with one function whose options are `Annotated` (shared ones from
`options`), whose docstring's first line is its help, and a tuple `EXAMPLES`. It imports nothing
heavy at the top: torch, av, cv2, matplotlib and numpy belong inside the function.
"""

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from fpcli import __version__
from fpcli.cli import (
    ablate,
    batch,
    bench,
    compare,
    data,
    dive,
    doctor,
    evaluate,
    exemplars,
    explain,
    schema,
    score,
    simulate,
    split,
    train,
    weights,
)
from fpcli.cli.errors import guarded, report
from fpcli.cli.plain_help import PlainCommand, PlainGroup
from fpcli.cli.streams import open_closed_streams

DIVES, LEARNING, HOUSE = "Dives", "Learning and measuring", "This installation"  # panels of help
SPINS_VARIABLE = "GOMP_SPINCOUNT"
SPINS = "20000"

app = typer.Typer(
    name="fineparser",
    cls=PlainGroup,
    epilog="Start with: fineparser score dive.mp4",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def register(
    target: typer.Typer,
    name: str,
    command: Callable[..., Any],
    examples: Sequence[str],
    panel: str | None = None,
) -> None:
    """Add a command whose help ends with the examples and whose failures end as sentences.

    panel: where the help of the whole shows it.
    """
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    target.command(
        name,
        cls=PlainCommand,
        help="\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs),
        epilog="\n\n".join(["Examples:", *examples]),
        rich_help_panel=panel,
    )(guarded(command))


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"fineparser {__version__}")
        raise typer.Exit


@app.callback()
def fineparser(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=show_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Score a dive from video and see why: the diver, the steps, what each won or lost."""


register(app, "score", score.score, score.EXAMPLES, DIVES)
register(app, "explain", explain.explain, explain.EXAMPLES, DIVES)
register(app, "batch", batch.batch, batch.EXAMPLES, DIVES)
register(app, "compare", compare.compare, compare.EXAMPLES, DIVES)
register(app, "split", split.split, split.EXAMPLES, DIVES)
register(app, "dive", dive.dive, dive.EXAMPLES, DIVES)
GROUPS = (
    ("exemplars", exemplars, DIVES),
    ("data", data, LEARNING),
    ("weights", weights, HOUSE),
)
for group_name, group, panel in GROUPS:
    group_app = typer.Typer(cls=PlainGroup, no_args_is_help=True, pretty_exceptions_enable=False)
    firsts = [examples[0] for examples in group.EXAMPLES.values()]
    app.add_typer(
        group_app,
        name=group_name,
        help=group.HELP,
        epilog="\n\n".join(["Examples:", *firsts]),
        rich_help_panel=panel,
    )
    for name, command in group.COMMANDS.items():
        register(group_app, name, command, group.EXAMPLES[name])
register(app, "train", train.train, train.EXAMPLES, LEARNING)
register(app, "simulate", simulate.simulate, simulate.EXAMPLES, LEARNING)
register(app, "evaluate", evaluate.evaluate, evaluate.EXAMPLES, LEARNING)
register(app, "ablate", ablate.ablate, ablate.EXAMPLES, LEARNING)
register(app, "bench", bench.bench, bench.EXAMPLES, LEARNING)
register(app, "schema", schema.schema, schema.EXAMPLES, HOUSE)
register(app, "doctor", doctor.doctor, doctor.EXAMPLES, HOUSE)


def spare_waiting_threads() -> None:
    """Let torch's threads sleep soon when they wait for work, before torch is loaded.

    By default they turn for milliseconds, and where something else wants the cores, the program
    itself included, that costs more than the work: twice as much in all on a busy machine.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault(SPINS_VARIABLE, SPINS)


def main() -> None:
    """Run the command line and exit with its code."""
    open_closed_streams()
    spare_waiting_threads()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    try:
        app()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - reported, with a code
        sys.exit(report(error))
