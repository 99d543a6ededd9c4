"""A start list: who dives what from where in which file, read from whatever a meet's office sends.

The separator may be a comma, a semicolon or a tab; headings are told by their meaning. Every row is
checked, and all that is wrong is told at once, by line.
"""

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fpcli.analysis.request import AnalysisRequest, require_possible
from fpcli.diving.difficulty import difficulty
from fpcli.diving.marks import execution_mark
from fpcli.diving.numbers import parse
from fpcli.errors import DiveNumberError, UsageError
from fpcli.text import printable

SEPARATORS = ",;\t"
LARGEST_BYTES = 16_000_000  # a list of a whole season stays far below
HEADINGS = {  # by field of a row: the headings that mean it, without case, spaces and signs
    "file": ("file", "filename", "filepath", "video", "videofile", "clip", "path"),
    "diver": ("diver", "divers", "divername", "athlete", "athletes", "competitor", "name"),
    "dive": ("dive", "divenumber", "diveno", "divecode", "number", "code"),
    "height": ("height", "heightm", "heightmetres", "board", "boardm", "platform", "metres"),
    "difficulty": ("dd", "difficulty", "degreeofdifficulty", "degree", "tariff"),
    "start": ("fromseconds", "startseconds"),
    "end": ("toseconds", "endseconds"),
    "key": ("key", "exemplar"),
    "score": ("score", "scorepoints", "points", "panelpoints", "award", "divescore"),
}
_NOT_A_LETTER = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:m|metres?|meters?|pts?|points?)?\.?", re.IGNORECASE)
_SEPARATOR_LINE = re.compile(r"sep=(.)", re.IGNORECASE)  # what spreadsheets may write first


@dataclass(frozen=True)
class Row:
    """A line of the list; None where a cell is empty.

    line: in the file, from 1. score_points: what a panel gave. start_s, end_s: the part of the
    video that holds the dive. key: a name for it.
    """

    line: int
    file: str
    diver: str | None = None
    dive: str | None = None
    height_m: float | None = None
    difficulty: float | None = None
    score_points: float | None = None
    start_s: float | None = None
    end_s: float | None = None
    key: str | None = None

    def request(self, asked: AnalysisRequest) -> AnalysisRequest:
        """Return what is asked of this row's video: the row first, the command's options else.

        Raises UsageError for what no dive has, DiveNumberError for a dive that is none.
        """
        known: dict[str, Any] = {
            "dive_number": self.dive,
            "height_m": self.height_m,
            "difficulty": self.difficulty,
            "diver": self.diver,
            "panel_points": self.score_points,
            "start_s": self.start_s,
            "end_s": self.end_s,
        }
        given = {name: value for name, value in known.items() if value is not None}
        request = replace(asked, **given, listed=frozenset(given))
        require_possible(request)
        _require_reachable(request)
        return request


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line of the list."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


@dataclass(frozen=True)
class StartList:
    """A list as it was read. passed_over: headings that mean nothing here."""

    path: Path
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    passed_over: tuple[str, ...]


def read_start_list(path: Path) -> StartList:
    """Read a start list; what is wrong with its rows is told, not raised.

    Raises UsageError for a file that is no start list.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    lines = _lines(path)
    fields, passed_over = _fields(next(lines, (1, []))[1], path)
    for line, cells in lines:
        if not any(cells):
            continue
        if any(cells[len(fields) :]):
            sentence = f"there are {len(cells)} cells under {len(fields)} headings."
            problems.append(Problem(line, sentence))
            continue
        named = zip(fields, cells, strict=False)
        said = {field: cell for field, cell in named if field and cell}
        if "file" in said:
            row, wrong = _row(line, said)
            rows.append(row)
            problems += wrong
        else:
            problems.append(Problem(line, "no file is named."))
    if not rows and not problems:
        raise UsageError(f"{path} names no video.", "Write a line a video below the headings.")
    return StartList(path, tuple(rows), tuple(problems), passed_over)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each line's number and its cells, without white space around them."""
    text = _text(path)
    first, _, rest = text.partition("\n")
    skipped, separator = 0, None
    if stated := _SEPARATOR_LINE.fullmatch(first.strip("\r")):
        text, separator, skipped = rest, stated[1], 1
    reader = csv.reader(text.splitlines(), delimiter=separator or _separator(text))
    try:
        for cells in reader:
            yield reader.line_num + skipped, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UsageError(
            f"{path} is no table of text ({error}).", "Save it as CSV and try again."
        ) from error


