"""The training loop: batches in, an averaged network out, resumable at any step."""

import copy
import hashlib
import math
import pickle
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fpcli.errors import DataError
from fpcli.model.build import build
from fpcli.model.config import ModelConfig
from fpcli.model.fineparser import FineParser
from fpcli.training.augment import Augmentation
from fpcli.training.halfway import freeze_early_layers, keep_early_layers
from fpcli.training.measure_head import MeasureHead, truths
from fpcli.training.objective import Objective
from fpcli.training.processes import Processes
from fpcli.training.recipe import Recipe
from fpcli.training.samples import NumberBatches
from fpcli.training.strategy import strategy_of
from fpcli.training.supply import Supply
from fpcli.video.transform import InputGeometry
from fpcli.weights.part_file import written_whole

KERNEL_TRIALS = 3
MOST_SKIPPED = 5  # steps in a row whose gradient is no number
NO_CHECKPOINT = (OSError, RuntimeError, KeyError, TypeError, EOFError, pickle.UnpicklingError)


@dataclass(frozen=True)
class Length:
    """How long a run is: so many steps, or so many seconds of learning, whichever is given.

    A run of a given time is not repeated bit for bit: its schedule follows the clock.
    """

    steps: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        """Check that one of the two is given."""
        if (self.steps is None) == (self.seconds is None):
            raise ValueError("a run is so many steps or so many seconds long")

    def share(self, step: int, spent_s: float) -> float:
        """How much of the run is over after so many steps and seconds, 0 to 1."""
        done = spent_s / self.seconds if self.seconds else step / (self.steps or 1)
        return min(done, 1.0)

    @property
    def share_of_a_step(self) -> float:
        """How much of the run a step is; roughly where it follows the clock."""
        return 1 / self.steps if self.steps else 1e-3


@dataclass(frozen=True)
class StepLog:
    """One step's losses and learning rate.

    clips: of the batch. seconds: that the step took. spent_s: seconds of learning so far.
    dives: how many there were to draw from.
    """

    step: int
    total: float
    delta: float
    step_delta: float
    transition: float
    mask: float
    measures: float
    learning_rate: float
    clips: int
    seconds: float
    spent_s: float
    dives: int


