"""Find the videos that a person means by files, folders and patterns."""

import glob
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from fpcli.errors import VideoError
from fpcli.video.image_folder import numbered_images
from fpcli.video.sample import MIN_FRAMES
from fpcli.video.source import absent, unreadable

VIDEO_SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4"}
    | {".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv"}
)


def find_videos(
    paths: Iterable[str | Path], recursive: bool = False
) -> tuple[list[Path], list[Path]]:
    """Videos among files, folders and patterns, and what was passed over.

    A folder gives the videos and the picture folders directly in it, and those below it with
    `recursive`; a folder that is itself a clip of numbered pictures is one video. Passed over are
    other files, folders that may not be read and, without `recursive`, folders named as videos.
    Hidden entries are left out without a word. Both lists are sorted and hold nothing twice. Raises
    VideoError for a name or pattern that matches nothing, and where no video is found at all.
    """
    paths = list(paths)
    videos: set[Path] = set()
    skipped: set[Path] = set()
    for path in (match for pattern in paths for match in _matches(str(pattern))):
        try:
            for candidate in _candidates(path, recursive):
                (videos if is_video(candidate) else skipped).add(candidate)
        except OSError as error:
            raise unreadable(Path(error.filename or path), error) from error
    if not videos:
        where = ", ".join(str(path) for path in paths)
        raise VideoError(
            f"There is no video in {where}.",
            "Name a video or its folder."
            if recursive
            else "Name a video or its folder, or add --recursive to look into folders below.",
        )
    return sorted(videos), sorted(skipped)


def is_video(path: Path) -> bool:
    """Whether a file's name is a video's, or a folder is a clip kept as numbered pictures."""
    if path.is_dir():
        return _may_be_read(path) and is_image_folder(path)
    return path.suffix.lower() in VIDEO_SUFFIXES


def is_image_folder(path: Path) -> bool:
    """Whether a folder is a clip: numbered pictures, enough for a dive, and no videos beside."""
    if any(child.suffix.lower() in VIDEO_SUFFIXES for child in path.iterdir()):
        return False
    return len(numbered_images(path)) >= MIN_FRAMES


def _matches(pattern: str) -> list[Path]:
    """Existing paths that a person's word stands for: itself where it exists, else a pattern."""
    path = Path(pattern)
    if path.exists():
        return [path]
    with suppress(RuntimeError):  # `~` of nobody who is known here: a name like any other
        path = path.expanduser()
    if path.exists():
        return [path]
    is_pattern = glob.has_magic(pattern)
    # Path.glob would match hidden names, which no shell does.
    matches = glob.glob(str(path), recursive=True) if is_pattern else []  # noqa: PTH207
    if not matches:
        what = "Nothing matches" if is_pattern else "There is no file or folder"
        raise absent(pattern, what)
    return [Path(match) for match in matches]


def _candidates(path: Path, recursive: bool) -> Iterator[Path]:
    """Files and picture folders that a path stands for; other folders only as far as allowed.

    A folder in which a video may have been meant, and none can be found, comes as it is.
    """
    if not path.is_dir() or is_image_folder(path):
        yield path
        return
    for child in sorted(path.iterdir()):
        if child.name.startswith("."):
            continue
        if not child.is_dir() or not _may_be_read(child) or is_image_folder(child):
            yield child
        elif recursive and not child.is_symlink():
            yield from _candidates(child, recursive)
        elif child.suffix.lower() in VIDEO_SUFFIXES:
            yield child


def _may_be_read(folder: Path) -> bool:
    """Whether the system tells what lies in a folder."""
    try:
        next(folder.iterdir(), None)
    except OSError:
        return False
    return True
