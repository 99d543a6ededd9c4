"""A dive number explained: what is dived, how difficult it is, and what that makes a mark worth."""

from dataclasses import asdict, dataclass
from typing import Any

from fpcli.diving.difficulty import Components, Difficulty, components, difficulty, heights_for
from fpcli.diving.marks import points_per_mark
from fpcli.diving.numbers import DiveNumber, did_you_mean
from fpcli.diving.table import EDITION, HEIGHTS_M
from fpcli.errors import DiveNumberError

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class HeightExplanation:
    """A dive from one height; components is None where the formula has no value for a part."""

    height_m: float
    difficulty: Difficulty
    components: Components | None

    @property
    def points_per_mark(self) -> float:
        """Points that one point of mean mark is worth, in every panel."""
        return points_per_mark(self.difficulty.value)


@dataclass(frozen=True)
class DiveExplanation:
    """A dive from each of the heights asked about, lowest first."""

    number: DiveNumber
    heights: tuple[HeightExplanation, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain containers for JSON: units in the keys."""
        number = self.number
        return {
            "schema_version": SCHEMA_VERSION,
            "dive_number": number.text,
            "description": number.describe(),
            "group": number.group.word,
            "direction": number.direction.word,
            "flying": number.flying,
            "somersaults": number.half_somersaults / 2,
            "twists": number.half_twists / 2,
            "position": number.position.word,
            "take_off": str(number.take_off),
            "entry": "head first" if number.head_first else "feet first",
            "difficulty_edition": EDITION,
            "heights": [
                {
                    "height_m": row.height_m,
                    "difficulty": row.difficulty.value,
                    "difficulty_origin": row.difficulty.origin,
                    "points_per_mark": row.points_per_mark,
                    "components": asdict(row.components) if row.components else None,
                }
                for row in self.heights
            ],
        }


def explain(number: DiveNumber, height_m: float | None = None) -> DiveExplanation:
    """Explain a dive from one height, or from all that have it.

    height_m: None means the heights of the table; if it has none, those that the formula reaches.
    Raises DiveNumberError where no difficulty can be given.
    """
    if height_m is not None:
        return DiveExplanation(number, (_from_height(number, height_m),))
    heights = heights_for(number) or tuple(
        height for height in HEIGHTS_M if _components_or_none(number, height)
    )
    if not heights:
        raise DiveNumberError(
            f"{number} ({number.describe()}) has no difficulty from any height: it is not in the "
            "table, and the formula does not reach it.",
            did_you_mean(number.text),
        )
    return DiveExplanation(number, tuple(_from_height(number, height) for height in heights))


def _from_height(number: DiveNumber, height_m: float) -> HeightExplanation:
    return HeightExplanation(
        height_m, difficulty(number, height_m), _components_or_none(number, height_m)
    )


def _components_or_none(number: DiveNumber, height_m: float) -> Components | None:
    try:
        return components(number, height_m)
    except DiveNumberError:
        return None
