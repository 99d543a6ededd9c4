"""`fineparser split`: a recording of a whole session becomes one file a dive."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import options
from fpcli.cli.analysing import require_video
from fpcli.cli.streams import open_streams
from fpcli.cli.targets import require_folder
from fpcli.errors import OutputError
from fpcli.text import printable

if TYPE_CHECKING:
    from fpcli.analysis.locate import LocatedDive

EXAMPLES = (
    "fineparser split session.mp4 -o dives/",
    "fineparser split session.mp4 -o dives/ --overwrite",
)
INDEX = "index.csv"
COLUMNS = ("file", "start_s", "takeoff_s", "entry_s", "end_s", "slow_motion", "cut_short", "copied")

Video = Annotated[
    Path,
    typer.Argument(
        metavar="VIDEO",
        readable=False,  # reading tells why, with its own exit code
        help="A recording of several dives.",
        rich_help_panel=options.INPUT,
        show_default=False,
    ),
]
Folder = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER",
        help="Where the dives are written; made if it is not there.",
        rich_help_panel=options.OUTPUT,
    ),
]


def split(
    video: Video,
    output: Folder,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Cut a recording into one file a dive, and list them in index.csv.

    The pictures are copied as they are, from the last keyframe before the approach on; the index
    gives the moments in seconds of the recording. A recording without a dive ends with 3.
    """
    streams = open_streams(quiet=quiet, verbose=verbose)
    require_video(video)
    require_folder(output)
    index = output / INDEX
    if index.exists() and not overwrite:
        raise OutputError(f"{index} exists.", "Choose another folder, or add --overwrite.")
    from fpcli.analysis.dive_clip import find_dives
    from fpcli.data.findings import counted
    from fpcli.video.copy_part import SUFFIX, copy_part
    from fpcli.whole_file import whole_file

    with streams.progress() as progress:
        progress.add_task(f"{printable(video.name)}: looking for dives", total=None)
        dives = find_dives(video)
    rows = []
    with _folder(output):
        for place, dive in enumerate(dives, start=1):
            name = f"{video.stem}-{place:03d}{SUFFIX}"
            copied = copy_part(video, output / name, dive.start_s, dive.end_s, overwrite=overwrite)
            rows.append(_row(name, dive, copied))
            streams.path(output / name)
        with whole_file(index) as part, part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    streams.note(f"{counted(len(rows), 'dive')} in {printable(output)}.")


@contextmanager
def _folder(output: Path) -> Iterator[None]:
    """Make a folder to write to; one in which nothing came to lie does not stay."""
    output.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if not any(output.iterdir()):
            output.rmdir()


def _row(name: str, dive: "LocatedDive", copied: bool) -> list[str]:
    from fpcli.report.names import spreadsheet_cell

    moments = (dive.start_s, dive.takeoff_s, dive.entry_s, dive.end_s)
    flags = (dive.is_slow, dive.is_cut_short, copied)
    return [
        spreadsheet_cell(name),
        *(f"{moment:.3f}" for moment in moments),
        *("yes" if flag else "no" for flag in flags),
    ]
