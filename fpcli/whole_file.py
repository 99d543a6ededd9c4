"""Files that appear under their name whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def part_of(target: Path) -> Path:
    """Where this process writes what will be a file: beside it, so that renaming is one step."""
    return target.with_name(f"{target.name}.{os.getpid()}.part")


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield the path to write to; what lies there gets the target's name at the end.

    Whatever ends the writing early leaves nothing behind, and an older target as it was. Raises
    OSError.
    """
    part = part_of(target)
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
