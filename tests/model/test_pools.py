"""Pools by planes, and by axes, give what the three-dimensional pool gives."""

import pytest
import torch
from torch.nn import functional

from fpcli.model.i3d import SamePool3d
from fpcli.model.pooling import FoldedPool, max_pool

PARTS = [
    ((1, 3, 3), (1, 2, 2)),
    ((3, 3, 3), (2, 2, 2)),
    ((2, 2, 2), (2, 2, 2)),
    ((3, 3, 3), (1, 1, 1)),
]


@pytest.mark.parametrize(("kernel", "stride"), PARTS)
@pytest.mark.parametrize("shape", [(2, 5, 8, 28, 28), (2, 5, 4, 7, 7), (1, 3, 7, 9, 11)])
def test_pooling_planes_and_then_time_is_the_same(
    kernel: tuple[int, int, int], stride: tuple[int, int, int], shape: tuple[int, ...]
) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0)).relu()
    pool = SamePool3d(kernel, stride)
    assert torch.equal(pool._by_planes(x), pool(x))


@pytest.mark.parametrize(("kernel", "stride"), PARTS)
@pytest.mark.parametrize("shape", [(2, 5, 8, 28, 28), (2, 5, 4, 7, 7), (1, 3, 7, 9, 11)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_pooling_one_axis_after_another_is_the_same(
    kernel: tuple[int, int, int],
    stride: tuple[int, int, int],
    shape: tuple[int, ...],
    dtype: torch.dtype,
) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0)).relu().to(dtype)
    x = x.contiguous(memory_format=torch.channels_last_3d)
    before = x.clone()
    pool = SamePool3d(kernel, stride)
    pooled = FoldedPool(pool)(x)
    assert torch.equal(pooled, pool(x))
    assert pooled.is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(x, before)


@pytest.mark.parametrize("side", [9, 56])
def test_pictures_are_pooled_alike(side: int) -> None:
    x = torch.randn(2, 4, side, side, generator=torch.Generator().manual_seed(0)).relu()
    x = x.contiguous(memory_format=torch.channels_last)
    assert torch.equal(max_pool(x, (3, 3), (2, 2), (1, 1)), functional.max_pool2d(x, 3, 2, 1))
