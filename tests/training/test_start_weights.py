"""What the paper's size starts from, in files called and laid out as they are published."""

import dataclasses
from pathlib import Path

import pytest
import torch
from made_dives import SMALL
from tiny_network import TINY
from torch import Tensor

from fpcli.errors import WeightsError
from fpcli.model.build import build
from fpcli.model.fineparser import FineParser
from fpcli.training.start_weights import FRESH, StartWeights
from fpcli.weights.bundle import Bundle, Card, save_bundle

TWO_TRUNKS = dataclasses.replace(TINY, shared_trunk=False)


def kinetics_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A trunk as the Kinetics file calls its tensors, with its classifier, without counters."""
    renamed = {"conv3d_0c_1x1.conv3d.weight": torch.zeros(400, 8, 1, 1, 1)}
    places = {
        "point": "branch_0", "wide_reduce": "branch_1.0", "wide": "branch_1.1",
        "narrow_reduce": "branch_2.0", "narrow": "branch_2.1", "pooled": "branch_3.1",
        "conv_1a": "conv3d_1a_7x7", "conv_2b": "conv3d_2b_1x1", "conv_2c": "conv3d_2c_3x3",
        "conv": "conv3d", "norm": "batch3d",
    }  # fmt: skip
    for name, value in state.items():
        if not name.endswith("num_batches_tracked"):
            renamed[".".join(places.get(word, word) for word in name.split("."))] = value
    return renamed


@pytest.fixture
def network() -> FineParser:
    torch.manual_seed(5)
    return build(TWO_TRUNKS)


def written(folder: Path, network: FineParser) -> StartWeights:
    resnet, trunk = folder / "resnet.pth", folder / "trunk.pth"
    torch.save(network.static_encoder.backbone.state_dict() | {"fc.weight": torch.ones(2)}, resnet)
    torch.save(kinetics_names(network.spatial_trunk.state_dict()), trunk)
    return StartWeights(resnet, trunk)


def test_both_trunks_and_the_static_encoder_start_from_files(
    tmp_path: Path, network: FineParser
) -> None:
    start = written(tmp_path, network)
    assert start.words == "resnet34-imagenet and kinetics-i3d-rgb"
    torch.manual_seed(6)
    fresh = build(TWO_TRUNKS)
    head = fresh.temporal_parser.head[0].weight.clone()
    start.load_into(fresh)
    assert fresh.dynamic_trunk is not None
    for ours, theirs in (
        (fresh.spatial_trunk, network.spatial_trunk),
        (fresh.dynamic_trunk, network.spatial_trunk),
        (fresh.static_encoder.backbone, network.static_encoder.backbone),
    ):
        wanted = theirs.state_dict()
        assert all(torch.equal(value, wanted[name]) for name, value in ours.state_dict().items())
    assert torch.equal(fresh.temporal_parser.head[0].weight, head)


def test_without_files_nothing_is_loaded_and_that_is_said(network: FineParser) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    FRESH.load_into(network)
    assert FRESH.words == "random weights"
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_files_of_another_size_are_refused(tmp_path: Path, network: FineParser) -> None:
    start = written(tmp_path, network)
    wider = build(dataclasses.replace(TWO_TRUNKS, trunk_width=0.2))
    with pytest.raises(WeightsError, match=r"trunk.pth does not fit .* has shape"):
        start.load_into(wider)


def test_a_file_that_lacks_a_tensor_is_refused(tmp_path: Path, network: FineParser) -> None:
    path = tmp_path / "resnet.pth"
    state = dict(network.static_encoder.backbone.state_dict())
    del state["conv1.weight"]
    torch.save(state, path)
    with pytest.raises(WeightsError, match=r"conv1.weight has shape None"):
        StartWeights(resnet=path).load_into(network)


def test_our_own_weights_are_learned_on_from_and_lack_later_parts(tmp_path: Path) -> None:
    older = dataclasses.replace(TINY, refiner_width=0, reads_duration=False, reads_silhouette=False)
    torch.manual_seed(5)
    taught = build(older)
    card = Card("taught", "nothing", True, "MIT", "this test", "none")
    path = tmp_path / "taught.safetensors"
    save_bundle(Bundle(card, older, SMALL, taught.state_dict()), path)
    start = StartWeights(bundle=path)
    assert start.words.startswith("taught (SHA-256 ")
    torch.manual_seed(6)
    fresh = build(
        dataclasses.replace(older, refiner_width=8, reads_duration=True, reads_silhouette=True)
    )
    later = fresh.refiner.first.weight.clone()
    start.load_into(fresh)
    assert torch.equal(fresh.gate.weight, taught.gate.weight)
    assert torch.equal(fresh.refiner.first.weight, later)
    with pytest.raises(WeightsError, match="does not fit the network"):
        start.load_into(build(dataclasses.replace(older, trunk_width=0.125)))
