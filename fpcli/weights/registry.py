"""The weights that are known by name: where they come from, what they must hash to, their terms."""

import difflib
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from fpcli.errors import WeightsError
from fpcli.weights.hashing import HashKind, PublishedHash

REGISTRY_NAME = "registry.json"
REGISTRY_VERSION = 1


class Kind(StrEnum):
    """What a registered file is good for."""

    BUNDLE = "bundle"  # scores dives
    START = "start weights"  # what a training begins from
    FINDER = "finder"  # finds the diver, whatever scores the dive


@dataclass(frozen=True)
class Entry:
    """One registered file of weights.

    file: its name on disk. url: None for what comes only with the package. size_mb: roughly, in 10⁶
    bytes. terms: what the licence alone does not say.
    """

    name: str
    kind: Kind
    file: str
    url: str | None
    hash: PublishedHash
    size_mb: float
    licence: str
    terms: str
    origin: str
    purpose: str
    trained_on: str


@dataclass(frozen=True)
class Registry:
    """All registered weights, and the name of those used when none is asked for."""

    default: str
    entries: tuple[Entry, ...]

    @property
    def names(self) -> list[str]:
        """Every name, in the order of the file."""
        return [entry.name for entry in self.entries]

    def find(self, name: str) -> Entry | None:
        """Return the entry of exactly that name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def get(self, name: str) -> Entry:
        """Return the entry of that name.

        Raises WeightsError for an unknown one, proposing the nearest and listing all.
        """
        if entry := self.find(name):
            return entry
        near = difflib.get_close_matches(name.lower(), self.names, n=1)
        proposal = f"Did you mean {near[0]}? " if near else ""
        raise WeightsError(
            f"There are no weights called {name!r}.",
            f"{proposal}Known: {', '.join(self.names)}; or give a .safetensors file.",
        )


def bundled_folder() -> Path:
    """Return the folder of the weights that come with the program.

    Inside the package once installed; beside it in a checkout. Raises WeightsError if neither is
    there.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "bundled", package.parents[1] / "weights"):
        if (folder / REGISTRY_NAME).is_file():
            return folder
    raise WeightsError(
        "This installation lacks its weights folder.",
        "Install fineparser again; the registry of the weights comes with it.",
    )


@cache
def load_registry() -> Registry:
    """Read the registry that comes with the program. Raises WeightsError if it is unusable."""
    return read_registry(bundled_folder() / REGISTRY_NAME)


def read_registry(path: Path) -> Registry:
    """Read a registry file. Raises WeightsError if it is not one."""
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if raw["registry_version"] != REGISTRY_VERSION:
            raise ValueError(f"registry_version {raw['registry_version']} is not known")
        registry = Registry(raw["default"], tuple(_entry(item) for item in raw["weights"]))
        if registry.find(registry.default) is None:
            raise ValueError(f"the default {registry.default!r} is not among the entries")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"The registry of the weights cannot be read: {error}.", "Install fineparser again."
        ) from error
    return registry


def _entry(raw: dict[str, Any]) -> Entry:
    """Build one entry; raises KeyError, TypeError or ValueError where the file is wrong."""
    if Path(raw["file"]).name != raw["file"]:
        raise ValueError(f"{raw['file']!r} is not a plain file name")
    return Entry(
        **{
            **raw,
            "kind": Kind(raw["kind"]),
            "hash": PublishedHash(HashKind(raw["hash"]["kind"]), raw["hash"]["value"]),
        }
    )
