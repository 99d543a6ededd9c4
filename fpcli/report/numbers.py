"""How numbers are written, in one place for every surface, and how shown numbers add up.

Points, marks and seconds are rounded for people only here; files for programs carry them unrounded.
"""

import math
from dataclasses import dataclass

from fpcli.analysis.result import DiveAnalysis, Vote

MINUS = "−"
POINTS_STEP = 0.1  # points; what people are shown
MARKS_STEP = 0.01  # marks; of differences between two dives

_FALLBACKS = {
    MINUS: "-",
    "–": "-",
    "·": "-",
    "°": " deg",
    "±": "+-",
    "½": " 1/2",
    "¼": " 1/4",
    "¾": " 3/4",
    "×": "x",
    "…": "~",
    "’": "'",
    "│": "|",
    "━": "=",
    "╸": "-",
    "╺": "-",
    "─": "-",
}


def points(value: float) -> str:
    """Return points with one decimal: 76.8."""
    return _with_minus(f"{_without_negative_zero(value, 1):.1f}")


def panel_points(value: float) -> str:
    """Return what a panel gave, as results print it but for a last zero: 76.8, 33.15."""
    text = f"{value:.2f}"
    return text.removesuffix("0")


def signed_points(value: float) -> str:
    """Return a difference in points with its sign, zero without one: +3.1, −0.6, 0.0."""
    rounded = _without_negative_zero(value, 1)
    return _with_minus(f"{rounded:+.1f}" if rounded else "0.0")


def added_points(value: float) -> str:
    """Return a difference as the next term of a sum: "+ 3.1", "− 0.6"."""
    return f"{MINUS if value < 0 else '+'} {points(abs(value))}"


def mark(value: float) -> str:
    """Return an execution mark, 0 to 10, with one decimal: 8.0."""
    return _with_minus(f"{_without_negative_zero(value, 1):.1f}")


def signed_marks(value: float) -> str:
    """Return a difference of execution marks with its sign and two decimals: +0.35, −0.04, 0.00."""
    rounded = _without_negative_zero(value, 2)
    return _with_minus(f"{rounded:+.2f}" if rounded else "0.00")


def difficulty(value: float) -> str:
    """Return a degree of difficulty, one decimal; two for a mean of several dives': 3.2, 3.17."""
    text = f"{value:.2f}"
    return text.removesuffix("0")


def seconds(value: float) -> str:
    """Return seconds with two decimals, without the unit: 0.93."""
    return _with_minus(f"{_without_negative_zero(value, 2):.2f}")


def decimal(value: float, digits: int) -> str:
    """Return a measured value with so many decimals: 1.42, −12."""
    return _with_minus(f"{_without_negative_zero(value, digits):.{digits}f}")


def percent(share: float) -> str:
    """Return a share of 1 as whole per cent: 90 %."""
    return f"{share * 100:.0f} %"


def height(metres: float) -> str:
    """Return the board's height: 10 m, 7.5 m."""
    return f"{metres:g} m"


def _without_negative_zero(value: float, digits: int) -> float:
    return round(value, digits) + 0.0


def _with_minus(text: str) -> str:
    return text.replace("-", MINUS)


def for_encoding(text: str, encoding: str) -> str:
    """Return the text with the signs that a stream's encoding lacks written plainly.

    encoding: as a stream names it; an unknown one counts as ASCII.
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_encodable(c, encoding) for c in text)
    except LookupError:
        return for_encoding(text, "ascii")
    return text


def _encodable(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return _FALLBACKS.get(character, "?")
    return character


@dataclass(frozen=True)
class ShownStep:
    """A step's points as shown: rounded, and dynamic + static = total to the last digit."""

    name: str
    dynamic: float
    static: float
    total: float


@dataclass(frozen=True)
class ShownBreakdown:
    """The sum a reader can check by hand: mean + the steps' totals + limit = score.

    The score is the analysis's rounded to the nearest tenth of a point; the parts are rounded up or
    down to tenths so that they sum to it. difference: the steps' totals together.
    """

    score: float
    mean: float
    difference: float
    steps: tuple[ShownStep, ...]
    limit: float


def shown_breakdown(analysis: DiveAnalysis) -> ShownBreakdown:
    """Round an analysis's sum to tenths of a point so that it still adds up as printed."""
    score = round(analysis.score_points / POINTS_STEP)
    limit = round(analysis.limit_points / POINTS_STEP)
    parts = [analysis.exemplar_mean_points, *(step.contribution_points for step in analysis.steps)]
    mean, *totals = _add_up([part / POINTS_STEP for part in parts], score - limit)
    steps = []
    for step, total in zip(analysis.steps, totals, strict=True):
        streams = [step.dynamic_points / POINTS_STEP, step.static_points / POINTS_STEP]
        dynamic, static = _add_up(streams, total)
        steps.append(ShownStep(step.name, dynamic / 10, static / 10, total / 10))
    return ShownBreakdown(score / 10, mean / 10, sum(totals) / 10, tuple(steps), limit / 10)


def bar_scale(analysis: DiveAnalysis) -> float:
    """Return the points at which a bar is full: the largest contribution, at least half a mark's.

    So the bars of a dive whose steps differ little from its exemplars' stay short.
    """
    values = [
        value
        for step in analysis.steps
        for value in (step.contribution_points, step.dynamic_points, step.static_points)
    ]
    return max(*map(abs, values), analysis.dive.score_factor / 2)


def bar_share(points: float, scale: float) -> float:
    """Return how much of its half a bar fills, with the sign of the points: -1 to 1."""
    return min(max(points / scale, -1.0), 1.0)


def shown_vote(vote: Vote) -> tuple[float, float, float]:
    """Return an exemplar's points, the difference and their sum, the vote, as shown."""
    total = round(vote.vote_points / POINTS_STEP)
    own, difference = _add_up(
        [vote.exemplar_points / POINTS_STEP, vote.difference_points / POINTS_STEP], total
    )
    return own / 10, difference / 10, total / 10


def shown_difference(one: float, other: float, digits: int) -> float:
    """Return the difference of two numbers as a reader of both finds it: rounded first."""
    return round(round(one, digits) - round(other, digits), digits)


def shown_marks(parts: list[float], total: float | None = None) -> tuple[list[float], float]:
    """Round differences of marks so that they add up to the total as shown, which is returned too.

    total: already rounded; their own sum if left out.
    """
    whole = round((sum(parts) if total is None else total) / MARKS_STEP)
    rounded = _add_up([part / MARKS_STEP for part in parts], whole)
    return [part / 100 for part in rounded], whole / 100


def _add_up(values: list[float], total: int) -> list[int]:
    """Round values to whole numbers that sum to `total`, moving those that it costs least."""
    rounded = [round(value) for value in values]
    while (missing := total - sum(rounded)) != 0:
        way = int(math.copysign(1, missing))
        cheapest = max(range(len(values)), key=lambda i: (values[i] - rounded[i]) * way)
        rounded[cheapest] += way
    return rounded
