"""What can be said of a dive from its number alone: what no model should be proud to beat."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fpcli.training.measure import Predictions
from fpcli.training.samples import DiveLabel

HABITS = "habits"  # of the training dives, in a card's metrics
ALL_NUMBERS = "all"


def habits_of(labels: Sequence[DiveLabel]) -> dict[str, list[float]]:
    """Mean mark and median transitions of each dive number, and of all: [mark, frame, frame]."""
    groups: dict[str, list[DiveLabel]] = {ALL_NUMBERS: list(labels)}
    for label in labels:
        groups.setdefault(label.dive_number, []).append(label)
    return {
        number: [
            float(np.mean([label.mark for label in group])),
            *np.median([label.transitions for label in group], axis=0).tolist(),
        ]
        for number, group in sorted(groups.items())
    }


def by_difficulty(
    habits: Mapping[str, Sequence[float]], labels: tuple[DiveLabel, ...]
) -> Predictions:
    """Give every dive the training dives' mean mark: only difficulty tells dives apart."""
    return Predictions(labels, marks=np.full(len(labels), habits[ALL_NUMBERS][0]))


def by_number(habits: Mapping[str, Any], labels: tuple[DiveLabel, ...]) -> Predictions:
    """Give every dive the mean mark and the median transitions of its number in training."""
    usual = np.array([habits.get(label.dive_number, habits[ALL_NUMBERS]) for label in labels])
    return Predictions(labels, marks=usual[:, 0], boundaries=usual[:, 1:])
