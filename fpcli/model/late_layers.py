"""What comes after the trunks and the ResNet: it costs little, so that a CPU can teach it."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from fpcli.model.config import ModelConfig
from fpcli.model.duration import DurationInput
from fpcli.model.features import DiveFeatures
from fpcli.model.silhouette import SilhouetteInput
from fpcli.model.static_encoder import StepTokens
from fpcli.model.temporal_parser import TemporalParser


@dataclass(frozen=True, eq=False)
class Halfway:
    """What the trunks and the ResNet make of B clips.

    dynamic: (B, 9, F) of the dynamic trunk. spatial: (B, 9, F) of SAP's trunk; the same where one
    serves both. frames: (B, T, 8 D) of the ResNet, T 96 over the static encoder's stride.
    silhouettes: (B, 96, SILHOUETTE) of the masks; None where the network reads none.
    """

    dynamic: Tensor
    spatial: Tensor
    frames: Tensor
    silhouettes: Tensor | None


class LateLayers(Protocol):
    """A network's parts that stand after the trunks."""

    config: ModelConfig
    gate: nn.Linear | None
    duration: DurationInput | None
    silhouette: SilhouetteInput | None
    temporal_parser: TemporalParser

    @property
    def step_tokens(self) -> StepTokens:
        """The static encoder's cut into steps."""


def finish_encoding(
    layers: LateLayers, halfway: Halfway, transitions: Tensor | None, durations_s: Tensor | None
) -> tuple[DiveFeatures, Tensor]:
    """Go on from halfway to the features that are compared; returns them and (B, 96, 2) logits.

    transitions: (B, 2) frames at which the static encoder cuts, where they are known; otherwise the
    predicted ones. durations_s: (B,), not a number or None for all where they are not known.
    """
    gated = layers.gate(halfway.spatial) if layers.gate is not None else halfway.spatial
    target_action = halfway.dynamic * gated.sigmoid()
    if layers.duration is not None:
        target_action = layers.duration(target_action, durations_s)
    logits = layers.temporal_parser(target_action)
    frames = halfway.frames
    if layers.silhouette is not None:
        assert halfway.silhouettes is not None
        stride = layers.config.static_frame_stride
        of_snippets, of_frames = layers.silhouette(halfway.silhouettes, stride)
        target_action, frames = target_action + of_snippets, frames + of_frames
    found = DiveFeatures(target_action, target_action.new_empty(0), logits.sigmoid())
    cuts = found.boundaries if transitions is None else transitions.to(frames.device)
    static = layers.step_tokens(frames, cuts)
    return DiveFeatures(target_action, static, found.transitions), logits
