import csv
import io

import pytest
from rich.cells import cell_len

from fpcli.report.names import file_label, shorten, spreadsheet_cell
from fpcli.report.rows import csv_line


@pytest.mark.parametrize("width", [1, 2, 5, 12, 30])
def test_shortened_names_fit_and_keep_both_ends(width):
    name = "regional_championship_跳水_round_3_dive_17.mp4"
    short = shorten(name, width)
    assert cell_len(short) <= width
    head, _, tail = short.partition("…")
    assert name.startswith(head)
    assert name.endswith(tail)


def test_a_name_that_fits_is_left_alone():
    assert shorten("dive.mp4", 8) == "dive.mp4"


def test_a_file_is_known_by_its_name(tmp_path):
    assert file_label(tmp_path / "dive.mp4") == "dive.mp4"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " ="])
def test_no_spreadsheet_runs_a_cell(start):
    cell = spreadsheet_cell(f"{start}cmd|' /C calc'!A0")
    assert cell[0] == "'"


@pytest.mark.parametrize("number", ["-0.6", "+3.1", "-1e-05", "76.8"])
def test_plain_numbers_stay_numbers(number):
    assert spreadsheet_cell(number) == number


def test_cells_survive_csv_and_never_split_at_any_separator():
    cells = ["a;=1+1", 'say "hello"', "1,5", "plain"]
    line = csv_line(cells)
    assert next(csv.reader(io.StringIO(line))) == cells
    assert line.startswith('"a;=1+1"')
