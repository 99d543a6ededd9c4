"""The trunks and the ResNet rebuilt for inference: same numbers, less work and less memory traffic.

Batch norms are folded into the convolutions, activations lie channels-last, 1x1x1 convolutions run
as matrix products, ReLUs in place. Nothing here can be trained.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.model.i3d import I3D, Inception, SamePool3d, TrunkOutput, Unit3d
from fpcli.model.minimal_filtering import TAPS, TiledConv
from fpcli.model.pooling import FoldedPool, max_pool
from fpcli.model.static_encoder import BasicBlock, ResNet

# Where minimal filtering beats a direct convolution, by measurement: in the trunks on large
# pictures, in the ResNet with many channels on small ones.
TILED_TRUNK_PARTS = frozenset({"conv_2c", "mixed_3b", "mixed_3c"})
TILED_TRUNK_INPUTS = 64
TILED_FRAME_INPUTS = 256

LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}  # by the number of axes


def folded_weights(
    conv: nn.Conv2d | nn.Conv3d, norm: nn.BatchNorm2d | nn.BatchNorm3d
) -> tuple[Tensor, Tensor]:
    """Return the weight and bias of a convolution that does the batch norm too."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = conv.weight * scale.view(-1, *[1] * (conv.weight.ndim - 1))
    return weight.detach(), (norm.bias - norm.running_mean * scale).detach()


class FoldedConv(nn.Module):
    """A convolution with bias, channels-last; batch norm and ReLU are in it or follow in place."""

    weight: Tensor
    bias: Tensor | None

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        *,
        stride: tuple[int, ...],
        padding: tuple[int, ...],
        dtype: torch.dtype,
        uneven: tuple[int, ...] | None = None,
        relu: bool = True,
    ) -> None:
        """Keep what a convolution needs.

        uneven: zeros put around the input first, in the order of `F.pad`. relu: whether negative
        results are cut.
        """
        super().__init__()
        self.matrix = all(size == 1 for size in (*weight.shape[2:], *stride))
        weight = weight.flatten(1) if self.matrix else weight
        layout = LAYOUTS.get(weight.ndim, torch.contiguous_format)
        self.register_buffer("weight", weight.to(dtype).contiguous(memory_format=layout))
        self.register_buffer("bias", None if bias is None else bias.to(dtype))
        self.convolve: Callable[..., Tensor] = F.conv3d if len(stride) == 3 else F.conv2d
        self.stride = stride
        self.padding = padding
        self.uneven = uneven
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, ...) to (N, outputs, ...), both channels-last."""
        if self.uneven:
            x = F.pad(x, self.uneven)
        if self.matrix:
            x = F.linear(x.movedim(1, -1), self.weight, self.bias).movedim(-1, 1)
        else:
            x = self.convolve(x, self.weight, self.bias, self.stride, self.padding)
        return x.relu_() if self.relu else x


@dataclass(frozen=True)
class Arithmetic:
    """How to convolve. tiled: by minimal filtering where it pays, which needs float32."""

    dtype: torch.dtype
    tiled: bool = False


def fold(
    conv: nn.Conv2d | nn.Conv3d,
    norm: nn.BatchNorm2d | nn.BatchNorm3d,
    arithmetic: Arithmetic,
    *,
    uneven: tuple[int, ...] | None = None,
    relu: bool = True,
    tiled_from: int | None = None,
) -> nn.Module:
    """Return a convolution and its batch norm in one.

    tiled_from: the input channels from which minimal filtering would pay here; None for never.
    """
    assert not isinstance(conv.padding, str)
    weight, bias = folded_weights(conv, norm)
    wide = all(size == TAPS for size in conv.kernel_size) and set(conv.stride) == {1}
    if arithmetic.tiled and wide and tiled_from is not None and conv.in_channels >= tiled_from:
        return TiledConv(weight, bias, relu=relu)
    return FoldedConv(
        weight,
        bias,
        stride=conv.stride,
        padding=conv.padding,
        dtype=arithmetic.dtype,
        uneven=uneven,
        relu=relu,
    )


def fold_unit(unit: Unit3d, arithmetic: Arithmetic, tiled_from: int | None = None) -> nn.Module:
    """Return a unit of a trunk as one convolution."""
    return fold(unit.conv, unit.norm, arithmetic, uneven=unit.uneven, tiled_from=tiled_from)


class FoldedInception(nn.Module):
    """A mixed block of folded convolutions."""

    def __init__(self, block: Inception, arithmetic: Arithmetic, tiled_from: int | None) -> None:
        super().__init__()
        self.point = fold_unit(block.point, arithmetic)
        self.wide = nn.Sequential(
            fold_unit(block.wide_reduce, arithmetic), fold_unit(block.wide, arithmetic, tiled_from)
        )
        self.narrow = nn.Sequential(
            fold_unit(block.narrow_reduce, arithmetic),
            fold_unit(block.narrow, arithmetic, tiled_from),
        )
        self.pooled = nn.Sequential(FoldedPool(block.pool), fold_unit(block.pooled, arithmetic))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, T, H, W) to (N, outputs, T, H, W)."""
        return torch.cat([self.point(x), self.wide(x), self.narrow(x), self.pooled(x)], dim=1)


