"""Steps out of labels, and the noise of FineDiving's."""

import numpy as np
import pytest

from fpcli.data.findings import Noise
from fpcli.data.steps import read_steps, sampled_transitions


def labels_of(*runs: tuple[int, int]) -> np.ndarray:
    """Labels of runs given as (label, length)."""
    return np.repeat([label for label, _ in runs], [length for _, length in runs])


CLEAN = labels_of((4, 30), (25, 40), (36, 30))
TWISTING = labels_of((2, 20), (15, 30), (31, 20), (36, 30))
TO_35 = labels_of((2, 20), (15, 30), (31, 20), (35, 30))
CASES = {
    "clean": (CLEAN, [30, 70], None, (30, 70), set()),
    "a twisting dive has a flight of two labels": (TWISTING, [20, 50, 70], None, (20, 70), set()),
    "every label named": (CLEAN, [30, 70], {4, 25, 36}, (30, 70), set()),
    "a label unnamed": (CLEAN, [30, 70], {4, 36}, (30, 70), {Noise.LABEL_UNNAMED}),
    "list not in order": (CLEAN, [70, 30], None, (30, 70), {Noise.TRANSITIONS_DISAGREE}),
    "list with -1": (CLEAN, [30, -1], None, (30, 70), {Noise.TRANSITIONS_DISAGREE}),
    "list too long": (CLEAN, [30, 50, 70], None, (30, 70), {Noise.TRANSITIONS_DISAGREE}),
    "list empty": (CLEAN, [], None, (30, 70), {Noise.TRANSITIONS_DISAGREE}),
    "ends in 35": (TO_35, [20, 50, 70], None, (20, 70), {Noise.ENDS_IN_TWIST}),
    "36 said 35 after a bit of 36": (
        labels_of((4, 30), (25, 40), (36, 10), (35, 20)),
        [30, 70],
        None,
        (30, 70),
        {Noise.ENDS_IN_TWIST},
    ),
    "3.5 twists run into an entry said 35": (
        labels_of((2, 20), (15, 30), (35, 50)),
        [20, 50, 70],
        None,
        (20, 70),
        {Noise.ENDS_IN_TWIST},
    ),
    "entry twice": (
        labels_of((4, 30), (36, 5), (25, 35), (36, 30)),
        [30, 70],
        None,
        (30, 70),
        {Noise.ENTRY_TWICE, Noise.TRANSITIONS_DISAGREE},
    ),
    "two labels, but a list": (
        labels_of((4, 30), (36, 70)),
        [30, 70],
        None,
        (30, 70),
        {Noise.TRANSITIONS_DISAGREE},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_steps(case: str) -> None:
    labels, listed, named, transitions, noise = CASES[case]
    found = read_steps(labels, np.array(listed, int), named)
    assert found.transitions == transitions
    assert found.noise == noise


@pytest.mark.parametrize("listed", [[], [30], [70, 30], [-1, 60], [30, 100], [0, 40]])
def test_without_three_steps_there_is_no_answer(listed: list[int]) -> None:
    with pytest.raises(ValueError, match="three steps"):
        read_steps(labels_of((4, 30), (36, 70)), np.array(listed, int), None)


def test_labels_are_left_as_they_were() -> None:
    before = TO_35.copy()
    read_steps(TO_35, np.array([20, 50, 70]), None)
    assert np.array_equal(TO_35, before)


@pytest.mark.parametrize(
    ("transitions", "frames", "sampled"),
    [
        ((30, 70), 96, (30, 70)),  # every frame once
        ((40, 100), 191, (20, 50)),  # every other frame
        ((41, 101), 191, (21, 51)),  # a step that begins between two sampled frames
        ((20, 40), 48, (41, 81)),  # a short clip, frames twice
        ((1, 95), 96, (1, 95)),
    ],
)
def test_transitions_among_the_sampled_frames(
    transitions: tuple[int, int], frames: int, sampled: tuple[int, int]
) -> None:
    assert sampled_transitions(transitions, frames) == sampled
    shown = np.linspace(0, frames - 1, 96).astype(int)
    for transition, place in zip(transitions, sampled, strict=True):
        assert shown[place] >= transition > shown[place - 1]


@pytest.mark.parametrize(
    ("transitions", "frames"), [((30, 100), 100), ((0, 50), 96), ((51, 52), 960)]
)
def test_a_step_without_a_frame_is_none(transitions: tuple[int, int], frames: int) -> None:
    with pytest.raises(ValueError, match="without a frame"):
        sampled_transitions(transitions, frames)
