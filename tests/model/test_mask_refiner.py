"""Masks that are drawn again beside their pictures."""

import dataclasses

import pytest
import torch

from fpcli.model.build import build
from fpcli.model.config import CONFIGS
from fpcli.model.mask_refiner import MaskRefiner, refined_logits, sharpened_masks


@pytest.fixture
def clips() -> torch.Tensor:
    return torch.randn(1, 3, 4, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def masks() -> torch.Tensor:
    return torch.rand(1, 4, 16, 16, generator=torch.Generator().manual_seed(1))


def test_a_fresh_refiner_changes_nothing(clips: torch.Tensor, masks: torch.Tensor) -> None:
    torch.manual_seed(2)
    refiner = build(dataclasses.replace(CONFIGS["xs"], refiner_width=8)).refiner
    assert refiner is not None
    held = masks.clamp(1e-3, 1 - 1e-3)
    with torch.no_grad():
        assert torch.allclose(sharpened_masks(refiner, held, clips), held, atol=1e-5)


def test_it_sees_each_frame_beside_its_own_mask(clips: torch.Tensor, masks: torch.Tensor) -> None:
    torch.manual_seed(2)
    refiner = MaskRefiner(8)
    darker = clips.clone()
    darker[:, :, 2] -= 1
    with torch.no_grad():
        change = sharpened_masks(refiner, masks, darker) - sharpened_masks(refiner, masks, clips)
    assert change.abs().amax(dim=(0, 2, 3)).gt(1e-4).tolist() == [False, False, True, False]


def test_coarse_logits_come_back_at_the_size_of_the_frames(clips: torch.Tensor) -> None:
    assert refined_logits(MaskRefiner(8), torch.zeros(1, 4, 8, 8), clips).shape == (1, 4, 16, 16)


def test_without_a_refiner_masks_stay(clips: torch.Tensor, masks: torch.Tensor) -> None:
    assert sharpened_masks(None, masks, clips) is masks
