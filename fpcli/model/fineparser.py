"""The whole network: encoders that see one dive, and a head that compares two (paper, Figure 2)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from fpcli.model.composed_masks import composed_masks, fused_mask
from fpcli.model.config import SNIPPET_FRAMES, SNIPPET_STARTS, SNIPPETS, ModelConfig
from fpcli.model.contrastive_regression import ContrastiveRegression
from fpcli.model.duration import DurationInput
from fpcli.model.features import DiveFeatures, Encoding, StepDeltas
from fpcli.model.i3d import I3D, TrunkOutput
from fpcli.model.late_layers import Halfway, finish_encoding
from fpcli.model.mask_refiner import MaskRefiner, sharpened_masks
from fpcli.model.silhouette import SilhouetteInput, silhouettes
from fpcli.model.spatial_parser import MaskHead, frame_masks
from fpcli.model.static_encoder import StaticEncoder, StepTokens
from fpcli.model.temporal_parser import TemporalParser


@dataclass(frozen=True, eq=False)
class TrainingEncoding:
    """What the losses read, with gradients.

    features: what `compare` reads. transition_logits: (B, 96, 2), before the sigmoid.
    mask_logits: (B, M, 5, 16, H, W) four side masks and the fused one of M snippets, H and W 112
    over the configuration's mask_stride. snippet_starts: first frame of each of the M snippets.
    """

    features: DiveFeatures
    transition_logits: Tensor
    mask_logits: Tensor
    snippet_starts: tuple[int, ...]


def snippets_of(clips: Tensor) -> Tensor:
    """Cut (B, 3, 96, H, W) clips into (9 B, 3, 16, H, W) overlapping snippets."""
    cut = [clips[:, :, start : start + SNIPPET_FRAMES] for start in SNIPPET_STARTS]
    return torch.stack(cut, dim=1).flatten(0, 1)


class FineParser(nn.Module):
    """The network, given its built parts.

    spatial_trunk: I3D of SAP. dynamic_trunk: I3D of the dynamic features; None where the spatial
    trunk serves both, and then `gate` turns its features into the mask feature. refiner, duration,
    silhouette: None where the configuration has none.
    """

    def __init__(
        self,
        *,
        config: ModelConfig,
        spatial_trunk: I3D,
        dynamic_trunk: I3D | None,
        gate: nn.Linear | None,
        mask_head: MaskHead,
        temporal_parser: TemporalParser,
        static_encoder: StaticEncoder,
        regression: ContrastiveRegression,
        refiner: MaskRefiner | None = None,
        duration: DurationInput | None = None,
        silhouette: SilhouetteInput | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.spatial_trunk = spatial_trunk
        self.dynamic_trunk = dynamic_trunk
        self.gate = gate
        self.mask_head = mask_head
        self.temporal_parser = temporal_parser
        self.static_encoder = static_encoder
        self.regression = regression
        self.refiner = refiner
        self.duration = duration
        self.silhouette = silhouette

    @property
    def step_tokens(self) -> StepTokens:
        """The static encoder's cut into steps."""
        return self.static_encoder.tokens

    def halfway(self, clips: Tensor) -> tuple[Halfway, TrunkOutput]:
        """Read (B, 3, 96, 112, 112) clips up to the trunks' and the ResNet's outputs.

        Returned is also the spatial trunk's whole output, of which masks are made.
        """
        snippets = snippets_of(clips)
        spatial = self.spatial_trunk(snippets)
        dynamic = self.dynamic_trunk(snippets).pooled if self.dynamic_trunk else spatial.pooled
        by_dive = (len(clips), SNIPPETS)
        outlines = None
        if self.silhouette is not None:
            fused = fused_mask(self.mask_head, spatial.sides).unflatten(0, by_dive)
            outlines = silhouettes(frame_masks(fused))
        seen = Halfway(
            dynamic.unflatten(0, by_dive),
            spatial.pooled.unflatten(0, by_dive),
            self.static_encoder(clips),
            outlines,
        )
        return seen, spatial

    def _encode(
        self, clips: Tensor, transitions: Tensor | None, durations_s: Tensor | None
    ) -> tuple[DiveFeatures, Tensor, TrunkOutput]:
        seen, spatial = self.halfway(clips)
        features, logits = finish_encoding(self, seen, transitions, durations_s)
        return features, logits, spatial

    def encode(
        self,
        clips: Tensor,
        transitions: Tensor | None = None,
        durations_s: Tensor | None = None,
    ) -> DiveFeatures:
        """Encode (B, 3, 96, 112, 112) normalised clips; returns no masks.

        transitions: (B, 2) frames at which the static encoder cuts, where they are known; otherwise
        the predicted ones. durations_s: (B,) seconds of the dive from the first frame to the last;
        not a number, or None for all, where they are not known.
        """
        return self._encode(clips, transitions, durations_s)[0]

    def parse(
        self,
        clips: Tensor,
        transitions: Tensor | None = None,
        durations_s: Tensor | None = None,
    ) -> Encoding:
        """Encode clips as `encode` does, with (B, 96, 112, 112) masks."""
        features, _, spatial = self._encode(clips, transitions, durations_s)
        fused = self.mask_head(spatial.sides)[:, -1].unflatten(0, (len(clips), SNIPPETS))
        return Encoding(features, sharpened_masks(self.refiner, frame_masks(fused), clips))

    def parse_for_training(
        self,
        clips: Tensor,
        transitions: Tensor | None = None,
        mask_snippets: Sequence[int] = range(SNIPPETS),
        durations_s: Tensor | None = None,
    ) -> TrainingEncoding:
        """Encode clips as `encode` does, with all that the losses need and its gradients.

        mask_snippets: places of the snippets whose masks are made; neighbours say the same, and
        all of them at full size take much memory. Masks are not sharpened.
        """
        features, transition_logits, spatial = self._encode(clips, transitions, durations_s)
        by_dive = (len(clips), SNIPPETS)
        chosen = list(mask_snippets)
        first, second, third, fourth = (
            side.unflatten(0, by_dive)[:, chosen].flatten(0, 1) for side in spatial.sides
        )
        masks = composed_masks(self.mask_head, (first, second, third, fourth))
        starts = tuple(SNIPPET_STARTS[place] for place in chosen)
        return TrainingEncoding(
            features, transition_logits, masks.unflatten(0, (len(clips), len(chosen))), starts
        )

    def compare(
        self,
        query: DiveFeatures,
        exemplars: DiveFeatures,
        boundaries: tuple[Tensor, Tensor] | None = None,
    ) -> StepDeltas:
        """Compare N pairs of dives in one batch, in both directions.

        A batch of one on either side stands against all of the other.

        boundaries: (N, 2) transitions of query and of exemplars that cut the dynamic features,
        where they are known; otherwise the predicted ones.
        """
        deltas: StepDeltas = self.regression(query, exemplars, boundaries)
        return deltas
