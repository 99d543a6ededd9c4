"""A file that appears when it is whole, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield the path to write to, `<target>.part`; it gets the target's name at the end.

    Whatever ends the writing early leaves nothing behind, and an older target as it was.
    """
    part = target.with_name(target.name + ".part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
