"""The `fineparser` command: every command, registered.

A command is a module of this room with one function whose options are `Annotated` (shared ones from
`options`), whose docstring's first line is its help, and a tuple `EXAMPLES`. It imports nothing
heavy at the top: torch, av, cv2, matplotlib and numpy belong inside the function.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from fpcli import __version__
from fpcli.cli.errors import guarded, report

app = typer.Typer(
    name="fineparser",
    help="Score a dive from video and see why: the diver, the steps, what each won or lost.",
    epilog="Start with: fineparser score dive.mp4",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def register(
    target: typer.Typer,
    command: Callable[..., Any],
    examples: Sequence[str],
    name: str | None = None,
) -> None:
    """Add a command under its function's name, its help ending with the examples."""
    target.command(
        name or command.__name__.rstrip("_").replace("_", "-"),
        epilog="\n\n".join(["Examples:", *examples]),
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


def main() -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    try:
        app()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - reported, with a code
        sys.exit(report(error))
