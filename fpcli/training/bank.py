"""Which training dives become the exemplars of a bundle."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from fpcli.model.features import DiveFeatures
from fpcli.training.samples import DiveLabel
from fpcli.weights.bundle import ExemplarBank


def choose_for_bank(labels: Sequence[DiveLabel], cap: int) -> list[int]:
    """Choose up to `cap` places of dives that cover numbers, heights and marks.

    Numbers and heights take turns; within one, the dive farthest in mark from those already chosen
    comes next, the best first. The answer depends on nothing but the labels.
    """
    groups: dict[tuple[str, float], list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        groups[label.dive_number, label.height_m].append(place)
    queues = [_spread(members, labels) for _, members in sorted(groups.items())]
    chosen: list[int] = []
    for turn in range(max(map(len, queues), default=0)):
        chosen += [queue[turn] for queue in queues if turn < len(queue)]
    return sorted(chosen[:cap])


def _spread(members: list[int], labels: Sequence[DiveLabel]) -> list[int]:
    """Order places so that every beginning of the order is spread over marks."""
    left = sorted(members, key=lambda place: (-labels[place].mark, labels[place].key))
    order = [left.pop(0)]
    while left:
        marks = np.array([labels[place].mark for place in order])
        gaps = [np.abs(marks - labels[place].mark).min() for place in left]
        order.append(left.pop(int(np.argmax(gaps))))
    return order


def make_bank(labels: Sequence[DiveLabel], features: DiveFeatures) -> ExemplarBank:
    """Gather a bank from the chosen dives; features holds one dive a label, in the same order."""
    return ExemplarBank(
        keys=tuple(label.key for label in labels),
        dive_numbers=tuple(label.dive_number for label in labels),
        heights_m=np.array([label.height_m for label in labels], dtype=np.float32),
        difficulties=np.array([label.difficulty for label in labels], dtype=np.float32),
        marks=np.array([label.mark for label in labels], dtype=np.float32),
        features=features,
    )
