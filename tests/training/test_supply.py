"""Where batches come from."""

from pathlib import Path

import pytest
import torch
from made_dives import label, sample, write_pool

from fpcli.training import supply
from fpcli.training.samples import save_sample
from fpcli.training.supply import GrowingSupply, Supply


def test_a_batch_holds_the_dives_asked_for(tmp_path: Path) -> None:
    labels = [label(place, mark=3.0 + place) for place in range(3)]
    frames, masks = Supply(write_pool(tmp_path, labels)).batch([2, 0])
    for row, place in enumerate((2, 0)):
        assert torch.equal(frames[row], sample(labels[place]).frames)
        assert torch.equal(masks[row], sample(labels[place]).masks)


def test_a_growing_supply_takes_each_new_dive_once_and_never_the_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supply, "LOOK_EVERY_S", 0.0)
    labels = [label(place) for place in range(5)]
    write_pool(tmp_path, labels[:3])
    growing = GrowingSupply(tmp_path, ["made-1"], "cpu")
    assert [known.key for known in growing.grow()] == ["made-0", "made-2"]
    assert not growing.grow()
    for known in labels[3:]:
        save_sample(sample(known), tmp_path)
    assert [known.key for known in growing.grow(most=1)] == ["made-3"]
    assert [known.key for known in growing.grow(most=1)] == ["made-4"]
    assert [known.key for known in growing.labels] == ["made-0", "made-2", "made-3", "made-4"]
    frames, _ = growing.batch([3])
    assert torch.equal(frames[0], sample(labels[4]).frames)
