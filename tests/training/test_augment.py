"""What a batch goes through before the network."""

from dataclasses import replace

import pytest
import torch
from made_dives import SMALL, label, sample

from fpcli.training.augment import MARGIN, Augmentation, Batch, prepare_batch
from fpcli.video.transform import to_input

SIDE = 48  # the network's 32, and a margin
DIVES = [sample(label(place), SIDE) for place in range(2)]
FRAMES = torch.stack([dive.frames for dive in DIVES])
MASKS = torch.stack([dive.masks for dive in DIVES])
TRANSITIONS = torch.tensor([dive.label.transitions for dive in DIVES])
DURATIONS_S = torch.tensor([3.0, 4.0])
STILL = {"gain": 0, "bias": 0, "noise": 0, "blur_share": 0, "coded_share": 0}


def prepared(change: Augmentation | None, seed: int = 0) -> Batch:
    rng = torch.Generator().manual_seed(seed)
    return prepare_batch(FRAMES, MASKS, TRANSITIONS, DURATIONS_S, SMALL, change, rng)


def test_without_changes_the_network_sees_the_middle_as_in_use() -> None:
    whole = torch.randint(0, 255, (1, 96, 128, 128, 3), dtype=torch.uint8)
    geometry = replace(SMALL, size=112)
    assert round(128 / MARGIN) == 112
    rng = torch.Generator()
    seen = prepare_batch(
        whole, whole[..., 0], TRANSITIONS[:1], DURATIONS_S[:1], geometry, None, rng
    )
    middle = whole[0, :, 8:120, 8:120]
    assert torch.allclose(seen.clips[0], to_input(middle, geometry), atol=1e-3)
    assert torch.equal(seen.transitions, TRANSITIONS[:1])
    assert torch.equal(seen.durations_s, DURATIONS_S[:1])


@pytest.mark.parametrize("seed", range(4))
def test_a_mask_moves_with_its_diver(seed: int) -> None:
    batch = prepared(Augmentation(**STILL, zoom=0.3, shift=0.2), seed)
    red = batch.clips[:, 0] * SMALL.std[0] + SMALL.mean[0]
    assert batch.masks.sum() > 0
    assert (red[batch.masks > 0.99] > 0.9).all()
    assert (red[batch.masks < 0.01] < 0.5).all()


@pytest.mark.parametrize("seed", range(6))
def test_transitions_move_with_the_frames_that_are_shown(seed: int) -> None:
    number = torch.arange(96).view(1, 96, 1, 1, 1)
    frames = (number * 2).expand(2, 96, 8, 8, 3).to(torch.uint8)
    rng = torch.Generator().manual_seed(seed)
    trimmed = Augmentation(**STILL, zoom=0, shift=0, drift=0, trim=8, trim_start=8)
    trimmed = replace(trimmed, untimed_share=0)
    batch = prepare_batch(frames, frames[..., 0], TRANSITIONS, DURATIONS_S, SMALL, trimmed, rng)
    shown = batch.masks[:, :, 16, 16] * 255 / 2
    left = (shown[:, -1] - shown[:, 0]) / 95
    assert torch.allclose(batch.durations_s, DURATIONS_S * left, atol=0.03)
    for dive in range(2):
        found = shown[dive, batch.transitions[dive]]
        assert torch.allclose(found, TRANSITIONS[dive].float(), atol=1.01)


def test_the_same_seed_changes_alike_and_another_differently() -> None:
    assert torch.equal(prepared(Augmentation(), 1).clips, prepared(Augmentation(), 1).clips)
    assert not torch.equal(prepared(Augmentation(), 1).clips, prepared(Augmentation(), 2).clips)


def test_values_stay_those_of_pictures() -> None:
    strong = Augmentation(gain=2, bias=1, noise=1, blur_share=1, coded_share=1)
    batch = prepared(strong)
    mean = torch.tensor(SMALL.mean).view(3, 1, 1, 1)
    std = torch.tensor(SMALL.std).view(3, 1, 1, 1)
    pictures = batch.clips * std + mean
    assert pictures.shape == (2, 3, 96, SMALL.size, SMALL.size)
    assert ((pictures >= -1e-6) & (pictures <= 1 + 1e-6)).all()
    assert ((batch.masks >= 0) & (batch.masks <= 1)).all()


def test_some_durations_are_kept_from_the_network() -> None:
    always, never = (
        replace(Augmentation(), untimed_share=1),
        replace(Augmentation(), untimed_share=0),
    )
    assert prepared(always).durations_s.isnan().all()
    assert prepared(never).durations_s.isfinite().all()


NOTHING = Augmentation(
    **STILL, zoom=0, shift=0, drift=0, mirrored_share=0, trim=0, trim_start=0, untimed_share=0
)
MOVES = ("zoom", "shift", "drift", "mirrored_share")


@pytest.mark.parametrize(
    ("field", "strength"),
    [
        ("zoom", 0.3),
        ("shift", 0.2),
        ("drift", 0.2),
        ("mirrored_share", 1),
        ("trim", 9),
        ("trim_start", 9),
        ("gain", 0.3),
        ("bias", 0.2),
        ("noise", 0.1),
        ("blur_share", 1),
        ("coded_share", 1),
    ],
)
def test_each_change_is_made_by_itself(field: str, strength: float) -> None:
    plain, changed = prepared(NOTHING), prepared(replace(NOTHING, **{field: strength}))
    assert torch.allclose(plain.clips, prepared(None).clips, atol=1e-5)
    assert not torch.allclose(changed.clips, plain.clips, atol=0.02)
    in_time = field.startswith("trim")
    assert torch.equal(changed.transitions, plain.transitions) != in_time
    assert torch.equal(changed.masks, plain.masks) != (in_time or field in MOVES)


def test_mirrored_clips_are_mirrored_with_their_masks() -> None:
    plain, changed = prepared(NOTHING), prepared(replace(NOTHING, mirrored_share=1))
    assert torch.allclose(changed.clips, plain.clips.flip(-1), atol=1e-4)
    assert torch.allclose(changed.masks, plain.masks.flip(-1), atol=1e-5)


def test_a_window_drifts_from_the_clip_s_start_to_its_end_and_is_right_in_its_middle() -> None:
    still = torch.rand(1, 1, SIDE, SIDE, 3, generator=torch.Generator().manual_seed(0))
    frames = (still * 255).to(torch.uint8).expand(2, 96, SIDE, SIDE, 3)
    clips = []
    for change in (NOTHING, replace(NOTHING, drift=0.2)):
        rng = torch.Generator().manual_seed(0)
        clips.append(
            prepare_batch(frames, frames[..., 0], TRANSITIONS, DURATIONS_S, SMALL, change, rng)
            .clips
        )  # fmt: skip
    off = (clips[1] - clips[0]).abs().mean(dim=(0, 1, 3, 4))
    assert off[47:49].max() < off[0] / 4
    assert off[0] > 0.1
    assert off[95] > 0.1
