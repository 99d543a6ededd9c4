"""An analysis as data for other programs: one JSON object, one CSV row."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fpcli.analysis.result import SCHEMA_VERSION, DiveAnalysis, DiveMeasures
from fpcli.errors import FineParserError
from fpcli.report.names import spreadsheet_cell

CSV_MEANINGS = {
    "path": "the video, as it was found",
    "score_points": "points that a panel would give",
    "interval_low_points": "lower end of the interval",
    "interval_high_points": "upper end of the interval",
    "interval_level": "share of scores inside the interval on data like the calibration's, 0 to 1",
    "mark": "execution mark, 0 to 10: score / (3 x difficulty)",
    "band": "the mark in the words of the rules",
    "dive_number": "empty where it is not known",
    "description": "the dive number in words",
    "diver": "who dived, where a start list says so",
    "panel_points": "what the panel gave, where a start list says so",
    "height_m": "board or platform, metres",
    "height_origin": "given, start list or assumed",
    "difficulty": "degree of difficulty",
    "difficulty_origin": "table, formula, given, start list or assumed",
    "difficulty_edition": "edition of the rules that the difficulty comes from",
    "exemplar_mean_points": "mean of the exemplars at this difficulty",
    "take_off_points": "what the take-off added to that mean",
    "flight_points": "what the flight added",
    "entry_points": "what the entry added",
    "limit_points": "what the limits of the rules added; 0 as a rule",
    "exemplars": "exemplars that voted",
    "exemplars_from": "bundled (with the weights), mine or both",
    "own_exemplars_sha256": "hash of the own exemplars that could vote; empty where none could",
    "geometry": "how pictures were cut for the network",
    "start_s": "first scored second of the source",
    "flight_s": "second at which the flight begins",
    "entry_s": "second at which the entry begins",
    "end_s": "last scored second of the source",
    "first_frame": "first scored frame, from 0",
    "flight_frame": "frame at which the flight begins",
    "entry_frame": "frame at which the entry begins",
    "last_frame": "last scored frame",
    "time_in_air_s": "measured: seconds from take-off to the touch of the water",
    "rise_m": "measured: of the body's middle above its place at take-off",
    "board_m": "measured: height of the board; empty where it was given",
    "least_distance_m": "measured: how far out the body travels to the touch, at least",
    "somersaults_per_s": "measured: while the position is held",
    "entry_angle_deg": "measured: the body off vertical at the touch, short negative",
    "splash_statures": "measured: height of the splash",
    "plausibility": "likeness to the dives of training; empty where the weights cannot tell",
    "flags": "what to know before trusting the score, space between",
    "weights": "name of the weights",
    "weights_sha256": "their hash",
    "version": "version of fineparser",
    "request_sha256": "hash of all that was asked, by which --resume knows the row again",
    "size_bytes": "size of the video, by which a later run knows it again",
    "modified_unix_s": "when it was last changed, seconds since 1970",
    "error": "why there is no score; empty where there is one",
    "exit_code": "0, or the exit code of scoring this video alone",
}
CSV_COLUMNS = tuple(CSV_MEANINGS)


def to_json(analysis: DiveAnalysis) -> str:
    """Return the analysis as one line of strict JSON: unrounded, ASCII, no NaN (null instead)."""
    return strict_json(analysis.to_dict())


def error_json(path: Path, error: FineParserError) -> str:
    """Return a failure as one line of strict JSON, told from a result by its key `error`."""
    return strict_json(
        {
            "schema_version": SCHEMA_VERSION,
            "path": str(path),
            "error": error.message,
            "hint": error.hint,
            "exit_code": int(error.exit_code),
        }
    )


def strict_json(value: dict[str, Any]) -> str:
    """Return plain containers as one line of JSON: ASCII, null for what is no finite number."""
    return json.dumps(_plain(value), allow_nan=False)


def _plain(value: Any) -> Any:
    """Return the value in JSON's own types; a number that JSON cannot write becomes null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def csv_row(analysis: DiveAnalysis) -> list[str]:
    """Return the analysis as cells in the order of `CSV_COLUMNS`, safe to open in a spreadsheet."""
    source, dive, made_by = analysis.source, analysis.dive, analysis.provenance
    take_off, flight, entry = analysis.steps
    into_flight, into_entry = analysis.transitions
    return _cells(
        {
            "path": str(source.path),
            "score_points": analysis.score_points,
            "interval_low_points": analysis.interval.low_points,
            "interval_high_points": analysis.interval.high_points,
            "interval_level": analysis.interval.level,
            "mark": analysis.mark,
            "band": analysis.band,
            "dive_number": dive.dive_number,
            "description": dive.description,
            "diver": dive.diver,
            "panel_points": dive.panel_points,
            "height_m": dive.height_m,
            "height_origin": dive.height_origin,
            "difficulty": dive.difficulty,
            "difficulty_origin": dive.difficulty_origin,
            "difficulty_edition": dive.difficulty_edition,
            "exemplar_mean_points": analysis.exemplar_mean_points,
            "take_off_points": take_off.contribution_points,
            "flight_points": flight.contribution_points,
            "entry_points": entry.contribution_points,
            "limit_points": analysis.limit_points,
            "exemplars": len(analysis.votes),
            "exemplars_from": made_by.exemplars_from,
            "own_exemplars_sha256": made_by.own_exemplars_sha256,
            "geometry": made_by.geometry,
            "start_s": source.start_s,
            "flight_s": into_flight.time_s,
            "entry_s": into_entry.time_s,
            "end_s": source.end_s,
            "first_frame": source.first_frame,
            "flight_frame": into_flight.frame,
            "entry_frame": into_entry.frame,
            "last_frame": source.last_frame,
            **_measures(analysis.measures),
            "plausibility": analysis.plausibility,
            "flags": " ".join(analysis.flags),
            "weights": made_by.weights_name,
            "weights_sha256": made_by.weights_sha256,
            "version": made_by.version,
            "request_sha256": made_by.request_sha256,
            "size_bytes": source.size_bytes,
            "modified_unix_s": source.modified_unix_s,
            "exit_code": 0,
        }
    )


def _measures(measures: DiveMeasures) -> dict[str, float | None]:
    values = {name: measure.value for name, measure in measures.by_name.items()}
    del values["distance_m"]
    return values | {"least_distance_m": measures.distance_m.low}


def failure_row(path: Path, error: FineParserError) -> list[str]:
    """Return a failure as a row: its path, its sentence and its exit code."""
    sentence = str(error)
    return _cells({"path": str(path), "error": sentence, "exit_code": int(error.exit_code)})


def csv_line(cells: Sequence[str]) -> str:
    """Return cells as one line of CSV without its line end.

    Quoted wherever a spreadsheet of any locale would split: at commas, semicolons and tabs.
    """
    return ",".join(_quoted(cell) for cell in cells)


def _quoted(cell: str) -> str:
    if any(sign in cell for sign in ',;"\t\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _cells(values: dict[str, str | float | None]) -> list[str]:
    return [_cell(values.get(column)) for column in CSV_COLUMNS]


def _cell(value: str | float | None) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str):
        return spreadsheet_cell(value)
    return repr(value.item() if isinstance(value, np.generic) else value)
