"""Splashes drawn by hand on water that a camera does not hold quite still."""

import numpy as np
import pytest

from fpcli.analysis.splash_size import splash_height

SIDE, SAMPLES = 112, 60
STATURE_PX = 62.0
SINCE_S = np.arange(SAMPLES) / 25.0 - 0.4
NOBODY = np.zeros((SAMPLES, SIDE, SIDE), np.float32)


def pool(height_statures: float, *, shake_px: int = 0, left: float = 0.0) -> np.ndarray:
    """Pictures of water; a white splash rises and falls between the touch and 0.7 s after it."""
    rng = np.random.default_rng(3)
    wide = np.kron(rng.integers(60, 110, (20, 20)), np.ones((8, 8)))
    frames = np.zeros((SAMPLES, SIDE, SIDE, 3), np.uint8)
    for place, since in enumerate(SINCE_S):
        x, y = rng.integers(-shake_px, shake_px + 1, 2) if shake_px else (0, 0)
        water = wide[20 + y : 20 + y + SIDE, 20 + x : 20 + x + SIDE].copy()
        size = max(1 - ((since - 0.35) / 0.35) ** 2, 0) if since < 0.7 else 0
        rise = round(height_statures * STATURE_PX * max(size, left if since > 0 else 0))
        middle = SIDE // 2
        water[middle - y - rise : middle - y, middle - x - 10 : middle - x + 10] = 240
        frames[place] = water[:, :, None]
    return frames


def measured(frames: np.ndarray):
    return splash_height(frames, NOBODY, np.arange(SAMPLES), SINCE_S, STATURE_PX)


@pytest.mark.parametrize("height", [0.3, 0.6])
@pytest.mark.parametrize("shake", [0, 3])
def test_a_splash_is_measured_within_its_error(height, shake):
    splash = measured(pool(height, shake_px=shake))
    assert splash is not None
    assert abs(splash.height - height) < 1.645 * splash.error
    assert SINCE_S[splash.sample] == pytest.approx(0.35, abs=0.12)


def test_still_water_has_no_splash():
    assert measured(pool(0.0)) is None


def test_a_clip_that_ends_too_early_tells_nothing():
    frames = pool(0.5)
    early = np.flatnonzero(SINCE_S < 0.8)
    assert splash_height(frames, NOBODY, early, SINCE_S, STATURE_PX) is None
