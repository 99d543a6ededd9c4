"""Squares cut out of a clip: around the diver, or as FineParser's own input."""

import numpy as np
import pytest
import torch

from fpcli.data.framing import Framing, squares, track_of_masks
from fpcli.data.pictures import ClipPictures
from fpcli.video.follow import WINDOW_STATURES, follow_windows
from fpcli.video.transform import PUBLISHED, to_input

COUNT, HEIGHT, WIDTH = 96, 256, 455
ENTRY, UNDER = 60, 70
STATURE = 90
BODY_WIDTH = 12  # with this height an area like a body's: 0.335^2 of the stature squared
MARGIN = 128 / 112
TIMES_S = np.arange(COUNT) / 25


def fallen(frame: int) -> tuple[float, float]:
    """Middle of the made diver: out and down on a straight line."""
    return 100 + 2.0 * frame, 60 + 1.8 * frame


def dive(*, surface: float = 1e9) -> np.ndarray:
    """Masks of an upright body that falls; under the surface it does not show."""
    masks = np.zeros((COUNT, HEIGHT, WIDTH), np.uint8)
    for frame in range(COUNT):
        x, y = fallen(frame)
        top, bottom = round(y - STATURE * 0.42), round(min(y + STATURE * 0.42, surface))
        if bottom > top:
            masks[frame, top:bottom, round(x) - 6 : round(x) + 6] = 255
    return masks


def middles(windows: np.ndarray) -> np.ndarray:
    return windows[:, :2] + windows[:, 2:] / 2


def test_the_window_stays_on_a_falling_body_at_one_scale() -> None:
    windows = follow_windows(track_of_masks(dive(), TIMES_S, ENTRY))
    true = np.array([fallen(frame) for frame in range(COUNT)])
    assert np.abs(middles(windows) - true)[:ENTRY].max() < 0.05 * STATURE
    assert windows[:, 2] == pytest.approx(WINDOW_STATURES * STATURE, rel=0.15)


def test_after_the_entry_the_window_stays_where_the_body_went_in() -> None:
    surface = fallen(UNDER)[1]  # the body's middle is at the surface in that frame
    masks = dive(surface=surface)
    assert not masks[-1].any()
    places = middles(follow_windows(track_of_masks(masks, TIMES_S, ENTRY)))
    went_in = np.array(fallen(UNDER))
    assert np.abs(places[UNDER + 6 :] - went_in).max() < 0.15 * STATURE
    assert np.abs(places[-1] - places[UNDER + 8]).max() < 1


def test_frames_without_a_mask_are_bridged() -> None:
    masks = dive()
    whole = middles(follow_windows(track_of_masks(masks, TIMES_S, ENTRY)))
    masks[[10, 11, 12, 40]] = 0
    masks[20, :, :] = 0
    masks[20, 5:8, 400:403] = 255  # a speck elsewhere
    bridged = middles(follow_windows(track_of_masks(masks, TIMES_S, ENTRY)))
    assert np.abs(bridged - whole).max() < 2


def test_two_divers_apart_are_both_seen() -> None:
    one = dive()
    both = np.maximum(one, np.roll(one, 150, axis=2))
    windows = follow_windows(track_of_masks(both, TIMES_S, ENTRY))
    for frame in range(0, ENTRY, 10):
        columns = np.flatnonzero(both[frame].any(axis=0))
        left, _, side = windows[frame]
        assert left < columns[0]
        assert columns[-1] < left + side


def test_nobody_is_followed_nowhere() -> None:
    nobody = np.zeros((COUNT, HEIGHT, WIDTH), np.uint8)
    windows = follow_windows(track_of_masks(nobody, TIMES_S, ENTRY))
    assert windows[:, 2] == pytest.approx(HEIGHT)
    assert middles(windows) == pytest.approx(np.tile([WIDTH / 2, HEIGHT / 2], (COUNT, 1)))


@pytest.fixture(scope="module")
def pictures() -> ClipPictures:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (COUNT, 8, 14, 3), dtype=np.uint8)
    frames = coarse.repeat(HEIGHT // 8, axis=1).repeat(WIDTH // 13, axis=2)[:, :, :WIDTH]
    return ClipPictures(np.ascontiguousarray(frames), dive(), np.arange(COUNT))


def test_followed_squares_show_the_diver_large(pictures: ClipPictures) -> None:
    frames, masks = squares(pictures, ENTRY, Framing.FOLLOWED, size=64, margin=MARGIN)
    assert frames.shape == (COUNT, 64, 64, 3)
    assert masks.shape == (COUNT, 64, 64)
    rows, columns = np.nonzero(masks[30] >= 128)
    assert rows.mean() + 0.5 == pytest.approx(32, abs=2)
    assert columns.mean() + 0.5 == pytest.approx(32, abs=2)
    shown = (rows.max() - rows.min()) / 64 * MARGIN * WINDOW_STATURES
    assert shown == pytest.approx(0.84, rel=0.15)  # of a stature: what the made body is high


def test_published_squares_hold_finepars_own_input(pictures: ClipPictures) -> None:
    """The middle of a square is what the published geometry makes of the whole picture."""
    frames, masks = squares(pictures, ENTRY, Framing.PUBLISHED, size=128, margin=MARGIN)
    theirs = to_input(pictures.frames[:5], PUBLISHED)
    mean = torch.tensor(PUBLISHED.mean).view(3, 1, 1, 1)
    std = torch.tensor(PUBLISHED.std).view(3, 1, 1, 1)
    expected = ((theirs * std + mean) * 255).permute(1, 2, 3, 0).numpy()
    assert np.abs(frames[:5, 8:-8, 8:-8] - expected).max() < 1e-3
    assert not frames[:, :, :8].any()  # beyond the picture
    assert frames[:, :8, 8:-8].any()  # more of it above
    assert masks.shape == (COUNT, 128, 128)
    rows, columns = np.nonzero(masks[30] >= 128)
    x, y = fallen(30)
    assert columns.mean() == pytest.approx(8 + x * 112 / WIDTH, abs=1.5)
    assert rows.mean() == pytest.approx(8 + y * 200 / HEIGHT - 44, abs=1.5)
