"""Which video each row of a start list means, whatever way the list writes its name."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.start_list import Problem, Row, StartList, read_start_list
from fpcli.errors import UsageError
from fpcli.text import printable, shorten

LONGEST_NAME = 200  # characters of a name that are shown


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
    for row in listed.rows:
        name = _shown(row.file)
        found = _videos_of(row.file, listed.path.parent, videos)
        if len(found) == 1:
            other = rows.setdefault(found[0], row)
            if other is not row:
                problems.append(Problem(row.line, f"{name} is on line {other.line} already."))
        elif found:
            names = " or ".join(printable(path) for path in found)
            problems.append(Problem(row.line, f"{name} could be {names}."))
        elif not any(is_there(place) for place in places_of(row.file, listed.path.parent)):
            problems.append(Problem(row.line, _not_there(row.file, videos)))
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


def _videos_of(name: str, folder: Path, videos: Sequence[Path]) -> list[Path]:
    """Return the videos that a name may mean, from the strictest reading that any fits."""
    for place in places_of(name, folder):
        same = [video for video in videos if is_same(place, video)]
        if same:
            return same
    for reading in (_forward(name), _forward(name).casefold()):
        fitting = [video for video in videos if reading in _written(video, reading)]
        if fitting:
            return fitting
    return []


def _written(video: Path, reading: str) -> Iterator[str]:
    """Yield the ways in which a list may write a video: as many folders as the name has."""
    depth = len(PurePosixPath(reading).parts)
    path = PurePosixPath(*video.parts[-depth:]) if depth else PurePosixPath(video.name)
    for written in (str(path), str(path.with_suffix(""))):
        yield written
        yield written.casefold()


def _forward(name: str) -> str:
    """Return a name with the folders' sign of this system, whichever the list was made on."""
    return name.replace("\\", "/")


def _not_there(name: str, videos: Sequence[Path]) -> str:
    names = [video.name for video in videos]
    near = difflib.get_close_matches(PurePosixPath(_forward(name)).name, names, n=1)
    hint = f" Did you mean {printable(near[0])}?" if near else ""
    return f"there is no video {_shown(name)} among the {len(videos)} given.{hint}"


def _shown(name: str) -> str:
    return shorten(printable(name), LONGEST_NAME)
