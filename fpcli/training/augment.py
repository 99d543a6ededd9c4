"""What a batch of clips goes through before the network sees it in training.

The changes are those that other cameras, other crops and other light would make; none of them
touches what a mark depends on.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fpcli.video.transform import InputGeometry


@dataclass(frozen=True)
class Augmentation:
    """Strengths of the changes.

    smallest_crop: smallest side of a crop, as a share of the whole picture's. drift: how far a crop
    moves in a clip, as a share of the room that it has. gain, bias: spread of contrast and
    brightness, by channel half as much. noise: of the picture, in units of its range. blur_share:
    share of clips softened by halving and doubling the size.
    """

    smallest_crop: float = 0.85
    drift: float = 0.3
    gain: float = 0.25
    bias: float = 0.12
    noise: float = 0.03
    blur_share: float = 0.2


def prepare_batch(
    frames: Tensor,
    masks: Tensor,
    geometry: InputGeometry,
    change: Augmentation | None,
    rng: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Crop, change and normalise a batch.

    frames: (B, T, S, S, 3) uint8. masks: (B, T, S, S) uint8. change None takes whole pictures as
    they are, which is what `to_input` makes of them. rng: of the CPU, whatever the frames' device.
    Returns clips (B, 3, T, size, size) float32 and masks (B, T, size, size) float32 in 0 to 1.
    """
    clips, targets = [], []
    for clip, mask in zip(frames, masks, strict=True):
        pictures = torch.cat([clip, mask[..., None]], dim=-1)
        if change is not None:
            pictures = _wandering_crop(pictures, change, rng)
        channels_first = pictures.permute(0, 3, 1, 2)
        # The 8-bit kernel is the fast one, and the CPU's alone.
        resized = functional.interpolate(
            channels_first if pictures.device.type == "cpu" else channels_first.float(),
            size=(geometry.size, geometry.size),
            mode="bilinear",
            antialias=True,
        )
        together = resized.permute(1, 0, 2, 3).float() / 255
        if change is not None and torch.rand((), generator=rng) < 0.5:
            together = together.flip(-1)
        picture, target = together[:3], together[3]
        clips.append(picture if change is None else _recolour(picture, change, rng))
        targets.append(target)
    mean = torch.tensor(geometry.mean, device=frames.device).view(3, 1, 1, 1)
    deviation = torch.tensor(geometry.std, device=frames.device).view(3, 1, 1, 1)
    return (torch.stack(clips) - mean) / deviation, torch.stack(targets)


def _wandering_crop(pictures: Tensor, change: Augmentation, rng: torch.Generator) -> Tensor:
    """Cut (T, S, S, C) to (T, s, s, C), the window drifting in a straight line."""
    count, whole = pictures.shape[:2]
    smallest = int(whole * change.smallest_crop)
    side = int(torch.randint(smallest, whole + 1, (), generator=rng))
    room = whole - side
    first = torch.rand(2, generator=rng) * room
    move = (torch.rand(2, generator=rng) * 2 - 1) * change.drift * room
    share = torch.linspace(0, 1, count)[:, None]
    corners = (first + share * move).round().long().clamp(0, room).to(pictures.device)
    window = torch.arange(side, device=pictures.device)
    rows = (corners[:, :1] + window)[:, :, None]
    columns = (corners[:, 1:] + window)[:, None, :]
    return pictures[torch.arange(count, device=pictures.device)[:, None, None], rows, columns]


def _recolour(picture: Tensor, change: Augmentation, rng: torch.Generator) -> Tensor:
    """Contrast, brightness, tint, softness and noise of one clip (3, T, H, W) in 0 to 1."""

    def spread(channels: int) -> Tensor:
        return (torch.rand(channels, 1, 1, 1, generator=rng) * 2 - 1).to(picture.device)

    gain = 1 + change.gain * (spread(1) + spread(3) / 2)
    bias = change.bias * (spread(1) + spread(3) / 2)
    picture = (picture - 0.5) * gain + 0.5 + bias
    if torch.rand((), generator=rng) < change.blur_share:
        frames = picture.transpose(0, 1)
        small = functional.interpolate(frames, scale_factor=0.5, mode="area")
        picture = functional.interpolate(small, size=frames.shape[2:], mode="bilinear").transpose(
            0, 1
        )
    strength = change.noise * float(torch.rand((), generator=rng))
    seed = int(torch.randint(2**31, (), generator=rng))
    own_rng = torch.Generator(picture.device).manual_seed(seed)
    noise = torch.randn(picture.shape, generator=own_rng, device=picture.device)
    return (picture + strength * noise).clamp(0, 1)
