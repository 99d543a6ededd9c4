"""The finder: a small fully convolutional network that points at divers in whole pictures.

It sees a picture and its luma's difference to a neighbour before and one after, both brought to
where the camera looks now, so that what is left moves by itself. On a grid it says how likely a
diver's middle is there, how large he is, and whether he stands, flies or enters the water.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.errors import WeightsError
from fpcli.model.folding import Arithmetic, fold

PHASES = ("board", "flight", "entry")
GRID_PX = 8  # pixels of the input between neighbouring points of the grid
COARSEST_PX = 32
LUMA = (0.299, 0.587, 0.114)  # of red, green, blue
PICTURE_MEAN, PICTURE_SPREAD = 0.45, 0.25  # of 0-1
DIFFERENCE_SPREAD = 0.1  # of 0-1
USUAL_STATURE_PX = 40.0
RARE = -4.6  # logit of 1 %: how likely a diver is at any one point
APART = 0.3  # statures within which two candidates are one
PEAKS_A_CANDIDATE = 4  # looked at before near ones are dropped


@dataclass(frozen=True, kw_only=True)
class FinderConfig:
    """Size of a finder.

    longer_side: pixels that larger pictures are to be reduced to. widths: channels at 1/2, 1/4,
    1/8, 1/16 and 1/32 of the input. blocks: residual blocks at 1/4 and coarser.
    """

    longer_side: int = 512
    widths: tuple[int, int, int, int, int] = (16, 24, 48, 64, 80)
    blocks: tuple[int, int, int, int] = (1, 2, 2, 2)

    def to_dict(self) -> dict[str, Any]:
        """Return plain containers, for a bundle's metadata."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "FinderConfig":
        """Rebuild a configuration from `to_dict`, also after a trip through JSON.

        Raises WeightsError on an unknown or impossible entry.
        """
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        try:
            return cls(**plain)
        except TypeError as error:
            raise WeightsError(
                f"The finder's configuration cannot be used: {error}.",
                "The file may come from another version; fetch the weights again or upgrade.",
            ) from error


class FinderMaps(NamedTuple):
    """What the finder says at each point of the grid, one every GRID_PX pixels.

    diver: (N, h, w) logits that a diver's middle is nearest this point. offset: (N, 2, h, w) x and
    y of the middle from the point, in GRID_PX. log_stature: (N, h, w) of pixels. phase:
    (N, 3, h, w) logits in the order of PHASES.
    """

    diver: Tensor
    offset: Tensor
    log_stature: Tensor
    phase: Tensor


@dataclass(frozen=True, eq=False)
class Candidates:
    """Where divers may be in N pictures, K places each, the likeliest first.

    centres: (N, K, 2) float32 x and y in pixels of the given pictures, edges and not pixel
    centres. statures_px: (N, K) float32 pixels that a standing height would span. scores: (N, K)
    float32, 0 to 1; 0 where there are fewer than K. phases: (N, K, 3) float32 probabilities in the
    order of PHASES.
    """

    centres: np.ndarray
    statures_px: np.ndarray
    scores: np.ndarray
    phases: np.ndarray


