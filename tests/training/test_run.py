"""A run in a folder: it leaves the best of itself, and held-out dives set the interval alone."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from made_dives import label, write_pool
from tiny_network import TINY
from torch import Tensor

from fpcli.model.build import build
from fpcli.model.fineparser import FineParser
from fpcli.training import run
from fpcli.training.loop import Length
from fpcli.training.recipe import RECIPES
from fpcli.training.run import Dives, RunOutcome, train
from fpcli.training.start_weights import FRESH, StartWeights
from fpcli.training.supply import Supply
from fpcli.training.validation import Validation
from fpcli.video.transform import FOLLOW, InputGeometry
from fpcli.weights.bundle import Bundle, Card, load_bundle, save_bundle

RECIPE = dataclasses.replace(RECIPES["best"], dives_per_batch=2, average_decay=0.0)
STEPS = 3


def test_the_bundle_is_of_the_best_weights_also_of_those_before_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = [label(place, event=place // 3, mark=3.0 + place / 2) for place in range(6)]
    dives = Dives.of_pool(write_pool(tmp_path / "dives", labels, side=128), 0.4, "cpu")
    measured: list[dict[str, Tensor]] = []
    kept: list[dict[str, Tensor]] = []
    finish = run.finish

    def ever_worse(network: FineParser, supply: Supply, geometry: InputGeometry) -> Validation:
        measured.append({name: value.clone() for name, value in network.state_dict().items()})
        return Validation(float(len(measured)), 0.0, 1.0, 1.0)

    def watched(network: FineParser, *given: object, **named: object) -> Bundle:
        kept.append({name: value.clone() for name, value in network.state_dict().items()})
        return finish(network, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "validate", ever_worse)
    monkeypatch.setattr(run, "finish", watched)

    def part(*, resume: bool, enough: int) -> RunOutcome:
        return train(
            tmp_path / "run", dives, TINY, RECIPE, Length(STEPS), "tiny",
            resume=resume, stop=lambda: len(measured) >= enough,
        )  # fmt: skip

    assert part(resume=False, enough=2).bundle is None
    outcome = part(resume=True, enough=99)
    assert outcome.step == len(measured) == STEPS
    (whole,) = kept
    name = "temporal_parser.head.0.weight"
    assert not torch.equal(measured[0][name], measured[-1][name])
    assert all(torch.equal(value, measured[0][name]) for name, value in whole.items())

    assert outcome.bundle is not None
    bundle = load_bundle(outcome.bundle)
    learned = {known.key: known.mark for known in dives.exemplars().labels}
    assert bundle.bank is not None
    assert set(bundle.bank.keys) == set(learned)
    habits = bundle.card.metrics["habits"]
    assert habits["all"][0] == pytest.approx(np.mean(list(learned.values())))
    assert bundle.calibration is not None
    residuals = bundle.calibration.residual_marks
    assert len(residuals) == len(dives.held_out)
    assert residuals.mean() == pytest.approx(outcome.metrics["mean_absolute_error_marks"])


@pytest.mark.parametrize("told", [True, False])
def test_a_network_reads_only_durations_that_it_can_learn_from(tmp_path: Path, told: bool) -> None:
    """FineDiving tells none: what was never learned must not move a score in use."""
    labels = [
        dataclasses.replace(label(place, mark=3.0 + place), duration_s=4.0 if told else None)
        for place in range(2)
    ]
    pool = write_pool(tmp_path / "dives", labels, side=128)
    nothing = Dives(Supply(pool), pool.chosen([]), Supply(pool), lambda: pool)
    for start in (FRESH, StartWeights(bundle=reader(tmp_path / "reader.safetensors"))):
        folder = tmp_path / ("fresh" if start is FRESH else "later")
        train(
            folder, nothing, TINY, RECIPE, Length(1), "tiny", start=start, stop=lambda: True
        )  # fmt: skip
        model = torch.load(folder / "checkpoint.pt", weights_only=True)["model"]
        assert model["reads_duration"] == (told or start is not FRESH)
        assert model | {"reads_duration": True} == TINY.to_dict()


def reader(path: Path) -> Path:
    """Weights that have learned what durations tell."""
    card = Card("reader", "made", True, "MIT", "test", "none", {}, "2026-01-01", "0")
    save_bundle(Bundle(card, TINY, FOLLOW, build(TINY).state_dict(), None, None), path)
    return path
