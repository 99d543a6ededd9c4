"""The dive's steps in frames and seconds of the source.

Frames are inclusive on both ends; times are half open, [start, end): a step ends where the next one
starts, and the entry ends where the last frame does. A step is empty (last_frame = first_frame - 1)
when a transition lies on the very first frame.
"""

from dataclasses import dataclass

import numpy as np

from fpcli.analysis.result import StepContribution, Transition
from fpcli.model.features import STEPS
from fpcli.video.clip import Clip

TRANSITIONS = ("flight begins", "entry begins")


@dataclass(frozen=True)
class Part:
    """The scored part of the source: first and last frame, and [start, end) in seconds."""

    first_frame: int
    last_frame: int
    start_s: float
    end_s: float


def scored_part(clip: Clip) -> Part:
    """Return what a clip covers of its source.

    The last frame lasts as long as the mean distance of the source's frames, but not beyond the
    source's end.
    """
    start_s, last_s = float(clip.times_s[0]), float(clip.times_s[-1])
    frame_s = 1 / clip.info.frame_rate if clip.info.frame_rate > 0 else 0.0
    return Part(int(clip.indices[0]), int(clip.indices[-1]), start_s, last_s + frame_s)


def find_transitions(
    clip: Clip, boundaries: np.ndarray, probabilities: np.ndarray
) -> tuple[Transition, Transition]:
    """Place the two transitions in the source.

    boundaries: (2,) int, places among the sampled frames. probabilities: (96, 2).
    """
    first, second = (
        Transition(
            name=name,
            sample=int(sample),
            frame=int(clip.indices[sample]),
            time_s=float(clip.times_s[sample]),
            probability=float(probabilities[sample, column]),
        )
        for column, (name, sample) in enumerate(zip(TRANSITIONS, boundaries, strict=True))
    )
    return first, second


def step_contributions(
    part: Part, transitions: tuple[Transition, Transition], points: np.ndarray
) -> tuple[StepContribution, StepContribution, StepContribution]:
    """Lay the three steps over the scored part, without gaps.

    points: (3, 2) float64, each step's dynamic and static contribution.
    """
    first_frames = [part.first_frame, *(transition.frame for transition in transitions)]
    starts_s = [part.start_s, *(transition.time_s for transition in transitions)]
    last_frames = [frame - 1 for frame in first_frames[1:]] + [part.last_frame]
    ends_s = [*starts_s[1:], part.end_s]
    takeoff, flight, entry = (
        StepContribution(
            name=name,
            first_frame=first_frames[step],
            last_frame=last_frames[step],
            start_s=starts_s[step],
            end_s=ends_s[step],
            dynamic_points=float(points[step, 0]),
            static_points=float(points[step, 1]),
        )
        for step, name in enumerate(STEPS)
    )
    return takeoff, flight, entry
