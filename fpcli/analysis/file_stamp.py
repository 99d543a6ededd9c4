"""What tells whether a video on disk is still the one that was analysed."""

from dataclasses import dataclass
from pathlib import Path

from fpcli.errors import VideoError


@dataclass(frozen=True)
class FileStamp:
    """Size in bytes and time of the last change in seconds since 1970.

    Of a folder of pictures: the sum of its files' sizes, and the latest change.
    """

    size_bytes: int
    modified_unix_s: float


def stamp_of(path: Path) -> FileStamp:
    """Return a file's or a folder's stamp. Raises OSError if it is not there."""
    if not path.is_dir():
        facts = path.stat()
        return FileStamp(facts.st_size, facts.st_mtime)
    files = [entry.stat() for entry in path.iterdir() if entry.is_file()]
    return FileStamp(
        sum(facts.st_size for facts in files),
        max((facts.st_mtime for facts in files), default=path.stat().st_mtime),
    )


def require_unchanged(path: Path, stamp: FileStamp) -> None:
    """Refuse a video that is not the one whose stamp was taken. Raises VideoError."""
    try:
        if stamp_of(path) == stamp:
            return
    except OSError:
        pass  # gone: it has changed as much as a file can
    raise VideoError(
        f"{path.name} was changed or replaced while it was read.",
        "Wait until it is complete, then try again.",
    )
