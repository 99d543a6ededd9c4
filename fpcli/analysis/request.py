"""What is asked of one analysis, checked once."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from enum import StrEnum

from fpcli.diving.difficulty import difficulty
from fpcli.diving.numbers import parse
from fpcli.errors import UsageError

EXEMPLARS = 10  # votes of the paper's score
LEVEL = 0.9  # of the interval
MAX_DIFFICULTY = 7.0  # the hardest dives on record stay under 5
MAX_HEIGHT_M = 27.0  # high diving; the tables end at 10 m
NOT_ASKED = ("force", "listed")  # they decide whether there is a score, or who asked; not which


class ExemplarSource(StrEnum):
    """Whose dives vote: those in the weights, a coach's own, or all of them."""

    BUNDLED = "bundled"
    MINE = "mine"
    BOTH = "both"


@dataclass(frozen=True)
class AnalysisRequest:
    """How one video is to be analysed.

    dive_number: as announced, None if unknown. height_m: of the board or platform. difficulty:
    overrides the table. synchro: two divers. start_s, end_s: the part of the video that holds the
    dive, in its own seconds; None finds it. force: score what holds no dive all the same.
    geometry: how pictures are cut for the network, by name; None as the weights were trained.
    exemplars: how many may vote, exemplars_from: of which. level: of the interval, 0 to 1.
    diver, panel_points: who dived and what the panel gave, to be passed on; the score does not
    depend on them. listed: the fields here that a start list gave.

    Raises UsageError for a value that cannot be followed.
    """

    dive_number: str | None = None
    height_m: float | None = None
    difficulty: float | None = None
    synchro: bool = False
    start_s: float | None = None
    end_s: float | None = None
    force: bool = False
    geometry: str | None = None
    exemplars: int = EXEMPLARS
    level: float = LEVEL
    exemplars_from: ExemplarSource = ExemplarSource.BUNDLED
    diver: str | None = None
    panel_points: float | None = None
    listed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what no dive has."""
        if self.difficulty is not None and not 0 < self.difficulty <= MAX_DIFFICULTY:
            raise UsageError(
                f"A difficulty of {self.difficulty:g} is not one.",
                f"Give one above 0 and up to {MAX_DIFFICULTY:g}, such as --dd 3.0.",
            )
        if self.height_m is not None and not 0 < self.height_m <= MAX_HEIGHT_M:
            raise UsageError(
                f"A height of {self.height_m:g} m is not one that is dived from.",
                "Give the board or platform in metres: --height 1, 3, 5, 7.5 or 10.",
            )
        if self.exemplars < 1:
            raise UsageError(
                f"{self.exemplars} exemplars cannot vote.", "Give --exemplars 1 or more."
            )
        if not 0 < self.level < 1:
            raise UsageError(
                f"An interval's level of {self.level:g} is not between 0 and 1.",
                "Give a share such as --level 0.9.",
            )
        for name, value in (("start", self.start_s), ("end", self.end_s)):
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise UsageError(
                    f"--{name} {value:g} is not a time in the video.", "Give seconds, 0 or later."
                )
        if self.start_s is not None and self.end_s is not None and self.start_s >= self.end_s:
            raise UsageError(
                f"--start {self.start_s:g} is not before --end {self.end_s:g}.",
                "Give the first and the last second of the dive.",
            )

    @property
    def sha256(self) -> str:
        """Hash of all that the analysis depends on, by which an equal request is known.

        `force` and `listed` are left out. Raises DiveNumberError for a dive that is none.
        """
        asked = {name: value for name, value in asdict(self).items() if name not in NOT_ASKED}
        if self.dive_number is not None:
            asked["dive_number"] = parse(self.dive_number).text
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def require_possible(request: AnalysisRequest) -> None:
    """Refuse a dive that the rules do not know, or that has no difficulty from its height.

    Raises DiveNumberError.
    """
    if request.dive_number is None:
        return
    number = parse(request.dive_number)
    if request.height_m is not None and request.difficulty is None:
        difficulty(number, request.height_m)
