"""The training loop: batches in, an averaged network out, resumable at any step."""

import copy
import hashlib
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from fpcli.errors import DataError
from fpcli.model.build import build
from fpcli.model.config import SNIPPET_FRAMES, SNIPPETS, ModelConfig
from fpcli.model.fineparser import FineParser, TrainingEncoding
from fpcli.training.augment import Augmentation, Batch, prepare_batch
from fpcli.training.losses import delta_loss, mask_loss, step_loss, transition_loss
from fpcli.training.measure_head import MeasureHead, truths
from fpcli.training.recipe import Recipe
from fpcli.training.samples import DiveLabel, NumberBatches
from fpcli.training.supply import Supply
from fpcli.video.transform import InputGeometry
from fpcli.weights.part_file import written_whole

MASK_FRAME_STRIDE = 4
KERNEL_TRIALS = 3
MOST_SKIPPED = 5  # steps in a row whose gradient is no number
FINAL_RATE = 0.05  # of the peak learning rate, at the end of the cosine


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
    random. The state that `save` writes and `resume` reads makes an interrupted run equal to an
    uninterrupted one on the same machine. best: the averaged weights that did best on held-out
    dives so far, with their loss, once `keep_best` was told of any.
    """

    def __init__(
        self,
        *,
        config: ModelConfig,
        geometry: InputGeometry,
        recipe: Recipe,
        supply: Supply,
        length: Length,
        seed: int,
        device: torch.device | str = "cpu",
        augmentation: Augmentation | None = None,
    ) -> None:
        supply.grow(most=None)
        labels = supply.labels
        if len(labels) < 2:
            raise DataError("Training compares dives and needs at least two.", "Use more dives.")
        torch.manual_seed(seed)
        self.recipe, self.supply, self.length, self._seed = recipe, supply, length, seed
        self._geometry, self._augmentation = geometry, augmentation or Augmentation()
        self._device = torch.device(device)
        self.network: FineParser = _channels_last(build(config)).to(self._device)
        self.averaged: FineParser = copy.deepcopy(self.network).requires_grad_(False).eval()
        in_marks = config.target == "mark"
        self._measures: MeasureHead | None = None
        if in_marks and recipe.measure_weight and any(truths(label) for label in labels):
            self._measures = MeasureHead(config, labels).to(self._device)
        self._optimizer = _optimizer(self.network, self._measures, recipe)
        self._rng = np.random.default_rng(seed)
        self._torch_rng = torch.Generator().manual_seed(seed)
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
        if self.best is not None and loss >= self.best[0]:
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
        rate = self._learning_rate()
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._batches.add(self.supply.grow())
        places = self._batches.draw()
        labels = [self.supply.labels[place] for place in places]
        frames, masks = self.supply.batch(places)
        known = torch.tensor([label.transitions for label in labels], device=self._device)
        batch = prepare_batch(
            frames, masks, known, self._geometry, self._augmentation, self._torch_rng
        )
        truth_share = self.recipe.truth_share_start + self.done * (
            self.recipe.truth_share_end - self.recipe.truth_share_start
        )
        cuts = batch.transitions if self._rng.random() < truth_share else None
        self.network.train()
        # On the CPU bfloat16 gains a quarter, and its kernels for narrow 3-D convolutions have
        # given gradients that are not numbers.
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda"):
            encoding = self.network.parse_for_training(batch.clips, cuts, self._mask_snippets())
        losses = self._losses(encoding, labels, batch, cuts)
        total = losses["delta"] * self.recipe.delta_weight
        total = total + losses["step_delta"] * self.recipe.step_weight
        total = total + losses["transition"] * self.recipe.transition_weight
        total = total + losses["mask"] * self.recipe.mask_weight
        total = total + losses["measures"] * self.recipe.measure_weight
        self._optimizer.zero_grad(set_to_none=True)
        total.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.gradient_norm)
        if torch.isfinite(norm):
            self._skipped = 0
            self._optimizer.step()
        else:
            self._skip()
        self.step += 1
        self._average()
        values = {name: float(loss.detach()) for name, loss in losses.items()}
        seconds = time.perf_counter() - began
        self.spent_s += seconds
        return StepLog(
            self.step,
            float(total.detach()),
            **values,
            learning_rate=rate,
            clips=len(places),
            seconds=seconds,
            spent_s=self.spent_s,
            dives=len(self.supply.labels),
        )

    def _skip(self) -> None:
        """Leave the weights as they are; a rare overflow passes, a broken run does not."""
        self._skipped += 1
        if self._skipped > MOST_SKIPPED:
            raise DataError(
                f"The gradients of {self._skipped} steps in a row are no numbers.",
                "Train again in another folder with another --seed; if it stays, this is a defect.",
            )

    def _losses(
        self,
        encoding: TrainingEncoding,
        labels: list[DiveLabel],
        batch: Batch,
        cuts: Tensor | None,
    ) -> dict[str, Tensor]:
        query, exemplar = _pairs(labels, self.recipe, self._rng)
        features = encoding.features.to(dtype=torch.float32)
        boundaries = None if cuts is None else (cuts[query], cuts[exemplar])
        deltas = self.network.compare(features[query], features[exemplar], boundaries)
        in_marks = self.network.config.target == "mark"
        known = [label.mark if in_marks else label.score for label in labels]
        truth = torch.tensor(known, dtype=torch.float32, device=self._device)
        step_delta = truth.new_zeros(())
        deductions = [label.step_deductions for label in labels if label.step_deductions]
        if in_marks and len(deductions) == len(labels):
            lost = torch.tensor(deductions, dtype=torch.float32, device=self._device)
            step_delta = step_loss(deltas, lost[exemplar] - lost[query])
        return {
            "delta": delta_loss(deltas, truth[query] - truth[exemplar]),
            "step_delta": step_delta,
            "transition": transition_loss(
                encoding.transition_logits,
                batch.transitions,
                self.recipe.transition_sigma_frames,
            ),
            "mask": self._mask_loss(encoding, batch.masks),
            "measures": self._measures.loss(features, labels)
            if self._measures
            else truth.new_zeros(()),
        }

    def _mask_snippets(self) -> list[int]:
        count = min(self.recipe.mask_snippets, SNIPPETS)
        chosen: list[int] = self._rng.choice(SNIPPETS, count, replace=False).tolist()
        return sorted(chosen)

    def _mask_loss(self, encoding: TrainingEncoding, masks: Tensor) -> Tensor:
        """Compare every fourth frame of the snippets: neighbours say the same, and cost as much."""
        phase = int(self._rng.integers(MASK_FRAME_STRIDE))
        chosen = torch.arange(phase, SNIPPET_FRAMES, MASK_FRAME_STRIDE, device=self._device)
        starts = torch.tensor(encoding.snippet_starts, device=self._device)
        logits = encoding.mask_logits[:, :, :, chosen]
        frames = masks[:, (starts[:, None] + chosen).flatten()]
        target = functional.adaptive_avg_pool2d(frames, logits.shape[-1])
        return mask_loss(logits, target.unflatten(1, (len(starts), 1, len(chosen))))

    def _learning_rate(self) -> float:
        warmup = self.recipe.warmup_share
        if self.done < warmup:
            # Of the step that comes, whose share is not known in a run of a given time.
            rising = self.done + 1 / self.length.steps if self.length.steps else self.done + 1e-3
            return self.recipe.learning_rate * min(1.0, rising / warmup)
        progress = (self.done - warmup) / (1 - warmup)
        cosine = (1 + np.cos(np.pi * progress)) / 2
        return float(self.recipe.learning_rate * (FINAL_RATE + (1 - FINAL_RATE) * cosine))

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
            "measures": self._measures.state_dict() if self._measures else {},
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "best": self.best,
            "optimizer": self._optimizer.state_dict(),
            "numpy_random": self._rng.bit_generator.state,
            "torch_random": self._torch_rng.get_state(),
        }

    def _identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        return {
            "length": asdict(self.length),
            "seed": self._seed,
            "model": self.network.config.to_dict(),
            "recipe": asdict(self.recipe),
            "set of dives": hashlib.sha256(self.supply.identity.encode()).hexdigest(),
        }

    def save(self, path: Path) -> None:
        """Write a checkpoint; it appears complete or not at all.

        Raises DataError when it cannot be written; the last whole one stays.
        """
        try:
            with written_whole(path) as stream:
                torch.save(self.state(), stream)
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
        except (OSError, RuntimeError, KeyError, EOFError, pickle.UnpicklingError) as error:
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
        if self._measures:
            self._measures.load_state_dict(state["measures"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._rng.bit_generator.state = state["numpy_random"]
        self._torch_rng.set_state(state["torch_random"])
        self.step, self.spent_s = state["step"], state["spent_s"]


def _channels_last(network: FineParser) -> FineParser:
    """Lay kernels out as convolutions are fastest with; the numbers stay the same."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            module.to(memory_format=torch.channels_last_3d)
        elif isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)
    return network


def _optimizer(
    network: FineParser, measures: MeasureHead | None, recipe: Recipe
) -> torch.optim.AdamW:
    """AdamW that decays matrices and kernels, not biases and norms."""
    learned = [*network.parameters(), *(measures.parameters() if measures else ())]
    kernels = [parameter for parameter in learned if parameter.ndim > 1]
    vectors = [parameter for parameter in learned if parameter.ndim < 2]
    groups = [
        {"params": kernels, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate)


def _pairs(
    labels: Sequence[DiveLabel], recipe: Recipe, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Places (query, exemplar) of unordered pairs; the head answers in both directions.

    Where there are more than are wanted, those of one number come first: use compares them.
    """
    query, exemplar = np.triu_indices(len(labels), 1)
    numbers = np.array([label.dive_number for label in labels])
    same = numbers[query] == numbers[exemplar]
    if recipe.pairs == "same_number" and same.any():
        query, exemplar, same = query[same], exemplar[same], same[same]
    if len(query) > recipe.most_pairs:
        order = np.lexsort((rng.random(len(query)), ~same))[: recipe.most_pairs]
        query, exemplar = query[order], exemplar[order]
    return torch.from_numpy(query), torch.from_numpy(exemplar)