def fold_part(trunk: I3D, name: str, arithmetic: Arithmetic) -> nn.Module:
    """Return what stands for a part of a trunk."""
    part = getattr(trunk, name)
    tiled_from = TILED_TRUNK_INPUTS if name in TILED_TRUNK_PARTS else None
    if isinstance(part, Unit3d):
        return fold_unit(part, arithmetic, tiled_from)
    if isinstance(part, Inception):
        return FoldedInception(part, arithmetic, tiled_from)
    assert isinstance(part, SamePool3d)
    return FoldedPool(part)


class FoldedTrunk(nn.Module):
    """An I3D trunk of folded convolutions; `forward` is `I3D`'s."""

    def __init__(self, trunk: I3D, arithmetic: Arithmetic) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            nn.Sequential(*(fold_part(trunk, name, arithmetic) for name in names))
            for names in I3D.STAGES
        )

    def forward(self, snippets: Tensor) -> TrunkOutput:
        """Read (N, 3, 16, 112, 112) snippets of the trunk's dtype, channels-last."""
        outputs = []
        x = snippets
        for stage in self.stages:
            x = stage(x)
            outputs.append(x)
        first, second, third, fourth, last = outputs
        # bfloat16 has no average pool on the CPU, and its mean should not be rounded early.
        return TrunkOutput((first, second, third, fourth), last.float().mean(dim=(2, 3, 4)))


class FoldedBasicBlock(nn.Module):
    """A residual block of folded convolutions."""

    def __init__(self, block: BasicBlock, arithmetic: Arithmetic) -> None:
        super().__init__()
        enough = TILED_FRAME_INPUTS
        self.first = fold(block.conv1, block.bn1, arithmetic, tiled_from=enough)
        self.second = fold(block.conv2, block.bn2, arithmetic, tiled_from=enough, relu=False)
        self.skip: nn.Module | None = None
        if block.downsample is not None:
            conv, norm = block.downsample
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            self.skip = fold(conv, norm, arithmetic, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        skipped = x if self.skip is None else self.skip(x)
        added: Tensor = self.second(self.first(x)).add_(skipped)
        return added.relu_()


class FoldedResNet(nn.Module):
    """A ResNet of folded convolutions."""

    def __init__(self, network: ResNet, arithmetic: Arithmetic) -> None:
        super().__init__()
        self.stem = fold(network.conv1, network.bn1, arithmetic)
        blocks = (part for part in network.modules() if isinstance(part, BasicBlock))
        self.blocks = nn.Sequential(*(FoldedBasicBlock(block, arithmetic) for block in blocks))

    def forward(self, frames: Tensor) -> Tensor:
        """Map (N, 3, 112, 112) frames, channels-last, to (N, widths[3]) float32."""
        x = max_pool(self.stem(frames), (3, 3), (2, 2), (1, 1))
        return self.blocks(x).float().mean(dim=(2, 3))
