"""One program at a time: a lock on a file that ends with the program that holds it."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from fpcli.errors import FineParserError

WAIT_S = 10.0
LOOK_EVERY_S = 0.05

if sys.platform == "win32":
    import msvcrt

    def take(descriptor: int) -> None:
        """Lock an open file until it is closed. Raises OSError where another program holds it."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def take(descriptor: int) -> None:
        """Lock an open file until it is closed. Raises OSError where another program holds it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(file: Path, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold a lock while the block runs; the file itself stays, empty.

    Raises FineParserError where another program holds it for longer than `wait_s` seconds.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + wait_s
        while True:
            try:
                take(descriptor)
                break
            except OSError as error:
                if time.monotonic() >= until:
                    raise FineParserError(
                        f"Another program has held {file} for {wait_s:g} s.",
                        "Wait until the other fineparser is done, and try again.",
                    ) from error
            time.sleep(LOOK_EVERY_S)
        yield
    finally:
        os.close(descriptor)


def is_claimed(path: Path, stream: IO[Any]) -> bool:
    """Lock an open file for this program alone; say whether it is and still has its name.

    Whoever held it before may have renamed it when done.
    """
    try:
        take(stream.fileno())
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks: nobody can be kept out
        pass
    return is_at(path, stream)


def is_at(path: Path, stream: IO[Any]) -> bool:
    """Say whether an open file is still the one of that name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False
