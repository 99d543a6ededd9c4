"""From which height a scored dive was dived, where nobody says so: its points and its flight tell.

A panel's points are the difficulty times a sum of half marks, and the difficulty of a dive differs
between heights, so that points seldom fit two of them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fpcli.analysis.result import Measure
from fpcli.diving.difficulty import difficulty, heights_for
from fpcli.diving.marks import COUNTED_MARKS, HIGHEST_MARK, MARK_STEP, points_per_mark
from fpcli.diving.numbers import DiveNumber, either
from fpcli.errors import UsageError

POINTS_ROUNDING = 0.0051  # results print hundredths
EVENT_HEIGHTS_M = (1.0, 3.0, 10.0)  # the others are for the young and for training
CLEAR = 1.6  # half intervals from a measured board's middle, beyond which a height is not its own


class HeightReason(StrEnum):
    """Why a height was taken for a scored dive's."""

    GIVEN = "given"
    ONLY_ONE = "only_one"
    DIFFICULTY = "difficulty"
    POINTS = "points"
    MEASURED = "measured"
    USUAL = "usual"


@dataclass(frozen=True)
class SettledHeight:
    """The height that a scored dive was dived from, metres, its difficulty there, and why."""

    height_m: float
    difficulty: float
    reason: HeightReason


@dataclass(frozen=True)
class PossibleHeights:
    """The heights that a scored dive may have been dived from, metres, with their difficulties.

    reason: what left no others.
    """

    number: DiveNumber
    difficulties: Mapping[float, float]
    reason: HeightReason

    def settled(self, board: Measure) -> SettledHeight:
        """Return the one height that is left, or the one that was measured.

        board: its height as measured in the picture, if at all; a height that was given stands
        whatever it is. Raises UsageError where that leaves none or several.
        """
        if self.reason is HeightReason.GIVEN:
            ((height, value),) = self.difficulties.items()
            return SettledHeight(height, value, self.reason)
        left = [height for height in self.difficulties if may_be(height, board)]
        reason = self.reason if len(self.difficulties) == 1 else HeightReason.MEASURED
        if len(left) > 1 and len({self.difficulties[height] for height in left}) == 1:
            left = [height for height in left if height in EVENT_HEIGHTS_M]
            reason = HeightReason.USUAL
        if len(left) != 1:
            raise self._unsettled(board)
        return SettledHeight(left[0], self.difficulties[left[0]], reason)

    def _unsettled(self, board: Measure) -> UsageError:
        could = either(
            [f"{height:g} m (difficulty {value})" for height, value in self.difficulties.items()]
        )
        how = "its points fit" if self.reason is HeightReason.POINTS else "it could be"
        sentence = f"From which height {self.number} was dived is not clear: {how} {could}"
        if board.value is not None:
            sentence += (
                f", but by its flight the board is {board.value:.1f} m high "
                f"({board.low:.1f} – {board.high:.1f})"
            )
        return UsageError(f"{sentence}.", "Give it with --height (in a list: a column height).")


def possible_heights(
    number: DiveNumber, given_difficulty: float | None, score_points: float
) -> PossibleHeights:
    """Return the heights that have a dive and allow its difficulty and its points.

    given_difficulty: None for the table's. Raises UsageError where no height allows the points.
    """
    published = {height: difficulty(number, height).value for height in heights_for(number)}
    if not published:
        raise UsageError(
            f"{number} is in no table, so its height must be told.",
            "Give it with --height (in a list: a column height).",
        )
    reason = HeightReason.ONLY_ONE
    if given_difficulty is not None:
        fitting = {
            height: value
            for height, value in published.items()
            if math.isclose(value, given_difficulty)
        }
        reason = HeightReason.DIFFICULTY if len(fitting) < len(published) else reason
        left = dict.fromkeys(fitting or published, given_difficulty)
        return PossibleHeights(number, left, reason)
    reachable = {
        height: value
        for height, value in published.items()
        if 0 <= score_points <= HIGHEST_MARK * points_per_mark(value) + POINTS_ROUNDING
    }
    if not reachable:
        highest = HIGHEST_MARK * points_per_mark(max(published.values()))
        raise UsageError(
            f"{score_points:g} points cannot be reached with {number} from any height.",
            f"The highest score is {highest:g}; --dd tells another difficulty.",
        )
    whole = {
        height: value
        for height, value in reachable.items()
        if are_of_half_marks(score_points, value)
    }
    fitting = whole or reachable
    if len(fitting) < len(published):
        reason = HeightReason.POINTS
    return PossibleHeights(number, fitting, reason)


def may_be(height_m: float, board: Measure) -> bool:
    """Whether a measured board, if it is, can be of a height."""
    if board.value is None or board.high is None:
        return True
    return abs(height_m - board.value) <= CLEAR * (board.high - board.value)


def are_of_half_marks(score_points: float, difficulty: float) -> bool:
    """Whether points are a difficulty times a sum of half marks, as printed in hundredths."""
    halves = score_points / (MARK_STEP * difficulty)
    nearest = min(round(halves), round(COUNTED_MARKS * HIGHEST_MARK / MARK_STEP))
    return abs(nearest * MARK_STEP * difficulty - score_points) <= POINTS_ROUNDING
