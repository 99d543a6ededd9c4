"""Steps cover the scored part without gaps, in frames and in the source's own seconds."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fpcli.analysis.timing import find_transitions, scored_part, step_contributions
from fpcli.video.clip import Clip, VideoInfo
from fpcli.video.sample import sample_indices

POINTS = np.array([[1.0, -0.5], [2.0, 0.25], [-3.0, 0.0]])


def make_clip(frames: int, rate: float = 25.0, first: int = 0) -> Clip:
    indices = sample_indices(frames) + first
    info = VideoInfo(Path("dive.mp4"), 64, 48, frames + first, (frames + first) / rate, rate)
    return Clip(np.zeros((96, 2, 2, 3), np.uint8), indices / rate, indices, info)


def lay(clip: Clip, first: int, second: int):
    probabilities = np.linspace(0, 1, 192).reshape(96, 2)
    transitions = find_transitions(clip, np.array([first, second]), probabilities)
    return transitions, step_contributions(scored_part(clip), transitions, POINTS)


@given(
    frames=st.integers(16, 300),
    cut=st.tuples(st.integers(0, 47), st.integers(48, 95)),
    first=st.integers(0, 50),
)
def test_steps_follow_one_another_without_gap_or_overlap(frames, cut, first):
    clip = make_clip(frames, first=first)
    _, steps = lay(clip, *cut)
    assert steps[0].first_frame == first
    assert steps[-1].last_frame == first + frames - 1
    for before, after in pairwise(steps):
        assert after.first_frame == before.last_frame + 1
        assert after.start_s == before.end_s
    assert all(step.start_s <= step.end_s for step in steps)
    assert steps[-1].end_s == pytest.approx((first + frames) / 25)


def test_transition_is_the_first_frame_of_the_later_step():
    clip = make_clip(192)
    (into_flight, into_entry), steps = lay(clip, 20, 70)
    assert into_flight.frame == clip.indices[20] == steps[1].first_frame
    assert into_entry.frame == clip.indices[70] == steps[2].first_frame
    assert into_flight.time_s == clip.times_s[20] == steps[1].start_s
    assert into_flight.probability == pytest.approx(40 / 191)
    assert into_entry.probability == pytest.approx(141 / 191)


def test_transition_on_the_first_frame_leaves_an_empty_take_off():
    _, steps = lay(make_clip(96), 0, 60)
    assert steps[0].last_frame == steps[0].first_frame - 1
    assert steps[0].start_s == steps[0].end_s


def test_uneven_frame_times_are_kept():
    clip = make_clip(96)
    uneven = clip.times_s**1.5
    clip = Clip(clip.frames, uneven, clip.indices, clip.info)
    _, steps = lay(clip, 30, 60)
    assert (steps[1].start_s, steps[1].end_s) == (uneven[30], uneven[60])


def test_points_of_both_streams_arrive_at_their_step():
    _, steps = lay(make_clip(96), 30, 60)
    assert [(step.dynamic_points, step.static_points) for step in steps] == [
        tuple(row) for row in POINTS.tolist()
    ]
