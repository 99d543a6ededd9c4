"""Outlines say where a mask lies, which way, and of what shape."""

import math

import pytest
import torch
from torch import Tensor

from fpcli.model.config import CONFIGS
from fpcli.model.silhouette import (
    MOMENTS,
    SILHOUETTE,
    SPREAD_SCALE,
    UPRIGHT,
    SilhouetteInput,
    silhouettes,
)

SIDE = 112


def bar(angle: float, *, x: float = 0.0, y: float = 0.0, length: float = 0.4) -> Tensor:
    """A bar of half that length and a fifth as broad, turned from the horizontal, (1, 1, S, S)."""
    axis = torch.linspace(-1, 1, SIDE)
    dy, dx = torch.meshgrid(axis - y, axis - x, indexing="ij")
    along = dx * math.cos(angle) + dy * math.sin(angle)
    across = dy * math.cos(angle) - dx * math.sin(angle)
    return ((along.abs() < length) & (across.abs() < length / 5)).float()[None, None]


def test_moments_of_a_bar():
    x, y, area, cosine, sine, along, across = silhouettes(bar(0.3, x=0.2, y=-0.4))[0, 0, :MOMENTS]
    assert (x, y) == pytest.approx((0.2, -0.4), abs=0.01)
    assert math.atan2(sine, cosine) / 2 == pytest.approx(0.3, abs=0.01)
    assert area / SPREAD_SCALE == pytest.approx(math.sqrt(0.8 * 0.16 / 4), rel=0.05)
    assert along / SPREAD_SCALE == pytest.approx(0.4 / math.sqrt(3), rel=0.03)
    assert across / SPREAD_SCALE == pytest.approx(0.08 / math.sqrt(3), rel=0.1)


def test_an_upright_outline_is_the_same_however_the_diver_lies():
    outlines = [silhouettes(bar(angle, x=0.1))[0, 0, MOMENTS:] for angle in (0.0, 0.7, 1.4)]
    assert outlines[0].view(UPRIGHT, UPRIGHT)[UPRIGHT // 2].sum() > UPRIGHT / 3
    for other in outlines[1:]:
        assert (other - outlines[0]).abs().mean() < 0.04


def test_a_mask_without_a_diver_gives_numbers():
    found = silhouettes(torch.zeros(2, 3, SIDE, SIDE))
    assert found.shape == (2, 3, SILHOUETTE)
    assert torch.isfinite(found).all()


def test_no_gradient_reaches_the_masks():
    masks = bar(0.5).requires_grad_()
    assert not silhouettes(masks).requires_grad


def test_additions_come_where_something_happens():
    config = CONFIGS["xs"]
    told = SilhouetteInput(config.dynamic_width, 256)
    still = torch.zeros(1, 96, SILHOUETTE)
    moved = still.clone()
    moved[:, 85:] = 1.0
    snippets, frames = (
        (after - before).abs().amax(dim=(0, 2))
        for before, after in zip(told(still, 2), told(moved, 2), strict=True)
    )
    assert snippets.shape == (9,)
    assert frames.shape == (48,)
    assert snippets[:5].max() == 0 < snippets[8]
    assert frames[:38].max() == 0 < frames[43:].min()
