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
from fpcli.model.config import SNIPPET_FRAMES, ModelConfig
from fpcli.model.fineparser import FineParser, TrainingEncoding
from fpcli.training.augment import Augmentation, prepare_batch
from fpcli.training.losses import delta_loss, mask_loss, step_loss, transition_loss
from fpcli.training.recipe import Recipe
from fpcli.training.samples import DiveLabel, NumberBatches, Pool, stack
from fpcli.video.transform import InputGeometry
from fpcli.weights.part_file import written_whole

MASK_FRAME_STRIDE = 4
FINAL_RATE = 0.05  # of the peak learning rate, at the end of the cosine


@dataclass(frozen=True)
class StepLog:
    """One step's losses, the learning rate, and how many clips it took how many seconds for."""

    step: int
    total: float
    delta: float
    step_delta: float
    transition: float
    mask: float
    learning_rate: float
    clips: int
    seconds: float


class Trainer:
    """A network that learns from a pool of dives.

    steps: of the whole run; the learning rate's schedule depends on it. seed: of everything random.
    The state that `save` writes and `resume` reads makes an interrupted run equal to an
    uninterrupted one on the same machine.
    """

    def __init__(
        self,
        *,
        config: ModelConfig,
        geometry: InputGeometry,
        recipe: Recipe,
        pool: Pool,
        steps: int,
        seed: int,
        device: torch.device | str = "cpu",
        augmentation: Augmentation | None = None,
    ) -> None:
        if len(pool) < 2:
            raise DataError("Training compares dives and needs at least two.", "Use more dives.")
        torch.manual_seed(seed)
        self.recipe, self.pool, self.steps, self._seed = recipe, pool, steps, seed
        self._geometry, self._augmentation = geometry, augmentation or Augmentation()
        self._device = torch.device(device)
        self.network: FineParser = _channels_last(build(config)).to(self._device)
        self.averaged: FineParser = copy.deepcopy(self.network).requires_grad_(False).eval()
        self._optimizer = _optimizer(self.network, recipe)
        self._rng = np.random.default_rng(seed)
        self._torch_rng = torch.Generator().manual_seed(seed)
        self._batches = NumberBatches(
            pool.labels,
            size=recipe.dives_per_batch,
            per_number=recipe.dives_per_number,
            rng=self._rng,
        )
        self.step = 0

    def run(
        self,
        *,
        until: Callable[[], bool] = lambda: False,
        on_step: Callable[[StepLog], None] = lambda log: None,
    ) -> None:
        """Train to the last step, or until `until` says so; on_step is told of every step."""
        while self.step < self.steps and not until():
            on_step(self._one_step())

    def _one_step(self) -> StepLog:
        began = time.perf_counter()
        rate = self._learning_rate()
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        places = self._batches.draw()
        labels = [self.pool.labels[place] for place in places]
        frames, masks = stack([self.pool.sample(place) for place in places])
        clips, masks = prepare_batch(
            frames.to(self._device),
            masks.to(self._device),
            self._geometry,
            self._augmentation,
            self._torch_rng,
        )
        transitions = torch.tensor([label.transitions for label in labels], device=self._device)
        progress = self.step / max(1, self.steps - 1)
        truth_share = self.recipe.truth_share_start + progress * (
            self.recipe.truth_share_end - self.recipe.truth_share_start
        )
        cuts = transitions if self._rng.random() < truth_share else None
        self.network.train()
        # On the CPU bfloat16 gains a quarter, and its kernels for narrow 3-D convolutions have
        # given gradients that are not numbers.
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda"):
            encoding = self.network.parse_for_training(clips, cuts)
        losses = self._losses(encoding, labels, transitions, cuts, masks)
        total = losses["delta"] * self.recipe.delta_weight
        total = total + losses["step_delta"] * self.recipe.step_weight
        total = total + losses["transition"] * self.recipe.transition_weight
        total = total + losses["mask"] * self.recipe.mask_weight
        self._optimizer.zero_grad(set_to_none=True)
        total.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.gradient_norm)
        if not torch.isfinite(norm):
            raise DataError(
                f"The gradient of step {self.step + 1} is not a number.",
                "Train again in another folder with another --seed; if it stays, this is a defect.",
            )
        self._optimizer.step()
        self.step += 1
        self._average()
        seconds = time.perf_counter() - began
        values = {name: float(loss.detach()) for name, loss in losses.items()}
        return StepLog(
            self.step,
            float(total.detach()),
            **values,
            learning_rate=rate,
            clips=len(places),
            seconds=seconds,
        )

    def _losses(
        self,
        encoding: TrainingEncoding,
        labels: list[DiveLabel],
        transitions: Tensor,
        cuts: Tensor | None,
        masks: Tensor,
    ) -> dict[str, Tensor]:
        query, exemplar = _pairs(labels, self.recipe)
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
                encoding.transition_logits, transitions, self.recipe.transition_sigma_frames
            ),
            "mask": self._mask_loss(encoding, masks),
        }

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
        warmup = max(1, round(self.steps * self.recipe.warmup_share))
        if self.step < warmup:
            return self.recipe.learning_rate * (self.step + 1) / warmup
        progress = (self.step - warmup) / max(1, self.steps - warmup)
        cosine = (1 + np.cos(np.pi * progress)) / 2
        return float(self.recipe.learning_rate * (FINAL_RATE + (1 - FINAL_RATE) * cosine))

    @torch.no_grad()
    def _average(self) -> None:
        """Follow the network; early on follow faster, so that the first weights are forgotten."""
        decay = min(self.recipe.average_decay, (1 + self.step) / (10 + self.step))
        ours, theirs = self.averaged.state_dict(), self.network.state_dict()
        for name, value in ours.items():
            if value.dtype.is_floating_point:
                value.lerp_(theirs[name], 1 - decay)
            else:
                value.copy_(theirs[name])

    def state(self) -> dict[str, Any]:
        """All that a resumed run needs, in plain containers and tensors."""
        return self._identity() | {
            "step": self.step,
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "numpy_random": self._rng.bit_generator.state,
            "torch_random": self._torch_rng.get_state(),
        }

    def _identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        keys = "\n".join(label.key for label in self.pool.labels)
        return {
            "number of steps": self.steps,
            "seed": self._seed,
            "model": self.network.config.to_dict(),
            "recipe": asdict(self.recipe),
            "set of dives": hashlib.sha256(keys.encode()).hexdigest(),
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
        self._optimizer.load_state_dict(state["optimizer"])
        self._rng.bit_generator.state = state["numpy_random"]
        self._torch_rng.set_state(state["torch_random"])
        self.step = state["step"]


def _channels_last(network: FineParser) -> FineParser:
    """Lay kernels out as convolutions are fastest with; the numbers stay the same."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            module.to(memory_format=torch.channels_last_3d)
        elif isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)
    return network


def _optimizer(network: FineParser, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW that decays matrices and kernels, not biases and norms."""
    kernels = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    vectors = [parameter for parameter in network.parameters() if parameter.ndim < 2]
    groups = [
        {"params": kernels, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate)


def _pairs(labels: Sequence[DiveLabel], recipe: Recipe) -> tuple[Tensor, Tensor]:
    """Places (query, exemplar) of the unordered pairs; the head answers in both directions."""
    query, exemplar = torch.triu_indices(len(labels), len(labels), offset=1)
    if recipe.pairs == "same_number":
        numbers = np.array([label.dive_number for label in labels])
        same = torch.from_numpy(numbers[query.numpy()] == numbers[exemplar.numpy()])
        if same.any():
            query, exemplar = query[same], exemplar[same]
    return query, exemplar
