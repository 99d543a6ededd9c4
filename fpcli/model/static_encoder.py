"""SVE, the static visual encoder: what single frames of each step look like (paper, part SVE).

The ResNet's tensors carry torchvision's names, so that ImageNet weights load without a map.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.model.config import FRAMES, ModelConfig
from fpcli.model.temporal_parser import ConvStack

STEP_OVERLAP_FRAMES = 5  # a step's segment reaches this far over its transitions
STEP_SAMPLES = (36, 60, 48)  # frames that each step is resampled to
STEP_CHANNELS = (48, 24, 12, 4)  # ends in four tokens a step


def resample(sequence: Tensor, positions: Tensor) -> Tensor:
    """Interpolate linearly along time, at places that differ for each sequence of the batch.

    sequence: (N, T, F). positions: (N, S) in units of T, from 0 to T - 1. Returns (N, S, F).
    """
    places = torch.arange(sequence.shape[1], device=positions.device, dtype=positions.dtype)
    # A tent around every position: the two neighbours' weights, and nothing from the others.
    weights = (1 - (positions[..., None] - places).abs()).clamp(min=0)
    return weights.to(sequence.dtype) @ sequence


def spread(first: Tensor, last: Tensor, samples: int) -> Tensor:
    """Return (N, samples) positions evenly from first (N,) to last (N,), both included."""
    fractions = torch.linspace(0, 1, samples, device=first.device)
    return first[:, None] + (last - first)[:, None] * fractions


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around which the input is added."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        skipped = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(x)) + skipped, inplace=True)


def resnet_stage(inputs: int, outputs: int, blocks: int, stride: int) -> nn.Sequential:
    """Return the blocks of one stage; the first may halve the picture."""
    first = BasicBlock(inputs, outputs, stride)
    return nn.Sequential(first, *(BasicBlock(outputs, outputs, 1) for _ in range(blocks - 1)))


class ResNet(nn.Module):
    """A residual network of basic blocks up to its global average pool."""

    def __init__(self, widths: tuple[int, ...], blocks: tuple[int, ...]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.layer1 = resnet_stage(widths[0], widths[0], blocks[0], 1)
        self.layer2 = resnet_stage(widths[0], widths[1], blocks[1], 2)
        self.layer3 = resnet_stage(widths[1], widths[2], blocks[2], 2)
        self.layer4 = resnet_stage(widths[2], widths[3], blocks[3], 2)

    def forward(self, frames: Tensor) -> Tensor:
        """Map (N, 3, 112, 112) frames to (N, widths[3])."""
        x = F.relu(self.bn1(self.conv1(frames)), inplace=True)
        x = F.max_pool2d(x, 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.mean(dim=(2, 3))


class StepTokens(nn.Module):
    """Frame features cut at the transitions and condensed to four tokens a step."""

    def __init__(self, frame_stride: int) -> None:
        super().__init__()
        self.frame_stride = frame_stride
        self.stacks = nn.ModuleList(ConvStack(count, STEP_CHANNELS) for count in STEP_SAMPLES)

    def forward(self, frames: Tensor, transitions: Tensor) -> Tensor:
        """Map (B, T, 8 D) frame features and (B, 2) transitions to (B, 3, 4, D) tokens.

        Segments, in frames: [0, t1 + 5), [t1 - 5, t2 + 5), [t2 - 5, 96).
        """
        first, second = transitions.to(torch.float32).unbind(dim=1)
        start = torch.zeros_like(first)
        segments = (
            (start, first + STEP_OVERLAP_FRAMES - 1),
            (first - STEP_OVERLAP_FRAMES, second + STEP_OVERLAP_FRAMES - 1),
            (second - STEP_OVERLAP_FRAMES, start + FRAMES - 1),
        )
        tokens = []
        for stack, samples, (begin, end) in zip(self.stacks, STEP_SAMPLES, segments, strict=True):
            places = spread(begin.clamp(min=0), end.clamp(max=FRAMES - 1), samples)
            places = (places / self.frame_stride).clamp(max=frames.shape[1] - 1)
            tokens.append(stack(resample(frames, places)))
        return torch.stack(tokens, dim=1)


class StaticEncoder(nn.Module):
    """ResNet features of the frames, and what condenses them to tokens by step."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.frame_stride = config.static_frame_stride
        self.backbone = ResNet(config.static_widths, config.static_blocks)
        self.tokens = StepTokens(config.static_frame_stride)

    def forward(self, clips: Tensor) -> Tensor:
        """Map (B, 3, 96, 112, 112) clips to (B, 96 / stride, 8 D) features of their frames."""
        frames = clips[:, :, :: self.frame_stride].transpose(1, 2)
        features: Tensor = self.backbone(frames.flatten(0, 1))
        return features.unflatten(0, frames.shape[:2])
