"""Windows that follow, and what is cut out with them."""

import numpy as np
import pytest

from fpcli.video.cut import cut_window
from fpcli.video.follow import Track, follow_windows

TIMES = np.linspace(0, 3, 90)


def track(centres: np.ndarray, stature: np.ndarray) -> Track:
    return Track(TIMES, centres, stature)


def test_steady_track_gives_windows_around_its_centre() -> None:
    windows = follow_windows(track(np.full((90, 2), 200.0), np.full(90, 50.0)), statures=2.0)
    np.testing.assert_allclose(windows, np.tile([150.0, 150.0, 100.0], (90, 1)))


def test_jitter_of_the_track_is_smoothed_and_its_way_is_kept() -> None:
    rng = np.random.default_rng(1)
    way = np.stack([TIMES * 100, TIMES**2 * 40], axis=1)
    noisy = way + rng.normal(0, 4, way.shape)
    windows = follow_windows(track(noisy, np.full(90, 60.0)))
    middle = windows[:, :2] + windows[:, 2:] / 2
    inner = slice(8, -8)
    assert np.abs(middle - way)[inner].mean() < 0.6 * np.abs(noisy - way)[inner].mean()
    assert np.abs(np.diff(middle, 2, axis=0)).mean() < np.abs(np.diff(noisy, 2, axis=0)).mean() / 3


def test_scale_follows_a_zoom_and_no_single_picture() -> None:
    stature = np.where(np.arange(90) == 45, 100.0, 50.0)
    sides = follow_windows(track(np.zeros((90, 2)), stature), statures=1.0)[:, 2]
    assert sides.max() < 55
    zoomed = follow_windows(track(np.zeros((90, 2)), np.linspace(40, 80, 90)), statures=1.0)[:, 2]
    assert zoomed[80] > 1.4 * zoomed[10]


def test_window_beyond_the_picture_is_black_there() -> None:
    picture = np.full((40, 60, 3), 200, np.uint8)
    square = cut_window(picture, np.array([-20.0, 0.0, 40.0]), 40)
    assert square[:, :20].max() == 0
    assert square[:, 20:].min() == 200
    assert cut_window(picture, np.array([500.0, 500.0, 30.0]), 8).max() == 0


def test_window_keeps_what_it_frames_where_it_was() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[40:60, 70:80] = 255
    square = cut_window(picture, np.array([50.0, 30.0, 40.0]), 80)
    rows, columns = np.nonzero(square[..., 0] > 128)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 59, 40, 59)


@pytest.mark.parametrize("stature", [0.0, np.nan])
def test_track_without_a_size_is_refused(stature: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        track(np.zeros((90, 2)), np.full(90, stature))
