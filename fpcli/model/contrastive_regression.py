"""FineREG, fine-grained contrastive regression: how two dives differ, step by step.

The only part that sees a pair (paper, part FineREG). All pairs and both directions run as one
batch.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fpcli.model.config import SNIPPETS, ModelConfig
from fpcli.model.features import STEPS, DiveFeatures, StepDeltas
from fpcli.model.static_encoder import resample, spread
from fpcli.model.temporal_parser import double_conv

SEGMENT_SAMPLES = 4  # snippets that each step's segment is resampled to
REDUCER_CHANNELS = (8, 12)  # ends in twelve tokens a step
FRAMES_PER_PAIR_SNIPPET = 20  # two dives' frame numbers summed, over ten frames a snippet
HEADS = 8
DECODER_LAYERS = 3
MLP_FACTOR = 4
REGRESSOR_HIDDEN = (256, 64)


class Reducer(nn.Module):
    """A step's four resampled snippets condensed to twelve tokens."""

    def __init__(self, dynamic_width: int, token_width: int) -> None:
        super().__init__()
        first, second = REDUCER_CHANNELS
        self.widen = double_conv(SEGMENT_SAMPLES, first)
        self.tokens = double_conv(first, second)
        self.mlp = nn.Sequential(
            nn.Linear(dynamic_width, dynamic_width // 2),
            nn.ReLU(inplace=True),
            nn.Linear(dynamic_width // 2, dynamic_width // 4),
            nn.ReLU(inplace=True),
            nn.Linear(dynamic_width // 4, token_width),
            nn.ReLU(inplace=True),
        )

    def forward(self, segment: Tensor) -> Tensor:
        """Map (N, 4, F) to (N, 12, D)."""
        tokens: Tensor = self.mlp(self.tokens(self.widen(segment)))
        return tokens


class CrossAttentionBlock(nn.Module):
    """Pre-norm cross-attention and MLP; the tokens attended to stay as they are."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm_query = nn.LayerNorm(width)
        self.norm_context = nn.LayerNorm(width)
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.project = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, MLP_FACTOR * width),
            nn.GELU(),
            nn.Linear(MLP_FACTOR * width, width),
        )

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """Let (N, S, D) tokens attend to a context of the same shape."""
        normed = self.norm_context(context)
        query, key, value = (
            each.unflatten(2, (HEADS, -1)).transpose(1, 2)
            for each in (self.query(self.norm_query(x)), self.key(normed), self.value(normed))
        )
        attended = F.scaled_dot_product_attention(query, key, value)
        x = x + self.project(attended.transpose(1, 2).flatten(2))
        return x + self.mlp(self.norm_mlp(x))


class Decoder(nn.Module):
    """Three cross-attention blocks that all attend to the same context."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(CrossAttentionBlock(width) for _ in range(DECODER_LAYERS))

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """Let (N, S, D) tokens attend to a context of the same shape."""
        for block in self.blocks:
            x = block(x, context)
        return x


def regressor(width: int) -> nn.Sequential:
    """Return the MLP from a token to its difference."""
    first, second = REGRESSOR_HIDDEN
    return nn.Sequential(
        nn.Linear(width, first),
        nn.ReLU(inplace=True),
        nn.Linear(first, second),
        nn.ReLU(inplace=True),
        nn.Linear(second, 1),
    )


class Stream(nn.Module):
    """Decoders and regressor of one branch, dynamic or static.

    Take-off and flight share the early decoder, entry has the late one.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.early = Decoder(width)
        self.late = Decoder(width)
        self.regressor = regressor(width)

    def forward(self, query: Tensor, exemplar: Tensor) -> Tensor:
        """Map (N, 3, S, D) tokens of N pairs to (2, N, 3) differences, both directions."""
        pairs, steps, count, width = query.shape
        x = torch.stack([query, exemplar])
        context = torch.stack([exemplar, query])
        split = steps - 1

        def run(decoder: nn.Module, chosen: slice) -> Tensor:
            flat = (-1, count, width)
            out: Tensor = decoder(
                x[:, :, chosen].reshape(flat), context[:, :, chosen].reshape(flat)
            )
            return out.view(2, pairs, -1, count, width)

        decoded = [run(self.early, slice(0, split)), run(self.late, slice(split, steps))]
        values: Tensor = self.regressor(torch.cat(decoded, dim=2))
        return values.squeeze(-1).mean(dim=-1)


def pair_boundaries(query: Tensor, exemplar: Tensor) -> tuple[Tensor, Tensor]:
    """Return (N,) a and (N,) b, the snippets at which both dives of a pair are cut.

    query, exemplar: (N, 2) transitions in frames; a = (t1_q + t1_z) // 20, b likewise.
    """
    a, b = ((query.long() + exemplar.long()) // FRAMES_PER_PAIR_SNIPPET).unbind(dim=1)
    return a, b


def segment_positions(a: Tensor, b: Tensor) -> Tensor:
    """Return (N, 3, 4) places among the nine snippets: [0, a], [a, b], [b - 1, 8], four each."""
    a, b = a.to(torch.float32), b.to(torch.float32)
    last = torch.full_like(a, SNIPPETS - 1)
    segments = (
        (torch.zeros_like(a), torch.minimum(a, last)),
        (torch.minimum(a, last), torch.minimum(b, last)),
        ((b - 1).clamp(min=0).minimum(last), last),
    )
    return torch.stack([spread(*ends, SEGMENT_SAMPLES) for ends in segments], dim=1)


class ContrastiveRegression(nn.Module):
    """Both branches of the comparison."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.reducers = nn.ModuleList(
            Reducer(config.dynamic_width, config.token_width) for _ in STEPS
        )
        self.dynamic = Stream(config.token_width)
        self.static = Stream(config.token_width)

    def dynamic_tokens(self, dynamic: Tensor, positions: Tensor) -> Tensor:
        """Map (N, 9, F) features and (N, 3, 4) places to (N, 3, 12, D) tokens."""
        segments = resample(dynamic, positions.flatten(1)).unflatten(1, positions.shape[1:])
        tokens = [reducer(segments[:, step]) for step, reducer in enumerate(self.reducers)]
        return torch.stack(tokens, dim=1)

    def forward(
        self,
        query: DiveFeatures,
        exemplars: DiveFeatures,
        boundaries: tuple[Tensor, Tensor] | None = None,
    ) -> StepDeltas:
        """Compare N pairs; a batch of one on either side stands against all of the other.

        boundaries: (N, 2) or (1, 2) transitions in frames of query and exemplars, where they are
        known; otherwise the predicted ones.
        """
        pairs = max(len(query), len(exemplars))
        cuts_query, cuts_exemplar = boundaries or (query.boundaries, exemplars.boundaries)
        a, b = pair_boundaries(cuts_query.expand(pairs, -1), cuts_exemplar.expand(pairs, -1))
        positions = segment_positions(a, b)
        dynamic = torch.cat(
            [query.dynamic.expand(pairs, -1, -1), exemplars.dynamic.expand(pairs, -1, -1)]
        )
        tokens = self.dynamic_tokens(dynamic, positions.repeat(2, 1, 1))
        shape = (pairs, -1, -1, -1)
        return StepDeltas(
            dynamic=self.dynamic(tokens[:pairs], tokens[pairs:]),
            static=self.static(query.static.expand(shape), exemplars.static.expand(shape)),
        )
