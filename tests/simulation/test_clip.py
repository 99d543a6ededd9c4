from dataclasses import replace

import numpy as np
import pytest

from fpcli.diving.numbers import parse
from fpcli.errors import DiveNumberError
from fpcli.simulation.attempt import AFTER_FRAMES, APPROACH_FRAMES, RATE_HZ, random_cut
from fpcli.simulation.clip import SimulatedClip, film, simulate_clip
from fpcli.simulation.seeds import stream
from fpcli.simulation.take import prepare

SIZE = (36, 64)


@pytest.fixture(scope="module")
def clip() -> SimulatedClip:
    return simulate_clip(21, size=SIZE, number="403B", height_m=3.0, synchro=False)


def test_a_clip_is_whole_and_its_parts_fit(clip: SimulatedClip) -> None:
    count = len(clip.frames)
    assert clip.frames.shape == (count, *SIZE, 3)
    assert clip.masks.shape == (count, *SIZE)
    assert clip.diver_masks.shape == (1, count, *SIZE)
    assert clip.boxes.shape == (count, 4)
    assert clip.frame_times_s[0] == 0
    steps = np.diff(clip.frame_times_s)
    assert steps == pytest.approx(1 / clip.camera.frame_rate)


def test_the_moments_come_in_the_order_of_a_dive(clip: SimulatedClip) -> None:
    position, opened = clip.transitions
    assert 0 <= clip.takeoff_frame < position < opened <= clip.entry_frame < len(clip.frames) - 1
    rate = clip.camera.frame_rate / clip.camera.slow_motion
    assert (position - clip.takeoff_frame) / rate == pytest.approx(0.17, abs=0.12)


def test_frames_asked_for_are_those_of_the_whole_clip(clip: SimulatedClip) -> None:
    few = simulate_clip(21, size=SIZE, number="403B", height_m=3.0, synchro=False, frames=12)
    shown = np.linspace(0, len(clip.frames) - 1, 12).astype(int)
    assert few.frame_times_s == pytest.approx(clip.frame_times_s[shown])
    # Noise and codec differ from frame to frame; the masks are the same.
    assert np.array_equal(few.masks, clip.masks[shown])
    assert shown[few.transitions[0]] >= clip.transitions[0]
    assert shown[few.transitions[0] - 1] < clip.transitions[0]


def test_the_same_seed_gives_the_same_dive_and_another_another() -> None:
    first, again, other = (simulate_clip(seed, frames=4, size=(32, 32)) for seed in (3, 3, 5))
    assert np.array_equal(first.frames, again.frames)
    assert first.truth == again.truth
    assert first.camera == again.camera
    assert first.truth != other.truth


def test_a_pair_is_judged_by_eleven_and_masked_together() -> None:
    pair = simulate_clip(
        4, frames=6, size=(48, 48), number="403B", height_m=3.0, synchro=True, camera="broadcast"
    )
    assert pair.diver_masks.shape == (2, 6, 48, 48)
    assert len(pair.truth.marks) == 11
    assert pair.truth.score == pytest.approx(pair.truth.mark * 3 * pair.truth.difficulty, abs=0.01)


@pytest.mark.parametrize("earlier", [0, 1], ids=["the first", "the second"])
def test_a_pair_leaves_the_board_and_touches_the_water_with_its_earlier_diver(earlier: int) -> None:
    take = prepare(4, number="403B", height_m=3.0, synchro=True, camera="broadcast")
    motions = list(take.motions)
    motions[1 - earlier] = replace(
        motions[earlier],
        takeoff_s=motions[earlier].takeoff_s + 0.2,
        entry_s=motions[earlier].entry_s + 0.2,
    )
    pair = film(replace(take, motions=tuple(motions)), size=(16, 16))
    times_s = take.start_s + pair.camera.dive_times(pair.frame_times_s)
    for frame, moment_s in (
        (pair.takeoff_frame, motions[earlier].takeoff_s),
        (pair.entry_frame, motions[earlier].entry_s),
    ):
        assert times_s[frame - 1] < moment_s <= times_s[frame]


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(DiveNumberError):
        simulate_clip(1, number="999Z")


def test_clips_are_cut_as_finediving_cuts_them() -> None:

    cuts = np.array([random_cut(stream(s, "cut"), parse("107B"), 2.0, 3.5) for s in range(400)])
    before, after = (2.0 - cuts[:, 0]) * RATE_HZ, (cuts[:, 1] - 3.5) * RATE_HZ
    assert before.min() >= APPROACH_FRAMES[0] - 1e-9
    assert before.max() <= APPROACH_FRAMES[1] + 1e-9
    assert before.mean() == pytest.approx(34, abs=2)
    assert after.min() >= AFTER_FRAMES[0] - 1e-9
    assert after.max() <= AFTER_FRAMES[1] + 1e-9
