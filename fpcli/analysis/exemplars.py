"""Which dives of the bank vote: the same ones for the same question, always.

With a dive number: dives of that number, nearest in height and difficulty first, spread over marks
where there are more than may vote. Without one, or where the bank holds too few: the nearest.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fpcli.diving.numbers import DiveNumber, known_dive
from fpcli.model.features import DiveFeatures
from fpcli.weights.bundle import ExemplarBank

ENOUGH = 5  # fewer exemplars of the dive's own number are joined by the nearest others
DIFFICULTY_STEP = 0.1  # difficulties are published in tenths
FLAT = 1e-6  # added to spreads, for elements that are the same in every dive


@dataclass(frozen=True)
class Chosen:
    """The exemplars that vote, by their place in the bank, and whether their own kind was too few.

    few: fewer of the dive's own number than ENOUGH (or than asked for), so that others had to join.
    """

    indices: tuple[int, ...]
    few: bool


def choose_by_number(
    bank: ExemplarBank, number: DiveNumber, height_m: float, difficulty: float, count: int
) -> Chosen:
    """Choose up to `count` exemplars for a known dive.

    Those of the same number come in tiers, by distance in height and then in difficulty; of the
    last tier that still votes, the dives chosen are spread evenly over marks. If there are fewer
    than ENOUGH, the nearest other dives join: by group, direction, somersaults, twists, position
    and height, in this order.
    """
    own = [i for i, text in enumerate(bank.dive_numbers) if text.upper() == number.text]
    chosen = _nearest_tiers(bank, own, height_m, difficulty, count)
    missing = min(ENOUGH, count) - len(chosen)
    if missing <= 0:
        return Chosen(tuple(chosen), few=False)
    others = [i for i in range(len(bank.keys)) if i not in set(own)]
    others.sort(key=lambda i: (*_unlikeness(bank, i, number, height_m), bank.keys[i]))
    return Chosen((*chosen, *others[:missing]), few=True)


def choose_by_features(
    bank: ExemplarBank, query: DiveFeatures, count: int, height_m: float | None = None
) -> Chosen:
    """Choose the `count` exemplars whose features are nearest, for a dive of unknown number.

    query: of one dive. Distance: dynamic and static features apart, each element divided by its
    spread over the bank, root mean square; the two are added. height_m: where known, only exemplars
    of that height vote, if there are enough of them.
    """
    candidates = np.arange(len(bank.keys))
    if height_m is not None:
        same_height = candidates[np.isclose(np.asarray(bank.heights_m), height_m)]
        if len(same_height) >= min(ENOUGH, count):
            candidates = same_height
    distances = _distance(query.dynamic, bank.features.dynamic) + _distance(
        query.static, bank.features.static
    )
    order = candidates[np.argsort(distances[candidates], kind="stable")]
    indices = tuple(int(i) for i in order[:count])
    return Chosen(indices, few=len(indices) < min(ENOUGH, count))


def usual_height_m(bank: ExemplarBank, number: DiveNumber) -> float | None:
    """Return the height that most exemplars of a number were dived from; None if there are none.

    Of equally usual heights the greatest.
    """
    heights = [
        float(height)
        for text, height in zip(bank.dive_numbers, bank.heights_m, strict=True)
        if text.upper() == number.text
    ]
    return max(heights, key=lambda height: (heights.count(height), height), default=None)


def _nearest_tiers(
    bank: ExemplarBank, own: list[int], height_m: float, difficulty: float, count: int
) -> list[int]:
    """Fill `count` places tier by tier; within the last tier spread over marks."""
    tiers: dict[tuple[float, int], list[int]] = {}
    for i in own:
        height_distance = round(abs(float(bank.heights_m[i]) - height_m), 3)
        steps = round(abs(float(bank.difficulties[i]) - difficulty) / DIFFICULTY_STEP)
        tiers.setdefault((height_distance, steps), []).append(i)
    chosen: list[int] = []
    for _, members in sorted(tiers.items()):
        chosen += _spread_over_marks(bank, members, count - len(chosen))
    return chosen


def _spread_over_marks(bank: ExemplarBank, members: list[int], count: int) -> list[int]:
    """Pick up to `count` of the members, evenly spaced in the order of their marks."""
    ordered = sorted(members, key=lambda i: (float(bank.marks[i]), bank.keys[i]))
    if count >= len(ordered):
        return ordered
    centres = (np.arange(count) + 0.5) * len(ordered) / max(count, 1)
    return [ordered[int(place)] for place in centres]


def _unlikeness(
    bank: ExemplarBank, index: int, number: DiveNumber, height_m: float
) -> tuple[float, ...]:
    """Order the bank's dives by how little they have in common with a dive; small is alike."""
    other = known_dive(bank.dive_numbers[index])
    if other is None:  # a data set's label that the rules do not know is like nothing
        return (math.inf,)
    return (
        float(other.group != number.group),
        float(other.direction != number.direction),
        float(abs(other.half_somersaults - number.half_somersaults)),
        float(abs(other.half_twists - number.half_twists)),
        float(other.position != number.position),
        abs(float(bank.heights_m[index]) - height_m),
    )


def _distance(query: Tensor, bank: Tensor) -> np.ndarray:
    """Return (N,) float64: root mean square difference of (1, ...) to (N, ...), in bank spreads."""
    all_dives = bank.detach().to("cpu", torch.float64).flatten(1).numpy()
    one = query.detach().to("cpu", torch.float64).flatten(1).numpy()
    spread = all_dives.std(axis=0) + FLAT
    return np.sqrt((((all_dives - one) / spread) ** 2).mean(axis=1))
