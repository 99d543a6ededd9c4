"""`fineparser exemplars`: a coach's own scored dives, to compare new ones with."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import dive_options as dive_given
from fpcli.cli import options
from fpcli.cli.analysing import STAGES, StageWatch, open_analyser, require_video
from fpcli.cli.complete import complete_dive_numbers, complete_exemplar_keys
from fpcli.cli.metres import metres
from fpcli.cli.streams import Streams, open_streams
from fpcli.errors import ExitCode, FineParserError, UsageError, WeightsError
from fpcli.text import printable

if TYPE_CHECKING:
    from fpcli.analysis.adding import ScoredVideo
    from fpcli.analysis.analyse import Analyser
    from fpcli.analysis.own_exemplars import OwnExemplar, OwnExemplarStore

SCHEMA_VERSION = "1.0"
HELP = "Keep your own scored dives, to compare new ones with (--exemplars mine)."
CSV_COLUMNS = ("key", "file", "dive", "height", "dd", "score", "from_seconds", "to_seconds")

EXAMPLES = {
    "list": ("fineparser exemplars list", "fineparser exemplars list --csv > mine.csv"),
    "add": (
        "fineparser exemplars add dive.mp4 --dive 107B --score 62",
        "fineparser exemplars add dive.mp4 --dive 107B --height 3 --score 62 --key ann",
    ),
    "remove": ("fineparser exemplars remove dive", "fineparser exemplars remove dive ann-final"),
    "import": (
        "fineparser exemplars import scored.csv",
        "fineparser exemplars import mine.csv --overwrite",
    ),
}

Replace = Annotated[
    bool,
    typer.Option(
        "--overwrite", help="Replace exemplars of the same key.", rich_help_panel=options.OUTPUT
    ),
]


def list_exemplars(
    as_csv: Annotated[
        bool,
        typer.Option(
            "--csv", help="Write what `exemplars import` reads.", rich_help_panel=options.OUTPUT
        ),
    ] = False,
    as_json: options.Json = False,
    weights: options.Weights = None,
) -> None:
    """List your own exemplars: dive, mark, the weights that encoded them, and their videos.

    Says which of them cannot vote with the weights in use.
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json exclude each other.", "Leave one of them out.")
    streams = open_streams(machine=as_csv or as_json)
    store = _store()
    known = store.read()
    if as_json:
        rows = [exemplar.facts() for exemplar in known]
        streams.data(json.dumps({"schema_version": SCHEMA_VERSION, "exemplars": rows}))
    elif as_csv:
        _write_csv(known, streams)
    elif known:
        from fpcli.report.terminal_exemplars import render_exemplars

        streams.out.print(render_exemplars(known))
        streams.note(f"Kept in {printable(store.file)}.")
        _say_who_cannot_vote(known, weights, streams)
    else:
        streams.note(f"No exemplars of your own. Add one: {EXAMPLES['add'][0]}")