class ConvUnit(nn.Module):
    """A 3 × 3 convolution with batch norm, and ReLU unless a sum follows."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, relu: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        x = self.norm(self.conv(x))
        return F.relu(x) if self.relu else x


class Block(nn.Module):
    """Two convolutions whose result is added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first: nn.Module = ConvUnit(width, width)
        self.second: nn.Module = ConvUnit(width, width, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (N, width, H, W)."""
        return F.relu(x + self.second(self.first(x)))


class Finder(nn.Module):
    """The network; fully convolutional, for pictures of any size."""

    def __init__(self, config: FinderConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or FinderConfig()
        half, quarter, *coarser = config.widths
        self.stem = nn.Sequential(
            ConvUnit(5, half, stride=2),
            ConvUnit(half, quarter, stride=2),
            *(Block(quarter) for _ in range(config.blocks[0])),
        )
        stages, inputs = [], quarter
        for width, blocks in zip(coarser, config.blocks[1:], strict=True):
            blocks_here = (Block(width) for _ in range(blocks))
            stages.append(nn.Sequential(ConvUnit(inputs, width, stride=2), *blocks_here))
            inputs = width
        self.stages = nn.ModuleList(stages)
        eighth, sixteenth, coarsest = coarser
        self.from_coarsest = nn.Conv2d(coarsest, sixteenth, 1)
        self.from_sixteenth = nn.Conv2d(sixteenth, eighth, 1)
        self.neck: nn.Module = ConvUnit(eighth, eighth)
        self.head = nn.Conv2d(eighth, 1 + 2 + 1 + len(PHASES), 1)
        nn.init.zeros_(self.head.weight[3:])
        with torch.no_grad():
            assert self.head.bias is not None
            self.head.bias.zero_()
            self.head.bias[0] = RARE

    def forward(self, pictures: Tensor) -> FinderMaps:
        """Read (N, 5, H, W) as `finder_input` makes them; the grid is (H / 8, W / 8) rounded up."""
        height, width = pictures.shape[2:]
        padded = F.pad(pictures, (0, -width % COARSEST_PX, 0, -height % COARSEST_PX))
        eighth, sixteenth, coarsest = self._pyramid(padded)
        sixteenth = F.relu(sixteenth + _doubled(self.from_coarsest(coarsest)))
        eighth = F.relu(eighth + _doubled(self.from_sixteenth(sixteenth)))
        read = self.head(self.neck(eighth))
        read = read[:, :, : -(-height // GRID_PX), : -(-width // GRID_PX)].float()
        return FinderMaps(read[:, 0], read[:, 1:3], read[:, 3] + USUAL_LOG_STATURE, read[:, 4:])

    def _pyramid(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x)
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        return levels

    def folded(self) -> "Finder":
        """Return a copy for use: batch norms folded, channels-last, no gradients."""
        copy = Finder(self.config)
        copy.load_state_dict(self.state_dict())
        copy.eval().requires_grad_(False)
        _fold_units(copy)
        return copy.to(self.head.weight.device).to(memory_format=torch.channels_last)


USUAL_LOG_STATURE = float(np.log(USUAL_STATURE_PX))


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def _fold_units(part: nn.Module) -> None:
    """Put folded convolutions in the place of all units within a part."""
    for name, child in list(part.named_children()):
        if isinstance(child, ConvUnit):
            folded = fold(child.conv, child.norm, Arithmetic(torch.float32), relu=child.relu)
            setattr(part, name, folded)
        else:
            _fold_units(child)


def luma_of(pictures: Tensor) -> Tensor:
    """(...) float32 in 0-255 of (..., 3) pictures in RGB."""
    red, green, blue = pictures.float().unbind(-1)
    return LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue


def finder_input(pictures: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """What the finder reads, (N, 5, H, W) float32, channels-last.

    pictures: (N, H, W, 3) RGB, 0-255. before, after: (N, H, W) luma, 0-255, of pictures about 0.1 s
    earlier and later, aligned with the picture; equal to the picture's own where they do not reach.
    """
    luma = luma_of(pictures)
    read = luma.new_empty((*luma.shape, 5))
    torch.sub(pictures.float(), 255 * PICTURE_MEAN, out=read[..., :3])
    read[..., :3].mul_(1 / (255 * PICTURE_SPREAD))
    for channel, neighbour in ((3, before), (4, after)):
        torch.sub(luma, neighbour.float(), out=read[..., channel])
        read[..., channel].mul_(1 / (255 * DIFFERENCE_SPREAD))
    return read.permute(0, 3, 1, 2)


def detect(
    finder: Finder, pictures: np.ndarray, before: np.ndarray, after: np.ndarray, *, most: int = 8
) -> Candidates:
    """Find candidates for divers.

    finder: best `folded`. pictures: (N, H, W, 3) uint8 RGB, upright, their longer side about
    `config.longer_side`. before, after: (N, H, W) uint8 as in `finder_input`. most: K, a picture.
    """
    device = finder.head.weight.device
    given = (torch.from_numpy(array).to(device) for array in (pictures, before, after))
    with torch.inference_mode():
        return candidates(finder(finder_input(*given)), most=most)


def candidates(maps: FinderMaps, *, most: int = 8) -> Candidates:
    """The strongest places of the maps, none two of which are nearer than APART statures."""
    scores = maps.diver.sigmoid()
    peak = scores == F.max_pool2d(scores[:, None], 3, 1, 1)[:, 0]
    count, _, width = scores.shape
    looked_at = min(most * PEAKS_A_CANDIDATE, scores[0].numel())
    found, places = (scores * peak).flatten(1).topk(looked_at)
    picture = torch.arange(count, device=places.device)[:, None]
    row, column = places // width, places % width
    here = picture, slice(None), row, column
    points = torch.stack([column, row], dim=-1) + 0.5 + maps.offset[here]
    statures = maps.log_stature[picture, row, column].exp()
    phases = maps.phase[here].softmax(dim=-1)
    arrays = (part.float().cpu().numpy() for part in (points * GRID_PX, statures, found, phases))
    return _distinct(Candidates(*arrays), most)


def _distinct(seen: Candidates, most: int) -> Candidates:
    """Drop what is too near to something stronger, and keep the `most` strongest."""
    gaps = np.linalg.norm(seen.centres[:, :, None] - seen.centres[:, None], axis=-1)
    near = gaps < APART * np.maximum(seen.statures_px[:, :, None], seen.statures_px[:, None])
    kept = np.ones(seen.scores.shape, bool)
    for rank in range(1, seen.scores.shape[1]):
        kept[:, rank] = ~(near[:, rank, :rank] & kept[:, :rank]).any(axis=1)
    scores = np.where(kept, seen.scores, 0)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :most]
    picture = np.arange(len(scores))[:, None]
    parts = (seen.centres, seen.statures_px, scores, seen.phases)
    return Candidates(*(part[picture, order] for part in parts))
