"""SAP's upsampling composed: the same masks, from one small convolution a stage.

Between a stage's side preparation and its mask nothing is non-linear, so enlarging sixteen channels
to full size and fusing them there equals one 3-wide convolution at the stage's own size, whose
outputs are the phases of the enlargement, followed by a shuffle of phases into pixels.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from fpcli.model.spatial_parser import SIDE_MASKS, MaskHead, MaskStage

TAPS = 3  # neighbours of a stage's cell that reach a pixel, along each axis


def phase_kernel(weight: Tensor, strides: tuple[int, ...]) -> Tensor:
    """Turn transposed convolutions into a 3-wide convolution to phases.

    weight: (inputs, outputs, kt, kh, kw) as `upsampler` makes it. Returns (outputs · st · sh · sw,
    inputs, 3, 3, 3): with padding 1, output channel (o, pt, ph, pw) is pixel phase p of o.
    """
    for axis, stride in enumerate(strides, start=2):
        weight = split_phases(weight, axis, stride)
    inputs = len(weight)
    kernel = weight.permute(1, 2, 4, 6, 0, 3, 5, 7)
    return kernel.reshape(-1, inputs, TAPS, TAPS, TAPS)


def split_phases(weight: Tensor, axis: int, stride: int) -> Tensor:
    """Replace the kernel axis by (phase, tap).

    Pixel stride · j + phase gets, from the cell at j + tap - 1, the kernel's entry
    phase + padding - stride · (tap - 1), or nothing where there is none.
    """
    # Earlier axes were split in two already.
    axis = 2 + 2 * (axis - 2)
    size = weight.shape[axis]
    padding = max(stride // 2, 1)
    phases = torch.arange(stride, device=weight.device)[:, None]
    taps = torch.arange(TAPS, device=weight.device)[None]
    entries = phases + padding - stride * (taps - 1)
    inside = (entries >= 0) & (entries < size)
    chosen = weight.index_select(axis, entries.clamp(0, size - 1).flatten())
    chosen = chosen.unflatten(axis, (stride, TAPS))
    shape = [1] * chosen.ndim
    shape[axis : axis + 2] = [stride, TAPS]
    return chosen * inside.view(shape)


def shuffle_phases(phases: Tensor, outputs: int, strides: tuple[int, ...]) -> Tensor:
    """Map (N, outputs · st · sh · sw, t, h, w) to (N, outputs, st t, sh h, sw w)."""
    batch, _, time, height, width = phases.shape
    st, sh, sw = strides
    split = phases.view(batch, outputs, st, sh, sw, time, height, width)
    pixels = split.permute(0, 1, 5, 2, 6, 3, 7, 4)
    return pixels.reshape(batch, outputs, st * time, sh * height, sw * width)


def stage_strides(stage: MaskStage) -> tuple[int, ...]:
    """Return how many times a stage is enlarged: time, height, width."""
    return tuple(stage.enlarge.stride)


def fuse_rows(head: MaskHead) -> list[Tensor]:
    """Return each stage's part of the fusing 1x1x1 convolution, (channels,)."""
    return list(head.fuse.weight.flatten().chunk(SIDE_MASKS))


def fused_weight(stage: MaskStage, fuse_row: Tensor) -> Tensor:
    """Return (channels, 1, kt, kh, kw): a stage's enlargement and its row of the fuse, in one."""
    return torch.einsum("iothw,o->ithw", stage.enlarge.weight, fuse_row)[:, None]


def side_weight(stage: MaskStage) -> Tensor:
    """Return (channels, 1, kt, kh, kw): a stage's score and its enlargement, in one."""
    return stage.score.weight.view(-1, 1, 1, 1, 1) * stage.enlarge_score.weight


def composed_masks(head: MaskHead, sides: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
    """Return what `head(sides)` returns, (N, 5, 16, H, W), at a fraction of the cost.

    Gradients are those of the plain form too.
    """
    assert head.fuse.bias is not None
    masks = []
    fused = head.fuse.bias.view(-1, 1, 1, 1)
    for stage, row, side in zip(head.stages, fuse_rows(head), sides, strict=True):
        assert isinstance(stage, MaskStage)
        strides = stage_strides(stage)
        both = torch.cat([side_weight(stage), fused_weight(stage, row)], dim=1)
        phases = F.conv3d(stage.prepare(side), phase_kernel(both, strides), padding=TAPS // 2)
        volumes = shuffle_phases(phases, 2, strides)
        masks.append(volumes[:, :1] + enlarged_bias(stage, side))
        fused = fused + volumes[:, 1:]
    return torch.cat([*masks, fused], dim=1)


@torch.no_grad()
def fused_mask(head: MaskHead, sides: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
    """Return the fused logits of `head(sides)` alone, (N, 16, H, W), without gradients."""
    assert head.fuse.bias is not None
    fused = head.fuse.bias.view(-1, 1, 1, 1, 1)
    for stage, row, side in zip(head.stages, fuse_rows(head), sides, strict=True):
        assert isinstance(stage, MaskStage)
        strides = stage_strides(stage)
        kernel = phase_kernel(fused_weight(stage, row), strides)
        phases = F.conv3d(stage.prepare(side), kernel, padding=TAPS // 2)
        fused = fused + shuffle_phases(phases, 1, strides)
    return fused[:, 0]


def enlarged_bias(stage: MaskStage, side: Tensor) -> Tensor:
    """Return the score's bias enlarged, (1, 1, 16, H, W): weaker at the borders."""
    assert stage.score.bias is not None
    constant = stage.score.bias.view(1, 1, 1, 1, 1).expand(1, 1, *side.shape[2:])
    enlarged: Tensor = stage.enlarge_score(constant)
    return enlarged
