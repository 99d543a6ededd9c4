"""What a recipe decides: the published one against ours, and parts that are left out."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from made_dives import SMALL, label, write_pool
from tiny_network import TINY
from torch import nn

from fpcli.model.build import build
from fpcli.model.config import CONFIGS
from fpcli.model.features import DiveFeatures
from fpcli.training import ablation, published_training
from fpcli.training.loop import Length, StepLog, Trainer
from fpcli.training.parts import Part
from fpcli.training.recipe import RECIPES
from fpcli.training.samples import Pool
from fpcli.training.strategy import strategy_of
from fpcli.training.supply import Supply
from fpcli.video.transform import FOLLOW, PUBLISHED
from fpcli.weights.storage import Storage

TINY_PAPER = dataclasses.replace(
    TINY, name="paper", target="points", shared_trunk=False, mask_stride=1
)
PAPER = RECIPES["paper"]


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return write_pool(tmp_path, [label(place, mark=4.0 + place) for place in range(4)])


def published_trainer(pool: Pool, steps: int = 4) -> Trainer:
    recipe = dataclasses.replace(PAPER, dives_per_batch=2)
    return Trainer(
        config=TINY_PAPER,
        geometry=SMALL,
        recipe=recipe,
        supply=Supply(pool),
        length=Length(steps),
        seed=1,
    )


def test_the_published_recipe_is_the_paper_s() -> None:
    """400 epochs of 2,251 queries, 16 a step; nine mask snippets; true transitions throughout."""
    assert PAPER.steps(2251, otherwise=1) == math.ceil(400 * 2251 / 16)
    assert RECIPES["best"].steps(2251, otherwise=7) == 7
    assert PAPER.mask_snippets == 9
    assert PAPER.truth_share_start == PAPER.truth_share_end == 1
    assert strategy_of(PAPER).geometry == PUBLISHED
    assert strategy_of(RECIPES["best"]).geometry == FOLLOW
    rates = [strategy_of(PAPER).rate_share(done, 0.0, PAPER) for done in (2.5 / 400, 5 / 400, 1)]
    assert rates == pytest.approx([0.5, 1.0, 0.1])


def test_the_published_recipe_pairs_each_dive_once_and_ours_all(pool: Pool) -> None:
    rng = np.random.default_rng(0)
    query, _ = strategy_of(PAPER).pairs(pool.labels, PAPER, rng)
    assert query.tolist() == [0, 1, 2, 3]
    best = RECIPES["best"]
    query, exemplar = strategy_of(best).pairs(pool.labels, best, rng)
    pairs = set(zip(query.tolist(), exemplar.tolist(), strict=True))
    assert pairs == {(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)}
    # Where no two dives are of one number, the published draw has no pair: any two are compared.
    apart = [label(0, number="107B"), label(1, number="205B")]
    query, exemplar = strategy_of(PAPER).pairs(apart, PAPER, rng)
    assert (query.tolist(), exemplar.tolist()) == ([0], [1])


def test_the_published_recipe_learns_points_with_frozen_norms_and_keeps_the_last_weights(
    pool: Pool,
) -> None:
    learner = published_trainer(pool)
    before = {name: value.clone() for name, value in learner.network.state_dict().items()}
    logs: list[StepLog] = []
    learner.run(on_step=logs.append)
    after = learner.network.state_dict()
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert "dynamic_trunk.conv_1a.conv.weight" in changed
    assert "static_encoder.backbone.bn1.running_mean" in changed
    assert not {name for name in changed if "trunk" in name and ".norm." in name}
    assert all(
        torch.equal(after[name], value) for name, value in learner.averaged.state_dict().items()
    )
    assert [log.clips for log in logs] == [4] * 4  # two batches of two
    assert logs[0].step_delta == logs[0].measures == 0
    assert (
        logs[0].delta > 2 * 9**2 * 0.8
    )  # both directions of marks at least one apart, nine points each
    slow = learner._optimizer.param_groups[1]
    assert slow["lr"] == pytest.approx(logs[-1].learning_rate / 10)
    assert {id(p) for p in slow["params"]} == {
        id(p) for p in learner.network.dynamic_trunk.parameters()
    }


def test_published_changes_leave_the_sides_the_start_and_the_colours_alone() -> None:
    change = published_training.AUGMENTATION
    assert (change.across, change.trim_start, change.zoom, change.gain, change.noise) == (0,) * 5
    assert (change.mirrored_share, change.trim) == (0.5, 3)
    with torch.device("meta"):
        network = build(CONFIGS["paper"])
    assert network.config.target == "points"


def test_accumulated_batches_weigh_as_one(pool: Pool) -> None:
    """Two batches of the same two dives change the network as one of them does."""
    unchanged = dataclasses.replace(
        published_training.AUGMENTATION, shift=0, mirrored_share=0, trim=0
    )
    found = []
    for accumulation in (1, 2):
        recipe = dataclasses.replace(
            PAPER, dives_per_batch=2, accumulation=accumulation, silent=(), mask_snippets=9
        )
        learner = Trainer(
            config=TINY_PAPER, geometry=SMALL, recipe=recipe, supply=Supply(pool.chosen([0, 1])),
            length=Length(10), seed=1, augmentation=unchanged,
        )  # fmt: skip
        logs: list[StepLog] = []
        learner.run(until=lambda learner=learner: learner.step == 1, on_step=logs.append)
        found.append(logs[0])
    assert found[0].delta == pytest.approx(found[1].delta, rel=1e-4)
    assert found[0].clips * 2 == found[1].clips


@pytest.mark.parametrize("stream", ["static", "dynamic"])
def test_a_silent_stream_says_nothing_before_and_after_learning(pool: Pool, stream: str) -> None:
    recipe, _ = ablation.without(RECIPES["best"], TINY, [Part(stream)])
    assert recipe.name == f"best without {stream}"
    learner = Trainer(
        config=TINY, geometry=SMALL, recipe=recipe, supply=Supply(pool), length=Length(2), seed=1
    )
    learner.run()
    features = DiveFeatures(
        torch.randn(3, 9, TINY.dynamic_width), torch.randn(3, 3, 4, 8), torch.rand(3, 96, 2)
    )
    deltas = learner.averaged.compare(features, features[torch.tensor([1, 2, 0])])
    other = "dynamic" if stream == "static" else "static"
    assert not getattr(deltas, stream).any()
    assert getattr(deltas, other).abs().min() > 0


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("masks", "mask_weight", 0.0),
        ("steps", "step_weight", 0.0),
        ("measures", "measure_weight", 0.0),
        ("pairs", "most_pairs", 2),
        ("mixing", "truth_share_end", 1.0),
        ("average", "average_decay", 0.0),
    ],
)
def test_a_part_left_out_changes_that_alone(part: str, field: str, value: float) -> None:
    best = RECIPES["best"]
    changed, network = ablation.without(best, TINY, [Part(part)])
    assert network == TINY
    assert getattr(best, field) != getattr(changed, field) == value
    back = dataclasses.replace(
        changed, **{field: getattr(best, field)}, name="best", pairs=best.pairs
    )
    assert back == best


def test_every_part_can_be_left_out() -> None:
    assert {*ablation.CHANGES, *ablation.NETWORK_CHANGES} == set(Part)


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("refiner", "refiner_width", 0),
        ("duration", "reads_duration", False),
        ("silhouette", "reads_silhouette", False),
        ("marks", "target", "points"),
    ],
)
def test_a_part_of_the_network_left_out_changes_that_alone(
    part: str, field: str, value: int | bool | str
) -> None:
    recipe, changed = ablation.without(RECIPES["late"], TINY, [Part(part)])
    assert recipe == dataclasses.replace(RECIPES["late"], name=f"late without {part}")
    assert getattr(TINY, field) != getattr(changed, field) == value
    assert dataclasses.replace(changed, **{field: getattr(TINY, field)}) == TINY


def test_without_measures_there_is_no_head_for_them(pool: Pool) -> None:
    known = [dataclasses.replace(label, measures={"splash": 0.5}) for label in pool.labels]
    pool = dataclasses.replace(pool, labels=tuple(known))
    heads: list[nn.Module | None] = []
    for recipe in (
        RECIPES["best"],
        ablation.without(RECIPES["best"], TINY, [Part.MEASURES])[0],
    ):
        learner = Trainer(
            config=TINY, geometry=SMALL, recipe=recipe, supply=Supply(pool), length=Length(1),
            seed=1,
        )  # fmt: skip
        heads.append(learner._objective.measures)
    assert heads[0] is not None
    assert heads[1] is None


def test_the_published_network_is_kept_finer_than_whole_steps() -> None:
    assert strategy_of(PAPER).storage == Storage.FLOAT16
    assert strategy_of(RECIPES["best"]).storage == Storage.INT8
