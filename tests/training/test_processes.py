"""Two processes that share each batch learn what one does with all of it."""

import dataclasses
import os
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from made_dives import SMALL, label, write_pool
from tiny_network import TINY
from torch import distributed, nn

from fpcli.errors import DataError, UsageError
from fpcli.model.config import ModelConfig
from fpcli.model.fineparser import FineParser
from fpcli.training import loop, run, strategy
from fpcli.training.augment import Augmentation
from fpcli.training.loop import Length, StepLog, Trainer
from fpcli.training.processes import Processes, Several, joined, local_device
from fpcli.training.recipe import RECIPES
from fpcli.training.samples import Pool, load_pool
from fpcli.training.supply import Supply
from fpcli.weights.bundle import load_bundle

STEPS = 3
PLAIN = dataclasses.replace(TINY, refiner_width=0, reads_duration=False, reads_silhouette=False)
UNCHANGED = Augmentation(
    zoom=0, shift=0, drift=0, mirrored_share=0, trim=0, trim_start=0, gain=0, bias=0, noise=0,
    blur_share=0, coded_share=0,
)  # fmt: skip
RECIPE = dataclasses.replace(
    RECIPES["best"], dives_per_batch=4, accumulation=2, average_decay=0.5, truth_share_end=0.0
)


def still_norms(network: FineParser) -> None:
    """Gloo has no norms that see the whole batch: here all are as in use."""
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


def learner(folder: Path, processes: Processes, config: ModelConfig = PLAIN) -> Trainer:
    return Trainer(
        config=config, geometry=SMALL, recipe=RECIPE, supply=Supply(load_pool(folder)),
        length=Length(STEPS), seed=3, augmentation=UNCHANGED, processes=processes,
    )  # fmt: skip


def learned(folder: Path, processes: Processes, config: ModelConfig = PLAIN) -> dict[str, Any]:
    """Losses by step and the weights at the end."""
    strategies = {
        name: dataclasses.replace(known, settle=still_norms)
        for name, known in strategy.STRATEGIES.items()
    }
    logs: list[StepLog] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strategy, "STRATEGIES", strategies)
        patch.setattr(loop, "build", seeded_build)
        trainer = learner(folder, processes, config)
        trainer.run(on_step=logs.append)
    trainer.save(folder / f"checkpoint-{processes.size}.pt")
    return {
        "losses": [dataclasses.astuple(log)[1:8] for log in logs],
        "clips": [log.clips for log in logs],
        "weights": trainer.network.state_dict(),
        "augmentation": trainer._torch_rng.get_state(),
    }


def seeded_build(config: ModelConfig) -> FineParser:
    """Norms as some training leaves them, so that every loss has something to learn."""
    from fpcli.model.build import build

    network = build(config)
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network


def one_of_two(rank: int, folder: Path) -> None:
    """What each of two processes does; it leaves what it has seen in a file of its own."""
    torch.set_num_threads(1)
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": (folder / "port").read_text()}
    # Gradients that lie otherwise than their kernels, of which torch warns, are copied each step.
    warnings.filterwarnings("error", "Grad strides do not match")
    with joined(torch.device("cpu")) as processes:
        assert isinstance(processes, Several)
        later = learned(folder, processes, TINY)["losses"]
        found: dict[str, Any] = learned(folder, processes)
        found["losses of later parts"] = later
        resumed = learner(folder, processes)
        resumed.resume(folder / "checkpoint-2.pt")
        found["resumed augmentation"] = resumed._torch_rng.get_state()
        found["most"] = processes.most(float(rank))
        with pytest.raises(UsageError, match="evenly"):
            processes.own([1, 2, 3])
        pool = load_pool(folder)
        outcome = run.train(
            folder / f"run-{rank}", run.Dives.of_pool(pool, 0.4, "cpu"), TINY,
            dataclasses.replace(RECIPE, accumulation=1), Length(1), "two", processes=processes,
        )  # fmt: skip
        found["metrics"] = dict(outcome.metrics)
        distributed.barrier()
    torch.save(found, folder / f"found-{rank}.pt")


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    labels = [
        label(place, event=place // 4, number=("107B", "205B")[place % 2], mark=3.0 + place / 2)
        for place in range(8)
    ]
    return write_pool(tmp_path_factory.mktemp("shared") / "dives", labels, side=128)


@pytest.fixture(scope="module")
def both(pool: Pool) -> list[dict[str, Any]]:
    folder = pool.paths[0].parent
    store = distributed.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    port = store.port
    del store
    (folder / "port").write_text(str(port))
    torch.multiprocessing.spawn(one_of_two, (folder,), nprocs=2)
    return [torch.load(folder / f"found-{rank}.pt") for rank in (0, 1)]


def test_two_processes_have_the_losses_of_one(pool: Pool, both: list[dict[str, Any]]) -> None:
    """With norms in evaluation mode: in training mode each process on gloo has its own."""
    alone = learned(pool.paths[0].parent, Processes())
    assert len(alone["losses"]) == STEPS
    assert len({round(losses[0], 4) for losses in alone["losses"]}) == STEPS
    for found in both:
        assert found["clips"] == alone["clips"] == [8] * STEPS
        for ours, theirs in zip(found["losses"], alone["losses"], strict=True):
            assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-5)
    for name, value in both[0]["weights"].items():
        assert torch.equal(value, both[1]["weights"][name]), name
        assert torch.allclose(value, alone["weights"][name], atol=1e-4), name


def test_the_later_parts_have_the_losses_of_one_too(pool: Pool, both: list[dict[str, Any]]) -> None:
    """Their weights are not compared: Adam makes whole steps of gradients that are rounding."""
    alone = learned(pool.paths[0].parent, Processes(), TINY)["losses"]
    for found in both:
        for ours, theirs in zip(found["losses of later parts"], alone, strict=True):
            assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-5)


def test_each_process_changes_its_own_dives_and_goes_on_so(both: list[dict[str, Any]]) -> None:
    first, second = both
    assert not torch.equal(first["augmentation"], second["augmentation"])
    for found in both:
        assert torch.equal(found["augmentation"], found["resumed augmentation"])


def test_decisions_are_common(both: list[dict[str, Any]]) -> None:
    assert [found["most"] for found in both] == [1.0, 1.0]


def test_the_first_process_alone_measures_each_dive_once_and_writes(
    pool: Pool, both: list[dict[str, Any]]
) -> None:
    folder = pool.paths[0].parent
    written = {path.name for path in (folder / "run-0").iterdir()}
    assert written == {
        "checkpoint.pt", "curve.png", "log.csv", "two.safetensors", "validation.csv",
    }  # fmt: skip
    assert not list((folder / "run-1").iterdir())
    assert both[1]["metrics"] == {}
    bundle = load_bundle(folder / "run-0" / "two.safetensors")
    assert bundle.calibration is not None
    held_out = run.Dives.of_pool(pool, 0.4, "cpu").held_out
    assert len(bundle.calibration.residual_marks) == len(held_out)


def test_a_checkpoint_of_another_number_of_processes_is_refused(
    pool: Pool, both: list[dict[str, Any]]
) -> None:
    with pytest.raises(DataError, match="another number of processes"):
        learner(pool.paths[0].parent, Processes()).resume(pool.paths[0].parent / "checkpoint-2.pt")


def test_torchrun_tells_each_process_its_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda, cpu = torch.device("cuda:0"), torch.device("cpu")
    assert local_device(cuda) == cuda
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_RANK", "2")
    assert local_device(cuda) == torch.device("cuda:2")
    assert local_device(cpu) == cpu
