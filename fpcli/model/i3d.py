"""I3D: Inception-v1 inflated to three dimensions, cut after Mixed_5c (paper, SAP).

Shapes are (N, channels, time, height, width) of N snippets.
"""

import functools
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.model.config import ModelConfig

Triple = tuple[int, int, int]


def same_padding(kernel: Triple, stride: Triple) -> tuple[int, int, int, int, int, int]:
    """Return TensorFlow's SAME padding in the order of `F.pad`: last axis first, before and after.

    The pad is max(kernel - stride, 0), the larger half at the end.
    """
    time, height, width = (max(k - s, 0) for k, s in zip(kernel, stride, strict=True))
    return (
        width // 2,
        width - width // 2,
        height // 2,
        height - height // 2,
        time // 2,
        time - time // 2,
    )


class Unit3d(nn.Module):
    """Convolution with SAME padding, batch norm, ReLU."""

    def __init__(
        self, inputs: int, outputs: int, kernel: Triple = (1, 1, 1), stride: Triple = (1, 1, 1)
    ) -> None:
        super().__init__()
        padding = same_padding(kernel, stride)
        self.uneven = padding if padding[::2] != padding[1::2] else None
        even = 0 if self.uneven else (padding[4], padding[2], padding[0])
        self.conv = nn.Conv3d(inputs, outputs, kernel, stride, even, bias=False)
        self.norm = nn.BatchNorm3d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, T, H, W) to (N, outputs, ⌈T/s⌉, ⌈H/s⌉, ⌈W/s⌉)."""
        if self.uneven:
            x = F.pad(x, self.uneven)
        return F.relu(self.norm(self.conv(x)), inplace=True)


class SamePool3d(nn.Module):
    """Max-pool with zeros as SAME padding and ceil mode.

    Its input has passed a ReLU, so zeros never win over nothing: the pool's own padding gives the
    same, and ceil mode stands for the half of an uneven padding at the end of an even length.
    """

    def __init__(self, kernel: Triple, stride: Triple) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride
        width, _, height, _, time, _ = same_padding(kernel, stride)
        self.padding = (time, height, width)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, T, H, W) to (N, C, ⌈T/s⌉, ⌈H/s⌉, ⌈W/s⌉)."""
        if x.is_cuda:
            return self._by_planes(x)
        return F.max_pool3d(x, self.kernel, self.stride, self.padding, ceil_mode=True)

    def _by_planes(self, x: Tensor) -> Tensor:
        """The same maxima, over pictures and then over time: CUDA pools channels-last planes only.

        Its three-dimensional pool takes a sixth of a training step.
        """
        batch, channels, _, height, width = x.shape
        planes = x.transpose(1, 2).reshape(-1, channels, height, width)
        planes = F.max_pool2d(
            planes, self.kernel[1:], self.stride[1:], self.padding[1:], ceil_mode=True
        )
        pooled = planes.unflatten(0, (batch, -1)).transpose(1, 2)
        size, stride, padding = self.kernel[0], self.stride[0], self.padding[0]
        if size == 1:
            return pooled
        count = -(-(pooled.shape[2] + 2 * padding - size) // stride) + 1
        lacking = (count - 1) * stride + size - pooled.shape[2] - padding
        pooled = F.pad(pooled, (0, 0, 0, 0, padding, max(lacking, 0)))
        last = (count - 1) * stride + 1
        shifted = [pooled[:, :, start : start + last : stride] for start in range(size)]
        return functools.reduce(torch.maximum, shifted)


class Inception(nn.Module):
    """A mixed block: four branches side by side, concatenated."""

    def __init__(self, inputs: int, channels: tuple[int, int, int, int, int, int]) -> None:
        super().__init__()
        point, wide_reduced, wide, narrow_reduced, narrow, pooled = channels
        self.point = Unit3d(inputs, point)
        self.wide_reduce = Unit3d(inputs, wide_reduced)
        self.wide = Unit3d(wide_reduced, wide, (3, 3, 3))
        self.narrow_reduce = Unit3d(inputs, narrow_reduced)
        self.narrow = Unit3d(narrow_reduced, narrow, (3, 3, 3))
        self.pool = SamePool3d((3, 3, 3), (1, 1, 1))
        self.pooled = Unit3d(inputs, pooled)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, T, H, W) to (N, point + wide + narrow + pooled, T, H, W)."""
        branches = [
            self.point(x),
            self.wide(self.wide_reduce(x)),
            self.narrow(self.narrow_reduce(x)),
            self.pooled(self.pool(x)),
        ]
        return torch.cat(branches, dim=1)


@dataclass(frozen=True, eq=False)
class TrunkOutput:
    """What leaves a trunk.

    sides: after Conv3d_1a, Conv3d_2c, Mixed_3c and Mixed_4f; at the paper's size
    (N, 64, 8, 56, 56), (N, 192, 8, 28, 28), (N, 480, 8, 14, 14), (N, 832, 4, 7, 7).
    pooled: (N, F) the mean of Mixed_5c over its time and picture.
    """

    sides: tuple[Tensor, Tensor, Tensor, Tensor]
    pooled: Tensor


class I3D(nn.Module):
    """The trunk that SAP and the dynamic features share the shape of.

    STAGES: its parts in order, cut after each of the four side outputs.
    """

    STAGES = (
        ("conv_1a",),
        ("pool_2a", "conv_2b", "conv_2c"),
        ("pool_3a", "mixed_3b", "mixed_3c"),
        ("pool_4a", "mixed_4b", "mixed_4c", "mixed_4d", "mixed_4e", "mixed_4f"),
        ("pool_5a", "mixed_5b", "mixed_5c"),
    )

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        stem, second = config.channels(64), config.channels(192)
        self.conv_1a = Unit3d(3, stem, (7, 7, 7), (2, 2, 2))
        self.pool_2a = SamePool3d((1, 3, 3), (1, 2, 2))
        self.conv_2b = Unit3d(stem, stem)
        self.conv_2c = Unit3d(stem, second, (3, 3, 3))
        self.pool_3a = SamePool3d((1, 3, 3), (1, 2, 2))
        self.mixed_3b = Inception(second, config.inception("3b"))
        self.mixed_3c = Inception(config.mixed_output("3b"), config.inception("3c"))
        self.pool_4a = SamePool3d((3, 3, 3), (2, 2, 2))
        self.mixed_4b = Inception(config.mixed_output("3c"), config.inception("4b"))
        self.mixed_4c = Inception(config.mixed_output("4b"), config.inception("4c"))
        self.mixed_4d = Inception(config.mixed_output("4c"), config.inception("4d"))
        self.mixed_4e = Inception(config.mixed_output("4d"), config.inception("4e"))
        self.mixed_4f = Inception(config.mixed_output("4e"), config.inception("4f"))
        self.pool_5a = SamePool3d((2, 2, 2), (2, 2, 2))
        self.mixed_5b = Inception(config.mixed_output("4f"), config.inception("5b"))
        self.mixed_5c = Inception(config.mixed_output("5b"), config.inception("5c"))
        self.side_channels = (
            stem,
            second,
            config.mixed_output("3c"),
            config.mixed_output("4f"),
        )

    def forward(self, snippets: Tensor) -> TrunkOutput:
        """Read (N, 3, 16, 112, 112) snippets."""
        outputs = []
        x = snippets
        for names in self.STAGES:
            for name in names:
                x = getattr(self, name)(x)
            outputs.append(x)
        first, second, third, fourth, last = outputs
        # Mixed_5c is 2 x 4 x 4 for these snippets: the paper's (2, 4, 4) average pool is the mean.
        return TrunkOutput((first, second, third, fourth), last.mean(dim=(2, 3, 4)))
