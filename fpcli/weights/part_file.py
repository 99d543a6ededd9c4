"""Files that appear under their name complete, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def written_whole(target: Path) -> Iterator[IO[bytes]]:
    """Open a .part file beside the target, which takes its name when the block ends without error.

    The block may read what it has written under the stream's `name`, after a flush. An error or an
    interruption leaves nothing behind. Raises OSError.
    """
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
