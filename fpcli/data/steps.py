"""The steps of a dive out of the labels of its frames."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from fpcli.data.findings import Noise
from fpcli.video.sample import DIVE_SAMPLES, sample_indices

ENTRY = 36  # label of the frames from the opening for the entry on
TWISTS_3_HALF = 35  # 3.5 twists; some clips have it where ENTRY is meant


@dataclass(frozen=True)
class Steps:
    """Where a dive's flight and entry begin, in frames of the clip, and what was wrong."""

    transitions: tuple[int, int]
    noise: frozenset[Noise]


def read_steps(labels: np.ndarray, listed: np.ndarray, named: Collection[int] | None) -> Steps:
    """Find the steps of one dive.

    labels: (T,) int, the sub-action of each frame. listed: the annotated transition frames, to be
    compared with the labels' changes and believed only where the labels say nothing. named: the
    labels that the clip's dictionary names, None where there is no dictionary. The flight begins at
    the first change of label, the entry with the first frame of the last label. Raises ValueError
    where there are not three steps.
    """
    noise = set()
    if named is not None and not set(labels.tolist()) <= set(named):
        noise.add(Noise.LABEL_UNNAMED)
    in_order = len(listed) > 1 and listed[0] > 0 and bool((np.diff(listed) > 0).all())
    in_order = in_order and listed[-1] < len(labels)
    if labels[-1] == TWISTS_3_HALF:
        noise.add(Noise.ENDS_IN_TWIST)
        begin = _changes(labels)[-1] if len(_changes(labels)) else 0
        if in_order and listed[-1] > begin:  # true twists run into the mistaken label
            begin = listed[-1]
        labels = labels.copy()
        labels[begin:] = ENTRY
    changes = _changes(labels)
    if not np.array_equal(changes, listed):
        noise.add(Noise.TRANSITIONS_DISAGREE)
    runs = labels[np.concatenate([[0], changes])]
    if np.count_nonzero(runs == ENTRY) > 1:
        noise.add(Noise.ENTRY_TWICE)
    believed = changes if len(changes) > 1 else listed
    if len(changes) < 2 and not in_order:
        raise ValueError("fewer than three steps")
    return Steps((int(believed[0]), int(believed[-1])), frozenset(noise))


def sampled_transitions(transitions: tuple[int, int], frames: int) -> tuple[int, int]:
    """The first of the 96 sampled frames in the flight, and the first in the entry.

    transitions: in frames of a clip of `frames`. Raises ValueError where a step lies beyond the
    clip, or has no sampled frame.
    """
    first, second = np.searchsorted(sample_indices(frames), transitions)
    if not 0 < first < second < DIVE_SAMPLES:
        raise ValueError("a step without a frame")
    return int(first), int(second)


def _changes(labels: np.ndarray) -> np.ndarray:
    """The frames whose label is not that of the frame before."""
    return np.flatnonzero(np.diff(labels)) + 1
