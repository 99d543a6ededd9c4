"""Who votes when a network is measured."""

from typing import Any

import numpy as np
import pytest
import torch
from made_dives import label

from fpcli.model.features import DiveFeatures
from fpcli.training import predict
from fpcli.training.bank import make_bank
from fpcli.weights.bundle import ExemplarBank

NUMBERS = ["107B"] * 8 + ["205B"] * 8


def features(count: int) -> DiveFeatures:
    return DiveFeatures(
        torch.arange(count).float().view(-1, 1, 1).expand(-1, 9, 4),
        torch.zeros(count, 3, 4, 8),
        torch.full((count, 96, 2), 0.5),
    )


@pytest.fixture
def bank() -> ExemplarBank:
    labels = [label(place, number=number) for place, number in enumerate(NUMBERS)]
    return make_bank(labels, features(len(labels)))


@pytest.mark.parametrize("number", ["107B", None, "5253B"], ids=["told", "not told", "none of it"])
def test_the_papers_exemplars_are_drawn_from_those_of_the_number(
    bank: ExemplarBank, number: str | None
) -> None:
    asked = None if number is None else label(99, number=number)
    drawn = [
        predict._drawn(bank, asked, 4, np.random.default_rng(seed)) for seed in (1, 1, 2, 3, 4)
    ]
    assert drawn[0].keys == drawn[1].keys
    assert len({one.keys for one in drawn}) > 1
    for one in drawn:
        assert len(set(one.keys)) == 4
        assert number != "107B" or set(one.dive_numbers) == {"107B"}
        # Each keeps its own features.
        assert [f"made-{int(value)}" for value in one.features.dynamic[:, 0, 0]] == list(one.keys)
    few = predict._drawn(bank, label(99), 20, np.random.default_rng(0))
    assert len(few) == 8


def test_drawn_exemplars_are_who_votes(bank: ExemplarBank, monkeypatch: pytest.MonkeyPatch) -> None:
    voted: list[tuple[str, ...]] = []

    class Stop(Exception):  # noqa: N818
        """What comes after the choice is tested elsewhere."""

    def scored(network: object, voting: ExemplarBank, *_: Any) -> None:
        voted.append(voting.keys)
        raise Stop

    monkeypatch.setattr(predict, "score_features", scored)
    network: Any = type("Network", (), {"device": torch.device("cpu")})()
    zeros = np.zeros(1)
    encoded = predict.EncodedPool((label(99),), features(1), *[zeros] * 5)
    for draw in (None, np.random.default_rng(0)):
        with pytest.raises(Stop):
            predict.predict(network, bank, encoded, exemplars=3, draw=draw)
    by_rule, at_random = voted
    assert by_rule == bank.keys
    assert len(at_random) == 3
