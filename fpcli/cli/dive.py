"""`fineparser dive`: a dive number in words, its difficulty part by part, what a mark is worth."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli.complete import complete_dive_numbers
from fpcli.cli.metres import metres
from fpcli.cli.options import DIVE, Json
from fpcli.cli.streams import open_streams
from fpcli.diving.explain import DiveExplanation, explain
from fpcli.diving.marks import MARK_STEP
from fpcli.diving.numbers import DiveNumber, Group, TakeOff, count_halves, parse

if TYPE_CHECKING:
    from rich.table import Table

EXAMPLES = (
    "fineparser dive 5253B --height 10",
    "fineparser dive 107b",
    "fineparser dive 612B --json",
)

TAKE_OFF_WORDS = {
    TakeOff.FORWARD: "facing the water",
    TakeOff.BACKWARD: "with the back to the water",
    TakeOff.ARMSTAND: "from an armstand",
}
NO_VALUE = "–"


def dive(
    number: Annotated[
        str,
        typer.Argument(
            metavar="NUMBER",
            help="Dive number, such as 5253B; small letters will do.",
            autocompletion=complete_dive_numbers,
            rich_help_panel=DIVE,
        ),
    ],
    height: Annotated[
        float | None,
        typer.Option(
            "--height",
            parser=metres,
            metavar="1|3|5|7.5|10",
            help="Height in metres; every height that has the dive if left out.",
            rich_help_panel=DIVE,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Explain a dive number: the dive in words, its difficulty, what a mark is worth."""
    streams = open_streams(machine=as_json)
    explanation = explain(parse(number), height)
    if as_json:
        streams.data(json.dumps(explanation.to_dict(), ensure_ascii=False))
        return
    streams.out.print(f"{explanation.number} · {explanation.number.describe()}", style="bold")
    entry = "head first" if explanation.number.head_first else "feet first"
    streams.out.print(f"take-off {TAKE_OFF_WORDS[explanation.number.take_off]} · entry {entry}")
    streams.out.print(_difficulty_table(explanation))
    for note in _notes(explanation):
        streams.out.print(note, soft_wrap=True)


def _difficulty_table(explanation: DiveExplanation) -> "Table":
    """Lay out the formula's parts, the difficulty and the worth of a mark, a column a height."""
    from rich import box
    from rich.table import Table

    rows = explanation.heights
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(f"Difficulty ({rows[0].difficulty.edition})")
    for row in rows:
        table.add_column(f"{row.height_m:g} m", justify="right")
    for part, label in _part_labels(explanation.number).items():
        values = [
            f"{getattr(row.components, part):.1f}" if row.components else NO_VALUE for row in rows
        ]
        table.add_row(f"  {label}", *values)
    table.add_row("difficulty", *(f"{row.difficulty.value:.1f}" for row in rows), style="bold")
    table.add_row("  from the", *(row.difficulty.origin for row in rows))
    half_mark = [f"{MARK_STEP * row.points_per_mark:.2f}" for row in rows]
    table.add_row("half a mark, in points", *half_mark)
    return table


def _part_labels(number: DiveNumber) -> dict[str, str]:
    """Name the formula's parts with what this dive has of each, in the order of the rules."""
    flying = "flying " if number.flying else ""
    armstand = "armstand " if number.group == Group.ARMSTAND else ""
    return {
        "somersaults": count_halves(number.half_somersaults, "somersault"),
        "position": f"{flying}{number.position.word}",
        "twists": count_halves(number.half_twists, "twist"),
        "approach": f"{armstand}{number.direction.word} approach",
        "unnatural_entry": "entry without sight of the water",
    }


def _notes(explanation: DiveExplanation) -> list[str]:
    """Say how sure the difficulties are."""
    notes = []
    origins = {row.difficulty.origin for row in explanation.heights}
    if "formula" in origins:
        notes.append("Not in the published table: calculated by the formula of the rules (1.6.3).")
    if any(row.components is None for row in explanation.heights):
        notes.append(f"{NO_VALUE}: the formula has no value for a part; the table's number stands.")
    return notes