class Trainer:
    """A network that learns from a supply of dives.

    length: of the whole run; the learning rate's schedule depends on it. seed: of everything
    random. geometry, augmentation: the strategy's if None. start_from: gives the fresh network its
    start weights. processes: this one alone if None. The state that `save` writes and `resume`
    reads makes an interrupted run equal to an uninterrupted one on the same machine. best: the
    averaged weights that did best on held-out dives so far, with their loss, once `keep_best` was
    told of any.
    """

    def __init__(
        self,
        *,
        config: ModelConfig,
        recipe: Recipe,
        supply: Supply,
        length: Length,
        seed: int,
        geometry: InputGeometry | None = None,
        device: torch.device | str = "cpu",
        augmentation: Augmentation | None = None,
        start_from: Callable[[FineParser], object] = lambda network: None,
        processes: Processes | None = None,
    ) -> None:
        supply.grow(most=None)
        labels = supply.labels
        if len(labels) < 2:
            raise DataError("Training compares dives and needs at least two.", "Use more dives.")
        torch.manual_seed(seed)
        self.recipe, self.supply, self.length, self._seed = recipe, supply, length, seed
        self._processes = processes or Processes()
        self._strategy = strategy_of(recipe)
        self.geometry = geometry or self._strategy.geometry
        self._augmentation = augmentation or self._strategy.augmentation
        self._device = torch.device(device)
        self.network: FineParser = _channels_last(build(config)).to(self._device)
        fresh = copy.deepcopy(self.network.state_dict()) if recipe.anew else {}
        start_from(self.network)
        keep_early_layers(self.network, fresh)
        if recipe.late:
            freeze_early_layers(self.network)
        self._still = [
            part
            for name, part in self.network.named_children()
            if recipe.learns and name not in recipe.learns
        ]
        for part in self._still:
            part.requires_grad_(False)
        for stream in recipe.silent:
            silence(self.network, stream)
        self.averaged: FineParser = copy.deepcopy(self.network).requires_grad_(False).eval()
        self._processes.synchronised(self.network)
        self._strategy.settle(self.network)
        measures = None
        if recipe.measure_weight and any(map(truths, labels)):
            measures = MeasureHead(config, labels).to(self._device)
        self._objective = Objective(self.network, measures, self._strategy, recipe, self._processes)
        self._losses_of = self._processes.wrapped(self._objective)
        self._optimizer = self._strategy.optimizer(self.network, measures, recipe)
        for group in self._optimizer.param_groups:
            group["initial_lr"] = group["lr"]
        self._statistics = [value for value in self.network.buffers() if value.is_floating_point()]
        # Statistics of norms, which a clip without numbers would spoil for good.
        self._before = [value.clone() for value in self._statistics]
        self._rng = np.random.default_rng(seed)
        # Each process changes its own dives in its own way.
        self._torch_rng = torch.Generator().manual_seed(seed + self._processes.rank)
        self._batches = NumberBatches(
            labels,
            size=recipe.dives_per_batch,
            per_number=recipe.dives_per_number,
            rng=self._rng,
        )
        self.step, self.spent_s = 0, 0.0
        self._skipped = 0
        self.best: tuple[float, dict[str, Tensor]] | None = None

    def keep_best(self, loss: float) -> bool:
        """Keep the averaged weights if their loss on held-out dives is the least so far."""
        if not loss < (math.inf if self.best is None else self.best[0]):
            return False
        weights = self.averaged.state_dict()
        self.best = loss, {name: value.detach().clone() for name, value in weights.items()}
        return True

    @property
    def done(self) -> float:
        """How much of the run is over, 0 to 1."""
        return self.length.share(self.step, self.spent_s)

    def run(
        self,
        *,
        until: Callable[[], bool] = lambda: False,
        on_step: Callable[[StepLog], None] = lambda log: None,
    ) -> None:
        """Train to the last step, or until `until` says so; on_step is told of every step."""
        # Every step has the same shapes, so that a search for the fastest kernels pays; the first
        # few candidates hold it, and all of them take most of a minute.
        with torch.backends.cudnn.flags(
            enabled=True, benchmark=True, benchmark_limit=KERNEL_TRIALS
        ):
            while self.done < 1 and not until():
                on_step(self._one_step())

    def _one_step(self) -> StepLog:
        began = time.perf_counter()
        share = self._rate_share()
        for group in self._optimizer.param_groups:
            group["lr"] = group["initial_lr"] * share
        self._batches.add(self.supply.grow())
        self.network.train()
        self._strategy.settle(self.network)
        for part in self._still:
            part.eval()  # its norms' statistics stay, too
        torch._foreach_copy_(self._before, self._statistics)
        self._optimizer.zero_grad(set_to_none=True)
        names, weights = zip(*self.recipe.weights.items(), strict=True)
        sums, clips = torch.zeros(len(names), device=self._device), 0
        for _ in range(self.recipe.accumulation):
            losses, count = self._batch_losses()
            parts = torch.stack([losses[name] for name in names]) / self.recipe.accumulation
            (parts @ parts.new_tensor(weights)).backward()
            sums, clips = sums + parts.detach(), clips + count
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.gradient_norm)
        if torch.isfinite(norm):
            self._skipped = 0
            self._optimizer.step()
        else:
            self._skip()
        self.step += 1
        self._average()
        found = self._processes.mean(sums)
        total = float(found @ found.new_tensor(weights))
        values = dict(zip(names, found.tolist(), strict=True))
        seconds = self._processes.most(time.perf_counter() - began)
        self.spent_s += seconds
        return StepLog(
            self.step,
            total,
            **values,
            learning_rate=self._optimizer.param_groups[0]["lr"],
            clips=clips,
            seconds=seconds,
            spent_s=self.spent_s,
            dives=len(self.supply.labels),
        )

    def _batch_losses(self) -> tuple[dict[str, Tensor], int]:
        """Losses of a batch that is drawn now, and how many dives all processes read for it."""
        places = self._batches.draw()
        labels = [self.supply.labels[place] for place in places]
        draw = self._objective.draw(labels, self._rng)
        truth_share = self.recipe.truth_share_start + self.done * (
            self.recipe.truth_share_end - self.recipe.truth_share_start
        )
        cut_at_truth = self._rng.random() < truth_share
        own = self._processes.own(places)
        batch = self.supply.prepared(own, self.geometry, self._augmentation, self._torch_rng)
        cuts = batch.transitions if cut_at_truth else None
        losses: dict[str, Tensor] = self._losses_of(batch, labels, cuts, draw)
        return losses, len(places)

    def _skip(self) -> None:
        """Leave the network as it was; a rare overflow passes, a broken run does not."""
        torch._foreach_copy_(self._statistics, self._before)
        self._skipped += 1
        if self._skipped > MOST_SKIPPED:
            raise DataError(
                f"The gradients of {self._skipped} steps in a row are no numbers.",
                "Train again in another folder with another --seed; if it stays, this is a defect.",
            )

    def _rate_share(self) -> float:
        """Learning rates over their peaks, for the step that comes."""
        return self._strategy.rate_share(self.done, self.length.share_of_a_step, self.recipe)

    @torch.no_grad()
    def _average(self) -> None:
        """Follow the network; early on follow faster, so that the first weights are forgotten."""
        decay = min(self.recipe.average_decay, (1 + self.step) / (10 + self.step))
        ours, theirs = self.averaged.state_dict(), self.network.state_dict()
        numbers = [name for name, value in ours.items() if value.dtype.is_floating_point]
        torch._foreach_lerp_(
            [ours[name] for name in numbers], [theirs[name] for name in numbers], 1 - decay
        )
        for name in ours.keys() - set(numbers):
            ours[name].copy_(theirs[name])

    def state(self) -> dict[str, Any]:
        """All that a resumed run needs, in plain containers and tensors."""
        return self._identity() | {
            "step": self.step,
            "spent_s": self.spent_s,
            "measures": self._objective.measures.state_dict() if self._objective.measures else {},
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "best": self.best,
            "optimizer": self._optimizer.state_dict(),
            "numpy_random": self._rng.bit_generator.state,
            "torch_random": self._processes.each(self._torch_rng.get_state()),
            "skipped": self._skipped,
        }

    def _identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        return {
            "length": asdict(self.length),
            "seed": self._seed,
            "number of processes": self._processes.size,
            "model": self.network.config.to_dict(),
            "recipe": asdict(self.recipe),
            "set of dives": hashlib.sha256(self.supply.identity.encode()).hexdigest(),
        }

    def save(self, path: Path) -> None:
        """Write a checkpoint; it appears complete or not at all.

        The first of several processes writes for all, which must all come here. Raises DataError
        when it cannot be written; the last whole one stays.
        """
        state = self.state()
        if not self._processes.first:
            return
        try:
            with written_whole(path) as stream:
                torch.save(state, stream)
        except (OSError, RuntimeError) as error:
            raise DataError(
                f"The checkpoint {path.name} cannot be written ({error}).",
                "Free some space or choose another folder; the last whole checkpoint is kept.",
            ) from error

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of the same run.

        Raises DataError when it is damaged, or of another model, recipe, length, seed or pool.
        """
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            different = [name for name, ours in self._identity().items() if state[name] != ours]
        except NO_CHECKPOINT as error:
            raise DataError(
                f"The checkpoint {path.name} cannot be read ({error}).",
                "Delete it and train again from the start.",
            ) from error
        if different:
            raise DataError(
                f"The checkpoint {path.name} belongs to a run with another {different[0]}.",
                "Give the options of the first run, or train in another folder.",
            )
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.best = state["best"]
        if self._objective.measures:
            self._objective.measures.load_state_dict(state["measures"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._rng.bit_generator.state = state["numpy_random"]
        self._torch_rng.set_state(state["torch_random"][self._processes.rank])
        self.step, self.spent_s = state["step"], state["spent_s"]
        self._skipped = state["skipped"]


def _channels_last(network: FineParser) -> FineParser:
    """Lay kernels out as convolutions are fastest with; the numbers stay the same."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            module.to(memory_format=torch.channels_last_3d)
        elif isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)
    return network


def silence(network: FineParser, stream: str) -> None:
    """Keep a stream of the comparing head, "static" or "dynamic", at a difference of nothing."""
    last = getattr(network.regression, stream).regressor[-1]
    for parameter in last.parameters():
        nn.init.zeros_(parameter.requires_grad_(False))
