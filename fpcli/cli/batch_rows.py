"""The rows that a batch writes: CSV or JSON Lines, on stdout or into a file."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from fpcli.errors import UsageError

if TYPE_CHECKING:
    from fpcli.analysis.result import DiveAnalysis
    from fpcli.report.notices import Failure


class RowFormat(StrEnum):
    """What a row is written as."""

    CSV = "csv"
    JSON = "json"


SUFFIXES: Mapping[str, RowFormat] = {
    ".csv": RowFormat.CSV,
    ".json": RowFormat.JSON,
    ".jsonl": RowFormat.JSON,
    ".ndjson": RowFormat.JSON,
}


def row_format(*, as_csv: bool, as_json: bool, target: Path | None) -> RowFormat | None:
    """Return what the options ask for; None for a table on the terminal.

    Raises UsageError for both formats at once, or a file whose suffix names neither.
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json exclude each other.", "Leave one of them out.")
    if as_csv or as_json:
        return RowFormat.CSV if as_csv else RowFormat.JSON
    if target is None:
        return None
    if target.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"{target} could become CSV or JSON Lines.", "Add --csv or --json, or name it so."
        )
    return SUFFIXES[target.suffix.lower()]


def header(form: RowFormat) -> list[str]:
    """Return the lines before the first row."""
    from fpcli.report.rows import CSV_COLUMNS, csv_line

    return [csv_line(CSV_COLUMNS)] if form is RowFormat.CSV else []


def row(result: "DiveAnalysis | Failure", form: RowFormat) -> str:
    """Return a video's result or failure as one line."""
    from fpcli.report.notices import Failure
    from fpcli.report.rows import csv_line, csv_row, error_json, failure_row, to_json

    if isinstance(result, Failure):
        if form is RowFormat.CSV:
            return csv_line(failure_row(result.path, result.error))
        return error_json(result.path, result.error)
    return csv_line(csv_row(result)) if form is RowFormat.CSV else to_json(result)


@contextmanager
def row_file(target: Path, form: RowFormat) -> Iterator[Callable[[str], None]]:
    """Write rows to a file, each flushed; yields what writes a line.

    The rows gather in `<target>.part`, which takes the target's name at the end. It does so too
    when the work is interrupted or fails: the rows so far are kept.
    """
    part = part_of(target)
    with part.open("w", encoding="utf-8", newline="\n") as stream:

        def write(line: str) -> None:
            stream.write(line + "\n")
            stream.flush()

        try:
            for line in header(form):
                write(line)
            yield write
        finally:
            stream.flush()
            part.replace(target)


def part_of(target: Path) -> Path:
    """Return where a file's rows gather until it is complete."""
    return target.with_name(target.name + ".part")
