"""TAP, the temporal action parser: the probability that a transition lies on a frame (paper, TAP).

Also the 1-D blocks that TAP, the static encoder and the reducers are made of: everywhere the
published network takes time as channels and convolves along the axis of features.
"""

import itertools

from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.model.config import FRAMES, SNIPPETS

TAP_CHANNELS = (12, 24, 48, 96, FRAMES)
TAP_HIDDEN = (128, 64)


def double_conv(inputs: int, outputs: int) -> nn.Sequential:
    """Return two times: convolution of 3 with padding 1, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv1d(inputs, outputs, 3, padding=1),
        nn.BatchNorm1d(outputs),
        nn.ReLU(inplace=True),
        nn.Conv1d(outputs, outputs, 3, padding=1),
        nn.BatchNorm1d(outputs),
        nn.ReLU(inplace=True),
    )


class ConvStack(nn.Module):
    """A double convolution, then max-pool 2 and double convolution for each further width."""

    def __init__(self, inputs: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        widths = (inputs, *channels)
        self.blocks = nn.ModuleList(
            double_conv(before, after) for before, after in itertools.pairwise(widths)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, L) to (N, channels[-1], L / 2^(len(channels) - 1))."""
        x = self.blocks[0](x)
        for block in list(self.blocks)[1:]:
            x = block(F.max_pool1d(x, 2))
        return x


class TemporalParser(nn.Module):
    """The small 1-D network from nine snippets to 96 frames."""

    def __init__(self, dynamic_width: int) -> None:
        super().__init__()
        narrowed = dynamic_width // 2 ** (len(TAP_CHANNELS) - 1)
        self.stack = ConvStack(SNIPPETS, TAP_CHANNELS)
        self.head = nn.Sequential(
            nn.Linear(narrowed, TAP_HIDDEN[0]),
            nn.ReLU(inplace=True),
            nn.Linear(TAP_HIDDEN[0], TAP_HIDDEN[1]),
            nn.ReLU(inplace=True),
            nn.Linear(TAP_HIDDEN[1], 2),
        )

    def forward(self, dynamic: Tensor) -> Tensor:
        """Map (B, 9, F) masked features to (B, 96, 2) transition logits."""
        logits: Tensor = self.head(self.stack(dynamic))
        return logits
