"""A mask drawn again beside the picture it belongs to, so that limbs get their edges."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CERTAIN = 1e-4  # probabilities nearer to 0 or 1 are taken for this
FOLD = 2  # pixels of a side that are folded into channels: half the size, a quarter of the memory
LOGIT_REACH = 8.0  # masks surer than that look the same


class MaskRefiner(nn.Module):
    """Three convolutions over a frame and its mask, whose answer corrects the mask's logits."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inputs = FOLD**2 * 5
        self.first = nn.Conv2d(inputs, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=2, dilation=2)
        self.third = nn.Conv2d(width, width, 3, padding=1)
        self.last = nn.Conv2d(width, FOLD**2, 1)

    def forward(self, logits: Tensor, frames: Tensor) -> Tensor:
        """Correct (N, H, W) logits beside (N, 3, H, W) normalised frames; returns (N, H, W)."""
        held = logits.clamp(-LOGIT_REACH, LOGIT_REACH)[:, None]
        seen = torch.cat([frames, held / LOGIT_REACH, held.sigmoid()], dim=1)
        x = F.relu(self.first(F.pixel_unshuffle(seen, FOLD)))
        x = F.relu(self.second(x))
        x = F.relu(self.third(x)) + x
        return logits + F.pixel_shuffle(self.last(x), FOLD)[:, 0]


def refined_logits(refiner: MaskRefiner, logits: Tensor, clips: Tensor) -> Tensor:
    """Refine (B, T, h, w) logits beside (B, 3, T, H, W) frames; returns (B, T, H, W)."""
    frames = clips.transpose(1, 2).flatten(0, 1)
    coarse = logits.flatten(0, 1)
    if coarse.shape[-2:] != frames.shape[-2:]:
        coarse = F.interpolate(coarse[:, None], size=frames.shape[-2:], mode="bilinear")[:, 0]
    refined: Tensor = refiner(coarse, frames)
    return refined.unflatten(0, logits.shape[:2])


def certain_logits(masks: Tensor) -> Tensor:
    """Return the logits of mask probabilities, none surer than CERTAIN."""
    return masks.clamp(CERTAIN, 1 - CERTAIN).logit()


def sharpened_masks(refiner: MaskRefiner | None, masks: Tensor, clips: Tensor) -> Tensor:
    """Refine (B, 96, 112, 112) mask probabilities beside their (B, 3, 96, 112, 112) clips."""
    if refiner is None:
        return masks
    return refined_logits(refiner, certain_logits(masks), clips).float().sigmoid()
