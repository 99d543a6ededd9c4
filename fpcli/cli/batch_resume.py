"""`batch --resume`: which rows of an earlier run still hold."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fpcli.cli.batch_rows import RowFormat, part_of
from fpcli.errors import OutputError

if TYPE_CHECKING:
    from fpcli.analysis.analyse import Analyser
    from fpcli.analysis.request import AnalysisRequest

GIVEN = ("given", "start list")  # as the rows name the origin of what a person said


@dataclass(frozen=True)
class RowIdentity:
    """What a row is the answer to; an equal question needs no second answer.

    height_m, difficulty: only where they were given; dive_number: likewise. diver: as a spreadsheet
    shows it.
    """

    path: str
    size_bytes: int
    modified_unix_s: float
    weights_sha256: str
    dive_number: str | None
    height_m: float | None
    difficulty: float | None
    level: float
    diver: str | None
    panel_points: float | None
    exemplars_from: str
    own_exemplars_sha256: str | None
    geometry: str


@dataclass(frozen=True)
class EarlierRow:
    """A line of an earlier run; identity is None for a failure, which is tried again.

    is_forced: whether it holds a score without a dive, which holds only where that is asked for.
    """

    line: str
    path: str
    identity: RowIdentity | None
    is_forced: bool = False


def identity_of(path: Path, request: "AnalysisRequest", analyser: "Analyser") -> RowIdentity:
    """Return what the row for a video would be the answer to. Raises OSError if it is gone."""
    from fpcli.analysis.dive_clip import chosen_geometry
    from fpcli.analysis.file_stamp import stamp_of
    from fpcli.diving.numbers import parse
    from fpcli.report.names import spreadsheet_cell

    stamp = stamp_of(path)
    made_by = analyser.provenance(request.exemplars_from)
    return RowIdentity(
        path=spreadsheet_cell(str(path)),
        size_bytes=stamp.size_bytes,
        modified_unix_s=stamp.modified_unix_s,
        weights_sha256=made_by.weights_sha256,
        dive_number=None if request.dive_number is None else parse(request.dive_number).text,
        height_m=request.height_m,
        difficulty=request.difficulty,
        level=request.level,
        diver=None if request.diver is None else spreadsheet_cell(request.diver),
        panel_points=request.panel_points,
        exemplars_from=made_by.exemplars_from,
        own_exemplars_sha256=made_by.own_exemplars_sha256,
        geometry=chosen_geometry(request, analyser.bundle.geometry).name,
    )


def rows_of_earlier_runs(target: Path, form: RowFormat) -> list[EarlierRow]:
    """Read the rows that earlier runs left, those of a killed run's `.part` file last.

    A line that was cut is left out. Raises OutputError for a file that holds no such rows.
    """
    rows: dict[str, EarlierRow] = {}
    for path in (target, part_of(target)):
        if path.is_file():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            read = _csv_rows if form is RowFormat.CSV else _json_rows
            rows |= {row.path: row for row in read(lines, path)}
    return list(rows.values())


def _csv_rows(lines: Sequence[str], path: Path) -> list[EarlierRow]:
    from fpcli.report.rows import CSV_COLUMNS

    if lines and tuple(next(csv.reader(lines[:1]), [])) != CSV_COLUMNS:
        raise OutputError(
            f"{path} does not have the columns that this version writes.",
            "Choose another file, or start it anew with --overwrite.",
        )
    rows = []
    for line in lines[1:]:
        cells = next(csv.reader([line]), [])
        if len(cells) == len(CSV_COLUMNS):
            said = dict(zip(CSV_COLUMNS, cells, strict=True))
            identity = None if said["error"] else _identity_in_csv(said)
            is_forced = _is_forced(said["flags"].split())
            rows.append(EarlierRow(line, said["path"], identity, is_forced))
    return rows


def _identity_in_csv(said: Mapping[str, str]) -> RowIdentity:
    given_height = said["height_origin"] in GIVEN
    given_difficulty = said["difficulty_origin"] in GIVEN
    return RowIdentity(
        path=said["path"],
        size_bytes=int(said["size_bytes"]),
        modified_unix_s=float(said["modified_unix_s"]),
        weights_sha256=said["weights_sha256"],
        dive_number=said["dive_number"] or None,
        height_m=float(said["height_m"]) if given_height else None,
        difficulty=float(said["difficulty"]) if given_difficulty else None,
        level=float(said["interval_level"]),
        diver=said["diver"] or None,
        panel_points=float(said["panel_points"]) if said["panel_points"] else None,
        exemplars_from=said["exemplars_from"],
        own_exemplars_sha256=said["own_exemplars_sha256"] or None,
        geometry=said["geometry"],
    )


def _json_rows(lines: Sequence[str], path: Path) -> list[EarlierRow]:
    from fpcli.report.names import spreadsheet_cell

    rows = []
    for line in lines:
        try:
            said = json.loads(line)
        except json.JSONDecodeError:
            continue
        try:
            identity = None if "error" in said else _identity_in_json(said)
            place = said["path"] if identity is None else said["source"]["path"]
        except (KeyError, TypeError) as error:
            raise OutputError(
                f"{path} does not hold what this version writes.",
                "Choose another file, or start it anew with --overwrite.",
            ) from error
        is_forced = _is_forced(said.get("flags", ()))
        rows.append(EarlierRow(line, spreadsheet_cell(place), identity, is_forced))
    return rows


def _is_forced(flags: Sequence[str]) -> bool:
    from fpcli.analysis.result import Flag

    return Flag.NO_DIVE_FOUND in flags


def _identity_in_json(said: Mapping[str, Any]) -> RowIdentity:
    from fpcli.report.names import spreadsheet_cell

    source, dive, made_by = said["source"], said["dive"], said["provenance"]
    return RowIdentity(
        path=spreadsheet_cell(source["path"]),
        size_bytes=source["size_bytes"],
        modified_unix_s=source["modified_unix_s"],
        weights_sha256=made_by["weights_sha256"],
        dive_number=dive["dive_number"],
        height_m=dive["height_m"] if dive["height_origin"] in GIVEN else None,
        difficulty=dive["difficulty"] if dive["difficulty_origin"] in GIVEN else None,
        level=said["interval"]["level"],
        diver=None if dive["diver"] is None else spreadsheet_cell(dive["diver"]),
        panel_points=dive["panel_points"],
        exemplars_from=made_by["exemplars_from"],
        own_exemplars_sha256=made_by["own_exemplars_sha256"],
        geometry=made_by["geometry"],
    )
