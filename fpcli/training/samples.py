"""Dives to learn from: frames, masks and truth, one file a dive, kept in memory while training."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from fpcli.errors import DataError

SUFFIX = ".dive.safetensors"


@dataclass(frozen=True)
class DiveLabel:
    """What is known of a dive.

    event: dives of one event stay on one side of a split. mark: execution mark, 0 to 10.
    score: points. transitions: first frame of the flight and of the entry among the 96 frames.
    step_deductions: marks lost at take-off, flight and entry where the truth is known, else None.
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


@dataclass(frozen=True, eq=False)
class DiveSample:
    """A labelled dive. frames: (96, S, S, 3) uint8. masks: (96, S, S) uint8, 255 on the diver."""

    label: DiveLabel
    frames: Tensor
    masks: Tensor


def save_sample(sample: DiveSample, folder: Path) -> Path:
    """Write one dive under its key; the file appears complete or not at all."""
    path = folder / f"{sample.label.key}{SUFFIX}"
    part = path.with_name(f"{path.name}.part")
    metadata = {"label": json.dumps(asdict(sample.label))}
    save_file({"frames": sample.frames, "masks": sample.masks}, part, metadata=metadata)
    part.replace(path)
    return path


def load_sample(path: Path) -> DiveSample:
    """Read one dive. Raises DataError when the file is not a complete dive."""
    try:
        with safe_open(path, framework="pt") as file:
            fields = json.loads(file.metadata()["label"])
            frames, masks = file.get_tensor("frames"), file.get_tensor("masks")
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path.name} is not a complete dive ({error}).", "Delete it and make the pool again."
        ) from error
    fields["transitions"] = tuple(fields["transitions"])
    if fields["step_deductions"] is not None:
        fields["step_deductions"] = tuple(fields["step_deductions"])
    return DiveSample(DiveLabel(**fields), frames, masks)


@dataclass(frozen=True, eq=False)
class Pool:
    """Dives held in memory."""

    samples: tuple[DiveSample, ...]

    def __len__(self) -> int:
        """Return the number of dives."""
        return len(self.samples)

    @property
    def labels(self) -> list[DiveLabel]:
        """Every dive's label."""
        return [sample.label for sample in self.samples]

    def split(self, held_out: float) -> tuple["Pool", "Pool"]:
        """Hold out whole events, about that share of the dives: (the rest, the held out).

        The events are taken from the end of their sorted names, so the split is the same each time.
        """
        events = sorted({label.event for label in self.labels})
        wanted, chosen = held_out * len(self), set[str]()
        for event in reversed(events):
            if sum(label.event in chosen for label in self.labels) >= wanted:
                break
            chosen.add(event)
        inside = tuple(sample for sample in self.samples if sample.label.event in chosen)
        outside = tuple(sample for sample in self.samples if sample.label.event not in chosen)
        return Pool(outside), Pool(inside)


def load_pool(folder: Path) -> Pool:
    """Read every dive of a folder, in the order of their names."""
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if not paths:
        raise DataError(
            f"{folder} holds no dives.", "Make some first: fineparser train makes them."
        )
    return Pool(tuple(load_sample(path) for path in paths))


class NumberBatches:
    """Endless batches of places in a pool, several dives of each of a few dive numbers.

    labels: of the pool. Numbers are drawn as often as they occur. State is the generator's alone.
    """

    def __init__(
        self, labels: list[DiveLabel], *, size: int, per_number: int, rng: np.random.Generator
    ) -> None:
        self._size, self._per_number, self._rng = size, per_number, rng
        self._by_number: dict[str, list[int]] = {}
        for place, label in enumerate(labels):
            self._by_number.setdefault(label.dive_number, []).append(place)
        self._numbers = [label.dive_number for label in labels]

    def draw(self) -> list[int]:
        """Return the places of one batch; a rare number lends all its dives, none comes twice."""
        batch: list[int] = []
        while len(batch) < min(self._size, len(self._numbers)):
            number = self._numbers[self._rng.integers(len(self._numbers))]
            free = [place for place in self._by_number[number] if place not in batch]
            count = min(self._per_number, self._size - len(batch), len(free))
            batch += self._rng.choice(free, count, replace=False).tolist() if count else []
        return batch


def stack(pool: Pool, places: list[int]) -> tuple[Tensor, Tensor]:
    """Frames (B, 96, S, S, 3) and masks (B, 96, S, S) of some dives, uint8."""
    chosen = [pool.samples[place] for place in places]
    return torch.stack([s.frames for s in chosen]), torch.stack([s.masks for s in chosen])
