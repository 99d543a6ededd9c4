"""What the outline of the diver says, frame by frame: where, how large, which way, of what shape.

Pooled features see a splash and hardly a body line; a mask turned upright along its own axis shows
how tight a tuck is, how straight a leg, how far a dive is over at the water.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.model.config import SNIPPET_FRAMES, SNIPPET_STARTS

MOMENTS = 7  # place (2), size, direction (2), length and breadth
UPRIGHT = 16  # side of the outline turned upright, cells
SILHOUETTE = MOMENTS + UPRIGHT**2
REACH = 2.2  # half side of the outline's square, in deviations of the mask along its axis
NARROWEST, WIDEST = 0.05, 0.5  # deviation along the axis, in half pictures
SPREAD_SCALE = 4.0  # a diver fills a quarter of the picture: brings lengths near one
NOTHING = 1e-3  # pixels that stand for a mask without any
SMALLEST = 1e-5  # a variance, in half pictures squared
HIDDEN = 64
TAPS = 5  # frames


@torch.no_grad()
def silhouettes(masks: Tensor) -> Tensor:
    """Read (B, T, H, W) mask probabilities: (B, T, SILHOUETTE) moments and upright outlines.

    Moments, in half pictures from the middle: x, y; the root of the share of the picture; cosine
    and sine of twice the angle of the long axis, less for a rounder mask; deviations along and
    across it.
    """
    pictures = masks.flatten(0, 1).float()
    height, width = pictures.shape[1:]
    y = torch.linspace(-1, 1, height, device=masks.device)[:, None]
    x = torch.linspace(-1, 1, width, device=masks.device)

    def mean(of: Tensor) -> Tensor:
        return (pictures * of).sum(dim=(1, 2)) / area

    area = pictures.sum(dim=(1, 2)) + NOTHING
    middle_x, middle_y = mean(x), mean(y)
    off_x, off_y = x - middle_x[:, None, None], y - middle_y[:, None, None]
    xx, yy, xy = mean(off_x**2), mean(off_y**2), mean(off_x * off_y)
    both, apart = xx + yy, ((xx - yy) ** 2 + 4 * xy**2).sqrt()
    along, across = ((both + apart) / 2).sqrt(), ((both - apart).clamp(min=0) / 2).sqrt()
    # A round mask has no direction: it counts the less, the rounder it is.
    cosine, sine = (xx - yy) / (both + SMALLEST), 2 * xy / (both + SMALLEST)
    moments = torch.stack(
        [
            middle_x,
            middle_y,
            SPREAD_SCALE * (area / (height * width)).sqrt(),
            cosine,
            sine,
            SPREAD_SCALE * along,
            SPREAD_SCALE * across,
        ],
        dim=1,
    )
    # The rounder a mask is, the less its outline is turned: a round one has no axis to turn to.
    half = REACH * along.clamp(NARROWEST, WIDEST)
    middle = torch.stack([middle_x, middle_y], dim=1)
    turned = _outlines(pictures, middle, half, torch.atan2(sine, cosine) / 2)
    plain = _outlines(pictures, middle, half, torch.zeros_like(half))
    shape = torch.lerp(plain, turned, (cosine**2 + sine**2).sqrt()[:, None])
    return torch.cat([moments, shape], dim=1).unflatten(0, masks.shape[:2])


def _outlines(pictures: Tensor, middle: Tensor, half: Tensor, angle: Tensor) -> Tensor:
    """Cut squares of half a side (N,) around (N, 2), turned by (N,) angles: (N, UPRIGHT²)."""
    right, up = half * angle.cos(), half * angle.sin()
    rows = [torch.stack([right, -up], dim=1), torch.stack([up, right], dim=1)]
    windows = torch.cat([torch.stack(rows, dim=1), middle[:, :, None]], dim=2)
    grid = F.affine_grid(windows, [len(pictures), 1, UPRIGHT, UPRIGHT], align_corners=False)
    return F.grid_sample(pictures[:, None], grid, align_corners=False).flatten(1)


class SilhouetteInput(nn.Module):
    """What outlines add to the features of snippets and of frames, by convolutions along time."""

    def __init__(self, dynamic_width: int, frame_width: int) -> None:
        super().__init__()
        self.read = nn.Linear(SILHOUETTE, HIDDEN)
        self.near = nn.Conv1d(HIDDEN, HIDDEN, TAPS, padding=TAPS // 2)
        self.far = nn.Conv1d(HIDDEN, HIDDEN, TAPS, padding=TAPS - 1, dilation=2)
        self.to_snippets = nn.Linear(HIDDEN, dynamic_width)
        self.to_frames = nn.Linear(HIDDEN, frame_width)

    def forward(self, told: Tensor, frame_stride: int) -> tuple[Tensor, Tensor]:
        """Map (B, 96, SILHOUETTE) to additions to snippets (B, 9, F) and to frames (B, T, W).

        frame_stride: every n-th frame is wanted.
        """
        x = F.gelu(self.read(told)).transpose(1, 2)
        x = x + F.gelu(self.near(x))
        x = (x + F.gelu(self.far(x))).transpose(1, 2)
        of_snippets = [x[:, start : start + SNIPPET_FRAMES].mean(dim=1) for start in SNIPPET_STARTS]
        return self.to_snippets(torch.stack(of_snippets, dim=1)), self.to_frames(
            x[:, ::frame_stride]
        )
