"""What is read of each frame by itself comes to the snippets and the frames it belongs to."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.model.config import SNIPPET_FRAMES, SNIPPET_STARTS

HIDDEN = 64
TAPS = 5  # frames


class FrameReader(nn.Module):
    """Convolutions along time, and what they add to the features of snippets and of frames."""

    def __init__(self, dynamic_width: int, frame_width: int) -> None:
        super().__init__()
        self.near = nn.Conv1d(HIDDEN, HIDDEN, TAPS, padding=TAPS // 2)
        self.far = nn.Conv1d(HIDDEN, HIDDEN, TAPS, padding=TAPS - 1, dilation=2)
        self.to_snippets = nn.Linear(HIDDEN, dynamic_width)
        self.to_frames = nn.Linear(HIDDEN, frame_width)

    def along_time(self, read: Tensor, frame_stride: int) -> tuple[Tensor, Tensor]:
        """Map (B, 96, HIDDEN) to additions to snippets (B, 9, F) and to frames (B, T, W).

        frame_stride: every n-th frame is wanted.
        """
        x = read.transpose(1, 2)
        x = x + F.gelu(self.near(x))
        x = (x + F.gelu(self.far(x))).transpose(1, 2)
        of_snippets = [x[:, start : start + SNIPPET_FRAMES].mean(dim=1) for start in SNIPPET_STARTS]
        return self.to_snippets(torch.stack(of_snippets, dim=1)), self.to_frames(
            x[:, ::frame_stride]
        )
