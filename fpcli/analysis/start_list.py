"""A start list: who dives what from where in which file, read from whatever a meet's office sends.

The separator may be a comma, a semicolon or a tab; headings are told by their meaning. Every row is
checked, and all that is wrong is told at once, by line.
"""

import codecs
import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from fpcli.analysis.listed_height import listed_height_m
from fpcli.analysis.request import AnalysisRequest, require_possible
from fpcli.diving.difficulty import difficulty
from fpcli.diving.marks import execution_mark
from fpcli.diving.numbers import parse
from fpcli.errors import UsageError
from fpcli.text import in_short, printable

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
_Value = TypeVar("_Value")
_NOT_A_LETTER = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:m|metres?|meters?|pts?|points?)?\.?", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))+")
_SEPARATOR_LINE = re.compile(r'sep=([^"])', re.IGNORECASE)  # what spreadsheets may write first


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
    lines = ((line, cells) for line, cells in _lines(path) if any(cells))
    fields, passed_over = _fields(next(lines, (1, []))[1], path)
    for line, cells in lines:
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
    blank = _BLANK_LINES.match(text)
    skipped, text = (len(blank[0].splitlines()), text[blank.end() :]) if blank else (0, text)
    first, _, rest = text.partition("\n")
    separator = None
    if stated := _SEPARATOR_LINE.fullmatch(first.strip("\r")):
        text, separator, skipped = rest, stated[1], skipped + 1
    separator = separator or _separator(text)
    try:
        for number, cells in _rows(text, separator):
            yield number + skipped, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UsageError(
            f"{path} is no table of text ({error}).", "Save it as CSV and try again."
        ) from error


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line's number and the cells of each row.

    Raises csv.Error, also where a quotation mark is left open: all that follows would be one cell.
    """
    for strict in (True, False):
        lines = io.StringIO(text, newline="")
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=strict)
        begins = 1
        try:
            for cells in reader:
                if not strict:
                    yield begins, cells
                begins = reader.line_num + 1
        except csv.Error as error:
            if not strict:
                raise
            if reader.line_num and "end of data" in str(error):
                raise csv.Error(f"the quotation mark on line {begins} is not closed") from error


def _text(path: Path) -> str:
    """Return a file's text in whichever encoding spreadsheets save it."""
    try:
        if not path.is_file():
            raise UsageError(f"There is no start list {str(path)!r}.", "Check the path.")
        if path.stat().st_size > LARGEST_BYTES:
            raise UsageError(f"{path} is too large for a start list.", "Name a CSV file.")
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The start list {in_short(str(path))} cannot be read: {error.strerror}.",
            "Check its path and permissions.",
        ) from error
    for encoding in _encodings(raw):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UsageError(f"{path} is no text.", "Save the list as CSV (UTF-8) and try again.")


def _encodings(raw: bytes) -> tuple[str, ...]:
    """Return the encodings that a text may have, by the bytes that it begins with."""
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return ("utf-32",)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if b"\0" in raw[:2]:  # a plain letter in two bytes
        return ("utf-16-be" if raw[:1] == b"\0" else "utf-16-le",)
    return ("utf-8-sig", "cp1252", "latin1")


def _separator(text: str) -> str:
    """Return the sign that parts the headings; a comma where there is but one."""
    headings = next((line for line in text.splitlines() if line.strip()), "")
    bare = _QUOTED.sub("", headings)
    return max(SEPARATORS, key=bare.count)


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

    def told(read: Callable[[], _Value]) -> _Value | None:
        try:
            return read()
        except UsageError as error:
            problems.append(Problem(line, str(error)))
            return None

    def number(field: str) -> float | None:
        return told(lambda: _number(said, field))

    dive = told(lambda: parse(said["dive"])) if "dive" in said else None
    value = number("difficulty")
    height_m = None
    if "height" in said:
        height_m = told(lambda: listed_height_m(said["height"], dive, value))
    row = Row(
        line=line,
        file=said["file"],
        diver=said.get("diver"),
        dive=None if dive is None else dive.text,
        height_m=height_m,
        difficulty=value,
        score_points=number("score"),
        start_s=number("start"),
        end_s=number("end"),
        key=said.get("key"),
    )
    return row, problems


def _number(said: Mapping[str, str], field: str) -> float | None:
    """Return a cell as a number: 3.1, 3,1 or 65 pts. Raises UsageError for what is none."""
    if field not in said:
        return None
    found = _NUMBER.fullmatch(said[field])
    value = float(found[1].replace(",", ".")) if found else math.nan
    if not math.isfinite(value):
        raise UsageError(f"{in_short(printable(said[field]))} is no {field}.")
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
