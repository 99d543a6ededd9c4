"""Which video each row of a start list means, whatever way the list writes its name."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.start_list import Problem, Row, StartList, read_start_list
from fpcli.errors import UsageError
from fpcli.text import printable, shorten

LONGEST_NAME = 200  # characters of a name that are shown
MOST_COMPARED = 20_000  # pairs of names, some seconds


class StartListError(UsageError):
    """A start list that cannot be followed. problems: all of them, by line."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        lines = len({problem.line for problem in problems})
        count = f"{lines} lines" if lines > 1 else "A line"
        super().__init__(
            f"{count} of {path} cannot be followed.", "Nothing was scored. Mend the list first."
        )


@dataclass(frozen=True)
class Listed:
    """What is asked of each video that a start list names.

    passed_over: the list's headings that mean nothing here. elsewhere: rows whose video exists but
    is not among those given.
    """

    requests: dict[Path, AnalysisRequest]
    passed_over: tuple[str, ...]
    elsewhere: tuple[Row, ...]


def follow_start_list(path: Path, videos: Sequence[Path], asked: AnalysisRequest) -> Listed:
    """Return what a start list and, where it is silent, the options ask of each video.

    A row may name its video by a path, from the list's folder or from here, by a name, or by a name
    without suffix; case does not matter where it leaves no doubt. Raises UsageError for a file that
    is no start list, StartListError with every row whose dive is none, or whose video is not there,
    could be several, or is another row's.
    """
    read = read_start_list(path)
    matched, problems = _match(read, videos)
    problems += read.problems
    unreadable = {problem.line for problem in read.problems}
    requests = {}
    for video, row in matched.items():
        if row.line in unreadable:
            continue
        try:
            requests[video] = row.request(asked)
        except UsageError as error:
            problems.append(Problem(row.line, str(error)))
    if problems:
        raise StartListError(path, problems)
    here = {row.line for row in matched.values()}
    elsewhere = tuple(row for row in read.rows if row.line not in here)
    return Listed(requests, read.passed_over, elsewhere)


def _match(listed: StartList, videos: Sequence[Path]) -> tuple[dict[Path, Row], list[Problem]]:
    """Find the video of each row; one that exists but was not given is no problem."""
    rows: dict[Path, Row] = {}
    problems = []
    given = _Given(videos)
    for row in listed.rows:
        name = _shown(row.file)
        places = places_of(row.file, listed.path.parent)
        found = given.meant_by(row.file, places)
        if len(found) == 1:
            other = rows.setdefault(found[0], row)
            if other is not row:
                problems.append(Problem(row.line, f"{name} is on line {other.line} already."))
        elif found:
            names = " or ".join(printable(path) for path in found)
            problems.append(Problem(row.line, f"{name} could be {names}."))
        elif not any(is_there(place) for place in places):
            hint = given.nearest(row.file)
            problems.append(
                Problem(row.line, f"there is no video {name} among the {len(videos)} given.{hint}")
            )
    return rows, problems


def places_of(name: str, folder: Path) -> tuple[Path, ...]:
    """Return where a name of a list may lie: from the list's folder, or from here."""
    path = Path(_forward(name))
    return (folder / path, path)


def is_there(place: Path) -> bool:
    """Whether a path leads to something; one that no file can have does not."""
    try:
        return place.exists()
    except OSError:
        return False


def is_same(place: Path, other: Path) -> bool:
    """Whether two paths lead to the same thing; one that leads nowhere is like no other."""
    try:
        return place.samefile(other)
    except OSError:
        return False


class _Given:
    """The videos that were given, found by whatever a list may call them.

    Each way of finding them is prepared once: lists and folders may hold thousands.
    """

    def __init__(self, videos: Sequence[Path]) -> None:
        self._videos = videos
        self._deepest = max((len(video.parts) for video in videos), default=0)
        self._written: dict[int, dict[str, list[Path]]] = {}
        self._left_to_compare = MOST_COMPARED
        self._at: dict[tuple[int, int], list[Path]] = {}
        for video in videos:
            if identity := _identity(video):
                self._at.setdefault(identity, []).append(video)

    def meant_by(self, name: str, places: Sequence[Path]) -> list[Path]:
        """Return the videos that a name may mean, from the strictest reading that any fits."""
        for place in places:
            identity = _identity(place)
            if identity is not None and identity in self._at:
                return self._at[identity]
        reading = _forward(name)
        written = self._by_writing(min(len(PurePosixPath(reading).parts), self._deepest))
        return written.get(reading) or written.get(reading.casefold()) or []

    def nearest(self, name: str) -> str:
        """Return a hint that names the video whose name is nearest, if one is near.

        Comparing takes long, so of a long list of wrong names the first ones get a hint.
        """
        if self._left_to_compare < len(self._videos):
            return ""
        self._left_to_compare -= len(self._videos)
        names = [video.name for video in self._videos]
        near = difflib.get_close_matches(PurePosixPath(_forward(name)).name, names, n=1)
        return f" Did you mean {printable(near[0])}?" if near else ""

    def _by_writing(self, depth: int) -> dict[str, list[Path]]:
        """Return the videos by all that a list of names with so many parts may call them."""
        if depth not in self._written:
            by_writing = self._written[depth] = {}
            for video in self._videos:
                for written in _writings(video, depth):
                    by_writing.setdefault(written, []).append(video)
        return self._written[depth]


def _identity(place: Path) -> tuple[int, int] | None:
    """Return what two paths to the same thing have in common; None where a path leads nowhere."""
    try:
        facts = place.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _writings(video: Path, depth: int) -> set[str]:
    """Return the ways in which a list may write a video, with its last `depth` parts."""
    path = PurePosixPath(*video.parts[-depth:]) if depth else PurePosixPath(video.name)
    if not path.name:
        return set()  # the folder that one is in, a clip of pictures, has no name here
    exact = (str(path), str(path.with_suffix("")))
    return {*exact, *(written.casefold() for written in exact)}


def _forward(name: str) -> str:
    """Return a name with the folders' sign of this system, whichever the list was made on."""
    return name.replace("\\", "/")


def _shown(name: str) -> str:
    return shorten(printable(name), LONGEST_NAME)
