"""What a batch goes through before the network."""

import pytest
import torch
from made_dives import SMALL, label, sample

from fpcli.training.augment import Augmentation, prepare_batch
from fpcli.training.samples import stack
from fpcli.video.transform import to_input

DIVES = [sample(label(place)) for place in range(2)]


def test_without_changes_the_network_sees_what_it_sees_in_use() -> None:
    clips, _ = prepare_batch(*stack(DIVES), SMALL, None, torch.Generator())
    for clip, dive in zip(clips, DIVES, strict=True):
        assert torch.allclose(clip, to_input(dive.frames, SMALL), atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_a_mask_moves_with_its_diver(seed: int) -> None:
    still = Augmentation(gain=0, bias=0, noise=0, blur_share=0, smallest_crop=0.7)
    rng = torch.Generator().manual_seed(seed)
    clips, masks = prepare_batch(*stack(DIVES), SMALL, still, rng)
    red = clips[:, 0] * SMALL.std[0] + SMALL.mean[0]
    assert masks.sum() > 0
    assert (red[masks > 0.99] > 0.9).all()
    assert (red[masks < 0.01] < 0.5).all()


def test_the_same_seed_changes_alike_and_another_differently() -> None:
    def changed(seed: int) -> torch.Tensor:
        rng = torch.Generator().manual_seed(seed)
        return prepare_batch(*stack(DIVES), SMALL, Augmentation(), rng)[0]

    assert torch.equal(changed(1), changed(1))
    assert not torch.equal(changed(1), changed(2))


def test_values_stay_those_of_pictures() -> None:
    strong = Augmentation(gain=2, bias=1, noise=1, blur_share=1)
    clips, masks = prepare_batch(*stack(DIVES), SMALL, strong, torch.Generator().manual_seed(0))
    mean = torch.tensor(SMALL.mean).view(3, 1, 1, 1)
    std = torch.tensor(SMALL.std).view(3, 1, 1, 1)
    pictures = clips * std + mean
    assert pictures.shape == (2, 3, 96, SMALL.size, SMALL.size)
    assert ((pictures >= -1e-6) & (pictures <= 1 + 1e-6)).all()
    assert ((masks >= 0) & (masks <= 1)).all()
