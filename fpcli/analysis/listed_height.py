"""The height of a start list's row, however a meet's office writes it: 3, 3 m, 10m Platform.

A board or platform without a number is a height only where the dive leaves no choice.
"""

import math
import re
from collections.abc import Mapping

from fpcli.diving.difficulty import difficulty, heights_for
from fpcli.diving.numbers import DiveNumber, either
from fpcli.diving.table import PLATFORM_HEIGHTS_M, SPRINGBOARD_HEIGHTS_M
from fpcli.errors import UsageError
from fpcli.text import in_short, printable

BOARDS = {  # what an office calls them, in small letters without spaces: the heights they have
    "springboard": SPRINGBOARD_HEIGHTS_M,
    "springbrd": SPRINGBOARD_HEIGHTS_M,
    "spring": SPRINGBOARD_HEIGHTS_M,
    "sb": SPRINGBOARD_HEIGHTS_M,
    "platform": PLATFORM_HEIGHTS_M,
    "plat": PLATFORM_HEIGHTS_M,
    "pf": PLATFORM_HEIGHTS_M,
    "tower": PLATFORM_HEIGHTS_M,
    "board": (*SPRINGBOARD_HEIGHTS_M, *PLATFORM_HEIGHTS_M),
}
WHICH_EXIST = "springboards are 1 and 3 m high, platforms 5, 7.5 and 10 m"
LONGEST = 60  # characters of a cell that may be a height
_WORD = r"(?:spring\W?board|springbrd|spring|sb|platform|plat|pf|tower|board)"
_HEIGHT = re.compile(
    rf"(?:(?P<before>{_WORD})[\s(:,-]*)?"
    r"(?:(?P<metres>\d+(?:[.,]\d+)?)[\s-]*(?:metres?|meters?|mtrs?|mt?)?)?"
    rf"[\s(,-]*(?P<after>{_WORD})?[\s).]*",
    re.IGNORECASE,
)


def listed_height_m(
    said: str, number: DiveNumber | None = None, given_difficulty: float | None = None
) -> float:
    """Return the height that a cell means, metres.

    number, given_difficulty: of the same row, where it tells them. Raises UsageError for what is no
    height, for a springboard or platform of a height that it has not, and where several are meant.
    """
    found = _HEIGHT.fullmatch(said) if len(said) <= LONGEST else None
    shown = in_short(printable(said))
    if found is None or not any(found.groups()):
        raise UsageError(f"{shown} is no height.")
    words = [word for word in (found["before"], found["after"]) if word]
    heights = [BOARDS[re.sub(r"\W", "", word).casefold()] for word in words]
    if found["metres"]:
        metres = float(found["metres"].replace(",", "."))
        if not math.isfinite(metres):
            raise UsageError(f"{shown} is no height.")
        if any(metres not in those for those in heights):
            raise UsageError(f"{shown} is no height: {WHICH_EXIST}.")
        return metres
    both = set.intersection(*map(set, heights))
    if not both:
        raise UsageError(f"{shown} is no height: {WHICH_EXIST}.")
    return _only_one(shown, both, number, given_difficulty)


def _only_one(
    shown: str, heights: set[float], number: DiveNumber | None, given_difficulty: float | None
) -> float:
    """Return the height that the dive and its difficulty leave of several."""
    left: Mapping[float, float | None] = dict.fromkeys(sorted(heights))
    if number is not None:
        known = {
            height: difficulty(number, height).value
            for height in heights_for(number)
            if height in heights
        }
        fitting = {
            height: value
            for height, value in known.items()
            if given_difficulty is None or math.isclose(value, given_difficulty)
        }
        left = fitting or known or left
    if len(left) == 1:
        return next(iter(left))
    could = either([_with_difficulty(height, value) for height, value in left.items()])
    raise UsageError(f"{shown} could be {could}: write the metres.")


def _with_difficulty(height_m: float, difficulty: float | None) -> str:
    metres = f"{height_m:g} m"
    return metres if difficulty is None else f"{metres} (difficulty {difficulty})"
