"""What a bundle says of itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from fpcli.errors import WeightsError
from fpcli.text import shorten

FORMAT_VERSION = 1
METADATA_KEY = "fineparser"  # under which a safetensors file carries our description
LONGEST_PATH = 200  # characters of a path that are shown
STEPS = ("takeoff", "flight", "entry")  # as the names of measures end


@dataclass(frozen=True)
class Card:
    """Where weights come from and what they are good for.

    training_data: in words a reader of a score can judge. simulated: whether all of it was
    simulated. recipe: how they were trained. metrics: measured numbers by name, each with its data
    in the name. created: ISO date. version: of the program that wrote them.
    """

    name: str
    training_data: str
    simulated: bool
    licence: str
    origin: str
    recipe: str
    metrics: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    version: str = ""

    @property
    def step_fidelity(self) -> tuple[float, float, float] | None:
        """How far each step's points rank dives as their true deductions do; None if not measured.

        Spearman's ρ on dives held back from the training: of take-off, flight and entry.
        """
        measured = self.metrics.get("validation")
        if not isinstance(measured, Mapping):
            return None
        values = [measured.get(f"fidelity_{step}") for step in STEPS]
        numbers = [one for one in values if isinstance(one, float) and isfinite(one)]
        if len(numbers) < len(STEPS):
            return None
        takeoff, flight, entry = numbers
        return takeoff, flight, entry

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Card":
        """Rebuild from plain containers. Raises TypeError for missing or unknown entries."""
        card = cls(**values)
        texts = (card.name, card.training_data, card.licence, card.origin, card.recipe)
        if not all(isinstance(text, str) for text in texts) or not isinstance(card.simulated, bool):
            raise TypeError("an entry of the card has the wrong type")
        return card


def parse_description(text: str | None, path: Path) -> dict[str, Any]:
    """Return the description that a bundle carries in its metadata.

    Raises WeightsError if it is no bundle of ours, or one of a format that is not known.
    """
    if text is None:
        raise WeightsError(
            f"{str(path)!r} is a safetensors file but not a fineparser bundle.",
            "A published checkpoint becomes one with: fineparser weights import best.pth -o FILE",
        )
    try:
        description = json.loads(text)
        version = description["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged(path, f"its description cannot be read ({error})") from error
    if version != FORMAT_VERSION:
        raise WeightsError(
            f"{str(path)!r} is a bundle of format {version!r}; this program reads format "
            f"{FORMAT_VERSION}.",
            "Install a newer fineparser, or fetch weights made for this one.",
        )
    return description


def damaged(path: Path, reason: str) -> WeightsError:
    """Build the error for a file that is cut, changed or not what it should be."""
    return WeightsError(
        f"The weights file {str(path)!r} cannot be used: {reason}.",
        "Fetch or make it again; fineparser weights verify tells a good file from a bad one.",
    )


def require_readable(path: Path) -> None:
    """Refuse a file that the system does not let us read. Raises WeightsError.

    safetensors calls whatever it cannot open absent.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: str | Path, error: OSError) -> WeightsError:
    """Build the error for a file that is there and that the system refuses to read."""
    reason = (error.strerror or "the disk failed").lower()
    return WeightsError(
        f"The weights file {shorten(str(path), LONGEST_PATH)!r} cannot be read: {reason}.",
        "Check its name, permissions and disk.",
    )
