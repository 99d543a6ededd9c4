"""From light to a file: exposure, colour, softness, noise, over-exposure and block compression."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, interpolate, pad

BLOCK = 8
METER_TARGET, METER_STRENGTH = 0.46, 0.55
METER_RANGE = (0.8, 1.8)
KNEE = 0.75  # of full scale; brighter light is pressed together towards white
SOFTEST_PX = 1.3  # as wide as the softening's five taps reach
LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Development:
    """How a camera and its coder turn light into a picture.

    exposure: factor. balance: factor of red, green, blue. gamma: of the tones. saturation: 0 grey,
    1 unchanged. noise: standard deviation in shares of full scale. softness: blur radius in
    thousandths of the picture's shorter side. sharpening: overshoot at edges. vignette: darkening
    of the corners. coarseness: step of the coder's quantiser, 0 for none. flicker: of the lamps.
    """

    exposure: float
    balance: tuple[float, float, float]
    gamma: float
    saturation: float
    noise: float
    softness: float
    sharpening: float
    vignette: float
    coarseness: float
    flicker: float


def random_development(rng: np.random.Generator, camera: str) -> Development:
    """A broadcaster's chain, or a phone's."""
    phone = camera != "broadcast"
    balance = 1 + rng.normal(0, 0.055 if phone else 0.035, 3)
    return Development(
        exposure=float(np.exp(rng.normal(0.05, 0.22))),
        balance=(float(balance[0]), float(balance[1]), float(balance[2])),
        gamma=float(rng.uniform(0.7, 1.15)),
        saturation=float(rng.uniform(0.6, 1.35)),
        noise=float(rng.uniform(0.0, 0.03)),
        softness=float(rng.uniform(0.0, 5.0) * (rng.random() < 0.7)),
        sharpening=float(rng.uniform(0, 0.8) * (rng.random() < 0.4)),
        vignette=float(rng.uniform(0, 0.2) * (rng.random() < 0.4)),
        coarseness=float(rng.uniform(0.004, 0.05) * (rng.random() < 0.85)),
        flicker=float(rng.uniform(0, 0.02) * (rng.random() < 0.3)),
    )


def metered(light: Tensor) -> float:
    """The gain that a camera's own exposure chooses for a scene of light (T, H, W, 3)."""
    mean = float(light.clamp(0, 1).mean())
    gain = (METER_TARGET / max(mean, 1e-3)) ** METER_STRENGTH
    return min(max(gain, METER_RANGE[0]), METER_RANGE[1])


