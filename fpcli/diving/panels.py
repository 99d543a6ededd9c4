"""Panels of judges: which marks are cancelled, and the points of those that count.

Source: World Aquatics Competition Regulations, Part Four, articles 5.2 (panels) and 7.5 to 7.10
(points). The panel of three is club practice and not in the rules.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from fpcli.diving.marks import (
    HIGHEST_MARK,
    LOWEST_MARK,
    MARK_STEP,
    nearest_half,
    points_per_mark,
)
from fpcli.errors import UsageError


@dataclass(frozen=True)
class Bench:
    """Judges whose marks are cancelled together.

    seats: how many judges sit for each of the divers that the bench watches.
    cancelled: how many of the highest marks are cancelled, and as many of the lowest.
    """

    seats: tuple[int, ...]
    cancelled: int


class Panel(Enum):
    """The panels of the rules; marks are given bench by bench, in this order."""

    THREE = (Bench((3,), 0),)
    FIVE = (Bench((5,), 1),)
    SEVEN = (Bench((7,), 2),)
    SYNCHRO_9 = (Bench((2, 2), 1), Bench((5,), 1))
    SYNCHRO_11 = (Bench((3,), 1), Bench((3,), 1), Bench((5,), 1))

    @property
    def judges(self) -> int:
        """How many marks the panel gives."""
        return sum(sum(bench.seats) for bench in self.value)

    @property
    def synchronised(self) -> bool:
        """Whether the panel judges two divers at once."""
        return self in (Panel.SYNCHRO_9, Panel.SYNCHRO_11)


@dataclass(frozen=True)
class PanelScore:
    """The marks that count, and what they make.

    counted: in half points, highest first within a bench.
    mean: their mean, 0 to 10. points: as published, to 0.01.
    """

    counted: tuple[float, ...]
    mean: float
    points: float


def score(marks: Sequence[float | None], difficulty: float, panel: Panel) -> PanelScore:
    """What a panel's marks make at a difficulty (7.5 to 7.10).

    marks: one of each judge, in half points from 0 to 10; of a synchronised panel the execution
    marks of one diver, those of the other, then synchronisation. None is a missing mark, and stands
    for the mean of the others (7.9): of those that watch the same diver, or the synchronisation.
    Raises UsageError for a wrong count of marks, for what is no mark, and for two missing ones
    where one mean has to stand for both.
    """
    if len(marks) != panel.judges:
        raise UsageError(
            f"A panel of {panel.judges} judges gives {panel.judges} marks, not {len(marks)}.",
            "Give None for a mark that is missing.",
        )
    remaining = list(marks)
    counted: list[float] = []
    for bench in panel.value:
        given: list[float] = []
        for seats in bench.seats:
            given += _with_missing_mark(remaining[:seats])
            del remaining[:seats]
        given.sort(reverse=True)
        counted += given[bench.cancelled : len(given) - bench.cancelled]
    total = sum(counted)
    points = total * points_per_mark(difficulty) / len(counted)
    return PanelScore(tuple(counted), total / len(counted), round(points, 2))


def panel_points(marks: Sequence[float | None], difficulty: float, panel: Panel) -> float:
    """Points of a panel's marks at a difficulty, to 0.01; see `score`."""
    return score(marks, difficulty, panel).points


def _with_missing_mark(marks: Sequence[float | None]) -> list[float]:
    """The marks of judges who watch the same thing, a missing one filled in (7.9)."""
    given = [_require_award(mark) for mark in marks if mark is not None]
    missing = len(marks) - len(given)
    if missing > 1:
        raise UsageError(
            f"{missing} of {len(marks)} marks are missing.",
            "The rules replace one missing mark by the mean of the others.",
        )
    return given + [nearest_half(sum(given) / len(given))] * missing


def _require_award(mark: float) -> float:
    """A mark as a judge may give it: a half point from 0 to 10 (8.1.1)."""
    whole_steps = math.isfinite(mark) and (mark / MARK_STEP).is_integer()
    if not whole_steps or not LOWEST_MARK <= mark <= HIGHEST_MARK:
        raise UsageError(f"{mark:g} is no mark.", "Judges give 0 to 10 in half points.")
    return float(mark)
