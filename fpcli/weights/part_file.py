"""Streams of bytes that become a file when they are complete, and are then on the disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fpcli.whole_file import whole_file


@contextmanager
def written_whole(target: Path) -> Iterator[IO[bytes]]:
    """Open a .part file beside the target, which takes its name when the block ends without error.

    The block may read what it has written under the stream's `name`, after a flush. An error or an
    interruption leaves nothing behind. Raises OSError.
    """
    with whole_file(target) as part, part.open("wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
