"""Small made-up dives, and a network small enough to train in a test."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from fpcli.training.samples import DiveLabel, DiveSample, Pool, load_pool, save_sample
from fpcli.video.transform import InputGeometry

SIDE = 36  # pixels of a stored picture
SMALL = InputGeometry("small", size=32)
LABEL = DiveLabel(
    key="made-0",
    event="event-0",
    dive_number="107B",
    height_m=10.0,
    difficulty=3.0,
    mark=7.0,
    score=63.0,
    transitions=(30, 60),
    step_deductions=(0.5, 1.5, 1.0),
    simulated=True,
)


def label(place: int, *, event: int = 0, number: str = "107B", mark: float = 7.0) -> DiveLabel:
    """A label whose deductions explain its mark."""
    lost = 10 - mark
    return replace(
        LABEL,
        key=f"made-{place}",
        event=f"event-{event}",
        dive_number=number,
        mark=mark,
        score=9 * mark,
        transitions=(26 + place % 8, 58 + place % 5),
        step_deductions=(0.2 * lost, 0.5 * lost, 0.3 * lost),
    )


def sample(known: DiveLabel, side: int = SIDE) -> DiveSample:
    """A bright square that falls from the first transition on; its tint tells the mark."""
    frames = torch.randint(0, 60, (96, side, side, 3), dtype=torch.uint8,
                           generator=torch.Generator().manual_seed(len(known.key)))  # fmt: skip
    masks = torch.zeros(96, side, side, dtype=torch.uint8)
    size = side // 4
    first, second = known.transitions
    for frame in range(96):
        fallen = min(max(frame - first, 0) / (second - first), 1.0)
        top = round(fallen * (side - size))
        place = (frame, slice(top, top + size), slice(size, 2 * size))
        frames[place] = torch.tensor([255, int(25 * known.mark), 90], dtype=torch.uint8)
        masks[place] = 255
    return DiveSample(known, frames, masks)


def write_pool(folder: Path, labels: Sequence[DiveLabel], side: int = SIDE) -> Pool:
    """Write dives of these labels and know them as a pool."""
    folder.mkdir(parents=True, exist_ok=True)
    for known in labels:
        save_sample(sample(known, side), folder)
    return load_pool(folder)
