"""`fineparser data`: whether a data set on disk is whole, before anything is learned from it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import options
from fpcli.cli.streams import Streams, open_streams
from fpcli.errors import DataError
from fpcli.text import printable

if TYPE_CHECKING:
    from fpcli.data.finediving import Examination

HELP = "Look at data sets of real dives."
EXAMPLES = {
    "check": (
        "fineparser data check FineDiving/",
        "fineparser data check FineDiving/ --pictures",
    ),
}

MOST_NAMED = 500  # clips to be copied again; where more lack something, a whole part does

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        readable=False,  # reading tells why, with its own exit code
        help="Folder that holds FINADiving_MTL_256s, FineDiving_HM and Annotations.",
        rich_help_panel=options.INPUT,
        show_default=False,
    ),
]
Pictures = Annotated[
    bool,
    typer.Option(
        "--pictures",
        help="Open every picture too, to find those cut short: minutes for all of FineDiving.",
        rich_help_panel=options.INPUT,
    ),
]


def check(folder: Folder, pictures: Pictures = False, quiet: options.Quiet = False) -> None:
    """Find all that is missing of FineDiving and FineDiving-HM, and what is odd about the labels.

    Odd labels are survived, each in the way that its line says. Missing parts are not: then the
    exit code is 2.
    """
    streams = open_streams(quiet=quiet)
    from fpcli.data.findings import counted
    from fpcli.data.finediving import examine

    with streams.progress() as progress:
        task = progress.add_task("clips", total=None)
        found = examine(
            folder,
            pictures=pictures,
            on_clip=lambda done, total: progress.update(task, completed=done, total=total),
        )
    _show(found, streams)
    if found.problems:
        problems = counted(len(found.problems), "problem")
        raise DataError(
            f"{folder} cannot be learned from or measured on: {problems}, listed above.",
            "Copy what is missing from where the data set comes from, then check again.",
        )


def _show(found: "Examination", streams: Streams) -> None:
    """Print what is there as a table, then a line for each thing that is missing or odd."""
    from rich import box
    from rich.table import Table

    from fpcli.data.findings import counted

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    table.add_column("part", no_wrap=True)
    table.add_column("found", overflow="fold")
    table.add_column("usable", justify="right")
    usable = {"train_split.pkl": len(found.train), "test_split.pkl": len(found.test)}
    for part in found.parts:
        count = usable.get(part.name)
        table.add_row(part.name, part.found, "" if count is None else counted(count, "clip"))
    streams.out.print(table)
    for problem in (*found.absent, *(fault.naming(MOST_NAMED) for fault in found.faults)):
        streams.out.print(f"✗ {printable(problem)}", style="red", soft_wrap=True)
    for noise in found.noise:
        streams.out.print(f"! {printable(noise.line)}", style="yellow", soft_wrap=True)
    if not found.problems:
        streams.out.print("✓ Nothing is missing.", style="green")


COMMANDS: dict[str, Callable[..., None]] = {"check": check}
