"""Sizes by name: parameters, compute, and a configuration's trip through a bundle's metadata."""

import json

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from fpcli.errors import WeightsError
from fpcli.model.build import outline
from fpcli.model.config import CONFIGS, ModelConfig

PAPER_PARAMETERS = 51_213_549
MOST_PARAMETERS = {"s": 14_000_000, "xs": 4_000_000}
MOST_OF_THE_PAPERS_COMPUTE = {"s": 1 / 4, "xs": 1 / 12}


@pytest.fixture(scope="module")
def hollow_networks():
    """Networks without memory: shapes only, enough to count with."""
    return {name: outline(config).eval() for name, config in CONFIGS.items()}


def operations(network, method: str) -> int:
    clip = torch.empty(1, 3, 96, 112, 112, device="meta")
    transitions = torch.empty(1, 2, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        getattr(network, method)(clip, transitions)
    return counter.get_total_flops()


def test_paper_has_the_published_parameters(hollow_networks):
    count = sum(each.numel() for each in hollow_networks["paper"].parameters())
    assert count == PAPER_PARAMETERS


@pytest.mark.parametrize("name", MOST_PARAMETERS)
def test_our_sizes_stay_small(hollow_networks, name):
    count = sum(each.numel() for each in hollow_networks[name].parameters())
    assert 0.5 * MOST_PARAMETERS[name] < count <= MOST_PARAMETERS[name]


@pytest.mark.parametrize("method", ["encode", "parse"])
@pytest.mark.parametrize("name", MOST_OF_THE_PAPERS_COMPUTE)
def test_our_sizes_compute_little(hollow_networks, name, method):
    share = operations(hollow_networks[name], method) / operations(hollow_networks["paper"], method)
    assert share <= MOST_OF_THE_PAPERS_COMPUTE[name]


def test_masks_cost_nothing_where_only_features_are_asked(hollow_networks):
    network = hollow_networks["paper"]
    assert operations(network, "parse") > 1.05 * operations(network, "encode")


def test_paper_departs_in_nothing():
    assert CONFIGS["paper"] == ModelConfig(name="paper")
    assert CONFIGS["paper"].target == "points"


def test_our_sizes_predict_execution_marks():
    assert {CONFIGS[name].target for name in ("s", "xs")} == {"mark"}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration_survives_json(name):
    config = CONFIGS[name]
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    "change",
    [
        {"depth": 3},  # unknown
        {"static_widths": [8, 8, 8, 8]},  # does not fit the tokens
        {"static_frame_stride": 7},  # does not divide 96
    ],
)
def test_an_impossible_configuration_is_refused(change):
    with pytest.raises(WeightsError, match="configuration"):
        ModelConfig.from_dict(CONFIGS["xs"].to_dict() | change)
