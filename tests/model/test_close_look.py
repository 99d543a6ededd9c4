"""Close-ups follow the mask, and what is seen in them reaches the moments it belongs to."""

import pytest
import torch

from fpcli.model.close_look import CHANNELS, HALF, SIDE, CloseLook, close_ups

PICTURE = 112


def square(x: int, y: int, half: int = 6) -> torch.Tensor:
    """(1, 96, S, S): a square about a pixel."""
    mask = torch.zeros(1, 96, PICTURE, PICTURE)
    mask[:, :, y - half : y + half, x - half : x + half] = 1
    return mask


@pytest.mark.parametrize("place", [(56, 56), (40, 70), (75, 45)])
def test_a_close_up_lies_around_the_mask(place):
    mask = square(*place)
    clips = mask[:, None].repeat(1, 3, 1, 1, 1) * torch.tensor([0.2, 0.5, 0.8]).view(1, 3, 1, 1, 1)
    seen = close_ups(clips, mask)
    assert seen.shape == (1, 96, CHANNELS, SIDE, SIDE)
    cells = seen[0, 50, 3]
    axis = torch.arange(SIDE) + 0.5
    assert (cells.sum(dim=0) * axis).sum() / cells.sum() == pytest.approx(SIDE / 2, abs=0.5)
    assert (cells.sum(dim=1) * axis).sum() / cells.sum() == pytest.approx(SIDE / 2, abs=0.5)
    side = 12 / (PICTURE * HALF) * SIDE  # of the square, in cells
    assert cells.sum() == pytest.approx(side**2, rel=0.05)
    assert seen[0, 50, :3, SIDE // 2, SIDE // 2].tolist() == pytest.approx([0.2, 0.5, 0.8])


def test_a_faint_haze_does_not_pull_the_close_up_away():
    clear, hazy = square(30, 60), (square(30, 60) + 0.03).clamp(max=1)
    clips = square(30, 60)[:, None].repeat(1, 3, 1, 1, 1)
    apart = close_ups(clips, clear)[:, :, 0] - close_ups(clips, hazy)[:, :, 0]
    assert apart.abs().mean() < 0.03


def test_without_a_diver_the_middle_is_seen():
    clips = square(56, 56)[:, None].repeat(1, 3, 1, 1, 1)
    seen = close_ups(clips, torch.zeros(1, 96, PICTURE, PICTURE))
    assert seen[0, 0, 0, SIDE // 2, SIDE // 2] == 1
    assert (seen[:, :, 0] - seen[:, :, 0].flip(3)).abs().max() < 1e-4


def test_masks_may_be_finer_than_pictures():
    clips = torch.rand(1, 3, 96, 32, 32)
    assert close_ups(clips, square(56, 56)).shape == (1, 96, CHANNELS, SIDE, SIDE)


def test_no_gradient_reaches_masks_or_pictures():
    clips = torch.rand(1, 3, 96, PICTURE, PICTURE, requires_grad=True)
    assert not close_ups(clips, square(56, 56).requires_grad_()).requires_grad


def test_additions_come_where_something_is_seen():
    torch.manual_seed(0)
    look = CloseLook(4, 24, 32).eval()
    still = torch.zeros(1, 96, CHANNELS, SIDE, SIDE)
    moved = still.clone()
    moved[:, 85:, :, 10:30, 20:40] = 1.0
    snippets, frames = (
        (after - before).abs().amax(dim=(0, 2))
        for before, after in zip(look(still, 2), look(moved, 2), strict=True)
    )
    assert snippets.shape == (9,)
    assert frames.shape == (48,)
    assert snippets[:5].max() == 0 < snippets[8]
    assert frames[:38].max() == 0 < frames[43:].min()
