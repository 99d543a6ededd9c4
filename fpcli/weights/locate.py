"""From the name that a person types to a file of weights."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fpcli.errors import UsageError, WeightsError
from fpcli.weights.card import unreadable
from fpcli.weights.registry import Entry, bundled_folder, load_registry

CACHE_VARIABLE = "FINEPARSER_CACHE"


def cache_folder() -> Path:
    """Return the folder that downloads go to; it may not exist yet.

    FINEPARSER_CACHE if set, else the platform's cache folder. Raises UsageError where neither is
    known.
    """
    if chosen := os.environ.get(CACHE_VARIABLE):
        return expanded(chosen) / "weights"
    from platformdirs import user_cache_path

    with home_needed():
        return user_cache_path("fineparser", appauthor=False) / "weights"


@contextmanager
def home_needed() -> Iterator[None]:
    """Raise UsageError where the system knows no home folder of whoever runs this."""
    try:
        yield
    except RuntimeError as error:
        raise UsageError(
            "This system knows no home folder of yours, so that nothing can be kept there.",
            f"Set {CACHE_VARIABLE} to a folder, or HOME.",
        ) from error


def expanded(typed: str) -> Path:
    """Return the path that a person types, `~` as the home it stands for; of nobody's as it is."""
    try:
        return Path(typed).expanduser()
    except RuntimeError:  # a user who is not known here
        return Path(typed)


def present_path(entry: Entry) -> Path | None:
    """Return where a registered file lies on this machine: with the program, or in the cache."""
    if (path := bundled_folder() / entry.file).is_file():
        return path
    try:
        path = cache_folder() / entry.file
    except UsageError:  # nothing lies in a folder that is not known
        return None
    return path if path.is_file() else None


def entry_path(entry: Entry) -> Path:
    """Return where a registered file lies. Raises WeightsError if it is not on this machine."""
    if path := present_path(entry):
        return path
    if entry.url is None:
        raise WeightsError(
            f"The weights {entry.name} should come with the program and are not there.",
            "Install fineparser again, or name others with --weights.",
        )
    raise WeightsError(
        f"The weights {entry.name} are not on this machine.",
        f"Fetch them: fineparser weights download {entry.name}",
    )


def find_weights(name_or_path: str | None) -> Path:
    """Return the file of weights for a registered name or a path; None means the default bundle.

    A registered name wins over a file of the same name, which `./name` still reaches.
    Raises WeightsError for an unknown name, proposing the nearest, and for a file that is missing
    or may not be looked at.
    """
    registry = load_registry()
    if name_or_path is None:
        return entry_path(registry.get(registry.default))
    if entry := registry.find(name_or_path):
        return entry_path(entry)
    path = expanded(name_or_path)
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
    except OSError as error:
        raise unreadable(name_or_path, error) from error
    if is_file:
        return path
    if is_folder:
        raise WeightsError(
            f"{name_or_path!r} is a folder, not a file of weights.",
            "Name the .safetensors file in it.",
        )
    if path.suffix or path.name != name_or_path:
        raise WeightsError(
            f"There is no file of weights {name_or_path!r}.",
            f"Check the path, or use a name: {', '.join(registry.names)}.",
        )
    return entry_path(registry.get(name_or_path))
