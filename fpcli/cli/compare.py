"""`fineparser compare`: two dives beside each other."""

from pathlib import Path
from typing import Annotated

import typer

from fpcli.cli import dive_options as dive_given
from fpcli.cli import options
from fpcli.cli.analysing import StageWatch, open_analyser, require_video, say_who_cannot_vote
from fpcli.cli.streams import open_streams
from fpcli.text import printable

EXAMPLES = (
    "fineparser compare a.mp4 b.mp4",
    "fineparser compare a.mp4 b.mp4 --dive 107B --height 3",
    "fineparser compare a.mp4 b.mp4 --dive 107B --other-dive 205B --height 3 --json",
)

First = Annotated[
    Path,
    typer.Argument(
        metavar="A",
        readable=False,  # reading tells why, with its own exit code
        help="Video of one dive, or a folder of numbered pictures.",
        rich_help_panel=options.INPUT,
        show_default=False,
    ),
]
Second = Annotated[
    Path,
    typer.Argument(
        metavar="B",
        readable=False,  # reading tells why, with its own exit code
        help="Video of the other dive.",
        rich_help_panel=options.INPUT,
        show_default=False,
    ),
]


def compare(
    a: First,
    b: Second,
    dive: dive_given.DiveNumberText = None,
    height: dive_given.Height = None,
    dd: dive_given.DifficultyValue = None,
    other_dive: dive_given.OtherDive = None,
    other_height: dive_given.OtherHeight = None,
    other_dd: dive_given.OtherDifficulty = None,
    synchro: dive_given.Synchro = False,
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
    """Compare two dives: which was executed better, by how much, how sure that is, and where.

    Both are scored against the exemplars, and the network looks at the pair itself, step by step.
    How sure the order is rests on the errors that were measured when the weights were calibrated;
    where these do not suffice, or the two looks disagree, it says that the two cannot be told
    apart. What --dive, --height and --dd say holds for both unless B is told otherwise.
    """
    streams = open_streams(quiet=quiet, verbose=verbose, machine=as_json)
    first = dive_given.make_request(
        dive=dive,
        height=height,
        dd=dd,
        synchro=synchro,
        start=None,
        end=None,
        exemplars=exemplars,
        level=level,
        force=force,
        geometry=geometry,
    )
    second = dive_given.other_request(first, other_dive, other_height, other_dd)
    for path in (a, b):
        require_video(path)
    analyser = open_analyser(weights, device, precision, streams)
    say_who_cannot_vote(analyser, first, streams)
    from fpcli.analysis.comparison import compare_dives
    from fpcli.report.terminal_comparison import render_comparison

    with streams.progress() as progress:
        names = f"{printable(a.name)} and {printable(b.name)}"
        task = progress.add_task(names, total=None)
        watch = StageWatch(
            streams, lambda stage: progress.update(task, description=f"{names}: {stage}")
        )
        comparison = compare_dives(analyser, (a, first), (b, second), watch.begin)
        watch.end()
    if as_json:
        from fpcli.report.rows import strict_json

        streams.data(strict_json(comparison.to_dict()))
    else:
        streams.out.print(render_comparison(comparison))