def _places(extent: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Rows (T, H, 1) and columns (T, 1, W) of pixels in a picture of -1 to 1 at an extent."""
    left, top, across, down = (edge[:, None] for edge in extent.unbind(1))
    x = (torch.arange(width, device=extent.device) + 0.5 - left) * (2 / across) - 1
    y = (torch.arange(height, device=extent.device) + 0.5 - top) * (2 / down) - 1
    return y[:, :, None], x[:, None, :]


def inside(extent: Tensor, height: int, width: int) -> Tensor:
    """(T, H, W) whether a pixel lies in the camera's picture, whose extent is (T, 4) pixels."""
    y, x = _places(extent, height, width)
    return (y.abs() <= 1) & (x.abs() <= 1)


def develop(
    light: Tensor, development: Development, extent: Tensor, gain: float, seed: int
) -> Tensor:
    """The coded picture, (T, H, W, 3) uint8, of light (T, H, W, 3) in 0-1 under a gain.

    extent: (T, 4) pixels on the CPU, see `framing.Framing.extent`. Noise and coding act on the
    drawn pixels.
    """
    frames, height, width = light.shape[:3]
    device = light.device
    softness_px = development.softness / 1000 * float(extent[:, 2:].amin(1).mean())
    chance = torch.Generator().manual_seed(seed)
    picture = light.permute(0, 3, 1, 2)
    balance = torch.tensor(development.balance, device=device)[:, None, None]
    lamps = 1 + development.flicker * torch.randn(frames, 1, 1, 1, generator=chance)
    picture = picture * (balance * (development.exposure * gain) * lamps.to(device))
    if development.vignette:
        y, x = _places(extent.to(device), height, width)
        picture = picture * (1 - development.vignette * (x * x + y * y).clamp(max=2))[:, None]
    picture = _soften(picture, min(softness_px, SOFTEST_PX))
    if development.sharpening:
        blurred = avg_pool2d(pad(picture, (1, 1, 1, 1), mode="replicate"), 3, 1)
        picture = picture + development.sharpening * (picture - blurred)
    bright = (picture - KNEE).clamp(min=0)
    picture = picture.clamp(0, KNEE) + bright / (1 + bright / (1 - KNEE))
    picture = picture**development.gamma
    grey = (picture * torch.tensor(LUMA, device=device)[:, None, None]).sum(1, keepdim=True)
    picture = grey + development.saturation * (picture - grey)
    if development.noise:
        # Noise is dealt from one tile: new noise for each pixel would cost more than the dive.
        tile = torch.randn(1, 3, height + 64, width + 64, generator=chance).to(device)
        corner = torch.randint(0, 64, (frames, 2), generator=chance).tolist()
        grain = [tile[0, :, top : top + height, left : left + width] for top, left in corner]
        picture = picture.add_(torch.stack(grain), alpha=development.noise)
    if development.coarseness:
        picture = compress(picture, development.coarseness)
    return (picture.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).contiguous()


def _soften(picture: Tensor, radius_px: float) -> Tensor:
    if radius_px < 0.2:
        return picture
    taps = torch.arange(-2.0, 3.0, device=picture.device)
    kernel = torch.exp(-(taps**2) / (2 * radius_px**2))
    kernel = (kernel / kernel.sum()).expand(3, 1, 1, 5)
    wide = conv2d(pad(picture, (2, 2, 0, 0), mode="replicate"), kernel, groups=3)
    return conv2d(pad(wide, (0, 0, 2, 2), mode="replicate"), kernel.transpose(2, 3), groups=3)


def _cosines(device: torch.device) -> Tensor:
    """(8, 8) rows of the orthonormal discrete cosine transform."""
    row = torch.arange(BLOCK, device=device, dtype=torch.float32)
    basis = torch.cos(torch.pi * (row + 0.5) * row[:, None] / BLOCK) * (2 / BLOCK) ** 0.5
    basis[0] /= 2**0.5
    return basis


def _quantised(plane: Tensor, step: float) -> Tensor:
    """A plane (T, H, W) whose 8 × 8 blocks keep only whole steps of their frequencies."""
    frames, height, width = plane.shape
    down, right = -height % BLOCK, -width % BLOCK
    padded = pad(plane[:, None], (0, right, 0, down), mode="replicate")[:, 0]
    rows, columns = padded.shape[1] // BLOCK, padded.shape[2] // BLOCK
    blocks = padded.reshape(frames, rows, BLOCK, columns, BLOCK).transpose(2, 3)
    basis = _cosines(plane.device)
    frequency = torch.arange(BLOCK, device=plane.device)
    steps = step * (1 + 0.6 * (frequency + frequency[:, None]))
    coded = ((basis @ blocks @ basis.T) / steps).round() * steps
    smooth = (basis.T @ coded @ basis).transpose(2, 3).reshape(padded.shape)
    return smooth[:, :height, :width]


def compress(picture: Tensor, step: float) -> Tensor:
    """(T, 3, H, W) coded in blocks, colour at half the resolution."""
    red, green, blue = picture.unbind(1)
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    size = luma.shape[1:]
    luma_coded = _quantised(luma, step)

    def chroma(plane: Tensor) -> Tensor:
        half = avg_pool2d((plane - luma)[:, None], 2, ceil_mode=True)
        coded = _quantised(half[:, 0], step * 1.5)
        return interpolate(coded[:, None], size, mode="bilinear")[:, 0]

    red_coded, blue_coded = luma_coded + chroma(red), luma_coded + chroma(blue)
    green_coded = (luma_coded - LUMA[0] * red_coded - LUMA[2] * blue_coded) / LUMA[1]
    return torch.stack((red_coded, green_coded, blue_coded), dim=1)
