"""Max-pools for use, axis by axis: the same maxima with a fraction of the comparisons.

A window of 3 x 3 x 3 takes 26 comparisons, three passes of three take 6, and each pass runs over
whole rows of channels. PyTorch's own pools also keep where each maximum was, for training.
"""

import torch
from torch import Tensor, nn

from fpcli.model.i3d import SamePool3d


class FoldedPool(nn.Module):
    """A trunk's max-pool."""

    def __init__(self, pool: SamePool3d) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, T, H, W) to (N, C, ⌈T/s⌉, ⌈H/s⌉, ⌈W/s⌉), both channels-last."""
        if x.is_cuda:
            pooled: Tensor = self.pool(x)
            return pooled
        return max_pool(x, self.pool.kernel, self.pool.stride, self.pool.padding, ceil=True)


def max_pool(
    x: Tensor,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    *,
    ceil: bool = False,
) -> Tensor:
    """Map (N, C, ...) to (N, C, ...), both channels-last, as PyTorch's own pools do.

    kernel, stride, padding: by axis. ceil: whether a window may reach beyond the padding.
    """
    places = x.movedim(1, -1)
    for axis, (size, step, pad) in enumerate(zip(kernel, stride, padding, strict=True), start=1):
        if size > 1:
            beyond = step - 1 if ceil else 0
            count = (places.shape[axis] + 2 * pad - size + beyond) // step + 1
            places = _pooled_along(places, axis, size, step, pad, count)
    return places.movedim(-1, 1)


def _pooled_along(x: Tensor, axis: int, size: int, stride: int, before: int, count: int) -> Tensor:
    """Maxima of `count` windows along an axis; window j begins `before` ahead of place j · stride.

    What lies outside counts for nothing.
    """
    largest = _places(x, axis, 0, stride).narrow(axis, 0, count)
    largest = largest.clone(memory_format=torch.contiguous_format)
    for shift in range(-before, size - before):
        if shift == 0:
            continue
        skipped = -(min(shift, 0) // stride)  # windows whose place lies ahead of the first
        seen = _places(x, axis, skipped * stride + shift, stride)
        seen = seen.narrow(axis, 0, min(seen.shape[axis], largest.shape[axis] - skipped))
        part = largest.narrow(axis, skipped, seen.shape[axis])
        torch.maximum(part, seen, out=part)
    return largest


def _places(x: Tensor, axis: int, start: int, stride: int) -> Tensor:
    """Every stride-th place along an axis, from a first one on."""
    return x[(*[slice(None)] * axis, slice(start, None, stride))]
