"""The sizes of the network, by name.

`paper` is exactly the published network. `s` and `xs` are ours; each departure from the paper is a
field below, with its reason.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fpcli.errors import WeightsError

FRAMES = 96  # frames sampled from a dive
PICTURE = 112  # side of the network's picture, pixels
SNIPPET_FRAMES = 16
SNIPPET_STARTS = tuple(range(0, 81, 10))  # 0, 10, ..., 80: nine overlapping snippets
SNIPPETS = len(SNIPPET_STARTS)  # 9
CHANNEL_STEP = 8  # scaled channel counts are multiples of this: what vector units divide well

# 1x1x1 branch, 3x3x3 branch (reduced, full), second 3x3x3 branch (reduced, full), pooled branch
INCEPTION_CHANNELS: Mapping[str, tuple[int, int, int, int, int, int]] = {
    "3b": (64, 96, 128, 16, 32, 32),
    "3c": (128, 128, 192, 32, 96, 64),
    "4b": (192, 96, 208, 16, 48, 64),
    "4c": (160, 112, 224, 24, 64, 64),
    "4d": (128, 128, 256, 24, 64, 64),
    "4e": (112, 144, 288, 32, 64, 64),
    "4f": (256, 160, 320, 32, 128, 128),
    "5b": (256, 160, 320, 32, 128, 128),
    "5c": (384, 192, 384, 48, 128, 128),
}


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """What the builder needs to know of a network; the defaults are the paper's.

    target: what a difference is measured in, "points" of the score (the paper) or execution
        "mark"s, 0 to 10: marks take the difficulty out, so dives of unlike difficulty can vote.
    trunk_width: factor on the channels of the I3D trunks.
    shared_trunk: one trunk for masks and dynamic features instead of two that read the same
        snippets: halves the largest cost. The gate is then a learned linear map of the trunk's own
        features, since there is no second trunk to give it.
    side_channels: channels of SAP's side preparations; fewer make training's upsampling cheap.
    mask_stride: pixels of the network's picture for a pixel of the mask logits; 2 leaves the last
        doubling to bilinear interpolation, a quarter of the memory in training.
    static_widths, static_blocks: channels and blocks of the ResNet's four stages; the last width is
        eight token widths, because the step stacks halve it three times.
    static_frame_stride: every n-th frame goes through the ResNet; neighbours at 96 frames a dive
        differ little.
    token_width: width of the tokens that the comparing head reads.
    refiner_width: channels of the convolutions that sharpen masks beside the picture itself; 0 for
        none. The trunk sees two frames at once and half their size, which is coarse for limbs.
    reads_duration: whether the encoder is told how long the dive lasts. The 96 frames are spread
        over dives of any length, which hides how long a flight was and so how high a take-off.
    reads_silhouette: whether the encoder is told where the masks lie, which way and of what shape
        they are: pooled features see a splash and hardly a body's line.
    """

    name: str
    target: Literal["points", "mark"] = "points"
    trunk_width: float = 1.0
    shared_trunk: bool = False
    side_channels: int = 16
    mask_stride: Literal[1, 2] = 1
    static_widths: tuple[int, int, int, int] = (64, 128, 256, 512)
    static_blocks: tuple[int, int, int, int] = (3, 4, 6, 3)
    static_frame_stride: int = 1
    token_width: int = 64
    refiner_width: int = 0
    reads_duration: bool = False
    reads_silhouette: bool = False

    def __post_init__(self) -> None:
        """Check that the parts will fit together."""
        if self.static_widths[-1] != 8 * self.token_width:
            raise ValueError("the last of static_widths must be eight token widths")
        if FRAMES % self.static_frame_stride:
            raise ValueError(f"static_frame_stride must divide {FRAMES}")

    def channels(self, published: int) -> int:
        """Return a trunk channel count of the paper, scaled to this size."""
        steps = round(published * self.trunk_width / CHANNEL_STEP)
        return max(CHANNEL_STEP, steps * CHANNEL_STEP)

    def inception(self, name: str) -> tuple[int, int, int, int, int, int]:
        """Return the six channel counts of a mixed block, scaled to this size."""
        a, b, c, d, e, f = (self.channels(count) for count in INCEPTION_CHANNELS[name])
        return a, b, c, d, e, f

    def mixed_output(self, name: str) -> int:
        """Return the channels that leave a mixed block."""
        point, _, wide, _, narrow, pooled = self.inception(name)
        return point + wide + narrow + pooled

    @property
    def dynamic_width(self) -> int:
        """Width F of a snippet's features, 1024 at the paper's size."""
        return self.mixed_output("5c")

    def to_dict(self) -> dict[str, Any]:
        """Return plain containers, for a bundle's metadata."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ModelConfig":
        """Rebuild a configuration from `to_dict`, also after a trip through JSON.

        Raises WeightsError on a missing, unknown or impossible entry.
        """
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        try:
            return cls(**plain)
        except (TypeError, ValueError) as error:
            raise WeightsError(
                f"The model configuration cannot be used: {error}.",
                "The file may come from another version; fetch the weights again or upgrade.",
            ) from error


CONFIGS: Mapping[str, ModelConfig] = {
    "paper": ModelConfig(name="paper"),
    "s": ModelConfig(
        name="s",
        target="mark",
        trunk_width=0.75,
        shared_trunk=True,
        side_channels=8,
        static_widths=(48, 96, 192, 256),
        static_blocks=(2, 2, 2, 2),
        static_frame_stride=2,
        token_width=32,
        refiner_width=16,
        reads_duration=True,
        reads_silhouette=True,
    ),
    "xs": ModelConfig(
        name="xs",
        target="mark",
        trunk_width=0.25,
        shared_trunk=True,
        side_channels=8,
        mask_stride=2,
        static_widths=(16, 32, 64, 256),
        static_blocks=(2, 2, 2, 2),
        static_frame_stride=2,
        token_width=32,
        refiner_width=16,
        reads_duration=True,
        reads_silhouette=True,
    ),
}
