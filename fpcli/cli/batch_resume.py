"""`batch --resume`: which rows of an earlier run still hold."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fpcli.cli.batch_rows import RowFormat, gathering_file
from fpcli.errors import OutputError

if TYPE_CHECKING:
    from fpcli.analysis.analyse import Analyser
    from fpcli.analysis.request import AnalysisRequest


@dataclass(frozen=True)
class RowIdentity:
    """What a row is the answer to; an equal question needs no second answer.

    path: as a spreadsheet shows it. request_sha256: of all that was asked.
    """

    path: str
    size_bytes: int
    modified_unix_s: float
    weights_sha256: str
    own_exemplars_sha256: str | None
    request_sha256: str


@dataclass(frozen=True)
class EarlierRow:
    """A line of an earlier run; identity is None for a failure, which is tried again.

    is_forced: whether it holds a score without a dive, which holds only where that is asked for.
    """

    line: str
    path: str
    identity: RowIdentity | None
    is_forced: bool = False


def shown_path(path: Path) -> str:
    """Return a video's path as its row shows it."""
    from fpcli.report.names import spreadsheet_cell

    return spreadsheet_cell(str(path))


def identity_of(path: Path, request: "AnalysisRequest", analyser: "Analyser") -> RowIdentity | None:
    """Return what the row for a video would be the answer to; None where the video is gone."""
    from fpcli.analysis.file_stamp import stamp_of

    try:
        stamp = stamp_of(path)
    except OSError:
        return None  # reading it tells why
    made_by = analyser.provenance(request.exemplars_from)
    return RowIdentity(
        path=shown_path(path),
        size_bytes=stamp.size_bytes,
        modified_unix_s=stamp.modified_unix_s,
        weights_sha256=made_by.weights_sha256,
        own_exemplars_sha256=made_by.own_exemplars_sha256,
        request_sha256=request.sha256,
    )


def rows_of_earlier_runs(target: Path, form: RowFormat) -> list[EarlierRow]:
    """Read the rows that earlier runs left, those of a killed run's `.part` file last.

    The line at which a run was killed is left out. Raises OutputError for a file that holds
    anything but such rows.
    """
    rows: dict[str, EarlierRow] = {}
    read = _csv_row if form is RowFormat.CSV else _json_row
    for path in (target, gathering_file(target)):
        lines = _lines(path, may_be_cut=path != target) if path.is_file() else []
        for number, line in enumerate(lines, start=1):
            if not line:
                continue
            try:
                row = read(line)
            except (csv.Error, ValueError, KeyError, TypeError) as error:
                raise OutputError(
                    f"Line {number} of {path} is no row that this version writes.",
                    "Choose another file, or start it anew with --overwrite.",
                ) from error
            if row is not None:
                rows[row.path] = row
    return list(rows.values())


def _lines(path: Path, *, may_be_cut: bool) -> list[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    if not lines[-1] or may_be_cut:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _csv_row(line: str) -> EarlierRow | None:
    """Read a row; None for the columns' names. Raises ValueError for other columns."""
    from fpcli.report.rows import CSV_COLUMNS

    (cells,) = csv.reader([line], strict=True)
    if tuple(cells) == CSV_COLUMNS:
        return None
    said = dict(zip(CSV_COLUMNS, cells, strict=True))
    if said["error"]:
        return EarlierRow(line, said["path"], None)
    identity = RowIdentity(
        path=said["path"],
        size_bytes=int(said["size_bytes"]),
        modified_unix_s=float(said["modified_unix_s"]),
        weights_sha256=said["weights_sha256"],
        own_exemplars_sha256=said["own_exemplars_sha256"] or None,
        request_sha256=said["request_sha256"],
    )
    return EarlierRow(line, identity.path, identity, _is_forced(said["flags"].split()))


def _json_row(line: str) -> EarlierRow:
    """Read a row. Raises an error of its kind for other objects."""
    said: Mapping[str, Any] = json.loads(line)
    if "error" in said:
        return EarlierRow(line, shown_path(Path(said["path"])), None)
    source, made_by = said["source"], said["provenance"]
    identity = RowIdentity(
        path=shown_path(Path(source["path"])),
        size_bytes=source["size_bytes"],
        modified_unix_s=source["modified_unix_s"],
        weights_sha256=made_by["weights_sha256"],
        own_exemplars_sha256=made_by["own_exemplars_sha256"],
        request_sha256=made_by["request_sha256"],
    )
    return EarlierRow(line, identity.path, identity, _is_forced(said["flags"]))


def _is_forced(flags: Sequence[str]) -> bool:
    from fpcli.analysis.result import Flag

    return Flag.NO_DIVE_FOUND in flags
