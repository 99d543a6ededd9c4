"""`fineparser explain`: why a dive got its score, in words, as a video, a page or a figure."""

from pathlib import Path
from typing import Annotated

import typer

from fpcli.cli import dive_options as dive_given
from fpcli.cli import drawing, options
from fpcli.cli.analysing import analyse_watched, begun_alone, open_analyser, require_video
from fpcli.cli.streams import open_streams
from fpcli.cli.targets import FIGURE_SUFFIXES, HTML_SUFFIXES, require_free, require_suffix
from fpcli.errors import UsageError
from fpcli.text import printable

EXAMPLES = (
    "fineparser explain dive.mp4 --overlay out.mp4",
    "fineparser explain dive.mp4 --overlay out.mp4 --side-by-side other.mp4",
    "fineparser explain dive.mp4 --dive 107B --height 3 --html report.html",
)

Video = Annotated[
    Path,
    typer.Argument(
        metavar="VIDEO",
        help="Video of one dive, or a folder of numbered pictures.",
        rich_help_panel=options.INPUT,
        show_default=False,
    ),
]
HtmlFile = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help="Write a page that explains the score and needs no network (.html).",
        rich_help_panel=options.OUTPUT,
    ),
]
FigureFile = Annotated[
    Path | None,
    typer.Option(
        "--figure",
        metavar="FILE",
        help="Write a figure of steps and contributions (.png, .svg or .pdf).",
        rich_help_panel=options.OUTPUT,
    ),
]


def explain(
    video: Video,
    dive: dive_given.DiveNumberText = None,
    height: dive_given.Height = None,
    dd: dive_given.DifficultyValue = None,
    synchro: dive_given.Synchro = False,
    start: dive_given.Start = None,
    end: dive_given.End = None,
    force: dive_given.Force = False,
    geometry: dive_given.Geometry = None,
    weights: options.Weights = None,
    exemplars: dive_given.Exemplars = dive_given.DEFAULT_EXEMPLARS,
    level: dive_given.Level = dive_given.DEFAULT_LEVEL,
    overlay: drawing.Overlay = None,
    side_by_side: drawing.SideBySide = None,
    other_dive: dive_given.OtherDive = None,
    other_height: dive_given.OtherHeight = None,
    other_dd: dive_given.OtherDifficulty = None,
    slow: drawing.Slow = None,
    stills: drawing.Stills = None,
    html: HtmlFile = None,
    figure: FigureFile = None,
    overwrite: options.Overwrite = False,
    as_json: options.Json = False,
    device: options.Device = options.DEFAULT_DEVICE,
    precision: options.Precision = options.DEFAULT_PRECISION,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Explain a dive's score: its steps, what each won or lost, and how every exemplar voted.

    With --overlay, also a video: the source with the diver tinted, the steps as a timeline, the
    score with its contributions, and the measures from the frames at which they are known;
    --side-by-side shows another dive in step with it (`fineparser compare` says how the two
    differ), --slow plays it slower, without sound. With --stills the key frames as pictures, with
    --html a page for any browser, printed on one A4 sheet; with --figure steps and contributions as
    one picture.
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
    beside = dive_given.other_request(request, other_dive, other_height, other_dd)
    require_video(video)
    if side_by_side is not None:
        require_video(side_by_side)
    elif any(said is not None for said in (other_dive, other_height, other_dd)):
        raise UsageError(
            "--other-dive, --other-height and --other-dd say what is beside, and nothing is.",
            "Add --side-by-side OTHER.mp4, or leave them out.",
        )
    pictures = drawing.Drawing(overlay, side_by_side, slow, stills, overwrite)
    pictures.check(video)
    inputs = [path for path in (video, side_by_side) if path is not None]
    for target, suffixes in ((html, HTML_SUFFIXES), (figure, FIGURE_SUFFIXES)):
        if target is not None:
            require_suffix(target, suffixes)
            require_free(target, inputs, overwrite=overwrite)
    with begun_alone([video], request) as (begun,):
        analyser = open_analyser(weights, device, precision, streams)
        (analysis,) = analyse_watched(analyser, begun, request, streams)
    other = None
    if side_by_side is not None:
        (other,) = analyse_watched(analyser, side_by_side, beside, streams)
    from fpcli.report.rows import to_json
    from fpcli.report.terminal import render_explanation

    if as_json:
        streams.data(to_json(analysis))
    else:
        streams.out.print(render_explanation(analysis))
    pictures.write(analysis, other, streams)
    if html is not None:
        from fpcli.report.page import write_page

        write_page(analysis, html)
        streams.note(f"Wrote {printable(html)}.")
    if figure is not None:
        from fpcli.report.figure import write_figure

        write_figure(analysis, figure)
        streams.note(f"Wrote {printable(figure)}.")
