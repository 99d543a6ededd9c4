"""Execution marks: what they are called, and what they are worth in points.

Source: World Aquatics Competition Regulations, Part Four, articles 8.1.1 (bands) and 7.5 to 7.10
(points).
"""

import math

from fpcli.errors import UsageError

LOWEST_MARK = 0.0
HIGHEST_MARK = 10.0
MARK_STEP = 0.5

COUNTED_MARKS = 3  # a panel's points are those of three marks, however many judges sit on it
SYNCHRO_COUNTED_MARKS = 5
SYNCHRO_FACTOR = COUNTED_MARKS / SYNCHRO_COUNTED_MARKS  # what each counted mark is multiplied by
SYNCHRO_FIXED_DIFFICULTY = 2.0  # of the first two rounds of synchronised events, whatever the dive

BANDS = (  # from this mark up
    (10.0, "excellent"),
    (8.5, "very good"),
    (7.0, "good"),
    (5.0, "satisfactory"),
    (2.5, "deficient"),
    (0.5, "very deficient"),
    (0.0, "completely failed"),
)
BAND_WORDS = tuple(word for _, word in BANDS)


def band(mark: float) -> str:
    """The words of the rules for a mark from 0 to 10 (8.1.1).

    The bands are of half marks; a mean that lies between two halves is first rounded as the rules
    round a mean (7.9), so 8.17 is "good" (8) and 8.25 "very good" (8½).
    Raises UsageError for a mark outside 0 to 10.
    """
    rounded = nearest_half(_require_mark(mark))
    return next(word for lowest, word in BANDS if rounded >= lowest)


def nearest_half(mark: float) -> float:
    """The mark to the nearest half, quarters up: .00-.24 down, .25-.74 to ½, .75 up (7.9)."""
    return math.floor(mark / MARK_STEP + 0.5) * MARK_STEP


def points_per_mark(difficulty: float) -> float:
    """Points that one point of mean mark is worth, in every panel: 3 x difficulty (7.5 to 7.10).

    Raises UsageError for a difficulty that is not above 0.
    """
    if not (math.isfinite(difficulty) and difficulty > 0):
        raise UsageError(
            f"A difficulty of {difficulty:g} is not above 0.",
            "Those of the table go from 1.2 to 4.8.",
        )
    return round(COUNTED_MARKS * difficulty, 6)  # 3 x 3.2 is 9.6, not 9.600000000000001


def points_of(mark: float, difficulty: float) -> float:
    """Points of an execution mark at a difficulty.

    Raises UsageError for a mark outside 0 to 10 or a difficulty that is not above 0.
    """
    return _require_mark(mark) * points_per_mark(difficulty)


def execution_mark(points: float, difficulty: float) -> float:
    """The mean mark behind a score in points: points / (3 x difficulty), 0 to 10.

    Raises UsageError for points that no panel can give at this difficulty.
    """
    worth = points_per_mark(difficulty)
    mark = points / worth
    if not LOWEST_MARK <= round(mark, 9) <= HIGHEST_MARK:
        raise UsageError(
            f"{points:g} points cannot be reached at difficulty {difficulty:g}.",
            f"The highest score is {HIGHEST_MARK * worth:g}.",
        )
    return min(max(mark, LOWEST_MARK), HIGHEST_MARK)


def _require_mark(mark: float) -> float:
    """A mark from 0 to 10, freed of a rounding error of arithmetic."""
    if not LOWEST_MARK <= round(mark, 9) <= HIGHEST_MARK:
        raise UsageError(f"{mark:g} is no mark.", "Marks go from 0 to 10.")
    return min(max(mark, LOWEST_MARK), HIGHEST_MARK)
