"""A download that was begun: its bytes so far, and what tells whether they can be continued."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from fpcli.errors import WeightsError
from fpcli.lock import is_claimed


def begun_files(target: Path) -> tuple[Path, Path]:
    """Return where a download's bytes so far lie, and the notes about them."""
    part = target.with_name(target.name + ".part")
    return part, part.with_name(part.name + ".json")


@dataclass(frozen=True)
class Notes:
    """What is known of a file that is being fetched, and must still hold when it is continued.

    etag, modified: how the server names this state of the file, where it does. total: bytes.
    """

    url: str
    etag: str | None
    modified: str | None
    total: int | None


class BegunFile:
    """The bytes so far of one download, held by this program alone.

    size: how many they are. notes: None where they cannot be continued.
    """

    def __init__(self, target: Path, url: str, stream: IO[bytes]) -> None:
        self.target, self.url = target, url
        self.path, self._notes_file = begun_files(target)
        self._stream = stream
        self.size = os.fstat(stream.fileno()).st_size
        self.notes = self._recalled()
        if self.notes is None:
            self.begin(None)

    @property
    def can_go_on(self) -> bool:
        """Whether a later fetch may add what is missing."""
        return self.notes is not None and self.size > 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing, as far as is known."""
        return self.can_go_on and self.notes is not None and self.size == self.notes.total

    def begin(self, notes: Notes | None) -> None:
        """Drop the bytes so far; the notes are about those that follow. Raises OSError."""
        self._stream.truncate(0)
        self.size, self.notes = 0, notes
        if notes is None:
            self._notes_file.unlink(missing_ok=True)
        else:
            self._notes_file.write_text(json.dumps(asdict(notes)), encoding="utf-8")

    def add(self, block: bytes) -> None:
        """Append bytes. Raises OSError, after dropping them all: a full disk is to be freed."""
        rest = memoryview(block)
        try:
            while rest:
                rest = rest[self._stream.write(rest) :]
        except OSError:
            self.begin(None)
            raise
        self.size += len(block)

    def finish(self) -> None:
        """Give the bytes the target's name, on the disk. Raises OSError."""
        os.fsync(self._stream.fileno())
        self.path.replace(self.target)
        self._notes_file.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what cannot be continued."""
        if not self.can_go_on:
            for file in begun_files(self.target):
                file.unlink(missing_ok=True)

    def _recalled(self) -> Notes | None:
        """Return the notes of an earlier fetch from the same URL, if there are any."""
        try:
            notes = Notes(**json.loads(self._notes_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return notes if notes.url == self.url else None


@contextmanager
def begun_file(target: Path, url: str) -> Iterator[BegunFile]:
    """Hold the `.part` file beside a target while the block runs.

    What an earlier program left there is taken over if it came from the same URL and can be
    continued. At the end it has the target's name, or stays for the next time, or is gone. Raises
    WeightsError where another program is fetching it, OSError.
    """
    part, _ = begun_files(target)
    with part.open("ab", buffering=0) as stream:
        if not is_claimed(part, stream):
            raise WeightsError(
                f"Another program is fetching {target.name}.", "Wait until it is done."
            )
        begun = BegunFile(target, url, stream)
        try:
            yield begun
        finally:
            begun.tidy()
