"""SAP, the spatial action parser: where the diver is in each frame of a snippet.

Four stages of a trunk are brought to the snippet's full size by transposed convolutions; each gives
a side mask, and a 1x1x1 convolution of all four gives the fused one (paper, part SAP).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.model.config import FRAMES, PICTURE, SNIPPET_FRAMES, SNIPPET_STARTS, ModelConfig

STAGE_STRIDES = ((2, 2, 2), (2, 4, 4), (2, 8, 8), (4, 16, 16))  # snippet over stage: t, h, w
SIDE_MASKS = len(STAGE_STRIDES)


def enlarging_kernel(stride: int) -> int:
    """Return the kernel along an axis enlarged `stride` times; 3 where it keeps its size."""
    return 2 * stride if stride > 1 else 3


def upsampler(channels: int, strides: tuple[int, int, int]) -> nn.ConvTranspose3d:
    """Return a transposed convolution that enlarges exactly by `strides`."""
    time, height, width = strides
    kernel = (enlarging_kernel(time), enlarging_kernel(height), enlarging_kernel(width))
    padding = (max(time // 2, 1), max(height // 2, 1), max(width // 2, 1))
    return nn.ConvTranspose3d(channels, channels, kernel, strides, padding, bias=False)


class MaskStage(nn.Module):
    """One stage's side preparation, its upsampling for the fuse and its own side mask."""

    def __init__(self, inputs: int, channels: int, strides: tuple[int, int, int]) -> None:
        super().__init__()
        self.prepare = nn.Conv3d(inputs, channels, 1, bias=False)
        self.enlarge = upsampler(channels, strides)
        self.score = nn.Conv3d(channels, 1, 1)
        self.enlarge_score = upsampler(1, strides)

    def forward(self, side: Tensor) -> tuple[Tensor, Tensor]:
        """Map a stage (N, inputs, t, h, w) to (N, channels, 16, H, W) and (N, 1, 16, H, W)."""
        prepared = self.prepare(side)
        return self.enlarge(prepared), self.enlarge_score(self.score(prepared))


class MaskHead(nn.Module):
    """The four stages and their fuse."""

    def __init__(self, config: ModelConfig, side_channels: tuple[int, int, int, int]) -> None:
        super().__init__()
        stride = config.mask_stride
        self.stages = nn.ModuleList(
            MaskStage(inputs, config.side_channels, (time, height // stride, width // stride))
            for inputs, (time, height, width) in zip(side_channels, STAGE_STRIDES, strict=True)
        )
        self.fuse = nn.Conv3d(SIDE_MASKS * config.side_channels, 1, 1)

    def forward(self, sides: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
        """Return all mask logits, (N, 5, 16, H, W): four side masks, then the fused one.

        H and W are 112 over the configuration's mask_stride.
        """
        enlarged, side_masks = zip(
            *(stage(side) for stage, side in zip(self.stages, sides, strict=True)), strict=True
        )
        fused = self.fuse(torch.cat(enlarged, dim=1))
        return torch.cat([*side_masks, fused], dim=1)


def snippet_frame_counts(device: torch.device | None = None) -> Tensor:
    """Return (96,) how many snippets hold each frame: 1 or 2."""
    counts = torch.zeros(FRAMES, device=device)
    for start in SNIPPET_STARTS:
        counts[start : start + SNIPPET_FRAMES] += 1
    return counts


def frame_masks(fused_logits: Tensor) -> Tensor:
    """Average overlapping snippets into one probability picture a frame.

    fused_logits: (B, 9, 16, H, W). Returns (B, 96, 112, 112), enlarged bilinearly (as
    probabilities) where the logits are smaller than the picture.
    """
    probabilities = fused_logits.sigmoid()
    batch, _, _, height, width = probabilities.shape
    pictures = probabilities.new_zeros(batch, FRAMES, height, width)
    for index, start in enumerate(SNIPPET_STARTS):
        pictures[:, start : start + SNIPPET_FRAMES] += probabilities[:, index]
    pictures /= snippet_frame_counts(pictures.device)[:, None, None].to(pictures.dtype)
    if height != PICTURE:
        pictures = F.interpolate(
            pictures, size=(PICTURE, PICTURE), mode="bilinear", align_corners=False
        )
    return pictures
