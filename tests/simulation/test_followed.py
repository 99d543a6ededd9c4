from dataclasses import replace

import numpy as np
import pytest
import torch

from fpcli.simulation.clip import SimulatedClip, filmed_times, simulate_clip
from fpcli.simulation.degrade import Development
from fpcli.simulation.followed import FollowErrors, simulate_followed
from fpcli.simulation.graphics import Graphics
from fpcli.simulation.render import render
from fpcli.simulation.take import Take, prepare
from fpcli.simulation.track import body_middle, dive_track
from fpcli.video.cut import cut_window
from fpcli.video.follow import follow_windows

CLEAN = Development(1.0, (1.0, 1.0, 1.0), 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
DIVE = {"number": "103B", "height_m": 3.0, "synchro": False}
SIDE = 64
NO_ERRORS = FollowErrors(0.0, 0.0, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def take() -> Take:
    return prepare(8, camera="broadcast", **DIVE)


def followed(seed: int, camera: str, **options: object) -> SimulatedClip:
    return simulate_followed(seed, size=SIDE, frames=12, camera=camera, **DIVE, **options)


def middles_of(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def test_a_drawn_window_is_the_cut_of_the_drawn_picture(take: Take) -> None:
    camera = replace(take.scene.camera, width=320, height=180)
    plain = replace(take.scene, camera=camera, development=CLEAN, graphics=Graphics((), (), (), 0))
    motion = take.motions[0]
    times_s = np.array([motion.takeoff_s + 0.3, motion.entry_s + 0.5])
    view = camera.view(take.motions, times_s, 180, 320)
    track = dive_track(take.motions, take.statures_m, view, times_s, times_s)
    windows = np.round(follow_windows(track))
    side = int(windows[0, 2])
    windows[:, 2] = side
    whole = render(take.motions, plain, size=(180, 320), times_s=times_s)
    drawn = render(take.motions, plain, size=(side, side), times_s=times_s, windows=windows)
    for frame in range(2):
        cut = cut_window(whole.frames[frame], windows[frame], side).astype(int)
        assert np.abs(cut - drawn.frames[frame]).mean() < 2.5
        mask = cut_window(whole.masks[frame][..., None], windows[frame], side).reshape(side, side)
        assert np.abs(mask.astype(int) - drawn.masks[frame]).mean() < 1
    assert (drawn.masks[0] > 128).sum() > 50


@pytest.mark.parametrize("camera", ["broadcast", "handheld", "far"])
def test_the_true_track_is_at_the_diver_and_as_large_as_he_stands(camera: str) -> None:
    clip = simulate_clip(9, camera=camera, size=(180, 320), **DIVE)
    track, seen = clip.track, ~np.isnan(clip.boxes[:, 0])
    assert seen.mean() > 0.4
    flight = np.flatnonzero(seen)
    flight = flight[(flight >= clip.takeoff_frame) & (flight < clip.entry_frame)]
    apart = np.abs(track.centres[flight] - middles_of(clip.boxes[flight])).max(axis=1)
    assert (apart < 0.3 * track.stature_px[flight]).all()
    last = flight[-1]
    # Stretched for the entry the body is as long as it stands, and an arm.
    tall = np.hypot(*(clip.boxes[last, 2:] - clip.boxes[last, :2])) / track.stature_px[last]
    assert 0.9 < tall < 1.55


def test_the_track_goes_on_without_a_jump_where_the_body_went_in(take: Take) -> None:
    motion = take.motions[0]
    times_s = np.arange(motion.takeoff_s, motion.end_s, 0.01)
    middle = body_middle(motion, times_s)
    steps = np.linalg.norm(np.diff(middle, axis=0), axis=1)
    assert steps.max() < 0.12
    late = times_s > motion.entry_s + 0.4
    assert np.ptp(middle[late], axis=0).max() == 0
    assert abs(middle[-1, 1]) < 0.05


def test_without_errors_the_diver_is_in_the_middle_and_stands_as_tall_as_the_window_allows() -> (
    None
):
    clip = followed(10, "broadcast", errors=NO_ERRORS)
    away = np.abs(clip.track.centres - SIDE / 2).max(axis=1) / clip.track.stature_px
    assert away.max() < 0.12
    assert clip.track.stature_px == pytest.approx(SIDE / 1.8, rel=0.05)
    assert not np.isnan(clip.boxes[clip.takeoff_frame : clip.entry_frame, 0]).any()


def test_errors_move_the_window_and_leave_the_dive() -> None:
    exact = followed(11, "phone", errors=NO_ERRORS)
    wrong = followed(11, "phone")
    assert exact.truth == wrong.truth
    assert exact.camera == wrong.camera
    assert np.abs(exact.track.centres - wrong.track.centres).max() > 0.5
    again = followed(11, "phone")
    assert np.array_equal(again.frames, wrong.frames)


def test_what_the_camera_did_not_film_is_black_and_without_mask(take: Take) -> None:
    camera = take.scene.camera
    side = camera.height
    windows = np.array([[-side / 2, -side / 4, side]] * 2)
    times_s = np.array([take.start_s, take.motions[0].takeoff_s])
    drawn = render(take.motions, take.scene, size=(32, 32), times_s=times_s, windows=windows)
    assert not drawn.frames[:, :, :16].any()
    assert not drawn.frames[:, :8].any()
    assert drawn.frames[:, 8:, 16:].mean() > 20
    assert not drawn.masks[:, :8].any()


def test_a_small_diver_is_drawn_small_and_enlarged() -> None:
    clip = simulate_followed(12, size=128, frames=4, camera="far", **DIVE)
    assert clip.frames.shape == (4, 128, 128, 3)
    assert clip.masks.shape == (4, 128, 128)
    # What is enlarged holds no detail of single pixels.
    picture = torch.from_numpy(clip.frames[0].astype(np.float32))
    between = (picture[:-2] + picture[2:]) / 2
    assert float((picture[1:-1] - between).abs().mean()) < 4


def test_both_divers_of_a_pair_are_in_the_window() -> None:
    clip = simulate_followed(
        13, size=SIDE, frames=8, camera="stand", number="403B", height_m=3.0, synchro=True
    )
    flight = slice(clip.takeoff_frame, clip.entry_frame)
    assert all(mask[flight].max(axis=(1, 2)).min() >= 128 for mask in clip.diver_masks)


def test_a_clip_of_all_frames_is_as_long_as_its_take(take: Take) -> None:
    times_s = filmed_times(take)
    camera = take.scene.camera
    length_s = (take.end_s - take.start_s) * camera.slow_motion
    assert times_s[-1] == pytest.approx(length_s, abs=2 / camera.frame_rate)
