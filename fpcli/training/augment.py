"""What a batch of clips goes through before the network sees it in training.

The changes are those that other cameras, other followers, other coders and other light would make;
none of them touches what a mark depends on.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fpcli.simulation.degrade import compress
from fpcli.video.transform import InputGeometry

MARGIN = 128 / 112  # side of a stored picture over the side that the network sees of it


@dataclass(frozen=True)
class Augmentation:
    """Strengths of the changes.

    zoom: most that the window is larger or smaller, as a share. shift: most that it lies off, in
    windows; drift: most that it moves in a clip; across: how much of either also goes sideways.
    mirrored_share: of clips. trim, trim_start: most frames cut at the end and at the start, the
    rest spread over the clip again. gain, bias: spread of contrast and brightness, by channel half
    as much. noise: of the picture, in units of its range. blur_share: share of clips softened by
    halving and doubling the size. coded_share: share of clips that are coded in blocks once more,
    with a quantiser of at most coarseness. untimed_share: of clips whose duration is kept from the
    network, as where nobody knows it.
    """

    zoom: float = 0.12
    shift: float = 0.07
    drift: float = 0.05
    across: float = 1.0
    mirrored_share: float = 0.5
    trim: int = 3
    trim_start: int = 3
    gain: float = 0.25
    bias: float = 0.12
    noise: float = 0.03
    blur_share: float = 0.2
    coded_share: float = 0.3
    coarseness: float = 0.05
    untimed_share: float = 0.1


@dataclass(frozen=True, eq=False)
class Batch:
    """What the network learns from.

    clips: (B, 3, T, size, size) float32 normalised. masks: (B, T, size, size) float32 in 0 to 1.
    transitions: (B, 2) int64 frames. durations_s: (B,) float32 from the first frame to the last,
    not a number where nobody knows.
    """

    clips: Tensor
    masks: Tensor
    transitions: Tensor
    durations_s: Tensor


def prepare_batch(
    frames: Tensor,
    masks: Tensor,
    transitions: Tensor,
    durations_s: Tensor,
    geometry: InputGeometry,
    change: Augmentation | None,
    rng: torch.Generator,
) -> Batch:
    """Cut, change and normalise a batch.

    frames: (B, T, S, S, 3) uint8, with MARGIN around what the network sees. masks: (B, T, S, S)
    uint8. transitions: (B, 2) int64. durations_s: (B,). change None takes the middle as it is.
    rng: of the CPU, whatever the frames' device.
    """
    device = frames.device
    if change is not None and (change.trim or change.trim_start):
        most = change.trim_start, change.trim
        kept, transitions, shares = _trimmed(frames.shape[1], transitions, most, rng)
        durations_s = durations_s * shares.to(durations_s.device)
        chosen = torch.arange(len(frames), device=device)[:, None], kept.to(device)
        frames, masks = frames[chosen], masks[chosen]
    if change is not None:
        untimed = torch.rand(len(frames), generator=rng) < change.untimed_share
        durations_s = durations_s.masked_fill(untimed.to(durations_s.device), torch.nan)
    pictures = torch.cat([frames, masks[..., None]], dim=-1)
    seen = _seen(pictures, geometry.size, change, rng)
    clips, targets = seen[:, :, :3], seen[:, :, 3]
    if change is not None:
        clips = _recoloured(clips, change, rng)
    mean = torch.tensor(geometry.mean, device=device).view(3, 1, 1)
    deviation = torch.tensor(geometry.std, device=device).view(3, 1, 1)
    normalised = ((clips - mean) / deviation).transpose(1, 2)
    return Batch(normalised, targets, transitions, durations_s)


def _trimmed(
    count: int, transitions: Tensor, most: tuple[int, int], rng: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Places (B, T) of the frames shown when the ends are cut, and what that does to a label.

    Returned are also the transitions (B, 2) in those frames, and (B,) how much of a clip is left.
    """
    dives = len(transitions)
    at_start, at_end = most
    start = torch.randint(0, at_start + 1, (dives, 1), generator=rng)
    end = count - 1 - torch.randint(0, at_end + 1, (dives, 1), generator=rng)
    shares = torch.arange(count) / (count - 1)
    kept = (start + (end - start) * shares).round().long()
    ends = torch.stack([start, end], dim=0).to(transitions.device)
    moved = (transitions - ends[0]) * (count - 1) / (ends[1] - ends[0])
    left = (end - start)[:, 0] / (count - 1)
    return kept, moved.round().long().clamp(0, count - 1), left