def add(
    video: Annotated[
        Path,
        typer.Argument(
            metavar="VIDEO",
            readable=False,  # reading tells why, with its own exit code
            help="Video of the scored dive, or a folder of numbered pictures.",
            rich_help_panel=options.INPUT,
            show_default=False,
        ),
    ],
    dive: Annotated[
        str,
        typer.Option(
            "--dive",
            metavar="NUMBER",
            help="Dive number, such as 107B.",
            autocompletion=complete_dive_numbers,
            rich_help_panel=options.DIVE,
            show_default=False,
        ),
    ],
    score: Annotated[
        float,
        typer.Option(
            "--score",
            metavar="POINTS",
            help="Points that the panel gave: 3 x difficulty x mean mark.",
            rich_help_panel=options.DIVE,
            show_default=False,
        ),
    ],
    height: Annotated[
        float | None,
        typer.Option(
            "--height",
            parser=metres,
            metavar="METRES",
            help="Board or platform: 1, 3, 5, 7.5 or 10; the one that its points or its flight "
            "tell if left out.",
            rich_help_panel=options.DIVE,
        ),
    ] = None,
    dd: dive_given.DifficultyValue = None,
    start: dive_given.Start = None,
    end: dive_given.End = None,
    force: dive_given.Force = False,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="NAME",
            help="What to call it; the file's name if left out.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    overwrite: Replace = False,
    weights: options.Weights = None,
    device: options.Device = options.DEFAULT_DEVICE,
    precision: options.Precision = options.DEFAULT_PRECISION,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Add a scored dive to your own exemplars.

    It is encoded with the weights in use and can vote with these only; its path is kept, so that
    other weights can encode it again. The video itself is not copied.

    Without --height the points tell it, which are half marks times the difficulty, or the flight
    does: it says which height was taken and why, and asks where several could be meant.
    """
    streams = open_streams(quiet=quiet, verbose=verbose)
    from fpcli.analysis.adding import ScoredVideo
    from fpcli.analysis.request import AnalysisRequest, require_possible

    request = AnalysisRequest(
        dive_number=dive,
        height_m=height,
        difficulty=dd,
        start_s=start,
        end_s=end,
        force=force,
        panel_points=score,
    )
    require_possible(request)
    scored = ScoredVideo(video, key or video.stem, request)
    require_video(video)
    store = _store()
    _require_free([scored], store, overwrite=overwrite)
    analyser = open_analyser(weights, device, precision, streams)
    _encode([scored], analyser, store, streams, overwrite=overwrite)


def remove(
    keys: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY...",
            help="Exemplars by key (fineparser exemplars list).",
            autocompletion=complete_exemplar_keys,
            rich_help_panel=options.INPUT,
            show_default=False,
        ),
    ],
    quiet: options.Quiet = False,
) -> None:
    """Forget exemplars of your own; their videos stay."""
    streams = open_streams(quiet=quiet)
    _store().remove(keys)
    streams.note(f"Removed {', '.join(map(printable, keys))}.")


def import_exemplars(
    scored_videos: Annotated[
        Path,
        typer.Argument(
            metavar="CSV",
            help="A line a video: file, dive, score; height, dd and key if known.",
            rich_help_panel=options.INPUT,
            show_default=False,
        ),
    ],
    overwrite: Replace = False,
    weights: options.Weights = None,
    device: options.Device = options.DEFAULT_DEVICE,
    precision: options.Precision = options.DEFAULT_PRECISION,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Add every scored dive of a list to your own exemplars.

    The list is checked whole first. Goes on past a video that cannot be encoded and exits with 1.
    """
    streams = open_streams(quiet=quiet, verbose=verbose)
    from fpcli.analysis.adding import read_scored_videos
    from fpcli.cli.startlist import telling_problems

    with telling_problems(streams):
        videos = read_scored_videos(scored_videos)
    store = _store()
    _require_free(videos, store, overwrite=overwrite)
    analyser = open_analyser(weights, device, precision, streams)
    failed = _encode(videos, analyser, store, streams, overwrite=overwrite)
    if failed:
        raise typer.Exit(ExitCode.SOME_FAILED)


def _store() -> "OwnExemplarStore":
    from fpcli.analysis.exemplar_file import own_exemplars_folder
    from fpcli.analysis.own_exemplars import OwnExemplarStore

    return OwnExemplarStore(own_exemplars_folder())


def _require_free(
    videos: Sequence["ScoredVideo"], store: "OwnExemplarStore", *, overwrite: bool
) -> None:
    """Refuse a key that is taken before anything is encoded. Raises UsageError."""
    from fpcli.analysis.own_exemplars import key_taken

    taken = {exemplar.key for exemplar in store.read()}
    for video in videos:
        if video.key in taken and not overwrite:
            raise key_taken(video.key)


def _encode(
    videos: Sequence["ScoredVideo"],
    analyser: "Analyser",
    store: "OwnExemplarStore",
    streams: Streams,
    *,
    overwrite: bool,
) -> int:
    """Encode and keep one after the other; return how many of several failed.

    A single one that fails raises.
    """
    from fpcli.analysis.adding import encode_exemplar
    from fpcli.cli.errors import report
    from fpcli.report.terminal_exemplars import added_sentence, height_doubt

    failed = 0
    with streams.progress() as progress:
        task = progress.add_task("", total=len(videos) * len(STAGES))
        for place, video in enumerate(videos):
            name = printable(video.path.name)

            def show(stage: str, place: int = place, name: str = name) -> None:
                done = place * len(STAGES) + STAGES.index(stage)
                progress.update(task, description=f"{name}: {stage}", completed=done)

            watch = StageWatch(streams, show)
            try:
                added = encode_exemplar(analyser, video, watch.begin)
                watch.end()
                store.add(added.exemplar, overwrite=overwrite)
            except FineParserError as error:
                if len(videos) == 1:
                    raise
                failed += 1
                report(FineParserError(f"line {video.line}: {error.message}", error.hint))
                continue
            streams.data(printable(added.exemplar.key))
            streams.note(f"{added_sentence(added)}.")
            if doubt := height_doubt(added):
                streams.warn(f"{doubt}. Check the height.")
    return failed


def _say_who_cannot_vote(
    known: Sequence["OwnExemplar"], weights: str | None, streams: Streams
) -> None:
    """Warn of exemplars that other weights than those in use encoded."""
    from fpcli.analysis.references import ADD_AGAIN
    from fpcli.weights.hashing import sha256_of
    from fpcli.weights.locate import find_weights

    try:
        used = find_weights(weights)
    except WeightsError as error:
        if weights is not None:
            raise
        streams.warn(f"Which of them can vote is not known: {error}")
        return
    sha256 = sha256_of(used)
    if others := sum(exemplar.weights_sha256 != sha256 for exemplar in known):
        streams.warn(
            f"{others} of {len(known)} cannot vote with {printable(used.stem)}: other weights "
            f"encoded them. {ADD_AGAIN}"
        )


def _write_csv(known: Sequence["OwnExemplar"], streams: Streams) -> None:
    from fpcli.report.names import spreadsheet_cell
    from fpcli.report.rows import csv_line

    streams.data(csv_line(CSV_COLUMNS))
    for own in known:
        words = (own.key, own.path, own.dive_number)
        figures = (own.height_m, own.difficulty, own.score_points, own.start_s, own.end_s)
        cells = [spreadsheet_cell(word) for word in words]
        streams.data(csv_line([*cells, *("" if f is None else repr(f) for f in figures)]))


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_exemplars,
    "add": add,
    "remove": remove,
    "import": import_exemplars,
}
