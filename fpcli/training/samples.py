"""Dives to learn from: frames, masks and truth, one file a dive, read when they are needed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from fpcli.data.splits import held_out_events
from fpcli.errors import DataError
from fpcli.weights.part_file import written_whole

SUFFIX = ".dive.safetensors"


@dataclass(frozen=True)
class DiveLabel:
    """What is known of a dive.

    event: dives of one event stay on one side of a split. mark: execution mark, 0 to 10.
    score: points. transitions: first frame of the flight and of the entry among the 96 frames.
    step_deductions: marks lost at take-off, flight and entry where the truth is known, else None.
    simulated: made by the simulator, not filmed. quality: the mark that the faults leave, without
    the judges' taste and rounding; measures: what can be measured of the dive, by name; camera: the
    kind that filmed it; these three only where the truth is known. duration_s: of the dive from the
    first of the 96 frames to the last, slow motion taken out; None where nobody knows.
    """

    key: str
    event: str
    dive_number: str
    height_m: float
    difficulty: float
    mark: float
    score: float
    transitions: tuple[int, int]
    step_deductions: tuple[float, float, float] | None = None
    simulated: bool = False
    quality: float | None = None
    measures: Mapping[str, float] | None = None
    camera: str | None = None
    duration_s: float | None = None


def known_transitions(labels: Sequence[DiveLabel]) -> Tensor:
    """(B, 2) int64 frames."""
    return torch.tensor([label.transitions for label in labels])


def known_durations(labels: Sequence[DiveLabel]) -> Tensor:
    """(B,) float32 seconds; not a number where nobody knows."""
    found = [torch.nan if label.duration_s is None else label.duration_s for label in labels]
    return torch.tensor(found, dtype=torch.float32)


@dataclass(frozen=True, eq=False)
class DiveSample:
    """A labelled dive. frames: (96, S, S, 3) uint8. masks: (96, S, S) uint8, 255 on the diver."""

    label: DiveLabel
    frames: Tensor
    masks: Tensor


def sample_path(folder: Path, key: str) -> Path:
    """Where the dive of that key lies in a folder."""
    return folder / f"{key}{SUFFIX}"


def save_sample(sample: DiveSample, folder: Path) -> Path:
    """Write one dive under its key; the file appears complete or not at all. Raises OSError."""
    path = sample_path(folder, sample.label.key)
    tensors = {"frames": sample.frames.contiguous(), "masks": sample.masks.contiguous()}
    metadata = {"label": json.dumps(asdict(sample.label))}
    with written_whole(path) as stream:
        stream.write(safetensors.torch.save(tensors, metadata))
    return path


def load_label(path: Path) -> DiveLabel:
    """Read what is known of a dive. Raises DataError when the file is not a complete dive."""
    return _read(path, ())[0]


def load_sample(path: Path) -> DiveSample:
    """Read one dive. Raises DataError when the file is not a complete dive."""
    label, (frames, masks) = _read(path, ("frames", "masks"))
    return DiveSample(label, frames, masks)


def _read(path: Path, names: Sequence[str]) -> tuple[DiveLabel, list[Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            label = _label(json.loads(file.metadata()["label"]))
            return label, [file.get_tensor(name) for name in names]
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path.name} is not a complete dive ({error}).", "Delete it and make the dives again."
        ) from error


def _label(fields: dict[str, Any]) -> DiveLabel:
    lists = {key: tuple(value) for key, value in fields.items() if isinstance(value, list)}
    return DiveLabel(**fields | lists)


@dataclass(frozen=True)
class Pool:
    """Dives on disk, by label; a dive's pictures (6 MB) are read when asked for."""

    paths: tuple[Path, ...]
    labels: tuple[DiveLabel, ...]

    def __len__(self) -> int:
        """Return the number of dives."""
        return len(self.paths)

    def sample(self, place: int) -> DiveSample:
        """Read one dive. Raises DataError when its file is damaged."""
        return load_sample(self.paths[place])

    def chosen(self, places: Sequence[int]) -> "Pool":
        """Return some of the dives, in that order."""
        return Pool(
            tuple(self.paths[place] for place in places),
            tuple(self.labels[place] for place in places),
        )

    def split(self, held_out: float) -> tuple["Pool", "Pool"]:
        """Hold out whole events, about that share of the dives: (the rest, the held out).

        The same dives are split in the same way each time. Raises DataError where all are of one
        event.
        """
        chosen = held_out_events([label.event for label in self.labels], held_out)
        inside = [place for place, label in enumerate(self.labels) if label.event in chosen]
        outside = [place for place, label in enumerate(self.labels) if label.event not in chosen]
        return self.chosen(outside), self.chosen(inside)


def load_pool(folder: Path) -> Pool:
    """Know every dive of a folder, in the order of their names.

    Raises DataError where there is none, or where one is damaged.
    """
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if not paths:
        raise DataError(
            f"{str(folder)!r} holds no dives (*{SUFFIX}).",
            "Make some first: fineparser train --data simulated leaves them in its run folder.",
        )
    return Pool(tuple(paths), tuple(load_label(path) for path in paths))


class NumberBatches:
    """Endless batches of places in a pool, several dives of each of a few dive numbers.

    labels: of the pool, which may grow. Numbers are drawn as often as they occur. State is the
    generator's alone.
    """

    def __init__(
        self, labels: Sequence[DiveLabel], *, size: int, per_number: int, rng: np.random.Generator
    ) -> None:
        self._size, self._per_number, self._rng = size, per_number, rng
        self._by_number: dict[str, list[int]] = {}
        self._numbers: list[str] = []
        self.add(labels)

    def add(self, labels: Sequence[DiveLabel]) -> None:
        """Take in the dives that a pool has grown by."""
        for label in labels:
            self._by_number.setdefault(label.dive_number, []).append(len(self._numbers))
            self._numbers.append(label.dive_number)

    def draw(self) -> list[int]:
        """Return the places of one batch; a rare number lends all its dives, none comes twice."""
        batch: list[int] = []
        while len(batch) < min(self._size, len(self._numbers)):
            number = self._numbers[self._rng.integers(len(self._numbers))]
            free = [place for place in self._by_number[number] if place not in batch]
            count = min(self._per_number, self._size - len(batch), len(free))
            batch += self._rng.choice(free, count, replace=False).tolist() if count else []
        return batch
