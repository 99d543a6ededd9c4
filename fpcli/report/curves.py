"""Curves over time, the same for the page and the figure."""

import numpy as np

from fpcli.analysis.result import DiveAnalysis


def transition_curve(analysis: DiveAnalysis, place: int) -> tuple[np.ndarray, np.ndarray]:
    """Return moments, seconds, and how probable a transition is at each; no moment comes twice.

    Where samples repeat a frame of a short dive the most probable counts.
    """
    times_s, of_sample = np.unique(analysis.sample_times_s, return_inverse=True)
    chances = np.zeros(len(times_s))
    np.maximum.at(chances, of_sample, analysis.transition_probabilities[:, place])
    return times_s, chances
