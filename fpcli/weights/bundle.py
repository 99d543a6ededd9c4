"""A bundle: one .safetensors file from which everything that scores a dive is rebuilt.

The metadata holds a JSON description (card, model configuration, input geometry, exemplars' names);
the tensors are the network's, the exemplar bank's and the calibration's, told apart by a prefix.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from fpcli.diving.numbers import Group
from fpcli.errors import WeightsError
from fpcli.model.build import outline
from fpcli.model.config import FRAMES, SNIPPETS, ModelConfig
from fpcli.model.features import STEPS, DiveFeatures
from fpcli.video.transform import InputGeometry
from fpcli.weights.card import (
    FORMAT_VERSION,
    METADATA_KEY,
    Card,
    damaged,
    parse_description,
    require_readable,
)
from fpcli.weights.hashing import sha256_of
from fpcli.weights.part_file import written_whole
from fpcli.weights.storage import Storage, restored, stored
from fpcli.weights.undisturbed import undisturbed

__all__ = [
    "Bundle",
    "Calibration",
    "Card",
    "ExemplarBank",
    "load_bundle",
    "save_bundle",
    "sha256_of",
]

NETWORK = "network."
BANK_FEATURES = ("dynamic", "static", "transitions")
BANK_FACTS = ("heights_m", "difficulties", "marks")
STATIC_TOKENS = 4  # of the static encoder, a step
TRANSITIONS = len(STEPS) - 1
RESIDUALS = "calibration.residual_marks"


@dataclass(frozen=True, eq=False)
class ExemplarBank:
    """N dives with known marks, encoded once, that vote on a new dive's score.

    keys: unique names. dive_numbers: "107B" and the like. heights_m, difficulties, marks: (N,)
    float32; marks are execution marks, 0 to 10. features: of N dives, float32.
    """

    keys: tuple[str, ...]
    dive_numbers: tuple[str, ...]
    heights_m: np.ndarray
    difficulties: np.ndarray
    marks: np.ndarray
    features: DiveFeatures

    def __post_init__(self) -> None:
        """Check that all parts speak of the same dives."""
        count = len(self.keys)
        if len(set(self.keys)) != count:
            raise ValueError("two exemplars have the same key")
        if len(self.dive_numbers) != count:
            raise ValueError("an exemplar lacks its dive number")
        if any(len(getattr(self.features, name)) != count for name in BANK_FEATURES):
            raise ValueError("an exemplar lacks its features")
        for name in BANK_FACTS:
            values = getattr(self, name)
            if values.shape != (count,) or values.dtype != np.float32:
                raise ValueError(f"{name} must be ({count},) float32")
        if ((self.marks < 0) | (self.marks > 10)).any():
            raise ValueError("an exemplar's mark is outside 0 to 10")

    def __len__(self) -> int:
        """Return the number of dives, N."""
        return len(self.keys)


@dataclass(frozen=True, eq=False)
class Calibration:
    """What validation dives say of the model's errors.

    residual_marks: (n,) float32, ascending: absolute residuals in execution marks.
    plausibility_threshold: below it a clip is unlike the dives the model knows; None if unmeasured.
    groups: of the n dives, in the residuals' order, None for a number that the rules do not know;
    None where the groups were not kept.
    """

    residual_marks: np.ndarray
    plausibility_threshold: float | None = None
    groups: tuple[Group | None, ...] | None = None

    def __post_init__(self) -> None:
        """Check shape, type, order and sign, and that each residual has its group."""
        residuals = self.residual_marks
        if residuals.ndim != 1 or residuals.dtype != np.float32:
            raise ValueError("residual_marks must be (n,) float32")
        if (residuals < 0).any() or (np.diff(residuals) < 0).any():
            raise ValueError("residual_marks must be absolute values in ascending order")
        if self.groups is not None and len(self.groups) != len(residuals):
            raise ValueError("the calibration's groups must be one a residual")

    def residuals_of(self, group: Group) -> np.ndarray:
        """Return the residuals of the dives of one group, ascending; of none without groups."""
        places = [place for place, own in enumerate(self.groups or ()) if own == group]
        return self.residual_marks[places]


@dataclass(frozen=True, eq=False)
class Bundle:
    """All that scoring needs. bank and calibration are None in an imported checkpoint."""

    card: Card
    config: ModelConfig
    geometry: InputGeometry
    state: Mapping[str, Tensor]
    bank: ExemplarBank | None = None
    calibration: Calibration | None = None


def save_bundle(bundle: Bundle, path: Path, storage: Storage = Storage.FLOAT32) -> None:
    """Write a bundle; it appears under its name only when complete.

    storage: of the network's matrices and kernels; exemplars' features take float16 where it is not
    FLOAT32, and transition probabilities and facts stay exact. Raises WeightsError if the state
    does not fit the configuration, and OSError.
    """
    path = Path(path)
    state = {name: tensor.detach().cpu() for name, tensor in bundle.state.items()}
    check_state(state, bundle.config, path)
    tensors: dict[str, Tensor] = {}
    for name, tensor in state.items():
        tensors |= stored(NETWORK + name, tensor, storage)
    description: dict[str, Any] = {
        "format": FORMAT_VERSION,
        "card": dataclasses.asdict(bundle.card),
        "config": bundle.config.to_dict(),
        "geometry": bundle.geometry.to_dict(),
        "bank": None,
        "calibration": None,
    }
    if bank := bundle.bank:
        description["bank"] = {"keys": bank.keys, "dive_numbers": bank.dive_numbers}
        for name in BANK_FEATURES:
            short = storage != Storage.FLOAT32 and name != "transitions"
            kept = Storage.FLOAT16 if short else Storage.FLOAT32
            tensors |= stored(f"bank.{name}", getattr(bank.features, name), kept)
        for name in BANK_FACTS:
            tensors[f"bank.{name}"] = torch.tensor(getattr(bank, name))
    if calibration := bundle.calibration:
        facts: dict[str, Any] = {"plausibility_threshold": calibration.plausibility_threshold}
        if calibration.groups is not None:
            facts["groups"] = calibration.groups
        description["calibration"] = facts
        tensors[RESIDUALS] = torch.tensor(calibration.residual_marks)
    text = json.dumps(description, allow_nan=False, sort_keys=True)
    with written_whole(path) as stream:
        stream.write(safetensors.torch.save(tensors, {METADATA_KEY: text}))


def load_bundle(path: Path) -> Bundle:
    """Read a bundle; all its numbers come back as float32, on the CPU.

    Raises WeightsError for a file that is missing, unreadable, cut or no bundle, for an unknown
    format, and for a missing, extra, misshapen or non-finite tensor, which it names.
    """
    path = Path(path)
    description, tensors = _read(path)
    state = {
        name.removeprefix(NETWORK): tensors.pop(name)
        for name in sorted(tensors)
        if name.startswith(NETWORK)
    }
    try:
        config = ModelConfig.from_dict(description["config"])
        bundle = Bundle(
            Card.from_dict(description["card"]),
            config,
            InputGeometry.from_dict(description["geometry"]),
            state,
            _bank(description["bank"], tensors, config),
            _calibration(description["calibration"], tensors),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(path, f"its description is wrong ({error})") from error
    if tensors:
        raise damaged(path, f"it holds a tensor that nothing needs, {sorted(tensors)[0]!r}")
    check_state(state, config, path)
    return bundle


def check_state(state: Mapping[str, Tensor], config: ModelConfig, path: Path) -> None:
    """Check names, shapes, kinds and finiteness of a network's tensors.

    Raises WeightsError naming the first tensor that is missing, extra, misshapen or not finite.
    """
    try:
        expected = outline(config).state_dict()
    except (TypeError, ValueError, RuntimeError, IndexError) as error:
        raise damaged(path, f"no network can be built from its configuration ({error})") from error
    if missing := sorted(expected.keys() - state.keys()):
        raise damaged(path, f"it lacks {len(missing)} tensors of the network, first {missing[0]!r}")
    if extra := sorted(state.keys() - expected.keys()):
        raise damaged(path, f"the network has no place for its tensor {extra[0]!r}")
    for name, tensor in state.items():
        wanted = expected[name]
        if tensor.shape != wanted.shape:
            raise damaged(
                path, f"tensor {name!r} is {tuple(tensor.shape)} and not {tuple(wanted.shape)}"
            )
        if tensor.is_floating_point() != wanted.is_floating_point():
            raise damaged(path, f"tensor {name!r} is {tensor.dtype} and not {wanted.dtype}")
        _check_finite(name, tensor, path)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return a bundle's description and its tensors, copied into memory."""
    if not path.is_file():
        raise WeightsError(f"There is no file of weights {str(path)!r}.", "Check the path.")
    require_readable(path)
    try:
        with undisturbed(), safe_open(path, framework="pt") as file:
            description = parse_description((file.metadata() or {}).get(METADATA_KEY), path)
            tensors = restored({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise damaged(path, f"it is no safetensors file, or is cut ({error})") from error
    for name in sorted(tensors):
        if not name.startswith(NETWORK):
            _check_finite(name, tensors[name], path)
    return description, tensors


def _check_finite(name: str, tensor: Tensor, path: Path) -> None:
    """Raise WeightsError if a tensor holds infinities or NaN."""
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        raise damaged(path, f"tensor {name!r} holds values that are not numbers")


def _bank(
    described: Mapping[str, Any] | None, tensors: dict[str, Tensor], config: ModelConfig
) -> ExemplarBank | None:
    """Take the exemplar bank's tensors out of those read; KeyError or ValueError if it is wrong."""
    if described is None:
        return None
    features = DiveFeatures(*(tensors.pop(f"bank.{name}") for name in BANK_FEATURES))
    shapes = {
        "dynamic": (SNIPPETS, config.dynamic_width),
        "static": (len(STEPS), STATIC_TOKENS, config.token_width),
        "transitions": (FRAMES, TRANSITIONS),
    }
    for name, shape in shapes.items():
        found = tuple(getattr(features, name).shape[1:])
        if found != shape:
            raise ValueError(f"tensor 'bank.{name}' holds {found} a dive and not {shape}")
    facts = {name: tensors.pop(f"bank.{name}").numpy() for name in BANK_FACTS}
    return ExemplarBank(
        tuple(described["keys"]), tuple(described["dive_numbers"]), **facts, features=features
    )


def _calibration(
    described: Mapping[str, Any] | None, tensors: dict[str, Tensor]
) -> Calibration | None:
    """Take the calibration's tensor out of those read; KeyError or ValueError if it is wrong."""
    if described is None:
        return None
    groups = described.get("groups")
    return Calibration(
        tensors.pop(RESIDUALS).numpy(),
        described["plausibility_threshold"],
        None if groups is None else _groups(groups),
    )


def _groups(described: Any) -> tuple[Group | None, ...]:
    """Return the groups of dives from their digits; ValueError if one is no group."""
    if not isinstance(described, list) or not all(
        digit is None or (type(digit) is int and digit in tuple(Group)) for digit in described
    ):
        raise ValueError("the calibration's groups must be a list of 1 to 6, or null where unknown")
    return tuple(None if digit is None else Group(digit) for digit in described)
