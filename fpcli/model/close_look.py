"""The diver seen close: small convolutions over a square of each frame around the mask.

Pooled features of the whole picture see a splash and a jump, and hardly knees, toes or a tuck.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.model.frame_reader import HIDDEN, FrameReader

SIDE = 48  # of a close-up, pixels
HALF = 0.44  # half side of the square, in half pictures: hardly enlarged, a diver at full length
CHANNELS = 4  # colours and mask
STEADY_FRAMES = 5  # the square's place is a mean over these
NOTHING = 1e-3  # pixels that stand for a mask without any
NARROW = 24  # channels that keep their place in the square


@torch.no_grad()
def close_ups(clips: Tensor, masks: Tensor) -> Tensor:
    """Cut squares around the diver: (B, 96, CHANNELS, SIDE, SIDE), colours and mask.

    clips: (B, 3, 96, H, W) in any unit. masks: (B, 96, H, W) probabilities. Where there is no
    diver the square lies in the middle.
    """
    frames, (height, width) = masks.shape[1], masks.shape[2:]
    # Squares of probabilities: a faint haze over the picture would pull to the middle.
    weight = masks.float() ** 2
    y = torch.linspace(-1, 1, height, device=masks.device)[:, None]
    x = torch.linspace(-1, 1, width, device=masks.device)
    area = weight.sum(dim=(2, 3)) + NOTHING
    middle = torch.stack([(weight * of).sum(dim=(2, 3)) / area for of in (x, y)], dim=1)
    reach = STEADY_FRAMES // 2
    padded = F.pad(middle, (reach, reach), mode="replicate")
    steady = F.avg_pool1d(padded, STEADY_FRAMES, 1).transpose(1, 2).flatten(0, 1)
    windows = HALF * torch.eye(2, 3, device=masks.device).repeat(len(steady), 1, 1)
    windows[:, :, 2] = steady
    grid = F.affine_grid(windows, [len(windows), CHANNELS, SIDE, SIDE], align_corners=False)
    cut = [
        F.grid_sample(of.flatten(0, 1), grid, padding_mode="border", align_corners=False)
        for of in (clips.float().transpose(1, 2), masks.float()[:, :, None])
    ]
    return torch.cat(cut, dim=1).unflatten(0, (-1, frames))


def _convolution(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class CloseLook(FrameReader):
    """What close-ups add to the features of snippets and of frames.

    width: channels of the first convolution.
    """

    def __init__(self, width: int, dynamic_width: int, frame_width: int) -> None:
        super().__init__(dynamic_width, frame_width)
        self.look = nn.Sequential(
            _convolution(CHANNELS, width, 2),
            _convolution(width, 2 * width, 2),
            _convolution(2 * width, 2 * width, 1),
            _convolution(2 * width, 4 * width, 2),
            _convolution(4 * width, 4 * width, 1),
            nn.Conv2d(4 * width, NARROW, 1),
            nn.Flatten(),
        )
        self.read = nn.Linear(NARROW * (SIDE // 8) ** 2, HIDDEN)

    def forward(self, seen: Tensor, frame_stride: int) -> tuple[Tensor, Tensor]:
        """Map (B, 96, CHANNELS, SIDE, SIDE) close-ups to additions, as `along_time` does."""
        pictures = seen.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        read = F.gelu(self.read(self.look(pictures)))
        return self.along_time(read.unflatten(0, seen.shape[:2]), frame_stride)
