"""The head that reads measures from features, in training only."""

import dataclasses

import pytest
import torch
from made_dives import LABEL, label
from tiny_network import TINY

from fpcli.model.config import FRAMES, SNIPPETS
from fpcli.model.features import DiveFeatures
from fpcli.training.measure_head import MeasureHead, truths

KNOWN = [
    dataclasses.replace(
        label(place, mark=4.0 + place), measures={"rise_m": 0.5 + place / 10, "splash": 0.3}
    )
    for place in range(4)
]


def features(dives: int, seed: int = 0) -> DiveFeatures:
    rng = torch.Generator().manual_seed(seed)
    return DiveFeatures(
        torch.randn(dives, SNIPPETS, TINY.dynamic_width, generator=rng),
        torch.randn(dives, 3, 4, TINY.token_width, generator=rng),
        torch.zeros(dives, FRAMES, 2),
    )


def test_a_dive_without_measures_is_asked_for_nothing() -> None:
    assert truths(LABEL) == {}
    assert truths(KNOWN[1])["rise_m"] == 0.6
    assert truths(KNOWN[1])["mark"] == 5.0
    with pytest.raises(ValueError, match="measures"):
        MeasureHead(TINY, [LABEL])


def test_only_dives_that_tell_their_measures_count() -> None:
    head = MeasureHead(TINY, KNOWN)
    seen = features(5)
    mixed = head.loss(seen, [*KNOWN, LABEL])
    assert mixed == head.loss(seen[:4], KNOWN)
    assert head.loss(seen[:1], [LABEL]) == 0


def test_it_learns_what_the_features_tell() -> None:
    torch.manual_seed(0)
    head = MeasureHead(TINY, KNOWN)
    seen = features(4)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    before = head.loss(seen, KNOWN).item()
    for _ in range(60):
        optimizer.zero_grad()
        head.loss(seen, KNOWN).backward()
        optimizer.step()
    assert head.loss(seen, KNOWN).item() < before / 10
    rise = head(seen)[:, head.names.index("rise_m")].argsort().tolist()
    assert rise == [0, 1, 2, 3]
