"""The share of a device's arithmetic that learning uses."""

import pytest
import torch
from tiny_network import TINY

from fpcli.model.config import CONFIGS
from fpcli.training import pace


def test_the_share_is_three_encodings_a_clip_over_the_matrix_rate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "matrix_gflop_per_s", lambda device: 1000.0)
    monkeypatch.setattr(pace, "count_gflop", lambda config: 50.0)
    cpu = torch.device("cpu")
    assert pace.share_of_matrix_rate(TINY, 2.0, cpu) == pytest.approx(0.3)
    assert pace.share_of_matrix_rate(TINY, 2.0, cpu, processes=4) == pytest.approx(0.3 / 4)


def test_larger_networks_need_more_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "matrix_gflop_per_s", lambda device: 1000.0)
    cpu = torch.device("cpu")
    xs, s = (pace.share_of_matrix_rate(CONFIGS[name], 1.0, cpu) for name in ("xs", "s"))
    assert 0 < 2 * xs < s


def test_a_matrix_product_has_a_rate() -> None:
    assert pace.matrix_gflop_per_s(torch.device("cpu")) > 0
