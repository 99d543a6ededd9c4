"""An evaluation, shown: tables for a terminal, plain values for JSON."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fpcli.cli.streams import Streams

if TYPE_CHECKING:
    from rich.table import Table

    from fpcli.training.evaluation import Evaluation, Row

SCHEMA_VERSION = "1.2"
MEASURE_TITLES = {
    "rho": "ρ of scores",
    "r_l2_x100": "R-ℓ2 × 100",
    "rho_of_ceiling": "ρ of scores, share of ceiling",
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
    "mask_s_measure": "mask S-measure",
    "fidelity_takeoff": "ρ of take-off deductions",
    "fidelity_flight": "ρ of flight deductions",
    "fidelity_entry": "ρ of entry deductions",
}
GROUP_MEASURES = ("rho", "rho_marks", "mean_absolute_error_marks", "aiou_0.75", "mask_iou")


def plain(found: "Evaluation") -> dict[str, Any]:
    """Return an evaluation for JSON; what is no number is null."""

    from fpcli.training.published_results import PUBLISHED_RESULTS

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
    groups = {"by_group": found.by_group, "by_number": found.by_number}
    by_kind = {
        kind: {
            name: {
                "dives": group.dives,
                "measures": {title: number(value) for title, value in group.values.items()},
            }
            for name, group in members.items()
        }
        for kind, members in groups.items()
    }
    published = [] if found.simulated else [asdict(result) for result in PUBLISHED_RESULTS]
    return {
        "schema_version": SCHEMA_VERSION,
        "dives": found.dives,
        "events": found.events,
        "simulated": found.simulated,
        "number_told": found.with_number,
        "interval_coverage": found.coverage,
        "interval_level": found.coverage_level,
        "interval_coverages": [list(pair) for pair in found.coverages.items()],
        "verdicts": found.verdicts,
        "rows": rows,
        "published_on_finediving": published,
        **by_kind,
    }


def show(found: "Evaluation", streams: Streams) -> None:
    """Print the table, what is behind its columns, and where the weights miss."""
    streams.out.print(_table(found))
    streams.out.print(_group_table(found))
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
    if not found.simulated:
        streams.out.print(_published_table())
    else:
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


def _group_table(found: "Evaluation") -> "Table":
    """Return the weights' main measures by group of dives."""
    from rich import box
    from rich.table import Table

    columns = [name for name in GROUP_MEASURES if name in found.rows[0].values]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(f"{found.rows[0].name}, by group")
    for title in ("dives", *(MEASURE_TITLES[name] for name in columns)):
        table.add_column(title, justify="right")
    for name, group in found.by_group.items():
        values = [group.values.get(column, math.nan) for column in columns]
        shown = (f"{value:.3f}" if math.isfinite(value) else "–" for value in values)
        table.add_row(name, str(group.dives), *shown)
    return table


def _published_table() -> "Table":
    """Return what others have published, which holds for FineDiving's own test split alone."""
    from rich import box
    from rich.table import Table

    from fpcli.training.published_results import PUBLISHED_RESULTS

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("published, on FineDiving's test split")
    for title in (MEASURE_TITLES["rho"], MEASURE_TITLES["r_l2_x100"]):
        table.add_column(title, justify="right")
    for result in PUBLISHED_RESULTS:
        table.add_row(result.method, f"{result.rho:.4f}", f"{result.r_l2_x100:.4f}")
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
