"""Where a training run takes its batches from: dives on disk, in memory, or still being made."""

import math
import os
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from fpcli.training.augment import Augmentation, Batch, prepare_batch
from fpcli.training.samples import (
    SUFFIX,
    DiveLabel,
    Pool,
    known_durations,
    known_transitions,
    load_sample,
)
from fpcli.video.transform import InputGeometry

LOOK_EVERY_S = 2.0
MOST_AT_ONCE = 24  # new dives taken in between two steps, so that learning does not wait for them


class Supply:
    """The dives of a pool, read from disk whenever they are drawn."""

    def __init__(self, pool: Pool, device: torch.device | str = "cpu") -> None:
        self._pool, self._device = pool, torch.device(device)

    @property
    def labels(self) -> Sequence[DiveLabel]:
        """What is known of each dive."""
        return self._pool.labels

    @property
    def identity(self) -> str:
        """What a run that goes on must find again."""
        return "\n".join(label.key for label in self.labels)

    def grow(self, most: int | None = MOST_AT_ONCE) -> Sequence[DiveLabel]:
        """Take in what has come since, all of it or not too much; returns the new dives' labels."""
        return ()

    def prepared(
        self,
        places: Sequence[int],
        geometry: InputGeometry,
        change: Augmentation | None,
        rng: torch.Generator,
    ) -> Batch:
        """Some dives as the network sees them, changed or as they are; see `prepare_batch`.

        Raises DataError when a dive's file is damaged.
        """
        frames, masks = self.batch(places)
        known = [self.labels[place] for place in places]
        return prepare_batch(
            frames,
            masks,
            known_transitions(known).to(self._device),
            known_durations(known).to(self._device),
            geometry,
            change,
            rng,
        )

    def batch(self, places: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Frames (B, 96, S, S, 3) and masks (B, 96, S, S) of some dives, uint8, on the device.

        Raises DataError when a dive's file is damaged.
        """
        samples = [self._pool.sample(place) for place in places]
        frames = torch.stack([sample.frames for sample in samples])
        masks = torch.stack([sample.masks for sample in samples])
        return frames.to(self._device), masks.to(self._device)


class GrowingSupply(Supply):
    """Dives of a folder that is still being filled, each read once and kept on the device.

    Holds 6 MB of the device's memory a dive. folder: where finished dives appear. without: keys of
    dives that are never learned from. The order of arrival differs from run to run, so that a run
    is not repeated bit for bit.
    """

    def __init__(self, folder: Path, without: Sequence[str], device: torch.device | str) -> None:
        self._folder, self._device = folder, torch.device(device)
        self._known = {f"{key}{SUFFIX}" for key in without}
        self._waiting: list[str] = []
        self._looked_s = -math.inf
        self._labels: list[DiveLabel] = []
        self._pictures: list[tuple[Tensor, Tensor]] = []

    @property
    def labels(self) -> Sequence[DiveLabel]:
        """What is known of each dive that has come so far."""
        return self._labels

    @property
    def identity(self) -> str:
        """Nothing: the dives may come in any order."""
        return ""

    def grow(self, most: int | None = MOST_AT_ONCE) -> Sequence[DiveLabel]:
        """Take in dives that have appeared, all or not too many; returns their labels."""
        if not self._waiting and time.monotonic() - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = time.monotonic()
            names = {entry.name for entry in os.scandir(self._folder)}
            new = {name for name in names if name.endswith(SUFFIX)} - self._known
            self._waiting = sorted(new)
            self._known |= new
        taken, self._waiting = self._waiting[:most], self._waiting[len(self._waiting[:most]) :]
        for name in taken:
            sample = load_sample(self._folder / name)
            self._labels.append(sample.label)
            self._pictures.append((sample.frames.to(self._device), sample.masks.to(self._device)))
        return self._labels[len(self._labels) - len(taken) :]

    def batch(self, places: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Frames and masks of some dives, as `Supply.batch` gives them."""
        chosen = [self._pictures[place] for place in places]
        frames, masks = zip(*chosen, strict=True)
        return torch.stack(frames), torch.stack(masks)
