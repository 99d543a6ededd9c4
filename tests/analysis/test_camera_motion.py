"""The camera's motion is the background's, whatever moves or is printed in front of it."""

import cv2
import numpy as np
import pytest

from fpcli.analysis.camera_motion import CameraMotion


@pytest.fixture(scope="module")
def panorama() -> np.ndarray:
    rng = np.random.default_rng(2)
    coarse = rng.integers(0, 255, (150, 150)).astype(np.uint8)
    return cv2.GaussianBlur(coarse.repeat(10, 0).repeat(10, 1), (0, 0), 1.5)


def shot(panorama: np.ndarray, x: int, y: int, *, caption: bool = False) -> np.ndarray:
    picture = panorama[y : y + 216, x : x + 384].copy()
    if caption:
        cv2.putText(picture, "107B  3.1  JUDGES 8.0 8.5", (8, 205), 0, 0.6, 255, 2)
        cv2.rectangle(picture, (5, 185), (300, 212), 255, 2)
    return picture


@pytest.mark.parametrize("caption", [False, True])
def test_pan_is_followed_also_behind_a_caption(panorama: np.ndarray, caption: bool) -> None:
    camera = CameraMotion()
    total = np.eye(3)
    for step in range(20):
        made = camera.step(shot(panorama, 100 + 12 * step, 100 + 25 * step, caption=caption))
        assert made.is_known
        total = made.matrix @ total
    assert total[:2, 2] == pytest.approx((-12 * 19, -25 * 19), abs=12)


def test_what_moves_in_front_does_not_take_the_camera_along(panorama: np.ndarray) -> None:
    camera = CameraMotion()
    for step in range(6):
        picture = shot(panorama, 200, 200)
        picture[40:100, 20 + 30 * step : 80 + 30 * step] = 255 - picture[40:100, 20:80]
        made = camera.step(picture)
    assert np.abs(made.matrix - np.eye(3)).max() < 0.3


def test_cut_is_told_from_a_pan_and_a_repeated_picture_from_a_still_camera(
    panorama: np.ndarray,
) -> None:
    camera = CameraMotion()
    camera.step(shot(panorama, 200, 200))
    assert camera.step(shot(panorama, 200, 200)).is_frozen
    with_diver = shot(panorama, 200, 200)
    with_diver[100:110, 100:108] = 255
    assert not camera.step(with_diver).is_frozen
    elsewhere = np.full((216, 384), 90, np.uint8)
    elsewhere[:, ::16] = 110
    assert camera.step(elsewhere).is_cut


@pytest.mark.parametrize("bars", [0, 140])
def test_a_cut_is_seen_between_black_bars_too(panorama: np.ndarray, bars: int) -> None:
    camera = CameraMotion()
    dark, bright = shot(panorama, 200, 200) // 4 + 30, 255 - shot(panorama, 900, 900) // 3
    for picture, is_cut in ((dark, False), (dark + 1, False), (bright, True)):
        picture[:, :bars] = picture[:, 384 - bars :] = 16
        assert camera.step(picture).is_cut == is_cut


def test_a_flash_is_no_cut(panorama: np.ndarray) -> None:
    camera = CameraMotion()
    levels = np.arange(256) / 255
    flash = (255 * np.clip(1.8 * levels**0.6, 0, 1)).astype(np.uint8)
    for step in range(6):
        picture = shot(panorama, 200 + 3 * step, 200)
        made = camera.step(flash[picture] if step == 3 else picture)
        assert not made.is_cut
        assert made.matrix[:2, 2] == pytest.approx((-3 if step else 0, 0), abs=0.8)


def test_motion_is_in_the_pixels_of_the_picture_given(panorama: np.ndarray) -> None:
    camera = CameraMotion()
    large = [cv2.resize(shot(panorama, x, 300), None, fx=2, fy=2) for x in (300, 306)]
    camera.step(large[0])
    assert camera.step(large[1]).matrix[:2, 2] == pytest.approx((-12, 0), abs=0.6)
