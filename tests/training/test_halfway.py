"""The late layers learn from views made once as they would from the dives themselves."""

import dataclasses
import math

import pytest
import torch
from made_dives import SMALL, label, write_pool
from tiny_network import TINY

from fpcli.errors import DataError
from fpcli.model.build import build
from fpcli.training.augment import Augmentation
from fpcli.training.halfway import MASK_FRAMES, VIEWS, HalfwaySupply, make_halfway
from fpcli.training.loop import Length, Trainer
from fpcli.training.recipe import RECIPES
from fpcli.training.start_weights import StartWeights
from fpcli.training.supply import Supply
from fpcli.training.validation import validate
from fpcli.weights.bundle import Bundle, Card, load_bundle, save_bundle

LATE = dataclasses.replace(RECIPES["late"], dives_per_batch=4, dives_per_number=2)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A bundle without the later parts, as those that are gone on from may be."""
    torch.manual_seed(3)
    older = dataclasses.replace(TINY, refiner_width=0, reads_duration=False, reads_silhouette=False)
    network = build(older).eval()
    card = Card("old", "made", True, "MIT", "test", "none", {}, "2026-01-01", "0")
    path = tmp_path_factory.mktemp("start") / "old.safetensors"
    save_bundle(Bundle(card, older, SMALL, network.state_dict(), None, None), path)
    return path


@pytest.fixture(scope="module")
def views(tmp_path_factory, start):
    folder = tmp_path_factory.mktemp("views")
    labels = [label(place, event=place // 3, mark=3.0 + place) for place in range(6)]
    pool = write_pool(tmp_path_factory.mktemp("dives"), labels)
    told = []
    make_halfway(folder, pool, start, 1, workers=1, on_view=told.append)
    assert told == list(range(VIEWS * 6 + 1))
    return pool, folder


def test_views_that_are_there_are_kept(views, start):
    pool, folder = views
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    make_halfway(folder, pool, start, 1, workers=1)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_view_says_what_the_network_sees(views, start):
    pool, folder = views
    network = build(TINY).eval()
    StartWeights(bundle=start).load_into(network)
    whole = Supply(pool).prepared([2], SMALL, None, torch.Generator())
    view = HalfwaySupply(pool, folder).prepared([2], SMALL, None, torch.Generator())
    with torch.no_grad():
        seen, _ = network.halfway(whole.clips)
    for name in ("spatial", "frames", "silhouettes"):
        wanted = getattr(seen, name)
        assert (getattr(view.halfway, name) - wanted).abs().max() < 0.05 * wanted.abs().max()
    assert view.masks.shape == (1, MASK_FRAMES, SMALL.size, SMALL.size)
    assert view.clips.shape[:3] == (1, 3, MASK_FRAMES)
    assert torch.equal(view.transitions, whole.transitions)


def test_learning_changes_the_late_layers_alone(views, start):
    pool, folder = views
    supply = HalfwaySupply(pool, folder)
    trainer = Trainer(
        config=TINY,
        recipe=LATE,
        supply=supply,
        length=Length(6),
        seed=0,
        geometry=SMALL,
        augmentation=Augmentation(),
        start_from=StartWeights(bundle=start).load_into,
    )
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    trainer.run()
    after = trainer.network.state_dict()
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed >= {"refiner", "silhouette", "regression", "temporal_parser"}
    assert not changed & {"spatial_trunk", "mask_head"}
    fixed = [name for name in before if name.startswith("static_encoder.backbone")]
    assert all(torch.equal(before[name], after[name]) for name in fixed)
    found = validate(trainer.averaged, supply, SMALL)
    assert all(math.isfinite(value) for value in dataclasses.astuple(found))


def test_the_refiner_learns_alone_and_norms_keep_their_statistics(views, start):
    pool, folder = views
    recipe = dataclasses.replace(RECIPES["masks"], dives_per_batch=4, dives_per_number=2)
    trainer = Trainer(
        config=TINY, recipe=recipe, supply=HalfwaySupply(pool, folder), length=Length(3), seed=0,
        geometry=SMALL, start_from=StartWeights(bundle=start).load_into,
    )  # fmt: skip
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    trainer.run()
    after = trainer.network.state_dict()
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"refiner"}


def test_layers_that_learn_anew_forget_what_they_had_learned(views, start):
    pool, folder = views
    taught = load_bundle(start).state
    found = {}
    for name in ("late", "anew"):
        trainer = Trainer(
            config=TINY, recipe=RECIPES[name], supply=HalfwaySupply(pool, folder),
            length=Length(1), seed=0, geometry=SMALL,
            start_from=StartWeights(bundle=start).load_into,
        )  # fmt: skip
        state = trainer.network.state_dict()
        found[name] = {
            key.split(".")[0]
            for key, value in taught.items()
            if value.ndim > 1 and not torch.equal(state[key], value)
        }
    assert not found["late"]
    assert found["anew"] >= {"regression", "temporal_parser", "gate"}
    assert not found["anew"] & {"spatial_trunk", "mask_head"}


def test_what_had_learned_before_goes_on_at_a_share_of_the_rate(views, start):
    pool, folder = views
    trainer = Trainer(
        config=TINY, recipe=LATE, supply=HalfwaySupply(pool, folder), length=Length(1), seed=0,
        geometry=SMALL, start_from=StartWeights(bundle=start).load_into,
    )  # fmt: skip
    rates = {}
    for group in trainer._optimizer.param_groups:
        rates |= {id(value): group["lr"] / LATE.learning_rate for value in group["params"]}
    of = {name: rates.get(id(value)) for name, value in trainer.network.named_parameters()}
    assert of["refiner.last.weight"] == of["silhouette.read.bias"] == 1
    assert of["regression.static.regressor.0.weight"] == pytest.approx(LATE.able_rate)
    assert of["mask_head.fuse.weight"] is None


def test_a_damaged_view_is_named(views, tmp_path):
    pool, folder = views
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match=r"made-0-0\.halfway\.safetensors"):
        HalfwaySupply(pool, tmp_path).prepared([0], SMALL, None, torch.Generator())
