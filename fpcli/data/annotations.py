"""FineDiving's annotations as records, every entry checked."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fpcli.data.findings import Fault, Noise, Notebook
from fpcli.data.heights import heights_of
from fpcli.data.layout import COARSE, FINE, FINE_AQA, Key, Layout, is_there
from fpcli.data.plain_pickle import MALFORMED, load_plain
from fpcli.data.steps import read_steps
from fpcli.diving.marks import HIGHEST_MARK, points_per_mark
from fpcli.diving.numbers import known_dive
from fpcli.errors import DataError
from fpcli.text import in_short

NO_FOLDER_NAME = frozenset("/\\:")  # would lead elsewhere, here or on another system
LONGEST_EVENT_BYTES = 255  # a folder's name
LARGEST_CLIP = 10**9
MOST_TRUTH_BYTES = 4 * 2**20  # the simulator writes some kilobytes
LONGEST_NUMBER = 40  # characters; a dive number has five or six


@dataclass(frozen=True)
class Annotation:
    """What FineDiving says of a dive, and what follows from it.

    dive_number: in capitals. score: points. mark: score / (3 × difficulty), 0 to 10. judge_marks:
    empty where unknown. transitions: first frame of the flight and of the entry, in frames of the
    clip; None where the labels do not show them. labels: how many frames are labelled.
    step_deductions: marks lost at take-off, flight and entry, known of simulated dives alone.
    """

    key: Key
    dive_number: str
    height_m: float
    difficulty: float
    score: float
    mark: float
    judge_marks: tuple[float, ...]
    transitions: tuple[int, int] | None
    labels: int
    step_deductions: tuple[float, float, float] | None
    simulated: bool


@dataclass(frozen=True)
class _Entry:
    """One clip's annotation as it stands in the file."""

    number: str
    score: float
    difficulty: float
    listed: np.ndarray
    labels: np.ndarray
    named: frozenset[int] | None


def read_annotations(layout: Layout, book: Notebook) -> dict[Key, Annotation]:
    """Read what is annotated; what is wrong with single clips is written into the book.

    The list of five of FINE_AQA and the mapping of FINE say the same: FINE alone names labels, and
    stands in where FINE_AQA is absent. COARSE has the judges' marks. Raises DataError where both
    are absent or empty, or where a file is no annotation at all.
    """
    full = _mapping(layout, FINE) or {}
    short = _mapping(layout, FINE_AQA) or full
    if not short:
        raise DataError(
            f"There is no {FINE_AQA} in {layout.annotations}.", "Copy the annotations there."
        )
    coarse = _mapping(layout, COARSE) or {}
    entries: dict[Key, _Entry] = {}
    for raw_key, content in short.items():
        try:
            entries[clip_key(raw_key)] = _entry(content, full.get(raw_key))
        except MALFORMED:
            book.note(Fault.MALFORMED, in_short(raw_key))
    heights = heights_of(
        [(key[0], entry.number, entry.difficulty) for key, entry in entries.items()]
    )
    return {
        key: _annotation(layout, key, entry, height, coarse.get(key), book)
        for (key, entry), height in zip(entries.items(), heights, strict=True)
    }


def read_split(layout: Layout, name: str, book: Notebook) -> tuple[Key, ...]:
    """The clips of a split in their order, each once. Raises DataError where it is no list."""
    listed = load_plain(layout.annotations / name)
    if not isinstance(listed, list | tuple):
        raise DataError(f"{name} is no list of clips.", "Copy the file again.")
    keys: dict[Key, None] = {}
    for raw_key in listed:
        try:
            key = clip_key(raw_key)
        except MALFORMED:
            book.note(Fault.MALFORMED, in_short(raw_key))
            continue
        if key in keys:
            book.note(Noise.LISTED_TWICE, key)
        keys[key] = None
    return tuple(keys)


def clip_key(raw: Any) -> Key:
    """A clip's key, checked. Raises ValueError, also for an event that is no plain folder name."""
    event, clip = raw
    if not isinstance(event, str) or isinstance(clip, bool) or int(clip) != clip:
        raise ValueError("a key is an event and the number of a clip")
    if not 0 <= clip <= LARGEST_CLIP:
        raise ValueError("a clip's number is a small one")
    if not event.strip(".") or not NO_FOLDER_NAME.isdisjoint(event) or not event.isprintable():
        raise ValueError("an event is the name of a folder")
    if len(event.encode()) > LONGEST_EVENT_BYTES:
        raise ValueError("no folder has so long a name")
    return event, int(clip)


