"""Dives on disk, pools, splits by event, batches by number."""

from pathlib import Path

import numpy as np
import pytest
import torch
from made_dives import LABEL, label, sample, write_pool

from fpcli.errors import DataError
from fpcli.training.samples import (
    NumberBatches,
    load_pool,
    load_sample,
    save_sample,
)


def test_a_saved_dive_comes_back_as_it_was(tmp_path: Path) -> None:
    saved = sample(LABEL)
    found = load_sample(save_sample(saved, tmp_path))
    assert found.label == saved.label
    assert torch.equal(found.frames, saved.frames)
    assert torch.equal(found.masks, saved.masks)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("kept", [0, 7, 300, -1])
def test_a_truncated_dive_is_named(tmp_path: Path, kept: int) -> None:
    path = save_sample(sample(LABEL), tmp_path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=path.name):
        load_sample(path)
    with pytest.raises(DataError, match=path.name):
        load_pool(tmp_path)


def test_a_dive_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        save_sample(sample(LABEL), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_without_dives_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no dives"):
        load_pool(tmp_path)


@pytest.mark.parametrize("share", [0.01, 0.15, 0.5, 0.99])
def test_a_split_never_shares_an_event_and_loses_no_dive(tmp_path: Path, share: float) -> None:
    pool = write_pool(tmp_path, [label(place, event=place // 3) for place in range(12)], side=4)
    learn, held_out = pool.split(share)
    events = [{known.event for known in part.labels} for part in (learn, held_out)]
    assert all(events)
    assert not events[0] & events[1]
    keys = [known.key for part in (learn, held_out) for known in part.labels]
    assert sorted(keys) == sorted(known.key for known in pool.labels)
    for part in (learn, held_out):
        assert part.sample(0).label == part.labels[0]
    assert len(held_out) >= min(share * 12, 9)


def test_one_event_cannot_be_split(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="event"):
        write_pool(tmp_path, [label(0), label(1)], side=4).split(0.2)


NUMBERS = ["107B"] * 9 + ["205B"] * 6 + ["5253B"] * 4 + ["301C"]


def test_batches_hold_pairs_of_a_number_and_no_dive_twice() -> None:
    labels = [label(place, number=number) for place, number in enumerate(NUMBERS)]
    batches = NumberBatches(labels, size=8, per_number=4, rng=np.random.default_rng(3))
    seen: set[int] = set()
    for _ in range(60):
        batch = batches.draw()
        assert len(batch) == len(set(batch)) == 8
        counts = [sum(NUMBERS[place] == number for place in batch) for number in set(NUMBERS)]
        assert max(counts) >= 2
        seen |= set(batch)
    assert seen == set(range(len(NUMBERS)))


def test_a_small_pool_is_one_batch() -> None:
    labels = [label(place, number=number) for place, number in enumerate(NUMBERS[:3])]
    batches = NumberBatches(labels, size=8, per_number=4, rng=np.random.default_rng(0))
    assert sorted(batches.draw()) == [0, 1, 2]