def _seen(pictures: Tensor, size: int, change: Augmentation | None, rng: torch.Generator) -> Tensor:
    """What the network sees of (B, T, S, S, C) uint8: (B, T, C, size, size) in 0 to 1.

    Each clip's window is zoomed, laid off and drifts in a straight line; beyond the stored picture
    it is black, as beyond a camera's.
    """
    dives, count = pictures.shape[:2]
    zoom, shift, drift, mirrored = torch.zeros(4, dives, 2)
    if change is not None:
        zoom, shift, drift = (torch.rand(3, dives, 2, generator=rng) * 2 - 1).unbind(0)
        zoom = (zoom * change.zoom)[:, :1].expand(-1, 2)
        sides = torch.tensor([change.across, 1.0])
        shift, drift = shift * change.shift * sides, drift * change.drift * sides
        mirrored = (torch.rand(dives, 2, generator=rng) < change.mirrored_share).float()
    scale = (1 + zoom) / MARGIN
    way = torch.linspace(-0.5, 0.5, count)[None, :, None]
    # In grid_sample's unit a picture is two wide.
    middle = 2 * scale[:, None] * (shift[:, None] + drift[:, None] * way)
    flip = 1 - 2 * mirrored[:, 0]
    windows = torch.zeros(dives, count, 2, 3)
    windows[:, :, 0, 0] = (scale[:, 0] * flip)[:, None]
    windows[:, :, 1, 1] = scale[:, 1, None]
    windows[:, :, :, 2] = middle
    channels_first = pictures.flatten(0, 1).permute(0, 3, 1, 2).float() / 255
    grid = functional.affine_grid(
        windows.flatten(0, 1).to(pictures.device),
        [dives * count, channels_first.shape[1], size, size],
        align_corners=False,
    )
    cut = functional.grid_sample(channels_first, grid, align_corners=False)
    return cut.unflatten(0, (dives, count))


def _recoloured(clips: Tensor, change: Augmentation, rng: torch.Generator) -> Tensor:
    """Contrast, brightness, tint, softness, noise and coding of (B, T, 3, H, W) in 0 to 1."""
    dives = len(clips)
    device = clips.device

    def spread(channels: int) -> Tensor:
        return (torch.rand(dives, 1, channels, 1, 1, generator=rng) * 2 - 1).to(device)

    gain = 1 + change.gain * (spread(1) + spread(3) / 2)
    bias = change.bias * (spread(1) + spread(3) / 2)
    clips = (clips - 0.5) * gain + 0.5 + bias
    strengths = (change.noise * torch.rand(dives, generator=rng)).tolist()
    blurred = (torch.rand(dives, generator=rng) < change.blur_share).tolist()
    coded = (torch.rand(dives, generator=rng) < change.coded_share).tolist()
    steps = (change.coarseness * torch.rand(dives, generator=rng)).tolist()
    seeds = torch.randint(2**31, (dives,), generator=rng).tolist()
    for place in range(dives):
        clip = clips[place]
        if blurred[place]:
            small = functional.interpolate(clip, scale_factor=0.5, mode="area")
            clip = functional.interpolate(small, size=clip.shape[2:], mode="bilinear")
        if coded[place] and steps[place]:
            clip = compress(clip, steps[place])
        own_rng = torch.Generator(device).manual_seed(seeds[place])
        noise = torch.randn(clip.shape, generator=own_rng, device=device)
        clips[place] = clip + strengths[place] * noise
    return clips.clamp(0, 1)
