"""A published checkpoint made by rule, and what the eager network computes with it, once."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from fpcli.model.build import build
from fpcli.model.config import CONFIGS
from fpcli.model.features import DiveFeatures, Encoding
from fpcli.model.fineparser import FineParser
from fpcli.model.published import import_published

DATA = Path(__file__).parent / "data"
SEED = 33
AMPLITUDES = {"query": 1.0, "exemplar": 2.0}


def seeded(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{SEED}:{name}".encode()))


def weight_by_rule(name: str, shape: list[int]) -> Tensor:
    """A tensor of a well-conditioned network; the recorded numbers were computed with these."""
    draw = seeded(name)
    if name.endswith("num_batches_tracked"):
        return torch.zeros((), dtype=torch.long)
    if name.endswith("running_var") or (len(shape) == 1 and name.endswith("weight")):
        values = draw.uniform(0.8, 1.2, shape)
    elif len(shape) == 1:
        values = draw.normal(0, 0.05, shape)
    else:
        values = draw.normal(0, 1, shape) * np.sqrt(2 / np.prod(shape[1:]))
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def clip_by_rule(role: str) -> Tensor:
    """A smooth clip (1, 3, 96, 112, 112), as if normalised."""
    coarse = seeded(role).normal(0, AMPLITUDES[role], (1, 3, 24, 14, 14)).astype(np.float32)
    return F.interpolate(
        torch.from_numpy(coarse), size=(96, 112, 112), mode="trilinear", align_corners=True
    )


@pytest.fixture(scope="session")
def published_keys() -> dict[str, dict[str, list[int]]]:
    return json.loads((DATA / "published_keys.json").read_text())


@pytest.fixture(scope="session")
def expected() -> dict[str, np.ndarray]:
    with np.load(DATA / "expected_seed33.npz") as arrays:
        return dict(arrays)


@dataclass(frozen=True, eq=False)
class EagerRun:
    """What the plain paper-size network says of the two recorded clips."""

    network: FineParser
    clips: dict[str, Tensor]
    dynamic: Tensor
    mask_feature: Tensor
    mask_logits: Tensor
    encodings: dict[str, Encoding]

    @property
    def features(self) -> DiveFeatures:
        return DiveFeatures.concatenate([each.features for each in self.encodings.values()])


@pytest.fixture(scope="session")
def published_network(published_keys, tmp_path_factory) -> FineParser:
    """The network of a checkpoint file with prefixes and bookkeeping, as training leaves them."""
    parts = {
        part: {
            f"module.{key}": weight_by_rule(f"{part}.{key}", shape) for key, shape in keys.items()
        }
        for part, keys in published_keys.items()
    }
    path = tmp_path_factory.mktemp("published") / "best.pth"
    bookkeeping = {"optimizer": {"state": {}, "param_groups": []}, "epoch": 7}
    torch.save(parts | bookkeeping | {"rho_best": np.float64(0.94)}, path)
    config, state = import_published(path)
    path.unlink()
    network = build(config)
    network.load_state_dict(state)
    return network.eval()


@pytest.fixture(scope="session")
def eager(published_network) -> EagerRun:
    network = published_network
    dynamic, mask_feature, mask_logits = [], [], []
    hooks = [
        network.dynamic_trunk.register_forward_hook(lambda *call: dynamic.append(call[2].pooled)),
        network.spatial_trunk.register_forward_hook(
            lambda *call: mask_feature.append(call[2].pooled)
        ),
        network.mask_head.register_forward_hook(lambda *call: mask_logits.append(call[2][:, -1])),
    ]
    clips = {role: clip_by_rule(role) for role in AMPLITUDES}
    with torch.inference_mode():
        encodings = {role: network.parse(clip) for role, clip in clips.items()}
    for hook in hooks:
        hook.remove()
    return EagerRun(
        network=network,
        clips=clips,
        dynamic=torch.stack(dynamic),
        mask_feature=torch.stack(mask_feature),
        mask_logits=torch.stack(mask_logits),
        encodings=encodings,
    )


@pytest.fixture(scope="session")
def small_network() -> FineParser:
    """The xs size with fresh weights that are lively enough to tell outputs apart."""
    torch.manual_seed(7)
    network = build(CONFIGS["xs"])
    for module in network.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
            torch.nn.init.normal_(module.running_mean, std=0.1)
    for head in (network.temporal_parser.head[-1], network.mask_head.fuse):
        torch.nn.init.normal_(head.weight, std=0.3)
    for told in (network.silhouette.to_snippets, network.silhouette.to_frames):
        torch.nn.init.normal_(told.weight, std=0.1)
    for stream in (network.regression.dynamic, network.regression.static):
        torch.nn.init.normal_(stream.regressor[-1].weight, std=0.3)
    for layer in (network.refiner.last, network.duration.out):
        torch.nn.init.normal_(layer.weight, std=0.3)
    return network.eval()


@pytest.fixture(scope="session")
def two_clips() -> Tensor:
    """Two unlike clips, (2, 3, 96, 112, 112)."""
    return torch.cat([clip_by_rule("query"), clip_by_rule("exemplar")])
