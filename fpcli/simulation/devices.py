"""How drawing is spread over a device.

A CPU core is quick to start an operation and has a small cache: it draws frame group by frame group
and cone by cone, only where something is. A graphics processor is slow to start operations and to
answer: it draws everything in few large operations and is never asked in between. So what decides
where something is drawn (views, windows, corners) always stays on the CPU, and only pixels live on
the device.
"""

from dataclasses import fields, replace
from typing import Any, TypeVar, cast

import torch
from torch import Tensor

Moved = TypeVar("Moved")

SMALL_STEPS = frozenset({"cpu"})  # kinds of device that do best with many small operations


def at_once(device: torch.device) -> bool:
    """Whether a device does best with few large operations."""
    return device.type not in SMALL_STEPS


def places_of(mask: Tensor) -> Tensor:
    """Indices of a flat mask where it is true, or all where asking would keep the device waiting.

    What is written there must therefore still be chosen by the mask.
    """
    if at_once(mask.device):
        return torch.arange(len(mask), device=mask.device)
    return mask.nonzero()[:, 0]


def spread(sizes: Tensor, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Every pixel of N windows of sizes (N, 2), across and down, known on the CPU.

    Returns three (M,) tensors on device: the window that a pixel belongs to, and its column and
    row there.
    """
    areas = sizes.prod(-1)
    total, before = int(areas.sum()), areas.cumsum(0) - areas
    owner = torch.arange(len(areas), device=device).repeat_interleave(
        areas.to(device), output_size=total
    )
    first, across = torch.stack((before, sizes[:, 0])).to(device).index_select(1, owner)
    within = torch.arange(total, device=device) - first
    row = within // across
    return owner, within - row * across, row


def on_device(thing: Moved, device: torch.device | str) -> Moved:
    """A dataclass with all its tensors on a device."""
    known = cast(Any, thing)
    values = {field.name: getattr(known, field.name) for field in fields(known)}
    moved = {name: v.to(device) for name, v in values.items() if isinstance(v, Tensor)}
    return cast(Moved, replace(known, **moved))