def _mapping(layout: Layout, name: str) -> Mapping[Any, Any] | None:
    path = layout.annotations / name
    if not is_there(path):
        return None
    content = load_plain(path)
    if not isinstance(content, dict):
        raise DataError(f"{name} is no mapping from clips to annotations.", "Copy it again.")
    return content


def _entry(content: Any, full: Any) -> _Entry:
    """Check one clip's annotation. Raises an error of MALFORMED."""
    if isinstance(content, Mapping):
        number, score, difficulty, listed, labels = (
            content[name]
            for name in (
                "action_type",
                "dive_score",
                "difficulty",
                "steps_transit_frames",
                "frames_labels",
            )
        )
    else:
        number, score, difficulty, listed, labels = content
    names = full.get("sub-action_types") if isinstance(full, Mapping) else None
    frames = np.asarray(labels)
    if frames.ndim != 1 or not len(frames) or not np.array_equal(frames, _whole(frames)):
        raise ValueError("labels are whole numbers, one a frame")
    score, difficulty = float(score), float(difficulty)
    if not (math.isfinite(score) and score >= 0 and math.isfinite(difficulty) and difficulty > 0):
        raise ValueError("a score is at least 0 and a difficulty above it")
    if not isinstance(number, str) or len(number) > LONGEST_NUMBER:
        raise TypeError("a dive number is a short text")
    return _Entry(
        number=number.strip().upper(),
        score=score,
        difficulty=difficulty,
        listed=_whole(np.asarray(listed)).ravel(),
        labels=_whole(frames),
        named=None if names is None else frozenset(int(label) for label in names),
    )


def _whole(numbers: np.ndarray) -> np.ndarray:
    """Numbers as whole ones; what has none becomes another, without a word on stderr."""
    with np.errstate(invalid="ignore"):
        return numbers.astype(np.int64)


def _annotation(
    layout: Layout,
    key: Key,
    entry: _Entry,
    height: tuple[float, bool],
    coarse: Any,
    book: Notebook,
) -> Annotation:
    height_m, guessed = height
    mark = entry.score / points_per_mark(entry.difficulty)
    if round(mark, 6) > HIGHEST_MARK:
        book.note(Noise.MARK_BEYOND, key)
    if known_dive(entry.number) is None:
        book.note(Noise.NUMBER_UNKNOWN, key)
    transitions: tuple[int, int] | None = None
    judge_marks: tuple[float, ...] = ()
    truth = _Truth()
    try:
        steps = read_steps(entry.labels, entry.listed, entry.named)
        book.note_all(steps.noise, key)
        transitions = steps.transitions
    except ValueError:
        book.note(Fault.NO_STEPS, key)
    try:
        judge_marks = _judge_marks(coarse)
    except MALFORMED:
        book.note(Noise.JUDGES_UNREADABLE, key)
    try:
        truth = _read_truth(layout, key)
    except (*MALFORMED, OSError):
        book.note(Fault.MALFORMED, key)
    if guessed and truth.height_m is None:
        book.note(Noise.HEIGHT_GUESSED, key)
    return Annotation(
        key=key,
        dive_number=entry.number,
        height_m=height_m if truth.height_m is None else truth.height_m,
        difficulty=entry.difficulty,
        score=entry.score,
        mark=min(mark, HIGHEST_MARK),
        judge_marks=judge_marks,
        transitions=transitions,
        labels=len(entry.labels),
        step_deductions=truth.step_deductions,
        simulated=truth.simulated,
    )


def _judge_marks(coarse: Any) -> tuple[float, ...]:
    """The judges' marks of a clip; empty where none are known. Raises an error of MALFORMED."""
    marks = () if coarse is None else coarse.get("judge_scores", ())
    read = tuple(float(mark) for mark in marks)
    if not all(map(math.isfinite, read)):
        raise ValueError("a judge's mark is a number")
    return read


@dataclass(frozen=True)
class _Truth:
    """What the simulator says of its own dives, and nobody of others."""

    simulated: bool = False
    height_m: float | None = None
    step_deductions: tuple[float, float, float] | None = None


def _read_truth(layout: Layout, key: Key) -> _Truth:
    path = layout.truth_of(key)
    if not path.is_file():
        return _Truth()
    if path.stat().st_size > MOST_TRUTH_BYTES:
        raise ValueError("what is known of a dive is short")
    content = json.loads(path.read_text(encoding="utf-8"))
    takeoff, flight, entry = (float(lost) for lost in content["truth"]["lost_by_step"])
    height_m = float(content["height_m"])
    if not all(map(math.isfinite, (takeoff, flight, entry, height_m))):
        raise ValueError("a truth is made of numbers")
    return _Truth(bool(content["simulated"]), height_m, (takeoff, flight, entry))
