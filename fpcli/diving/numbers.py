"""Dive numbers: read, checked against the rules, and said in words.

Source: World Aquatics Competition Regulations, Part Four, articles 1.5 (number) and 1.6.4
(positions of dives with twists).
"""

import difflib
import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from fpcli.diving.table import published_difficulties
from fpcli.errors import DiveNumberError

NUMBER_PATTERN = re.compile(
    r"(?:[1-4][01](?:[1-9]|1[01])|5[1-4][1-9][1-9]|6[1-4][0-9][1-9]?)[ABCD]"
)
LONGEST_NUMBER = 5  # characters: 5253B, 1011C
SUGGESTIONS = 3


class Group(IntEnum):
    """The first digit of a dive number (1.5)."""

    FORWARD = 1
    BACK = 2
    REVERSE = 3
    INWARD = 4
    TWISTING = 5
    ARMSTAND = 6

    @property
    def word(self) -> str:
        """The group in the words of the rules."""
        return self.name.lower()


class Direction(IntEnum):
    """Where the diver faces and which way the somersault turns (1.5)."""

    FORWARD = 1
    BACK = 2
    REVERSE = 3
    INWARD = 4

    @property
    def word(self) -> str:
        """The direction in the words of the rules."""
        return self.name.lower()

    @property
    def turns_forward(self) -> bool:
        """Whether the somersault turns towards the diver's front."""
        return self in (Direction.FORWARD, Direction.INWARD)


class Position(StrEnum):
    """The flight position, by its letter (1.5)."""

    STRAIGHT = "A"
    PIKE = "B"
    TUCK = "C"
    FREE = "D"

    @property
    def word(self) -> str:
        """The position in the words of the rules."""
        return self.name.lower()


class TakeOff(StrEnum):
    """How the diver leaves the board: facing the water, with the back to it, or from the hands."""

    FORWARD = "forward"
    BACKWARD = "backward"
    ARMSTAND = "armstand"


@dataclass(frozen=True)
class DiveNumber:
    """A dive that the rules know, whether or not the table gives it a difficulty.

    half_somersaults: 0 to 11. half_twists: 0 to 9.
    Raises DiveNumberError where the rules do not allow the dive (1.6.4).
    """

    group: Group
    direction: Direction
    flying: bool
    half_somersaults: int
    half_twists: int
    position: Position

    def __post_init__(self) -> None:
        reason = _why_not_a_dive(self)
        if reason:
            raise DiveNumberError(f"{self.text} is no dive: {reason}.", did_you_mean(self.text))

    @property
    def text(self) -> str:
        """The number as it is written, in capitals: 5253B."""
        if self.group <= Group.INWARD:
            return f"{self.group:d}{self.flying:d}{self.half_somersaults}{self.position}"
        twists = str(self.half_twists) if self.half_twists else ""
        return f"{self.group:d}{self.direction:d}{self.half_somersaults}{twists}{self.position}"

    @property
    def take_off(self) -> TakeOff:
        """How the diver leaves the board or platform."""
        if self.group == Group.ARMSTAND:
            return TakeOff.ARMSTAND
        if self.direction in (Direction.FORWARD, Direction.REVERSE):
            return TakeOff.FORWARD
        return TakeOff.BACKWARD

    @property
    def head_first(self) -> bool:
        """Whether the hands meet the water first; otherwise the feet do."""
        starts_upright = self.group != Group.ARMSTAND
        return (self.half_somersaults % 2 == 1) == starts_upright

    def describe(self) -> str:
        """The dive in words: "back 2½ somersaults 1½ twists pike"."""
        words = [self.direction.word]
        if self.group == Group.ARMSTAND:
            words.insert(0, self.group.word)
        if self.flying:
            words.append("flying")
        standing_half = self.group != Group.ARMSTAND and self.half_somersaults == 1
        if standing_half or self.half_somersaults == 0:
            words.append("dive")
        else:
            words.append(count_halves(self.half_somersaults, "somersault"))
        if self.half_twists:
            words.append(count_halves(self.half_twists, "twist"))
        words.append(self.position.word)
        return " ".join(words)

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> DiveNumber:
    """A dive number from what a person typed; case and white space do not matter.

    Raises DiveNumberError with the reason, and the nearest published numbers as its hint (1.5).
    """
    number = "".join(text.split()).upper()
    if not NUMBER_PATTERN.fullmatch(number):
        raise DiveNumberError(
            f"{_shown(text)} is no dive number: {_why_not_a_number(number)}.", did_you_mean(number)
        )
    group, digits, position = Group(int(number[0])), number[1:-1], Position(number[-1])
    if group <= Group.INWARD:
        return DiveNumber(
            group=group,
            direction=Direction(group),
            flying=digits[0] == "1",
            half_somersaults=int(digits[1:]),
            half_twists=0,
            position=position,
        )
    return DiveNumber(
        group=group,
        direction=Direction(int(digits[0])),
        flying=False,
        half_somersaults=int(digits[1]),
        half_twists=int(digits[2:] or "0"),
        position=position,
    )


