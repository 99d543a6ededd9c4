"""`batch --startlist`: what each video is said to show."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli.options import DIVE
from fpcli.cli.streams import Streams
from fpcli.text import printable, some_of

if TYPE_CHECKING:
    from fpcli.analysis.request import AnalysisRequest

StartListFile = Annotated[
    Path | None,
    typer.Option(
        "--startlist",
        metavar="FILE",
        help="CSV of a line a video: file, diver, dive, height; dd and score if known.",
        rich_help_panel=DIVE,
    ),
]


def requests_by_video(
    startlist: Path | None, videos: Sequence[Path], asked: "AnalysisRequest", streams: Streams
) -> dict[Path, "AnalysisRequest"]:
    """Return what is asked of each video: by its row of the start list, else by the options.

    Raises StartListError naming every row that cannot be followed, before any work is done.
    """
    if startlist is None:
        return dict.fromkeys(videos, asked)
    from fpcli.analysis.listed_videos import follow_start_list

    with telling_problems(streams):
        listed = follow_start_list(startlist, videos, asked)
    if listed.passed_over:
        columns = some_of(listed.passed_over)
        streams.note(f"Columns of {printable(startlist)} passed over: {columns}.")
    if listed.elsewhere:
        streams.note(f"{len(listed.elsewhere)} listed videos were not asked for.")
    if unlisted := [video for video in videos if video not in listed.requests]:
        streams.warn(
            f"Not in {printable(startlist)}: {some_of([video.name for video in unlisted])}."
        )
    return {video: listed.requests.get(video, asked) for video in videos}


@contextmanager
def telling_problems(streams: Streams) -> Iterator[None]:
    """Say on stderr what is wrong with each line of a list, before the error that it raises."""
    from fpcli.analysis.listed_videos import StartListError

    try:
        yield
    except StartListError as error:
        for problem in error.problems:
            streams.talk.print(printable(problem), soft_wrap=True)
        raise
