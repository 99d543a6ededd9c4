"""Pools by planes give what the three-dimensional pool gives."""

import pytest
import torch

from fpcli.model.i3d import SamePool3d

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
