"""Where results may be written: never over an input, and over nothing without --overwrite."""

import os
from collections.abc import Sequence
from pathlib import Path

from fpcli.errors import OutputError

HTML_SUFFIXES = (".html", ".htm")
FIGURE_SUFFIXES = (".png", ".svg", ".pdf")


def require_free(target: Path, inputs: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse a target before any work is done for it.

    inputs: what must never be written to; a folder covers the files of a clip in it.
    Raises OutputError for a target that is an input, exists (without overwrite), is a folder, or
    lies in a folder that does not exist or may not be written to.
    """
    for path in inputs:
        if target.exists() and path.exists() and target.samefile(path):
            raise OutputError(f"{target} is the input.", "Choose another name for the result.")
    if target.is_dir():
        raise OutputError(f"{target} is a folder.", "Name a file to write to.")
    if target.exists() and not overwrite:
        raise OutputError(f"{target} exists.", "Choose another name, or add --overwrite.")
    if not target.parent.is_dir():
        raise OutputError(
            f"The folder {target.parent} does not exist.", "Make it first, or choose another."
        )
    require_writable(target.parent)


def require_folder(target: Path) -> None:
    """Refuse a folder to write into, there or not, before any work is done for it.

    Raises OutputError where something else has its name, or that of a folder above it, and where
    the folder, or the one above it that is there, may not be written to.
    """
    nearest = next(path for path in (target, *target.parents, Path()) if os.path.lexists(path))
    if not nearest.is_dir():
        raise OutputError(f"{nearest} is no folder.", "Name a folder to write into.")
    require_writable(nearest)


def require_writable(folder: Path) -> None:
    """Refuse a folder that nothing may be written into. Raises OutputError."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            f"The folder {folder} may not be written to.",
            "Choose another, or ask for the right to.",
        )


def require_suffix(target: Path, suffixes: Sequence[str]) -> None:
    """Refuse a name that does not end as what is written to it does.

    suffixes: lower case, with their dots. Raises OutputError.
    """
    if target.suffix.lower() not in suffixes:
        raise OutputError(
            f"{target.name} is no name for a file of this kind.",
            f"Choose a name that ends in {' or '.join(suffixes)}.",
        )
