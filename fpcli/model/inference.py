"""The network made fast for use: same shapes, same numbers to a thousandth.

The encoders are rebuilt by `folding`, the masks come from `composed_masks` without the side masks
that only training needs. Everything after the trunks and the ResNet stays in float32: it costs
nothing and keeps a score's last digits.
"""

import copy
from typing import Literal

import torch
from torch import Tensor, nn

from fpcli.errors import DeviceError
from fpcli.model.composed_masks import (
    fuse_rows,
    fused_weight,
    phase_kernel,
    shuffle_phases,
    stage_strides,
)
from fpcli.model.config import ModelConfig
from fpcli.model.features import DiveFeatures, Encoding, StepDeltas
from fpcli.model.fineparser import FineParser, snippets_of
from fpcli.model.folding import Arithmetic, FoldedConv, FoldedResNet, FoldedTrunk
from fpcli.model.i3d import TrunkOutput
from fpcli.model.late_layers import Halfway, finish_encoding
from fpcli.model.mask_refiner import sharpened_masks
from fpcli.model.silhouette import silhouettes
from fpcli.model.spatial_parser import MaskHead, MaskStage, frame_masks

Precision = Literal["float32", "bfloat16", "auto"]


def has_fast_bfloat16(device: torch.device) -> bool:
    """Return whether a device multiplies bfloat16 natively, so that it is faster than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return False
    abilities = torch.cpu.get_capabilities()
    return any(abilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def choose_dtype(precision: Precision, device: torch.device) -> torch.dtype:
    """Return the dtype of the convolutions; `auto` is bfloat16 where that is faster."""
    if precision == "auto":
        return torch.bfloat16 if has_fast_bfloat16(device) else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]


class FastMasks(nn.Module):
    """The fused mask of the four stages, by one small convolution each."""

    bias: Tensor

    def __init__(self, head: MaskHead, dtype: torch.dtype) -> None:
        super().__init__()
        assert head.fuse.bias is not None
        self.register_buffer("bias", head.fuse.bias.detach())
        self.stages = nn.ModuleList()
        self.strides = []
        for stage, row in zip(head.stages, fuse_rows(head), strict=True):
            assert isinstance(stage, MaskStage)
            strides = stage_strides(stage)
            kernel = phase_kernel(fused_weight(stage, row), strides).detach()
            prepare = stage.prepare.weight.detach()
            one, three = ((1, 1, 1), (0, 0, 0)), ((1, 1, 1), (1, 1, 1))
            self.stages.append(
                nn.Sequential(
                    *(
                        FoldedConv(
                            weight, None, stride=stride, padding=pad, dtype=dtype, relu=False
                        )
                        for weight, (stride, pad) in ((prepare, one), (kernel, three))
                    )
                )
            )
            self.strides.append(strides)

    def forward(self, sides: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
        """Return the fused mask logits (N, 16, H, W), float32."""
        volumes = [
            shuffle_phases(stage(side).float(), 1, strides)
            for stage, side, strides in zip(self.stages, sides, self.strides, strict=True)
        ]
        fused = volumes[0]
        for volume in volumes[1:]:
            fused += volume
        return fused[:, 0] + self.bias


class InferenceNetwork(nn.Module):
    """A network to encode, parse and compare with; takes and returns what `FineParser` does.

    dtype: of the convolutions. Inputs may lie anywhere, results are float32 on `device`.
    """

    def __init__(self, network: FineParser, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__()
        self.config: ModelConfig = network.config
        self.dtype = dtype
        self.device = device
        arithmetic = Arithmetic(dtype, tiled=dtype == torch.float32 and device.type == "cpu")
        self.spatial_trunk = FoldedTrunk(network.spatial_trunk, arithmetic)
        self.dynamic_trunk = (
            FoldedTrunk(network.dynamic_trunk, arithmetic) if network.dynamic_trunk else None
        )
        self.masks = FastMasks(network.mask_head, dtype)
        self.frames = FoldedResNet(network.static_encoder.backbone, arithmetic)
        self.gate = copy.deepcopy(network.gate)
        self.temporal_parser = copy.deepcopy(network.temporal_parser)
        self.step_tokens = copy.deepcopy(network.static_encoder.tokens)
        self.regression = copy.deepcopy(network.regression)
        self.duration = copy.deepcopy(network.duration)
        self.silhouette = copy.deepcopy(network.silhouette)
        self.refiner = copy.deepcopy(network.refiner)
        if self.refiner is not None:
            self.refiner.to(memory_format=torch.channels_last)
        self.requires_grad_(False).eval().to(device)

    @torch.inference_mode()
    def halfway(self, clip: Tensor, *, masked: bool) -> tuple[Halfway, Tensor | None]:
        """Read one (1, 3, 96, 112, 112) clip up to the trunks' and the ResNet's outputs.

        masked: whether its (1, 96, 112, 112) masks, not yet sharpened, are wanted too; they are
        made in any case where the network reads silhouettes.
        """
        clip = clip.to(self.device, self.dtype)
        snippets = snippets_of(clip).contiguous(memory_format=torch.channels_last_3d)
        spatial: TrunkOutput = self.spatial_trunk(snippets)
        dynamic = self.dynamic_trunk(snippets).pooled if self.dynamic_trunk else spatial.pooled
        wanted = masked or self.silhouette is not None
        masks = frame_masks(self.masks(spatial.sides)[None]) if wanted else None
        frames = clip[0, :, :: self.config.static_frame_stride].transpose(0, 1)
        frames = frames.contiguous(memory_format=torch.channels_last)
        outlines = None
        if self.silhouette is not None and masks is not None:
            outlines = silhouettes(masks)
        seen = Halfway(dynamic[None], spatial.pooled[None], self.frames(frames)[None], outlines)
        return seen, masks

    @torch.inference_mode()
    def encode(
        self,
        clips: Tensor,
        transitions: Tensor | None = None,
        durations_s: Tensor | None = None,
    ) -> DiveFeatures:
        """Encode (B, 3, 96, 112, 112) clips one after the other; see `FineParser.encode`."""
        found = []
        for n in range(len(clips)):
            seen, _ = self.halfway(clips[n : n + 1], masked=False)
            known = one_of(transitions, n), one_of(durations_s, n)
            found.append(finish_encoding(self, seen, *known)[0])
        return DiveFeatures.concatenate(found)

    @torch.inference_mode()
    def parse(
        self,
        clips: Tensor,
        transitions: Tensor | None = None,
        durations_s: Tensor | None = None,
    ) -> Encoding:
        """Encode clips with their (B, 96, 112, 112) masks; see `FineParser.parse`."""
        features, sharp = [], []
        for n in range(len(clips)):
            clip = clips[n : n + 1]
            seen, masks = self.halfway(clip, masked=True)
            known = one_of(transitions, n), one_of(durations_s, n)
            features.append(finish_encoding(self, seen, *known)[0])
            assert masks is not None
            sharp.append(sharpened_masks(self.refiner, masks, clip.to(self.device)))
        return Encoding(DiveFeatures.concatenate(features), torch.cat(sharp))

    @torch.inference_mode()
    def compare(
        self,
        query: DiveFeatures,
        exemplars: DiveFeatures,
        boundaries: tuple[Tensor, Tensor] | None = None,
    ) -> StepDeltas:
        """Compare dives; see `FineParser.compare`."""
        deltas: StepDeltas = self.regression(
            query.to(self.device, torch.float32),
            exemplars.to(self.device, torch.float32),
            boundaries,
        )
        return deltas


def one_of(values: Tensor | None, index: int) -> Tensor | None:
    """Return what is known of one clip of a batch, as a batch of one, if anything is."""
    return None if values is None else values[index : index + 1]


def prepare(
    network: FineParser,
    precision: Precision = "auto",
    device: torch.device | str = "cpu",
) -> InferenceNetwork:
    """Return a fast copy of a network for inference.

    precision: of the convolutions; `auto` takes bfloat16 where the device has it. Raises
    DeviceError where the device is not there.
    """
    target = torch.device(device)
    try:
        torch.empty(0, device=target)
    except (RuntimeError, AssertionError) as error:
        raise DeviceError(f"There is no device {target} here.", "Use --device cpu.") from error
    with torch.no_grad():
        return InferenceNetwork(network, choose_dtype(precision, target), target)
