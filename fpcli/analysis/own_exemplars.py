"""A coach's own scored dives, kept on this machine so that they can vote.

One .safetensors file holds them all: facts in its metadata, features as tensors. Features are of
the weights that made them and of no others; the video's path is kept, to encode it again.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open

from fpcli.analysis.exemplar_file import FILE_NAME, METADATA_KEY
from fpcli.diving.marks import HIGHEST_MARK, LOWEST_MARK
from fpcli.errors import DataError, UsageError
from fpcli.lock import locked
from fpcli.model.features import DiveFeatures
from fpcli.weights.hashing import sha256_of
from fpcli.weights.part_file import written_whole
from fpcli.weights.undisturbed import undisturbed

FORMAT = 1
FEATURES = ("dynamic", "static", "transitions")


@dataclass(frozen=True, eq=False)
class OwnExemplar:
    """A scored dive of a coach's own.

    path: of the video, absolute. video_sha256, size_bytes: to know it again. height_m: of the board
    or platform. mark: execution mark, score / (3 x difficulty). start_s, end_s: the part of the
    video that was asked for, None where it was found. features: of one dive, float32, on the CPU.
    """

    key: str
    path: str
    video_sha256: str
    size_bytes: int
    dive_number: str
    height_m: float
    difficulty: float
    score_points: float
    mark: float
    start_s: float | None
    end_s: float | None
    weights_name: str
    weights_sha256: str
    added: str
    features: DiveFeatures = field(repr=False)

    def facts(self) -> dict[str, Any]:
        """Return all but the features, as plain containers for JSON."""
        named = (known.name for known in fields(self))
        return {name: getattr(self, name) for name in named if name != "features"}


class OwnExemplarStore:
    """The own exemplars in a folder; safe against two programs that change it at once."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE_NAME

    def read(self) -> tuple[OwnExemplar, ...]:
        """Return all exemplars in the order of their keys. Raises DataError for a damaged file."""
        if not self.file.is_file():
            return ()
        try:
            with undisturbed():
                return tuple(_read(self.file))
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"Your exemplars in {self.file} cannot be read ({error}).",
                "Put back a copy of the file, or move it away and add the videos again.",
            ) from error

    def add(self, exemplar: OwnExemplar, *, overwrite: bool = False) -> None:
        """Keep an exemplar. Raises UsageError for a key that is taken, unless it may be replaced.

        Raises DataError for a damaged file, OSError where it cannot be written.
        """

        def with_it(known: dict[str, OwnExemplar]) -> None:
            if exemplar.key in known and not overwrite:
                raise key_taken(exemplar.key)
            known[exemplar.key] = exemplar

        self._change(with_it)

    def remove(self, keys: Sequence[str]) -> None:
        """Forget exemplars, all or none. Raises UsageError for a key that is not there."""

        def without_them(known: dict[str, OwnExemplar]) -> None:
            for key in keys:
                if known.pop(key, None) is None:
                    raise UsageError(
                        f"You have no exemplar {key!r}.", "See them: fineparser exemplars list"
                    )

        self._change(without_them)

    def _change(self, change: Callable[[dict[str, OwnExemplar]], None]) -> None:
        """Read, change and write as one deed."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with locked(self.file.with_suffix(".lock")):
            known = {exemplar.key: exemplar for exemplar in self.read()}
            change(known)
            kept = sorted(known.values(), key=lambda exemplar: exemplar.key)
            tensors = {
                f"{place}.{name}": getattr(exemplar.features, name).contiguous()
                for place, exemplar in enumerate(kept)
                for name in FEATURES
            }
            described = {"format": FORMAT, "exemplars": [exemplar.facts() for exemplar in kept]}
            text = json.dumps(described, allow_nan=False, sort_keys=True)
            with written_whole(self.file) as stream:
                stream.write(safetensors.torch.save(tensors, {METADATA_KEY: text}))


def key_taken(key: str) -> UsageError:
    """Say that a name is in use."""
    return UsageError(
        f"You have an exemplar {key!r} already.",
        "Give this one another --key, or replace it with --overwrite.",
    )


def digest(exemplars: Sequence[OwnExemplar]) -> str:
    """Return a hash that changes whenever the exemplars, their marks or features do."""
    told = hashlib.sha256()
    for exemplar in exemplars:
        told.update(json.dumps(exemplar.facts(), sort_keys=True).encode())
    return told.hexdigest()


def video_hash(path: Path) -> str:
    """Return the SHA-256 of a video; of a folder of pictures, of its files' names and hashes."""
    if path.is_file():
        return sha256_of(path)
    told = hashlib.sha256()
    for file in sorted(child for child in path.iterdir() if child.is_file()):
        told.update(f"{file.name}\0{sha256_of(file)}\n".encode("utf-8", "surrogateescape"))
    return told.hexdigest()


def _read(file: Path) -> Iterator[OwnExemplar]:
    with safe_open(file, framework="pt") as stored:
        described = json.loads((stored.metadata() or {})[METADATA_KEY])
        if described["format"] != FORMAT:
            raise ValueError(f"it is of format {described['format']!r}")
        for place, facts in enumerate(described["exemplars"]):
            tensors = [stored.get_tensor(f"{place}.{name}") for name in FEATURES]
            if not all(torch.isfinite(tensor).all() for tensor in tensors):
                raise ValueError(f"features of {facts['key']!r} are not numbers")
            exemplar = OwnExemplar(**facts, features=DiveFeatures(*tensors))
            if not LOWEST_MARK <= exemplar.mark <= HIGHEST_MARK:
                raise ValueError(f"the mark of {exemplar.key!r} is outside 0 to 10")
            if not (math.isfinite(exemplar.height_m) and exemplar.difficulty > 0):
                raise ValueError(f"height or difficulty of {exemplar.key!r} is none")
            yield exemplar
