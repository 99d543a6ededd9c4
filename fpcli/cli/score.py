"""`fineparser score`: the score of a dive, how sure it is, and what each step added."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import dive_options as dive_given
from fpcli.cli import options
from fpcli.cli.analysing import analyse_watched, begun_alone, open_analyser
from fpcli.cli.errors import report
from fpcli.cli.streams import Streams, open_streams
from fpcli.errors import ExitCode

if TYPE_CHECKING:
    from fpcli.analysis.analyse import Analyser
    from fpcli.analysis.request import AnalysisRequest
    from fpcli.video.read import Video

EXAMPLES = (
    "fineparser score dive.mp4",
    "fineparser score dive.mp4 --dive 107B --height 3 --start 2.5 --end 6 --json",
    "fineparser score session.mp4 --all",
)

Videos = Annotated[
    list[Path],
    typer.Argument(
        metavar="VIDEO",
        readable=False,  # reading tells why, with its own exit code
        help="Videos of one dive each; a folder of numbered pictures is one too.",
        rich_help_panel=options.INPUT,
        show_default=False,
    ),
]

Every = Annotated[
    bool,
    typer.Option("--all", help="Score each dive of a long video.", rich_help_panel=options.DIVE),
]


def score(
    videos: Videos,
    dive: dive_given.DiveNumberText = None,
    height: dive_given.Height = None,
    dd: dive_given.DifficultyValue = None,
    synchro: dive_given.Synchro = False,
    every: Every = False,
    start: dive_given.Start = None,
    end: dive_given.End = None,
    force: dive_given.Force = False,
    geometry: dive_given.Geometry = None,
    weights: options.Weights = None,
    exemplars: dive_given.Exemplars = dive_given.DEFAULT_EXEMPLARS,
    level: dive_given.Level = dive_given.DEFAULT_LEVEL,
    as_json: options.Json = False,
    device: options.Device = options.DEFAULT_DEVICE,
    precision: options.Precision = options.DEFAULT_PRECISION,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Score a dive: the points a panel would give, 3 x difficulty x mean execution mark (0 to 10).

    The score is the mean vote of comparable dives whose marks are known: each votes with its own
    result plus the difference that the network sees, and the steps' differences add up to the
    score. It comes with an interval, and with what makes it doubtful. Without --dive the most
    similar exemplars vote. The dive is found and trimmed; a video without one ends with 3. With
    several videos, or with --all, one result each; --json writes an object a line.
    """
    streams = open_streams(quiet=quiet, verbose=verbose, machine=as_json)
    request = dive_given.make_request(
        dive=dive,
        height=height,
        dd=dd,
        synchro=synchro,
        start=start,
        end=end,
        exemplars=exemplars,
        level=level,
        force=force,
        geometry=geometry,
    )
    with begun_alone(videos, request) as begun:
        analyser = open_analyser(weights, device, precision, streams)
        _score_each(begun, analyser, request, streams, every, as_json)


def _score_each(
    videos: Sequence["Video"],
    analyser: "Analyser",
    request: "AnalysisRequest",
    streams: Streams,
    every: bool,
    as_json: bool,
) -> None:
    """Print each video's result, or what is wrong with it."""
    from fpcli.report.rows import to_json
    from fpcli.report.terminal import render_score

    failed = told = 0
    for video in videos:
        try:
            found = analyse_watched(analyser, video, request, streams, every=every)
            for place, analysis in enumerate(found, start=1):
                if as_json:
                    streams.data(to_json(analysis))
                else:
                    if told:
                        streams.out.print()
                    streams.out.print(render_score(analysis, place if every else None))
                told += 1
        except Exception as error:  # one bad file must not end the others; it is reported
            if len(videos) == 1 or isinstance(error, BrokenPipeError):
                raise
            failed += 1
            report(error)
    if failed:
        raise typer.Exit(ExitCode.SOME_FAILED)
