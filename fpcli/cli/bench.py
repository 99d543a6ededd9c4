"""`fineparser bench`: how fast this machine is, against the way the method was published."""

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import options
from fpcli.cli.analysing import require_video
from fpcli.cli.streams import Streams, open_streams
from fpcli.text import printable

if TYPE_CHECKING:
    from rich.table import Table

    from fpcli.analysis.benchmark import NetworkBenchmark, OnStage, Spread
    from fpcli.analysis.benchmark_locating import LocatingBenchmark
    from fpcli.analysis.benchmark_video import VideoBenchmark

EXAMPLES = (
    "fineparser bench",
    "fineparser bench --size xs --long dive.mp4",
    "fineparser bench --json > bench.json",
)

SCHEMA_VERSION = "1.0"
DEFAULT_REPEATS = 3
DEFAULT_EXEMPLARS = 10


def bench(
    video: Annotated[
        Path | None,
        typer.Argument(
            metavar="VIDEO",
            readable=False,  # reading tells why, with its own exit code
            help="A video to read and score; one is made if left out.",
            rich_help_panel=options.INPUT,
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        options.SizeName,
        typer.Option(
            "--size", help="Size of the network that is measured.", rich_help_panel=options.MODEL
        ),
    ] = options.SizeName.PAPER,
    weights: options.Weights = None,
    exemplars: Annotated[
        int,
        typer.Option(
            "--exemplars", min=1, help="Votes of a score.", rich_help_panel=options.RUNTIME
        ),
    ] = DEFAULT_EXEMPLARS,
    repeats: Annotated[
        int,
        typer.Option(
            "--repeats",
            min=1,
            help="Repetitions of what is not repeated by voting.",
            rich_help_panel=options.RUNTIME,
        ),
    ] = DEFAULT_REPEATS,
    long: Annotated[
        bool,
        typer.Option(
            "--long",
            help="Also locate in half an hour of video, for its memory; takes many minutes.",
            rich_help_panel=options.RUNTIME,
        ),
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure this machine: encoding and scoring against the method's published way, and reading.

    The published way encodes the dive and an exemplar anew for every vote. Measured on the CPU: of
    two cores it takes all for about ten minutes, with --size s for fewer. Everything else that runs
    on the machine meanwhile shows in the spread.
    """
    streams = open_streams(quiet=quiet, machine=as_json)
    if video is not None:
        require_video(video)
    from fpcli.analysis.benchmark import measure_network

    with streams.progress() as progress:
        task = progress.add_task("starting", total=None)

        def tell(stage: str) -> None:
            progress.update(task, description=stage)

        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            shown = video or _made_video(folder)
            reading = _measure_video(shown, weights, repeats, tell, streams)
            locating = _measure_locating(shown, folder, repeats, long, tell)
        network = measure_network(size.value, exemplars=exemplars, repeats=repeats, on_stage=tell)
    if as_json:
        facts = {
            "schema_version": SCHEMA_VERSION,
            "network": network.to_dict(),
            "video": None if reading is None else reading.to_dict(),
            "locating": locating.to_dict(),
        }
        streams.data(json.dumps(facts))
        return
    machine = network.machine
    streams.out.print(
        f"{machine.processor} · {machine.threads} threads · torch {machine.torch} · "
        f"native bfloat16: {'yes' if machine.fast_bfloat16 else 'no'}"
    )
    streams.out.print(
        f"size {network.size} · {network.parameters:,} parameters · "
        f"{network.gflop:.0f} GFLOP a dive"
    )
    streams.out.print(network_table(network))
    if reading is not None:
        streams.out.print(
            f"{printable(reading.video)} · {reading.frames} frames of "
            f"{reading.size_px[0]} x {reading.size_px[1]} · weights {reading.weights} · "
            f"{reading.precision}"
        )
        streams.out.print(video_table(reading))
    streams.out.print(
        f"{locating.length_s:.0f} s of video enlarged to full HD at 30 frames a second, "
        f"{locating.dives} dives found"
    )
    streams.out.print(locating_table(locating))


def _made_video(folder: Path) -> Path:
    from fpcli.analysis.benchmark_video import make_video

    video = folder / "made.mp4"
    make_video(video)
    return video


def _measure_locating(
    video: Path, folder: Path, repeats: int, long: bool, tell: "OnStage"
) -> "LocatingBenchmark":
    from fpcli.analysis.benchmark_locating import measure_locating

    return measure_locating(video, folder, repeats=repeats, long=long, on_stage=tell)


def _measure_video(
    video: Path,
    weights: str | None,
    repeats: int,
    tell: "OnStage",
    streams: Streams,
) -> "VideoBenchmark | None":
    """Measure reading and scoring, unless no weights came with the program."""
    from fpcli.analysis.benchmark_video import measure_video
    from fpcli.errors import WeightsError
    from fpcli.weights.locate import find_weights

    try:
        bundle = find_weights(weights)
    except WeightsError as error:
        if weights is not None:
            raise
        streams.warn(f"Reading and scoring are not measured. {error}")
        return None
    command = [sys.executable, "-m", "fpcli", "score", str(video), "--weights", str(bundle)]
    command += ["--force", "--device", "cpu", "--json", "--quiet"]
    return measure_video(video, bundle, command=command, repeats=repeats, on_stage=tell)


def network_table(network: "NetworkBenchmark") -> "Table":
    """Lay out both sides of every ratio with its spread."""
    table = _table("what", "published way", "ours", "times faster")
    table.add_row(
        f"(a) a score, {network.exemplars} exemplars: cached features",
        _seconds(network.published_score_s),
        _spread(network.cached_score_s, "s"),
        _spread(network.caching, "x"),
    )
    for path in network.fast:
        table.add_row(
            f"(b) an encoding in {path.precision}",
            _spread(network.plain_encoding_s, "s"),
            _spread(path.encoding_s, "s"),
            _spread(network.encoding(path), "x"),
        )
    for path in network.fast:
        table.add_row(
            f"(a) and (b) together in {path.precision}",
            _seconds(network.published_score_s),
            _spread(path.score_s, "s"),
            _spread(network.together(path), "x"),
        )
    for path in network.fast:
        table.add_row(
            f"(c) GFLOP/s in {path.precision}: a matrix product, an encoding, its share",
            _spread(path.matrix_gflop_per_s, ""),
            _spread(path.gflop_per_s, ""),
            _spread(network.share_of_matrix_rate(path), ""),
        )
    for path in network.fast:
        table.add_row(f"largest relative error in {path.precision}", "", f"{path.error:.1e}", "")
    return table


def video_table(reading: "VideoBenchmark") -> "Table":
    """Lay out what reading and scoring a video take."""
    table = _table("what", "seconds", "clips a second")
    table.add_row(
        "(d) decoding", _spread(reading.decoding_s, "s"), f"{reading.decoded_clips_per_s:.2f}"
    )
    table.add_row(
        "(d) scoring, network loaded",
        _spread(reading.scoring_s, "s"),
        f"{reading.scored_clips_per_s:.2f}",
    )
    table.add_row("(d) fineparser score, start included", _spread(reading.process_s, "s"), "")
    table.add_row("    its peak memory", _memory(reading.process_peak_bytes), "")
    table.add_row("    bfloat16 moves the score by", f"{reading.score_shift_points:.3f} points", "")
    return table


def locating_table(locating: "LocatingBenchmark") -> "Table":
    """Lay out how fast dives are located, and in how much memory."""
    table = _table("what", "seconds", "seconds of video a second", "peak memory")
    table.add_row(
        "(e) locating",
        _spread(locating.locating_s, "s"),
        _spread(locating.times_real_time, ""),
        "",
    )
    for apart in locating.apart:
        table.add_row(
            f"    in {apart.length_s:.0f} s, a process of its own",
            _seconds(apart.took_s),
            f"{apart.length_s / apart.took_s:.2f}",
            _memory(apart.peak_bytes),
        )
    return table


def _memory(peak_bytes: int | None) -> str:
    return "unknown" if peak_bytes is None else f"{peak_bytes / 2**30:.2f} GiB"


def _table(*columns: str) -> "Table":
    """Return a table whose first column is text and whose others are numbers."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    return table


def _seconds(value: float) -> str:
    """Return seconds with as many digits as matter."""
    return f"{value:.1f} s" if value >= 10 else f"{value:.2f} s"


def _spread(spread: "Spread", unit: str) -> str:
    """Return the median with the lowest and highest."""
    digits = 0 if spread.median >= 100 else 1 if spread.median >= 10 else 2
    suffix = f" {unit}" if unit else ""
    return (
        f"{spread.median:.{digits}f}{suffix} "
        f"({spread.lowest:.{digits}f} – {spread.highest:.{digits}f})"
    )
