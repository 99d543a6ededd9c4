"""Pools of simulated dives: the same for the same seed, whoever makes them and however often."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from made_dives import label, sample

from fpcli.cli.dive_sets import simulated_dives
from fpcli.cli.interruption import Interruption
from fpcli.cli.streams import open_streams
from fpcli.errors import DataError, DiveNumberError
from fpcli.training import simulated
from fpcli.training.samples import DiveSample, load_pool
from fpcli.training.simulated import EVENT_DIVES, dive_key, made_pool, make_pool

SIDE = 32


def fingerprints(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_a_dive_is_the_simulator_s_with_its_truth(tmp_path: Path) -> None:
    make_pool(tmp_path, 1, 11, size=SIDE, workers=1)
    found = load_pool(tmp_path).sample(0)
    known = found.label
    assert found.frames.shape == (96, SIDE, SIDE, 3)
    assert found.masks.shape == (96, SIDE, SIDE)
    assert known.simulated
    assert 0 < known.transitions[0] < known.transitions[1] < 96
    assert known.score == pytest.approx(3 * known.difficulty * known.mark, abs=0.06)
    assert known.step_deductions is not None
    assert min(known.step_deductions) >= 0
    # Panels round to half marks and have a taste, and a mark ends at 0.
    assert known.mark == pytest.approx(max(0.0, 10 - sum(known.step_deductions)), abs=1.5)


def test_the_dives_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    make_pool(alone, 2, 30, size=SIDE, workers=1)
    make_pool(together, 2, 30, size=SIDE, workers=2)
    assert fingerprints(alone) == fingerprints(together)


def made_up(drawn: int, key: str, event: str, size: int, device: str) -> DiveSample:
    """Stand in for the simulator: quick, and as reproducible."""
    dive = sample(replace(label(drawn % 50), key=key, event=event, score=float(drawn)), size)
    return dive


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "draw_dive", made_up)


@pytest.mark.usefixtures("quick")
def test_a_pool_goes_on_where_it_stopped_and_makes_the_same_dives(tmp_path: Path) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    make_pool(whole, 5, 0, size=SIDE, workers=1)
    told: list[int] = []

    def stop_at_two(present: int) -> None:
        told.append(present)
        if present == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_pool(halves, 5, 0, size=SIDE, workers=1, on_dive=stop_at_two)
    assert len(load_pool(halves)) == 2
    kept = {path: path.stat().st_mtime_ns for path in halves.iterdir()}
    make_pool(halves, 5, 0, size=SIDE, workers=1, on_dive=told.append)
    assert told == [0, 1, 2, 2, 3, 4, 5]
    assert fingerprints(whole) == fingerprints(halves)
    assert all(path.stat().st_mtime_ns == written for path, written in kept.items())


@pytest.mark.usefixtures("quick")
def test_events_hold_twenty_dives_and_other_seeds_other_dives(tmp_path: Path) -> None:
    make_pool(tmp_path, EVENT_DIVES + 1, 0, size=4, workers=1)
    labels = load_pool(tmp_path).labels
    assert len({known.event for known in labels[:EVENT_DIVES]}) == 1
    assert labels[EVENT_DIVES].event != labels[0].event
    make_pool(tmp_path / "other", 1, 1, size=4, workers=1)
    other = load_pool(tmp_path / "other").labels[0]
    assert other.key not in {known.key for known in labels}
    assert other.score != labels[0].score


@pytest.mark.usefixtures("quick")
def test_the_dives_asked_for_are_known_whatever_else_lies_beside_them(tmp_path: Path) -> None:
    streams, nobody = open_streams(quiet=True), Interruption()
    for count, seed in ((4, 0), (2, 1), (2, 0)):
        known = simulated_dives(tmp_path, count, seed, 1, streams, nobody)
        assert [one.key for one in known.labels] == [dive_key(seed, n) for n in range(count)]
        assert [known.sample(n).label for n in range(count)] == list(known.labels)
    (tmp_path / f"{dive_key(0, 1)}.dive.safetensors").unlink()
    with pytest.raises(DataError, match=dive_key(0, 1)):
        made_pool(tmp_path, 2, 0)


def test_what_physics_refuses_is_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = iter([True, True, False, False])

    def sometimes(drawn: int, key: str, event: str, size: int, device: str) -> DiveSample:
        if next(refusals):
            raise DiveNumberError("No diver can do this.")
        return made_up(drawn, key, event, size, device)

    monkeypatch.setattr(simulated, "draw_dive", sometimes)
    assert make_pool(tmp_path, 2, 0, size=SIDE, workers=1) == 2
    assert len(load_pool(tmp_path)) == 2


def test_a_diver_that_nobody_sees_is_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(drawn: int, key: str, event: str, size: int, device: str) -> DiveSample:
        dive = made_up(drawn, key, event, size, device)
        return replace(dive, masks=torch.zeros_like(dive.masks))

    monkeypatch.setattr(simulated, "draw_dive", nobody)
    with pytest.raises(DataError, match="draws"):
        make_pool(tmp_path, 1, 0, size=SIDE, workers=1)
    assert not list(tmp_path.iterdir())
