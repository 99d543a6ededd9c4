"""What train and evaluate share: where their dives come from."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import options
from fpcli.cli.interruption import Interrupted, Interruption
from fpcli.cli.streams import Streams
from fpcli.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from fpcli.training.making import DiveMaking
    from fpcli.training.samples import Pool

SIMULATED = "simulated"
LINE_EVERY_DIVES = 20

Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="simulated or DIR",
        help="simulated: make dives from physics. DIR: FineDiving with FineDiving-HM "
        "(fineparser data check DIR), or a folder of dives that were made before.",
        rich_help_panel=options.INPUT,
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Processes that make or convert dives.",
        show_default="one a core",
        rich_help_panel=options.RUNTIME,
    ),
]


def counting(
    streams: Streams,
    interruption: Interruption,
    progress: "Progress",
    task: "TaskID",
    what: str,
    total: int,
    *,
    line_every: int = LINE_EVERY_DIVES,
) -> Callable[[int], None]:
    """What is told how many are there: moves the bar, or says a line now and then.

    What it returns raises Interrupted where a stop is wanted before the last.
    """

    def tell(present: int) -> None:
        progress.update(task, completed=present)
        if not streams.shows_progress and present and present % line_every == 0:
            streams.note(f"{present} of {total} {what}")
        if present < total:
            interruption.raise_if_wanted()

    return tell


def simulated_dives(
    folder: Path,
    count: int,
    seed: int,
    workers: int | None,
    streams: Streams,
    interruption: Interruption,
) -> "Pool":
    """Make the dives of a seed that the folder lacks, under a progress display, and know them.

    Other dives in the folder are left alone. Raises Interrupted between two dives; those made stay.
    """
    from fpcli.training.simulated import made_pool, make_pool

    with streams.progress() as progress:
        task = progress.add_task("making dives", total=count)
        tell = counting(streams, interruption, progress, task, "dives made", count)
        refused = make_pool(folder, count, seed, workers=workers, on_dive=tell)
    if refused:
        streams.note(f"{refused} draws were replaced: impossible, or the diver not in view")
    return made_pool(folder, count, seed)


def make_views(
    folder: Path,
    pool: "Pool",
    start: Path,
    seed: int,
    workers: int | None,
    streams: Streams,
    interruption: Interruption,
) -> None:
    """Make the views that a folder lacks, showing progress; see `training.halfway`.

    Raises Interrupted between two views; those made stay.
    """
    from fpcli.training.halfway import VIEWS, make_halfway

    total = VIEWS * len(pool)
    with streams.progress() as progress:
        task = progress.add_task("looking at dives", total=total)
        tell = counting(streams, interruption, progress, task, "views of dives made", total)
        make_halfway(folder, pool, start, seed, workers=workers, on_view=tell)


def first_dives(making: "DiveMaking", streams: Streams, interruption: Interruption) -> "Pool":
    """Wait until there are dives to begin with; returns those held out, the first events'.

    Raises Interrupted.
    """
    streams.note(f"making {making.first_dives} dives to begin with")
    held_out = making.wait(lambda: interruption.wanted)
    if held_out is None:
        raise Interrupted
    return held_out


def stored_dives(data: str) -> "Pool":
    """Know the dives of a folder. Raises UsageError if there is none, DataError for bad dives."""
    from fpcli.training.samples import load_pool

    folder = Path(data)
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder of dives {data!r}.",
            "--data is simulated, or a folder of dives that were made before.",
        )
    return load_pool(folder)