def known_dive(text: str) -> DiveNumber | None:
    """A dive from what a data set calls it; None where the rules know no such dive."""
    try:
        return parse(text)
    except DiveNumberError:
        return None


def group_of(text: str | None) -> Group | None:
    """The group of a dive; None where its number is not told or the rules know no such dive."""
    dive = None if text is None else known_dive(text)
    return None if dive is None else dive.group


def count_halves(halves: int, thing: str) -> str:
    """A count of half somersaults or half twists in words: (3, "twist") -> "1½ twists"."""
    if not halves:
        return f"no {thing}"
    whole = str(halves // 2) if halves >= 2 else ""
    half = "½" if halves % 2 else ""
    plural = "s" if halves > 2 else ""
    return f"{whole}{half} {thing}{plural}"


def did_you_mean(text: str) -> str:
    """A hint that names the published dives nearest to a wrong number, best first."""
    published = published_difficulties()
    wanted = text[: LONGEST_NUMBER + 1]
    digits = wanted.rstrip("ABCD")
    near = [f"{digits}{position}" for position in Position if f"{digits}{position}" in published]
    if not near:
        close = difflib.get_close_matches(wanted, published, n=len(published))
        # the group is seldom what was mistyped
        near = sorted(close, key=lambda dive: dive[0] != wanted[0])[:SUGGESTIONS]
    if not near:
        return "A dive number looks like 107B, 5253B or 614B."
    return f"Did you mean {either(near)}?"


def either(choices: list[str]) -> str:
    """Choices in one phrase: "107B, 107C or 109C"."""
    return " or ".join(filter(None, [", ".join(choices[:-1]), choices[-1]]))


def _shown(text: str) -> str:
    """What was typed, safe and short enough for a message."""
    short = text if len(text) <= 2 * LONGEST_NUMBER else f"{text[: 2 * LONGEST_NUMBER]}…"
    return short if short.isascii() and short.isalnum() else repr(short)


def _why_not_a_number(number: str) -> str:
    """Why capitals without white space do not have the form of a dive number (1.5)."""
    if not number:
        return "it is empty"
    if number[0] not in "123456":
        return "it begins with the group, 1 to 6"
    if number.isdigit():
        return "the letter of the position is missing (A straight, B pike, C tuck, D free)"
    if number[-1] not in "ABCD":
        return "it ends with the position, A straight, B pike, C tuck or D free"
    if number[0] == "5":
        return (
            "group 5 is followed by the direction (1 to 4), the half somersaults (1 to 9) "
            "and the half twists (1 to 9)"
        )
    if number[0] == "6":
        return (
            "group 6 is followed by the direction (1 to 4), the half somersaults (0 to 9) "
            "and the half twists, if any"
        )
    return "groups 1 to 4 are followed by 0 or 1 (flying) and the half somersaults (1 to 11)"


def _why_not_a_dive(dive: DiveNumber) -> str:
    """Why the rules do not allow a well-formed number, or nothing where they do (1.6.4)."""
    allowed = _positions_allowed(dive)
    if dive.position in allowed:
        return ""
    if not dive.half_twists and dive.position == Position.FREE:
        return "the free position is for dives with twists only"
    if dive.flying:
        if dive.half_somersaults < 2:
            return "a flying dive turns at least 1 somersault"
        return "a flying dive is done in pike or tuck only"
    if not allowed:
        return "an armstand dive with twists turns at least 1 somersault"
    start = "an armstand dive" if dive.group == Group.ARMSTAND else "a dive"
    somersaults = count_halves(dive.half_somersaults, "somersault")
    twists = count_halves(dive.half_twists, "twist")
    positions = either([position.word for position in allowed])
    return f"{start} of {somersaults} with {twists} is done in {positions} only"


def _positions_allowed(dive: DiveNumber) -> tuple[Position, ...]:
    """The positions that the rules leave to a dive of these somersaults and twists (1.6.4)."""
    free, bent = (Position.FREE,), (Position.PIKE, Position.TUCK)
    every = (Position.STRAIGHT, *bent)
    halves = dive.half_somersaults
    if dive.flying:
        return bent if halves >= 2 else ()
    if not dive.half_twists:
        return every
    if dive.group == Group.TWISTING:
        if halves == 1:
            return every
        return free if halves <= 3 else bent
    if halves < 2:
        return ()
    half_twist_back_double = (dive.direction, halves, dive.half_twists) == (Direction.BACK, 4, 1)
    return bent if halves >= 5 or half_twist_back_double else free
