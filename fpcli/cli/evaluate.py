"""`fineparser evaluate`: how good weights are, beside what needs no video and a human judge."""

import json
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fpcli.cli import dive_sets, options
from fpcli.cli.finediving_dives import Split, finediving_dives, is_finediving
from fpcli.cli.interruption import Interrupted, Interruption
from fpcli.cli.streams import Streams, open_streams
from fpcli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from fpcli.training.evaluation import Evaluation, Row

SCHEMA_VERSION = "1.0"
EXAMPLES = (
    "fineparser evaluate --data simulated --dives 100",
    "fineparser evaluate --data simulated --seed 7 --weights run/s-simulated.safetensors",
    "fineparser evaluate --data run/dives --weights other.safetensors --json",
)
MEASURE_TITLES = {
    "rho": "ρ of scores",
    "r_l2_x100": "R-ℓ2 × 100",
    "rho_marks": "ρ of marks",
    "rho_marks_within": "ρ of marks within numbers",
    "mean_absolute_error_marks": "mean error, marks",
    "aiou_0.5": "AIoU@0.5",
    "aiou_0.75": "AIoU@0.75",
    "mean_flight_iou": "mean flight IoU",
    "boundary_error_frames": "step error, of 96 frames",
    "mask_iou": "mask IoU",
    "mask_f_beta": "mask F_β",
    "mask_mae": "mask MAE",
    "fidelity_takeoff": "ρ of take-off deductions",
    "fidelity_flight": "ρ of flight deductions",
    "fidelity_entry": "ρ of entry deductions",
}

Dives = Annotated[
    int,
    typer.Option(
        "--dives",
        min=2,
        help="How many dives to make (--data simulated).",
        rich_help_panel=options.INPUT,
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        min=0,
        help="Of the dives to make; not the one that the weights were trained with.",
        rich_help_panel=options.INPUT,
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        metavar="DIR",
        help="Keep the dives that are made in this folder, and take those already there.",
        rich_help_panel=options.OUTPUT,
    ),
]
WithoutNumber = Annotated[
    bool,
    typer.Option(
        "--without-number",
        help="Do not tell the dive's number: the most similar exemplars vote.",
        rich_help_panel=options.DIVE,
    ),
]


def evaluate(
    data: dive_sets.Data,
    dives: Dives = 100,
    seed: Seed = 1000,
    weights: options.Weights = None,
    without_number: WithoutNumber = False,
    keep: Keep = None,
    as_json: options.Json = False,
    workers: dive_sets.Workers = None,
    device: options.Device = options.DEFAULT_DEVICE,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Measure weights on dives that they never saw, each number with its 95 % interval.

    Beside the weights stand what needs no video (the dive number's mean mark and median steps, the
    difficulty alone) and a human judge. Dives that the weights learned from are refused.
    """
    streams = open_streams(quiet=quiet, verbose=verbose, machine=as_json)
    from fpcli.model.device import describe_device, resolve_device
    from fpcli.training.evaluation import evaluate as measured_on
    from fpcli.video.transform import PUBLISHED
    from fpcli.weights.bundle import load_bundle
    from fpcli.weights.locate import find_weights

    place = resolve_device(device)
    finediving = is_finediving(data)
    stored = not finediving and data != dive_sets.SIMULATED
    pool = dive_sets.stored_dives(data) if stored else None
    bundle = load_bundle(find_weights(weights))
    published = bundle.geometry == PUBLISHED
    if published and not finediving:
        raise UsageError(
            f"The weights {bundle.card.name} see whole pictures, which only FineDiving's layout "
            "holds.",
            "Measure them on FineDiving, or on a folder made by fineparser simulate.",
        )
    streams.note(f"{bundle.card.name} on {describe_device(place)}")
    interruption = Interruption()
    with tempfile.TemporaryDirectory(prefix="fineparser-") as scratch, interruption.listening():
        try:
            if finediving:
                pool = finediving_dives(
                    data,
                    Split.TEST,
                    keep or Path(scratch),
                    workers,
                    streams,
                    interruption,
                    published=published,
                )
            elif pool is None:
                pool = dive_sets.simulated_dives(
                    keep or Path(scratch), dives, seed, workers, streams, interruption
                )
            with streams.progress() as progress:
                task = progress.add_task("encoding", total=len(pool))

                def tell(done: int) -> None:
                    progress.update(task, completed=done)
                    interruption.raise_if_wanted()

                found = measured_on(
                    bundle, pool, with_number=not without_number, device=place, on_dive=tell
                )
        except Interrupted:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
    if as_json:
        streams.data(json.dumps(_plain(found)))
    else:
        _show(found, streams)


def _plain(found: "Evaluation") -> dict[str, Any]:
    """Return an evaluation for JSON; what is no number is null."""

    def number(value: float) -> float | None:
        return value if math.isfinite(value) else None

    rows = [
        {
            "name": row.name,
            "source": row.source,
            "measures": {name: number(value) for name, value in row.values.items()},
            "intervals_95": {name: [number(v) for v in ends] for name, ends in row.bounds.items()},
        }
        for row in found.rows
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "dives": found.dives,
        "events": found.events,
        "simulated": found.simulated,
        "number_told": found.with_number,
        "interval_coverage": found.coverage,
        "interval_level": found.coverage_level,
        "verdicts": found.verdicts,
        "rows": rows,
    }


def _show(found: "Evaluation", streams: Streams) -> None:
    """Print the table, what is behind its columns, and where the weights miss."""
    streams.out.print(_table(found))
    for row in found.rows:
        streams.out.print(f"{row.name}: {row.source}", soft_wrap=True)
    kind = "simulated dives" if found.simulated else "dives"
    streams.out.print(
        f"Measured on {found.dives} {kind} of {found.events} events; in brackets 95 % bootstrap "
        "intervals over dives.",
        soft_wrap=True,
    )
    if found.coverage is not None:
        streams.out.print(
            f"The {found.coverage_level:.0%} interval holds {found.coverage:.1%} of the scores."
        )
    for name, verdict in found.verdicts.items():
        streams.out.print(f"{MEASURE_TITLES[name]}: {verdict}.", soft_wrap=True)
    if found.simulated:
        streams.out.print("! simulated dives say nothing of real footage", style="yellow")


def _table(found: "Evaluation") -> "Table":
    """Return the measures as rows and the scorers as columns."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("measure")
    for row in found.rows:
        table.add_column(row.name, justify="right")
    for name, title in (MEASURE_TITLES | _camera_titles(found)).items():
        if name in found.rows[0].values:
            table.add_row(title, *(_cell(row, name) for row in found.rows))
    return table


def _camera_titles(found: "Evaluation") -> dict[str, str]:
    from fpcli.training.measure import MASK_IOU_OF

    names = [name for name in found.rows[0].values if name.startswith(MASK_IOU_OF)]
    return {name: f"mask IoU, {name.removeprefix(MASK_IOU_OF)}" for name in names}


def _cell(row: "Row", name: str) -> str:
    value = row.values.get(name, math.nan)
    if not math.isfinite(value):
        return "–"
    if name not in row.bounds:
        return f"{value:.3f}"
    low, high = row.bounds[name]
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"
