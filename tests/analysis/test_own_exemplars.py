"""A coach's own exemplars: kept whole, tied to their weights, and never voting on themselves."""

import dataclasses
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import torch

from fpcli.analysis.exemplar_file import own_exemplars_folder
from fpcli.analysis.own_exemplars import (
    OwnExemplar,
    OwnExemplarStore,
    digest,
    video_hash,
)
from fpcli.analysis.references import OWN_PREFIX, References
from fpcli.analysis.request import ExemplarSource
from fpcli.errors import DataError, FineParserError, UsageError
from fpcli.lock import locked
from fpcli.model.features import DiveFeatures
from fpcli.weights.bundle import ExemplarBank

SHA = "ab" * 32


def features(count: int = 1, seed: int = 1) -> DiveFeatures:
    rng = torch.Generator().manual_seed(seed)
    return DiveFeatures(
        torch.rand(count, 9, 4, generator=rng),
        torch.rand(count, 3, 4, 2, generator=rng),
        torch.rand(count, 96, 2, generator=rng),
    )


def own(key: str = "ann", **changes: object) -> OwnExemplar:
    made = OwnExemplar(
        key=key,
        path="/videos/ann.mp4",
        video_sha256="0" * 64,
        size_bytes=5,
        dive_number="107B",
        height_m=3.0,
        difficulty=3.1,
        score_points=65.1,
        mark=7.0,
        start_s=None,
        end_s=4.5,
        weights_name="some",
        weights_sha256=SHA,
        added="2026-01-01",
        features=features(),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> OwnExemplarStore:
    return OwnExemplarStore(tmp_path / "exemplars")


@pytest.fixture
def bundled() -> ExemplarBank:
    facts = {name: np.ones(2, np.float32) for name in ("heights_m", "difficulties", "marks")}
    return ExemplarBank(("one", "two"), ("107B", "103B"), **facts, features=features(2))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "new.mp4"
    path.write_bytes(b"another dive")
    return path


def test_what_was_added_comes_back_to_the_last_bit(store: OwnExemplarStore):
    store.add(own("b"))
    store.add(own("a\x1b"))
    first, second = store.read()
    assert (first.key, second.key) == ("a\x1b", "b")
    assert second.facts() == own("b").facts()
    assert torch.equal(second.features.static, own().features.static)
    assert [file.name for file in store.file.parent.glob("*.part")] == []


def test_a_key_is_replaced_only_when_asked_and_removed_with_all_or_none(store: OwnExemplarStore):
    store.add(own())
    with pytest.raises(UsageError, match="already"):
        store.add(own(mark=8.0))
    store.add(own(mark=8.0), overwrite=True)
    assert [exemplar.mark for exemplar in store.read()] == [8.0]
    with pytest.raises(UsageError, match="no exemplar 'bo'"):
        store.remove(["ann", "bo"])
    assert len(store.read()) == 1
    store.remove(["ann"])
    assert store.read() == ()


@pytest.mark.parametrize("damage", ["cut", "text", "marks", "features"])
def test_a_damaged_file_is_refused_and_left_alone(store: OwnExemplarStore, damage: str):
    store.add(own())
    match damage:
        case "cut":
            store.file.write_bytes(store.file.read_bytes()[:200])
        case "text":
            store.file.write_text("not mine")
        case "marks":
            store.add(own("worse", mark=11.0))
        case "features":
            store.add(
                own(
                    "worse",
                    features=dataclasses.replace(
                        features(), static=torch.full((1, 3, 4, 2), torch.nan)
                    ),
                )
            )
    before = store.file.read_bytes()
    with pytest.raises(DataError, match="cannot be read"):
        store.read()
    with pytest.raises(DataError):
        store.add(own("other"))
    assert store.file.read_bytes() == before


def _add_many(folder: Path, name: str) -> None:
    for place in range(10):
        OwnExemplarStore(folder).add(own(f"{name}{place}"))


def test_two_programs_at_once_lose_nothing(store: OwnExemplarStore):
    spawn = multiprocessing.get_context("spawn")
    folder = store.file.parent
    both = [spawn.Process(target=_add_many, args=(folder, name)) for name in "ab"]
    for program in both:
        program.start()
    for program in both:
        program.join()
    assert len(store.read()) == 20


def test_a_lock_that_is_held_ends_in_a_sentence(tmp_path: Path):
    file = tmp_path / "a.lock"
    with (
        locked(file),
        pytest.raises(FineParserError, match="Another program"),
        locked(file, wait_s=0),
    ):
        pass
    with locked(file, wait_s=0):
        pass


def test_own_and_both_banks_hold_what_they_say(store, bundled, video: Path):
    store.add(own())
    references = References(bundled, SHA, store)
    assert references.bank(ExemplarSource.BUNDLED, video) is bundled
    mine = references.bank(ExemplarSource.MINE, video)
    assert mine.keys == (OWN_PREFIX + "ann",)
    assert mine.marks.tolist() == [7.0]
    both = references.bank(ExemplarSource.BOTH, video)
    assert both.keys == ("one", "two", OWN_PREFIX + "ann")
    assert torch.equal(both.features.dynamic[2:], own().features.dynamic)


def test_a_bank_is_made_once_for_all_videos_that_may_ask_the_same(
    store: OwnExemplarStore, bundled: ExemplarBank, video: Path
):
    store.add(own())
    store.add(own("self", video_sha256=video_hash(video), size_bytes=video.stat().st_size))
    other = video.with_name("other.mp4")
    other.write_bytes(b"one more")
    third = video.with_name("third.mp4")
    third.write_bytes(b"and another one")
    references = References(bundled, SHA, store)
    for source, count in ((ExemplarSource.MINE, 2), (ExemplarSource.BOTH, 4)):
        bank = references.bank(source, other)
        assert references.bank(source, other) is references.bank(source, third) is bank
        assert len(bank) == count
        assert len(references.bank(source, video)) == count - 1
        assert references.bank(source, other).keys == bank.keys


def test_features_of_other_weights_never_vote(store, bundled, video: Path):
    store.add(own(weights_sha256="cd" * 32))
    references = References(bundled, SHA, store)
    assert references.of_other_weights(ExemplarSource.MINE) == ("ann",)
    assert references.of_other_weights(ExemplarSource.BUNDLED) == ()
    with pytest.raises(UsageError, match="these weights") as refused:
        references.bank(ExemplarSource.BOTH, video)
    assert "exemplars import" in refused.value.hint


def test_a_dive_does_not_vote_on_itself_under_any_name(store, bundled, video: Path):
    store.add(own(video_sha256=video_hash(video), size_bytes=video.stat().st_size))
    references = References(bundled, SHA, store)
    with pytest.raises(UsageError, match="this video itself"):
        references.bank(ExemplarSource.MINE, video)
    assert references.bank(ExemplarSource.BOTH, video) is bundled
    renamed = video.rename(video.with_name("renamed.mp4"))
    assert references.bank(ExemplarSource.BOTH, renamed) is bundled


def test_none_at_all_says_how_to_add_one(store, bundled, video: Path):
    with pytest.raises(UsageError, match="no exemplars of your own") as refused:
        References(bundled, SHA, store).bank(ExemplarSource.MINE, video)
    assert "exemplars add" in refused.value.hint


def test_the_digest_tells_other_marks_apart():
    assert digest([own()]) == digest([own()])
    assert digest([own()]) != digest([own(mark=7.5)])


def test_they_lie_where_emptying_a_cache_does_not_reach(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("FINEPARSER_CACHE", str(tmp_path))
    assert own_exemplars_folder() == tmp_path / "exemplars"
    monkeypatch.delenv("FINEPARSER_CACHE")
    assert "cache" not in own_exemplars_folder().parts
