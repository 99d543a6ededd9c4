"""What a step makes small: one module from a batch of clips to all losses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from fpcli.model.config import SNIPPET_FRAMES, SNIPPETS
from fpcli.model.features import DiveFeatures
from fpcli.model.fineparser import FineParser, TrainingEncoding
from fpcli.model.late_layers import finish_encoding
from fpcli.model.mask_refiner import refined_logits
from fpcli.training.augment import Batch
from fpcli.training.halfway import HalfwayBatch
from fpcli.training.losses import step_loss
from fpcli.training.measure_head import MeasureHead
from fpcli.training.processes import Processes
from fpcli.training.recipe import Recipe
from fpcli.training.samples import DiveLabel
from fpcli.training.strategy import Pairs, Strategy


@dataclass(frozen=True, eq=False)
class Draw:
    """What chance decides in a step: the pairs compared, the snippets and frames with masks."""

    pairs: Pairs
    snippets: tuple[int, ...]
    phase: int


class Objective(nn.Module):
    """A network, what helps it to learn, and the losses of both.

    measures: None where no dive tells them. processes: that share a batch; each encodes its part
    of the dives, and the comparing head, which costs little, compares all in each process.
    """

    def __init__(
        self,
        network: FineParser,
        measures: MeasureHead | None,
        strategy: Strategy,
        recipe: Recipe,
        processes: Processes,
    ) -> None:
        super().__init__()
        self.network, self.measures = network, measures
        self._strategy, self._recipe, self._processes = strategy, recipe, processes

    def draw(self, labels: Sequence[DiveLabel], rng: np.random.Generator) -> Draw:
        """Let chance decide; the same in every process."""
        snippets = rng.choice(SNIPPETS, min(self._recipe.mask_snippets, SNIPPETS), replace=False)
        pairs = self._strategy.pairs(labels, self._recipe, rng)
        phase = int(rng.integers(self._recipe.mask_frame_stride))
        return Draw(pairs, tuple(sorted(snippets.tolist())), phase)

    def forward(
        self, batch: Batch, labels: Sequence[DiveLabel], cuts: Tensor | None, draw: Draw
    ) -> dict[str, Tensor]:
        """Losses by name, those of `Recipe.weights`.

        batch: this process's part. labels: of the dives of all processes. cuts: (B, 2) true
        transitions at which this part is cut, None for the predicted ones.
        """
        own, logits, mask_loss = self._encoded(batch, cuts, draw)
        together = self._processes.together
        features = DiveFeatures(
            together(own.dynamic), together(own.static), together(own.transitions)
        )
        losses = self._of_pairs(features, labels, None if cuts is None else together(cuts), draw)
        losses["transition"] = self._strategy.transition_loss(
            logits, batch.transitions, self._recipe
        )
        losses["mask"] = mask_loss
        nothing = batch.clips.new_zeros(())
        losses["measures"] = self.measures.loss(features, labels) if self.measures else nothing
        return losses

    def _encoded(
        self, batch: Batch, cuts: Tensor | None, draw: Draw
    ) -> tuple[DiveFeatures, Tensor, Tensor]:
        """Features in float32, (B, 96, 2) transition logits, and the loss of masks."""
        if isinstance(batch, HalfwayBatch):
            features, logits = finish_encoding(self.network, batch.halfway, cuts, batch.durations_s)
            shown = slice(draw.phase, None, self._recipe.mask_frame_stride)
            loss = self._of_refined(
                batch.coarse[:, shown], batch.clips[:, :, shown], batch.masks[:, shown]
            )
            return features, logits, loss
        device = batch.clips.device
        # On the CPU bfloat16 gains a quarter, and its kernels for narrow 3-D convolutions have
        # given gradients that are not numbers.
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            encoding = self.network.parse_for_training(
                batch.clips, cuts, draw.snippets, batch.durations_s
            )
        features = encoding.features.to(dtype=torch.float32)
        return features, encoding.transition_logits, self._of_masks(encoding, batch, draw.phase)

    def _of_pairs(
        self,
        features: DiveFeatures,
        labels: Sequence[DiveLabel],
        cuts: Tensor | None,
        draw: Draw,
    ) -> dict[str, Tensor]:
        query, exemplar = draw.pairs
        device = features.dynamic.device
        boundaries = None if cuts is None else (cuts[query], cuts[exemplar])
        deltas = self.network.compare(features[query], features[exemplar], boundaries)
        in_marks = self.network.config.target == "mark"
        known = [label.mark if in_marks else label.score for label in labels]
        truth = torch.tensor(known, dtype=torch.float32, device=device)
        step_delta = truth.new_zeros(())
        deductions = [label.step_deductions for label in labels if label.step_deductions]
        if in_marks and len(deductions) == len(labels):
            lost = torch.tensor(deductions, dtype=torch.float32, device=device)
            step_delta = step_loss(deltas, lost[exemplar] - lost[query])
        delta = self._strategy.delta_loss(deltas, truth[query] - truth[exemplar])
        return {"delta": delta, "step_delta": step_delta}

    def _of_masks(self, encoding: TrainingEncoding, batch: Batch, phase: int) -> Tensor:
        """Compare some frames of the snippets."""
        device, stride = batch.masks.device, self._recipe.mask_frame_stride
        chosen = torch.arange(phase, SNIPPET_FRAMES, stride, device=device)
        starts = torch.tensor(encoding.snippet_starts, device=device)
        places = (starts[:, None] + chosen).flatten()
        by_snippet = (len(starts), 1, len(chosen))
        logits = encoding.mask_logits[:, :, :, chosen]
        frames = batch.masks[:, places]
        target = functional.adaptive_avg_pool2d(frames, logits.shape[-1])
        loss = self._strategy.mask_loss(logits, target.unflatten(1, by_snippet))
        fused = logits[:, :, -1].flatten(1, 2)
        return loss + self._of_refined(fused, batch.clips[:, :, places], frames)

    def _of_refined(self, coarse: Tensor, clips: Tensor, masks: Tensor) -> Tensor:
        """Loss of T refined masks (B, T, H, W) beside their frames, nothing without a refiner."""
        if self.network.refiner is None:
            return coarse.new_zeros(())
        with torch.autocast(clips.device.type, torch.bfloat16, enabled=clips.is_cuda):
            sharp = refined_logits(self.network.refiner, coarse, clips)
        return self._strategy.mask_loss(sharp[:, None, None], masks[:, None, None])
