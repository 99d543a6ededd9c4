"""`fineparser batch`: every video of a folder, one row each."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from fpcli.cli import dive_options as dive_given
from fpcli.cli import options
from fpcli.cli.analysing import analyse_each, open_analyser
from fpcli.cli.batch_resume import EarlierRow, identity_of, rows_of_earlier_runs, shown_path
from fpcli.cli.batch_rows import RowFormat, claimed_part, header, row, row_file, row_format
from fpcli.cli.startlist import StartListFile, requests_by_video
from fpcli.cli.streams import Streams, open_streams
from fpcli.cli.targets import HTML_SUFFIXES, require_free, require_suffix
from fpcli.errors import ExitCode, UsageError
from fpcli.text import printable, some_of
from fpcli.weights.part_file import written_whole

if TYPE_CHECKING:
    from fpcli.analysis.analyse import Analyser
    from fpcli.analysis.request import AnalysisRequest
    from fpcli.analysis.result import DiveAnalysis
    from fpcli.report.notices import Failure

EXAMPLES = (
    "fineparser batch folder/ --csv",
    "fineparser batch folder/ --csv -o scores.csv --recursive --resume",
    "fineparser batch folder/ --startlist meet.csv --json",
)

Named = Annotated[
    list[Path],
    typer.Argument(
        metavar="FOLDER",
        readable=False,  # reading tells why, with its own exit code
        help="Folders, files or globs; a folder of numbered pictures counts as one video.",
        rich_help_panel=options.INPUT,
        show_default=False,
    ),
]
Recursive = Annotated[
    bool,
    typer.Option("--recursive", help="Look into subfolders.", rich_help_panel=options.INPUT),
]
Csv = Annotated[
    bool,
    typer.Option(
        "--csv", help="Write a CSV row a video on stdout.", rich_help_panel=options.OUTPUT
    ),
]
HtmlIndex = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help="Also write a page that ranks the dives in a sortable table (.html).",
        rich_help_panel=options.OUTPUT,
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Keep the rows of --output whose video, weights and options are the same.",
        rich_help_panel=options.OUTPUT,
    ),
]
FailFast = Annotated[
    bool,
    typer.Option(
        "--fail-fast",
        help="Stop at the first video that cannot be scored.",
        rich_help_panel=options.RUNTIME,
    ),
]


def batch(
    videos: Named,
    recursive: Recursive = False,
    dive: dive_given.DiveNumberText = None,
    height: dive_given.Height = None,
    dd: dive_given.DifficultyValue = None,
    synchro: dive_given.Synchro = False,
    startlist: StartListFile = None,
    force: dive_given.Force = False,
    geometry: dive_given.Geometry = None,
    weights: options.Weights = None,
    exemplars: dive_given.Exemplars = dive_given.DEFAULT_EXEMPLARS,
    level: dive_given.Level = dive_given.DEFAULT_LEVEL,
    as_csv: Csv = False,
    as_json: options.Json = False,
    output: options.OutputFile = None,
    html: HtmlIndex = None,
    overwrite: options.Overwrite = False,
    resume: Resume = False,
    fail_fast: FailFast = False,
    device: options.Device = options.DEFAULT_DEVICE,
    precision: options.Precision = options.DEFAULT_PRECISION,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Score every video of a folder: a row each, sorted by path.

    Goes on past a video that cannot be scored, lists those last on stderr and exits with 1. With
    --csv or --json (an object a line) the rows come as they are made; otherwise a table at the end.
    --html adds a page with the dives ranked.
    A folder without a video ends with 3.
    """
    form = row_format(as_csv=as_csv, as_json=as_json, target=output)
    rows_on_stdout = form is not None and output is None
    streams = open_streams(quiet=quiet, verbose=verbose, machine=as_json or rows_on_stdout)
    request = dive_given.make_request(
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
    if resume and output is None:
        raise UsageError("--resume needs the file to resume.", "Name it with --output FILE.")
    if resume and html is not None:
        raise UsageError("--html ranks the dives of one run.", "Leave out --resume or --html.")
    from fpcli.analysis.listed_videos import is_same
    from fpcli.video.find import find_videos

    found, others = find_videos(videos, recursive=recursive)
    requests = requests_by_video(startlist, found, request, streams)
    inputs = found if startlist is None else [*found, startlist]
    if output is not None:
        require_free(output, inputs, overwrite=overwrite or resume)
    if html is not None:
        require_suffix(html, HTML_SUFFIXES)
        require_free(html, inputs, overwrite=overwrite)
    others = [path for path in others if startlist is None or not is_same(path, startlist)]
    if others:
        streams.note(f"Passed over: {some_of(others)}.")
    with _claimed(output, form, resume=resume, overwrite=overwrite) as rows_file:
        analyser = open_analyser(weights, device, precision, streams)
        work = _Work(analyser, requests, streams, fail_fast, [] if html is not None else None)
        try:
            if form is None:
                failures = _table(work, found)
            elif rows_file is None:
                failures = _rows_on_stdout(work, found, form)
            else:
                failures = _rows_in_file(work, found, rows_file)
        finally:
            if html is not None and work.kept:
                from fpcli.report.page_index import write_index

                write_index(work.kept, html)
                streams.note(f"Wrote {printable(html)}.")
    if failures:
        _list_failures(failures, len(found), streams)
        raise typer.Exit(ExitCode.SOME_FAILED)


@dataclasses.dataclass(frozen=True)
class _Work:
    """How videos of this batch are analysed.

    kept: gathers the results for a page; None where no page is due.
    """

    analyser: "Analyser"
    requests: "Mapping[Path, AnalysisRequest]"
    streams: Streams
    fail_fast: bool
    kept: "list[DiveAnalysis | Failure] | None"

    def results(self, videos: Sequence[Path]) -> Iterator["DiveAnalysis | Failure"]:
        """Analyse videos in turn; with fail_fast up to and including the first failure."""
        from fpcli.report.notices import Failure

        asked = {path: self.requests[path] for path in videos}
        for result in analyse_each(self.analyser, asked, self.streams):
            if self.kept is not None:
                self.kept.append(
                    result if isinstance(result, Failure) else _without_pictures(result)
                )
            yield result
            if self.fail_fast and isinstance(result, Failure):
                return


def _table(work: _Work, videos: Sequence[Path]) -> list["Failure"]:
    """Print a table once all is done, or as far as it is when the work is cut short."""
    from fpcli.report.notices import Failure
    from fpcli.report.terminal import render_batch

    analyses: list[DiveAnalysis] = []
    failures: list[Failure] = []
    try:
        for result in work.results(videos):
            if isinstance(result, Failure):
                failures.append(result)
            else:
                analyses.append(_without_pictures(result))
    finally:
        if analyses:
            work.streams.out.print(render_batch(analyses))
    return failures


def _without_pictures(analysis: "DiveAnalysis") -> "DiveAnalysis":
    """Let go of the mask pictures, 5 MB a dive, which no table shows."""
    none = analysis.masks.probabilities[:0].copy()
    return dataclasses.replace(
        analysis, masks=dataclasses.replace(analysis.masks, probabilities=none)
    )


def _rows_on_stdout(work: _Work, videos: Sequence[Path], form: RowFormat) -> list["Failure"]:
    """Print each row as it comes."""
    from fpcli.report.notices import Failure

    failures = []
    for line in header(form):
        work.streams.data(line)
    for result in work.results(videos):
        work.streams.data(row(result, form))
        if isinstance(result, Failure):
            failures.append(result)
    return failures


@dataclasses.dataclass(frozen=True)
class _RowsFile:
    """Where rows are written: the claimed `.part` file of a target, and what is there already."""

    target: Path
    form: RowFormat
    part: IO[str]
    earlier: Sequence[EarlierRow]


@contextmanager
def _claimed(
    target: Path | None, form: RowFormat | None, *, resume: bool, overwrite: bool
) -> Iterator[_RowsFile | None]:
    """Claim a target before any work is done for it; yields None where there is none.

    Rows that only a killed run's `.part` file holds are put into the target first, as that file is
    emptied. Raises OutputError.
    """
    if target is None or form is None:
        yield None
        return
    with claimed_part(target, may_hold_rows=resume or overwrite) as part:
        earlier = rows_of_earlier_runs(target, form) if resume else []
        if earlier and part.tell():
            lines = [*header(form), *(known.line for known in earlier)]
            with written_whole(target) as stream:
                stream.write("".join(f"{line}\n" for line in lines).encode())
        yield _RowsFile(target, form, part, earlier)


def _rows_in_file(work: _Work, videos: Sequence[Path], file: _RowsFile) -> list["Failure"]:
    """Write the rows in the videos' order, those of earlier runs where they still hold.

    Rows of earlier runs for other videos come first. When the work is cut short, the rows of the
    videos that were not reached stay as they are.
    """
    from fpcli.report.notices import Failure

    wanted = {path: identity_of(path, work.requests[path], work.analyser) for path in videos}
    by_identity = {known.identity: known for known in file.earlier if known.identity is not None}
    held = {
        path: by_identity[asked].line
        for path, asked in wanted.items()
        if asked in by_identity and (work.requests[path].force or not by_identity[asked].is_forced)
    }
    if held:
        work.streams.note(f"{len(held)} of {len(videos)} kept from {printable(file.target)}.")
    here = {shown_path(path) for path in videos}
    left = {known.path: known.line for known in file.earlier if known.path in here}
    failures = []
    with row_file(file.target, file.form, file.part) as write:
        for known in file.earlier:
            if known.path not in here:
                write(known.line)
        results = work.results([path for path in videos if path not in held])
        try:
            for path in videos:
                result = None if path in held else next(results, None)
                if result is not None:
                    line = row(result, file.form)
                elif path in held:
                    line = held[path]
                else:
                    break
                left.pop(shown_path(path), None)
                write(line)
                if isinstance(result, Failure):
                    failures.append(result)
        finally:
            for line in left.values():
                write(line)
    work.streams.note(f"Wrote {printable(file.target)}.")
    return failures


def _list_failures(failures: Sequence["Failure"], count: int, streams: Streams) -> None:
    """Say on stderr which videos have no score, and why."""
    streams.talk.print(f"Error: no score for {len(failures)} of {count} videos:", style="red")
    for failure in failures:
        rest = failure.after(printable(failure.path.name))
        streams.talk.print(f"  {printable(failure.path)}{rest}", soft_wrap=True)
