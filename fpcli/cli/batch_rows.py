"""The rows that a batch writes: CSV or JSON Lines, on stdout or into a file."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fpcli.errors import OutputError, UsageError
from fpcli.lock import is_at, is_claimed

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
def claimed_part(target: Path, *, may_hold_rows: bool) -> Iterator[IO[str]]:
    """Open the `.part` file in which a target's rows gather, for this program alone.

    may_hold_rows: whether it may hold rows of a run that was killed. An empty one is removed in the
    end. Raises OutputError where another batch writes it, or where it holds rows and may not.
    """
    part = gathering_file(target)
    with part.open("a", encoding="utf-8", newline="\n") as stream:
        if not is_claimed(part, stream):
            raise OutputError(
                f"Another batch is writing {target}.",
                "Wait until it is done, or name another file.",
            )
        try:
            if stream.tell() and not may_hold_rows:
                raise OutputError(
                    f"{part} holds the rows of a run that was cut off.",
                    "Keep them with --resume, or start anew with --overwrite.",
                )
            yield stream
        finally:
            if is_at(part, stream) and part.stat().st_size == 0:
                part.unlink()


@contextmanager
def row_file(target: Path, form: RowFormat, part: IO[str]) -> Iterator[Callable[[str], None]]:
    """Write rows to a file, each flushed; yields what writes a line.

    part: the target's claimed `.part` file, emptied first; it takes the target's name at the end.
    It does so too when the work is interrupted or fails, so that the rows so far are kept. The
    target stays as it was where there is no row so far, or where one could not be written; then
    those before it stay in the `.part` file.
    """
    rows, is_broken = 0, False

    def write(line: str) -> None:
        nonlocal rows, is_broken
        if is_broken:
            return  # behind a row that was cut none could be read
        try:
            part.write(line + "\n")
            part.flush()
        except OSError:
            is_broken = True
            raise
        rows += 1

    part.truncate(0)
    for line in header(form):
        part.write(line + "\n")
    try:
        yield write
    finally:
        if rows and not is_broken:
            os.fsync(part.fileno())
            gathering_file(target).replace(target)
        elif not is_broken:
            part.truncate(0)


def gathering_file(target: Path) -> Path:
    """Return where a file's rows gather until it is complete: a later run finds them there."""
    return target.with_name(target.name + ".part")
