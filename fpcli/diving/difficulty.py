"""The difficulty of a dive: the published table first, the formula where the table is silent.

Source: article 1.6 (the formula where the table has no value: 1.6.3), Appendices 8 to 11.
"""

from dataclasses import astuple, dataclass
from typing import Literal

from fpcli.diving import components as parts
from fpcli.diving.numbers import DiveNumber, Group, did_you_mean, either
from fpcli.diving.table import (
    EDITION,
    HEIGHTS_M,
    PLATFORM_HEIGHTS_M,
    SPRINGBOARD_HEIGHTS_M,
    published_difficulties,
)
from fpcli.errors import DiveNumberError


@dataclass(frozen=True)
class Difficulty:
    """A difficulty, where it came from, and the edition of the rules that gives it."""

    value: float
    origin: Literal["table", "formula"]
    edition: str = EDITION


@dataclass(frozen=True)
class Components:
    """The five parts that the formula adds up to a difficulty (Appendices 8 and 10)."""

    somersaults: float
    position: float
    twists: float
    approach: float
    unnatural_entry: float

    @property
    def total(self) -> float:
        """The formula's difficulty, to 0.1."""
        return round(sum(astuple(self)), 1)


def difficulty(number: DiveNumber, height_m: float) -> Difficulty:
    """What the panel's sum is multiplied by.

    height_m: 1, 3 (springboard), 5, 7.5 or 10 (platform).
    Raises DiveNumberError for a height without dives, an armstand from a springboard, and a dive
    that neither the table nor the formula gives a value.
    """
    _require_allowed(number, height_m)
    published = published_difficulties().get(number.text, {}).get(height_m)
    if published is not None:
        return Difficulty(published, "table")
    try:
        return Difficulty(components(number, height_m).total, "formula")
    except DiveNumberError as silent:
        raise DiveNumberError(
            f"{number} ({number.describe()}) has no difficulty from {height_m:g} m: it is not in "
            f"the table, and {silent.message[0].lower()}{silent.message[1:]}",
            silent.hint,
        ) from silent


def components(number: DiveNumber, height_m: float) -> Components:
    """The formula's parts, whatever the table says.

    Raises DiveNumberError for a height without dives, an armstand from a springboard, and where
    the formula has no value for a part.
    """
    _require_allowed(number, height_m)
    looked_up = {
        "somersaults": _somersaults(number, height_m),
        "position": _position(number, height_m),
        "twists": _twists(number, height_m),
        "approach": _approach(number, height_m),
        "unnatural entry": _unnatural_entry(number, height_m),
    }
    found = [value for value in looked_up.values() if value is not None]
    if len(found) < len(looked_up):
        missing = " and ".join(name for name, value in looked_up.items() if value is None)
        raise DiveNumberError(
            f"The formula has no value for its {missing}.",
            _elsewhere(number) or did_you_mean(number.text),
        )
    return Components(*found)


def heights_for(number: DiveNumber) -> tuple[float, ...]:
    """The heights in metres, ascending, at which the table has the dive; may be empty."""
    return tuple(published_difficulties().get(number.text, {}))


def _require_allowed(number: DiveNumber, height_m: float) -> None:
    if height_m not in HEIGHTS_M:
        raise DiveNumberError(
            f"No dive has a difficulty from {height_m:g} m.",
            "Springboards are 1 and 3 m high, platforms 5, 7.5 and 10 m.",
        )
    if number.group == Group.ARMSTAND and height_m in SPRINGBOARD_HEIGHTS_M:
        raise DiveNumberError(
            f"{number} is an armstand dive, and those are done from a platform only, "
            f"not from a springboard of {height_m:g} m.",
            _elsewhere(number),
        )


def _elsewhere(number: DiveNumber) -> str:
    """A hint that names the heights at which the table has the dive."""
    heights = [f"{height:g}" for height in heights_for(number)]
    if not heights:
        return ""
    return f"The table has {number} from {either(heights)} m."


def _somersaults(number: DiveNumber, height_m: float) -> float | None:
    values = dict(zip(parts.HALF_SOMERSAULTS, parts.SOMERSAULTS[height_m], strict=False))
    return values.get(number.half_somersaults)


def _position(number: DiveNumber, height_m: float) -> float | None:
    band = next(
        (
            place
            for place, (fewest, most) in enumerate(parts.POSITION_BANDS)
            if fewest <= number.half_somersaults <= most
        ),
        None,
    )
    rows = parts.POSITIONS[number.position]
    if band is None or band >= len(rows):
        return None
    armstand = number.group == Group.ARMSTAND
    column = parts.ARMSTAND_COLUMN if armstand else number.direction - 1
    value = rows[band][column]
    quadruple = band == len(parts.POSITION_BANDS) - 1
    if quadruple and not armstand and height_m in PLATFORM_HEIGHTS_M:
        value = parts.PLATFORM_POSITIONS.get((number.position, number.direction), value)
    if not number.flying or value is None:
        return value
    flying = parts.FLYING[band][number.direction - 1] if band < len(parts.FLYING) else None
    return None if flying is None else round(value + flying, 1)


def _twists(number: DiveNumber, height_m: float) -> float | None:
    if not number.half_twists:
        return 0.0
    if number.group == Group.ARMSTAND:
        rows = parts.ARMSTAND_TWISTS[number.half_twists]
    elif height_m in PLATFORM_HEIGHTS_M:
        rows = parts.PLATFORM_TWISTS[number.half_twists]
    else:
        rows = parts.SPRINGBOARD_TWISTS[number.half_twists]
    for most_half_somersaults, values in rows:
        if number.half_somersaults <= most_half_somersaults:
            column = number.direction - 1
            return values[column] if column < len(values) else None
    return None


def _approach(number: DiveNumber, height_m: float) -> float:
    if number.group == Group.ARMSTAND:
        if number.half_twists:
            return 0.0
        steps = parts.ARMSTAND_APPROACHES[number.direction]
    else:
        steps = parts.APPROACHES[number.direction, height_m]
    return [value for fewest, value in steps if number.half_somersaults >= fewest][-1]


def _unnatural_entry(number: DiveNumber, height_m: float) -> float:
    halves, forward = number.half_somersaults, number.direction.turns_forward
    if number.half_twists or not halves:
        return 0.0
    if number.group == Group.ARMSTAND:
        values = parts.ARMSTAND_FORWARD_ENTRY if forward else parts.ARMSTAND_BACKWARD_ENTRY
    elif forward and halves == 8 and height_m in PLATFORM_HEIGHTS_M:
        return parts.PLATFORM_FORWARD_QUADRUPLE_ENTRY
    else:
        values = parts.FORWARD_ENTRY if forward else parts.BACKWARD_ENTRY
    return values[halves - 1] if halves <= len(values) else 0.0
