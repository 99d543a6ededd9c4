"""From a configuration to a network with fresh weights: the one place that knows the numbers."""

import math

import torch
from torch import Tensor, nn

from fpcli.model.config import FRAMES, ModelConfig
from fpcli.model.contrastive_regression import ContrastiveRegression, Stream
from fpcli.model.duration import DurationInput
from fpcli.model.fineparser import FineParser
from fpcli.model.i3d import I3D
from fpcli.model.mask_refiner import MaskRefiner
from fpcli.model.silhouette import SilhouetteInput
from fpcli.model.spatial_parser import MaskHead
from fpcli.model.static_encoder import StaticEncoder
from fpcli.model.temporal_parser import TemporalParser

DIVER_AREA_SHARE = 0.03  # share of the picture a diver covers, roughly: where a mask should start
FIRST_DELTA_SCALE = 0.01  # deviation of the regressors' last weights: differences start near zero


def build(config: ModelConfig) -> FineParser:
    """Return a network of this size, with weights to start training from."""
    network = _assemble(config)
    initialise(network)
    return network


def outline(config: ModelConfig) -> FineParser:
    """Return a network of this size without values (on the meta device), to load weights into.

    Filling a tensor without values with random ones would import PyTorch's compiler: two seconds.
    """
    with torch.device("meta"):
        return _assemble(config)


def _assemble(config: ModelConfig) -> FineParser:
    """Put the parts together, their weights as PyTorch makes them."""
    spatial_trunk = I3D(config)
    width = config.dynamic_width
    return FineParser(
        config=config,
        spatial_trunk=spatial_trunk,
        dynamic_trunk=None if config.shared_trunk else I3D(config),
        gate=nn.Linear(width, width) if config.shared_trunk else None,
        mask_head=MaskHead(config, spatial_trunk.side_channels),
        temporal_parser=TemporalParser(width),
        static_encoder=StaticEncoder(config),
        regression=ContrastiveRegression(config),
        refiner=MaskRefiner(config.refiner_width) if config.refiner_width else None,
        duration=DurationInput(width) if config.reads_duration else None,
        silhouette=(
            SilhouetteInput(width, config.static_widths[-1]) if config.reads_silhouette else None
        ),
    )


def initialise(network: FineParser) -> None:
    """Set the weights that training from scratch starts from.

    He for convolutions; linear interpolation for the upsamplings; refiner, duration and silhouette
    add nothing yet; masks, transitions and differences start at what is usual, so that no loss is
    wasted on finding the base rates.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.ConvTranspose3d):
            interpolate_linearly(module.weight)
        elif isinstance(module, Stream):
            last = module.regressor[-1]
            assert isinstance(last, nn.Linear)
            nn.init.normal_(last.weight, std=FIRST_DELTA_SCALE)
            nn.init.zeros_(last.bias)
    start_at_base_rates(network)
    if network.refiner is not None:
        fill_with_zeros(network.refiner.last)
    if network.duration is not None:
        fill_with_zeros(network.duration.out)
    if network.silhouette is not None:
        fill_with_zeros(network.silhouette.to_snippets)
        fill_with_zeros(network.silhouette.to_frames)


def fill_with_zeros(layer: nn.Conv2d | nn.Linear) -> None:
    """Let a layer add nothing until training makes it."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def interpolate_linearly(weight: Tensor) -> None:
    """Fill (channels, channels, t, h, w) so that a transposed convolution interpolates."""
    tent = torch.ones(())
    for size in weight.shape[2:]:
        places = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
        reach = size / 2 if size % 2 == 0 else 1.0
        tent = tent[..., None] * (1 - places.abs() / reach).clamp(min=0)
    with torch.no_grad():
        weight.zero_()
        for channel in range(weight.shape[0]):
            weight[channel, channel] = tent


def start_at_base_rates(network: FineParser) -> None:
    """Start masks at a diver's usual share of the picture, transitions at one frame of 96."""
    mask_prior = logit(DIVER_AREA_SHARE)
    last = network.temporal_parser.head[-1]
    assert isinstance(last, nn.Linear)
    nn.init.normal_(last.weight, std=FIRST_DELTA_SCALE)
    nn.init.constant_(last.bias, logit(1 / FRAMES))
    for name, parameter in network.mask_head.named_parameters():
        if name.endswith("bias"):
            nn.init.constant_(parameter, mask_prior)
        elif name.startswith("fuse") or ".score." in name:
            nn.init.normal_(parameter, std=FIRST_DELTA_SCALE)


def logit(probability: float) -> float:
    """Return the number whose sigmoid is the probability."""
    return math.log(probability / (1 - probability))