def _text(path: Path) -> str:
    """Return a file's text in whichever encoding spreadsheets save it."""
    if not path.is_file():
        raise UsageError(f"There is no start list {str(path)!r}.", "Check the path.")
    if path.stat().st_size > LARGEST_BYTES:
        raise UsageError(f"{path} is too large for a start list.", "Name a CSV file.")
    raw = path.read_bytes()
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UsageError(f"{path} is no text.", "Save the list as CSV (UTF-8) and try again.")


def _separator(text: str) -> str:
    """Return the sign that parts the headings; a comma where there is but one."""
    headings = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=headings.count)


def _fields(headings: Sequence[str], path: Path) -> tuple[list[str | None], tuple[str, ...]]:
    """Return what each column means, None where nothing, and the headings that mean nothing."""
    fields: list[str | None] = []
    passed_over = []
    for heading in headings:
        plain = _NOT_A_LETTER.sub("", heading).casefold()
        field = next((name for name, words in HEADINGS.items() if plain in words), None)
        if field is not None and field in fields:
            raise UsageError(
                f"Two columns of {path} could be the {field}, one of them {printable(heading)!r}.",
                "Give one of them another heading.",
            )
        fields.append(field)
        if field is None and heading:
            passed_over.append(heading)
    if "file" not in fields:
        seen = ", ".join(repr(printable(heading)) for heading in headings if heading)
        raise UsageError(
            f"{path} has no column for the file; its headings are {seen or 'empty'}.",
            "The first line names the columns: file, diver, dive, height, and dd, score if known.",
        )
    return fields, tuple(passed_over)


def _row(line: int, said: Mapping[str, str]) -> tuple[Row, list[Problem]]:
    """Return a row and what is wrong with it; a cell that cannot be read counts as empty."""
    problems: list[Problem] = []

    def read(field: str) -> float | None:
        try:
            return _number(said, field)
        except UsageError as error:
            problems.append(Problem(line, str(error)))
            return None

    number = said.get("dive")
    try:
        number = None if number is None else parse(number).text
    except DiveNumberError as error:
        problems.append(Problem(line, str(error)))
        number = None
    row = Row(
        line=line,
        file=said["file"],
        diver=said.get("diver"),
        dive=number,
        height_m=read("height"),
        difficulty=read("difficulty"),
        score_points=read("score"),
        start_s=read("start"),
        end_s=read("end"),
        key=said.get("key"),
    )
    return row, problems


def _number(said: Mapping[str, str], field: str) -> float | None:
    """Return a cell as a number: 7.5, 7,5 or 10 m. Raises UsageError for what is none."""
    if field not in said:
        return None
    found = _NUMBER.fullmatch(said[field])
    value = float(found[1].replace(",", ".")) if found else math.nan
    if not math.isfinite(value):
        raise UsageError(f"{printable(said[field])!r} is no {field}.")
    return value


def _require_reachable(request: AnalysisRequest) -> None:
    """Refuse points that no panel can give for the dive, where its difficulty is known."""
    if request.panel_points is None:
        return
    value = request.difficulty
    if value is None and request.dive_number is not None and request.height_m is not None:
        value = difficulty(parse(request.dive_number), request.height_m).value
    if value is not None:
        execution_mark(request.panel_points, value)
