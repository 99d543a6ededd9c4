"""A bundle's file with its tensors or its description changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor

from fpcli.weights.card import METADATA_KEY


def description_of(file: Path) -> dict[str, Any]:
    """What a bundle says of itself."""
    with safetensors.safe_open(file, framework="pt") as stored:
        return json.loads(stored.metadata()[METADATA_KEY])


def rewritten(
    file: Path,
    *,
    change: Callable[[dict[str, Tensor]], object] = lambda tensors: None,
    describe: Callable[[dict[str, Any]], object] = lambda description: None,
) -> Path:
    """Write a copy of a bundle, changed, beside it."""
    tensors, description = safetensors.torch.load_file(file), description_of(file)
    change(tensors)
    describe(description)
    path = file.with_name("changed.safetensors")
    safetensors.torch.save_file(tensors, path, {METADATA_KEY: json.dumps(description)})
    return path
