import json
from pathlib import Path

import numpy as np
import pytest

from fpcli.analysis.result import SCHEMA_VERSION, Flag
from fpcli.errors import ExitCode, VideoError
from fpcli.report.rows import (
    CSV_COLUMNS,
    CSV_MEANINGS,
    csv_row,
    error_json,
    failure_row,
    to_json,
)

FAILURE = VideoError("broken.mp4 holds no frame.", "Export the video again.")


def refuse(constant: str):
    raise AssertionError(f"{constant} is not JSON")


def parse(text: str) -> dict:
    return json.loads(text, parse_constant=refuse)


def row_of(cells: list[str]) -> dict[str, str]:
    return dict(zip(CSV_COLUMNS, cells, strict=True))


def test_json_carries_every_number_unrounded(make_analysis):
    analysis = make_analysis(score_points=76.8123456789)
    told = parse(to_json(analysis))
    assert told["schema_version"] == SCHEMA_VERSION
    assert told["score_points"] == 76.8123456789
    assert told["source"]["path"] == "dive.mp4"
    assert told["flags"] == ["simulated_training"]
    for step, entry in zip(analysis.steps, told["steps"], strict=True):
        assert entry["contribution_points"] == step.contribution_points
    assert len(told["samples"]["frames"]) == 96


def test_json_is_one_strict_ascii_line_whatever_the_numbers_and_names(make_analysis):
    boxes = make_analysis().masks.boxes_px.copy()
    boxes[0] = np.nan
    area = np.full(96, np.nan, dtype=np.float32)
    analysis = make_analysis(
        plausibility=float("nan"),
        masks={"boxes_px": boxes, "area_fraction": area},
        source={"path": Path("a\nb\x1b\udce9.mp4")},
        interval={"low_points": np.float32(70.5)},
    )
    line = to_json(analysis)
    assert line.isascii()
    assert line.isprintable()
    told = parse(line)
    assert told["plausibility"] is None
    assert told["samples"]["boxes_px"][0] is None
    assert told["samples"]["mask_area_fraction"][0] is None
    assert told["source"]["path"] == "a\nb\x1b\udce9.mp4"
    assert told["interval"]["low_points"] == 70.5


def test_a_failure_is_a_json_object_with_its_exit_code():
    told = parse(error_json(Path("broken.mp4"), FAILURE))
    assert told == {
        "schema_version": SCHEMA_VERSION,
        "path": "broken.mp4",
        "error": "broken.mp4 holds no frame.",
        "hint": "Export the video again.",
        "exit_code": int(ExitCode.VIDEO),
    }


def test_every_column_is_documented_once():
    assert len(set(CSV_COLUMNS)) == len(CSV_COLUMNS)
    assert all(CSV_MEANINGS[column] for column in CSV_COLUMNS)


def test_a_row_agrees_with_the_analysis(make_analysis):
    analysis = make_analysis(flags=(Flag.SIMULATED_TRAINING, Flag.WHOLE_CLIP))
    row = row_of(csv_row(analysis))
    assert float(row["score_points"]) == analysis.score_points
    assert float(row["mark"]) == analysis.mark
    assert float(row["take_off_points"]) == analysis.steps[0].contribution_points
    assert float(row["entry_points"]) == analysis.steps[2].contribution_points
    parts = ("exemplar_mean_points", "take_off_points", "flight_points", "entry_points")
    total = sum(float(row[part]) for part in (*parts, "limit_points"))
    assert total == pytest.approx(float(row["score_points"]))
    assert row["flight_frame"] == "28"
    assert row["dive_number"] == "5253B"
    assert row["difficulty_origin"] == "table"
    assert row["flags"] == "simulated_training whole_clip"
    assert row["exemplars"] == "10"
    assert row["exit_code"] == "0"
    assert row["error"] == ""


def test_negative_points_stay_numbers(make_analysis):
    assert row_of(csv_row(make_analysis()))["entry_points"].startswith("-2.4")


def test_what_is_not_known_is_empty(make_analysis):
    unknown = {"dive_number": None, "description": None, "height_m": None}
    row = row_of(csv_row(make_analysis(dive=unknown, plausibility=None)))
    assert row["dive_number"] == row["height_m"] == row["plausibility"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_hostile_path_is_no_formula(make_analysis, start):
    path = Path(f"{start}HYPERLINK(1).mp4")
    for cells in (csv_row(make_analysis(source={"path": path})), failure_row(path, FAILURE)):
        assert row_of(cells)["path"][0] not in "=+-@\t\r"


def test_a_failure_row_has_all_columns_and_the_reason():
    row = row_of(failure_row(Path("broken.mp4"), FAILURE))
    assert row["path"] == "broken.mp4"
    assert row["error"] == str(FAILURE)
    assert row["exit_code"] == str(int(ExitCode.VIDEO))
    assert row["score_points"] == ""
