"""The loop: it learns, it can be interrupted anywhere, and it never leaves a broken checkpoint."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from made_dives import SMALL, label, write_pool
from tiny_network import TINY

from fpcli.errors import DataError
from fpcli.training import supply
from fpcli.training.augment import Augmentation, Batch
from fpcli.training.loop import Length, StepLog, Trainer
from fpcli.training.recipe import RECIPES
from fpcli.training.samples import Pool
from fpcli.training.supply import Supply

RECIPE = dataclasses.replace(RECIPES["best"], dives_per_batch=2, dives_per_number=2)
UNCHANGED = Augmentation(
    zoom=0,
    shift=0,
    drift=0,
    mirrored_share=0,
    trim=0,
    trim_start=0,
    gain=0,
    bias=0,
    noise=0,
    blur_share=0,
    coded_share=0,
)


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return write_pool(
        tmp_path / "dives",
        [label(place, number=("107B", "205B")[place // 2], mark=3.0 + place) for place in range(4)],
    )


def trainer(pool: Pool, **changed: Any) -> Trainer:
    settings: dict[str, Any] = {"config": TINY, "geometry": SMALL, "recipe": RECIPE}
    settings |= {"supply": Supply(pool), "length": Length(4), "seed": 3}
    return Trainer(**{**settings, **changed})


def until_step(learner: Trainer, step: int) -> Callable[[], bool]:
    return lambda: learner.step >= step


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    return all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_a_resumed_run_equals_an_uninterrupted_one_to_the_last_bit(tmp_path: Path) -> None:
    """Also what helps it to learn, and the best weights so far."""
    measured = write_pool(
        tmp_path / "measured",
        [
            dataclasses.replace(label(place, mark=3.0 + place), measures={"rise_m": 0.5 * place})
            for place in range(4)
        ],
    )
    whole = trainer(measured)
    losses: list[StepLog] = []
    whole.run(on_step=losses.append)

    first = trainer(measured)
    first.run(until=until_step(first, 2))
    assert first.keep_best(0.5)
    first.save(tmp_path / "checkpoint.pt")
    second = trainer(measured)
    second.resume(tmp_path / "checkpoint.pt")
    assert second.spent_s == first.spent_s
    assert second.best is not None
    assert second.best[0] == 0.5
    assert same(first.averaged.state_dict(), second.best[1])
    again: list[StepLog] = []
    second.run(on_step=again.append)

    assert second.step == whole.step == 4
    assert same(whole.network.state_dict(), second.network.state_dict())
    assert same(whole.averaged.state_dict(), second.averaged.state_dict())
    assert same(whole.state()["measures"], second.state()["measures"])
    assert [log.total for log in again] == [log.total for log in losses[2:]]
    assert all(log.measures > 0 for log in losses)


def test_it_learns_four_dives(pool: Pool) -> None:
    recipe = dataclasses.replace(RECIPE, dives_per_batch=4, learning_rate=1e-2, warmup_share=0)
    learner = trainer(pool, recipe=recipe, length=Length(20), augmentation=UNCHANGED)
    logs: list[StepLog] = []
    learner.run(on_step=logs.append)
    # The mask moves slowly at first: its last kernels start near nothing, at the usual share.
    falls = {"total": 0.75, "delta": 0.75, "step_delta": 0.75, "transition": 0.75, "mask": 0.95}
    for loss, share in falls.items():
        before, after = getattr(logs[0], loss), min(getattr(log, loss) for log in logs[-5:])
        assert after < share * before, loss


def test_the_kept_network_follows_the_trained_one(pool: Pool) -> None:
    learner = trainer(pool, length=Length(2))
    before = {name: value.clone() for name, value in learner.averaged.state_dict().items()}
    learner.run()
    trained, kept = learner.network.state_dict(), learner.averaged.state_dict()
    name = "temporal_parser.head.0.weight"
    moved = (trained[name] - before[name]).norm()
    assert 0 < (kept[name] - before[name]).norm() < moved
    assert not learner.averaged.training
    # Statistics of batch norms travel too: the kept network is used in evaluation mode.
    assert not torch.equal(
        kept["spatial_trunk.conv_1a.norm.running_mean"],
        before["spatial_trunk.conv_1a.norm.running_mean"],
    )


def test_the_kept_network_forgets_the_first_weights_soon(pool: Pool) -> None:
    learner = trainer(pool)
    name = "temporal_parser.head.0.weight"
    before = learner.averaged.state_dict()[name].clone()
    learner.run(until=until_step(learner, 1))
    trained = learner.network.state_dict()[name]
    expected = torch.lerp(before, trained, 1 - 2 / 11)
    assert torch.allclose(learner.averaged.state_dict()[name], expected, atol=1e-7)


def test_gradients_are_clipped(pool: Pool) -> None:
    learner = trainer(pool, recipe=dataclasses.replace(RECIPE, gradient_norm=1e-3))
    learner.run(until=until_step(learner, 1))
    gradients = [value.grad for value in learner.network.parameters() if value.grad is not None]
    norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
    assert float(norm) == pytest.approx(1e-3, rel=1e-3)


def test_dives_are_cut_at_true_transitions_less_and_less(pool: Pool) -> None:
    recipe = dataclasses.replace(RECIPE, truth_share_start=1.0, truth_share_end=0.0)
    learner = trainer(pool, recipe=recipe, length=Length(200))
    at_truth = []

    def nothing(batch: Batch, labels: object, cuts: torch.Tensor | None, draw: object) -> Any:
        at_truth.append(cuts is not None)
        assert cuts is None or torch.equal(cuts, batch.transitions)
        none = 0 * sum(parameter.sum() for parameter in learner.network.parameters())
        return dict.fromkeys(recipe.weights, none)

    learner._losses_of = nothing  # type: ignore[assignment]
    learner.run()
    quarters = [sum(at_truth[start : start + 50]) / 50 for start in range(0, 200, 50)]
    assert quarters == pytest.approx([0.875, 0.625, 0.375, 0.125], abs=0.2)


def test_learning_rates_warm_up_and_come_down(pool: Pool) -> None:
    recipe = dataclasses.replace(RECIPE, learning_rate=1e-3, warmup_share=0.05)
    learner = trainer(pool, recipe=recipe, length=Length(100))
    rates = []
    for step in range(100):
        learner.step = step
        rates.append(1e-3 * learner._rate_share())
    assert rates[:6] == pytest.approx([2e-4, 4e-4, 6e-4, 8e-4, 1e-3, 1e-3])
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(1e-3 / 20, rel=0.05)


def test_biases_and_norms_are_not_decayed(pool: Pool) -> None:
    groups = trainer(pool)._optimizer.param_groups
    assert {group["weight_decay"] for group in groups} == {RECIPE.weight_decay, 0.0}
    for group in groups:
        vectors = {parameter.ndim < 2 for parameter in group["params"]}
        assert vectors == {group["weight_decay"] == 0}


def test_points_are_learned_without_step_truths(pool: Pool) -> None:
    learner = trainer(pool, config=dataclasses.replace(TINY, target="points"), length=Length(1))
    logs: list[StepLog] = []
    learner.run(on_step=logs.append)
    assert logs[0].step_delta == 0
    assert logs[0].delta > 5  # a mark is nine points at difficulty 3


OTHER_RUNS = {
    "length": {"length": Length(5)},
    "seed": {"seed": 4},
    "model": {"config": dataclasses.replace(TINY, name="other")},
    "recipe": {"recipe": RECIPES["best"]},
}


@pytest.mark.parametrize("what", OTHER_RUNS)
def test_a_checkpoint_of_another_run_is_refused(pool: Pool, tmp_path: Path, what: str) -> None:
    path = tmp_path / "checkpoint.pt"
    trainer(pool).save(path)
    with pytest.raises(DataError, match=f"another {what}"):
        trainer(pool, **OTHER_RUNS[what]).resume(path)


def test_a_checkpoint_of_other_dives_is_refused(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    trainer(pool).save(path)
    with pytest.raises(DataError, match="another set of dives"):
        trainer(pool.chosen([0, 1, 2])).resume(path)


@pytest.mark.parametrize("kept", [0, 100, -1000])
def test_a_damaged_checkpoint_is_refused(pool: Pool, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "checkpoint.pt"
    learner = trainer(pool)
    learner.save(path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match="cannot be read"):
        learner.resume(path)


@pytest.mark.parametrize("content", [[1, 2], {"step": 3}, None], ids=["list", "step", "nothing"])
def test_a_file_that_is_no_checkpoint_is_refused(
    pool: Pool, tmp_path: Path, content: object
) -> None:
    torch.save(content, tmp_path / "checkpoint.pt")
    with pytest.raises(DataError, match="cannot be read"):
        trainer(pool).resume(tmp_path / "checkpoint.pt")


def test_a_full_disk_keeps_the_last_whole_checkpoint(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.pt"
    learner = trainer(pool)
    learner.save(path)
    whole = path.read_bytes()

    def fill_the_disk(state: object, stream: Any) -> None:
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", fill_the_disk)
    with pytest.raises(DataError, match="cannot be written"):
        learner.save(path)
    assert path.read_bytes() == whole
    assert [found.name for found in tmp_path.iterdir() if found.is_file()] == ["checkpoint.pt"]


def test_a_gradient_that_is_no_number_stops_the_run_before_the_weights_take_it(pool: Pool) -> None:
    learner = trainer(pool, length=Length(20))
    parameter = learner.network.temporal_parser.head[0].weight
    before = parameter.clone()
    parameter.register_hook(lambda gradient: gradient * float("nan"))
    with pytest.raises(DataError, match="no numbers"):
        learner.run()
    assert torch.equal(parameter, before)


def test_one_overflow_is_passed_over(pool: Pool) -> None:
    learner = trainer(pool, length=Length(3))
    spoilt = iter([float("nan"), 1.0, 1.0])
    parameter = learner.network.temporal_parser.head[0].weight
    parameter.register_hook(lambda gradient: gradient * next(spoilt))
    learner.run()
    assert learner.step == 3
    assert torch.isfinite(parameter).all()


def test_a_clip_without_numbers_spoils_neither_the_weights_nor_the_norms(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = trainer(pool, length=Length(2))
    prepare = supply.prepare_batch

    def spoilt(*given: Any) -> Batch:
        batch = prepare(*given)
        return dataclasses.replace(batch, clips=batch.clips * float("nan"))

    monkeypatch.setattr(supply, "prepare_batch", spoilt)
    learner.run(until=until_step(learner, 1))
    monkeypatch.setattr(supply, "prepare_batch", prepare)
    learner.run()
    for state in (learner.network.state_dict(), learner.averaged.state_dict()):
        assert all(torch.isfinite(value).all() for value in state.values())


def test_a_loss_that_is_no_number_is_never_the_best(pool: Pool) -> None:
    learner = trainer(pool)
    assert not learner.keep_best(float("nan"))
    assert learner.best is None
    assert learner.keep_best(1.0)
    assert not learner.keep_best(float("nan"))
    assert learner.keep_best(0.5)


def test_one_dive_is_not_enough(pool: Pool) -> None:
    with pytest.raises(DataError, match="two"):
        trainer(pool.chosen([0]))
