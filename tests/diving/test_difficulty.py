"""Difficulties: the published table, the formula against it, and dives that have none."""

import csv
from pathlib import Path

import pytest

from fpcli.diving.components import HALF_SOMERSAULTS, SOMERSAULTS
from fpcli.diving.difficulty import Components, components, difficulty, heights_for
from fpcli.diving.numbers import parse
from fpcli.diving.table import EDITION, HEIGHTS_M, published_difficulties
from fpcli.errors import DiveNumberError

SHARED = Path(__file__).parents[3] / "shared"
PUBLISHED_FACTS = SHARED / "difficulty_2025.csv"
OBSERVED_FACTS = SHARED / "difficulty_observed.csv"

COUNT_BY_HEIGHT = {1.0: 139, 3.0: 182, 5.0: 188, 7.5: 205, 10.0: 259}

SPOT_VALUES = [
    ("107B", 3, 3.1),
    ("107B", 10, 3.0),
    ("109C", 10, 3.7),
    ("205B", 3, 3.0),
    ("207B", 3, 3.9),
    ("207B", 10, 3.6),
    ("309B", 10, 4.8),
    ("313C", 3, 2.2),
    ("407C", 3, 3.4),
    ("5253B", 3, 3.4),
    ("5253B", 10, 3.2),
    ("5154B", 3, 3.4),
    ("6243D", 10, 3.2),
    ("626C", 10, 3.3),
    ("401C", 1, 1.4),
    ("612B", 5, 1.7),
    ("1011C", 10, 4.7),
]

# Cells of the table that the formula does not give, by dive, height and printed value. In all of
# them it has no value; there is none where it has another.
EXCEPTIONS = {
    ("1011C", 10.0): 4.7,
    ("208B", 5.0): 4.4,
    ("208C", 5.0): 4.1,
}

WORKED = [
    ("107B", 3, Components(2.8, 0.3, 0.0, 0.0, 0.0), 3.1),
    ("5253B", 3, Components(2.2, 0.3, 0.7, 0.2, 0.0), 3.4),
    ("5253B", 10, Components(2.1, 0.3, 0.6, 0.2, 0.0), 3.2),
    ("207B", 3, Components(2.8, 0.3, 0.0, 0.4, 0.4), 3.9),
    ("207B", 10, Components(2.7, 0.3, 0.0, 0.2, 0.4), 3.6),
    ("309B", 10, Components(3.5, 0.6, 0.0, 0.3, 0.4), 4.8),
    ("313C", 3, Components(1.5, 0.2, 0.0, 0.3, 0.2), 2.2),
    ("6241B", 10, Components(1.9, 0.3, 0.5, 0.0, 0.0), 2.7),
    ("624B", 10, Components(1.9, 0.3, 0.0, 0.4, 0.2), 2.8),
]


def test_the_table_is_complete() -> None:
    cells = [height for row in published_difficulties().values() for height in row]
    assert {height: cells.count(height) for height in HEIGHTS_M} == COUNT_BY_HEIGHT
    assert len(cells) == 973
    assert len(published_difficulties()) == 263


@pytest.mark.skipif(not PUBLISHED_FACTS.exists(), reason=f"{PUBLISHED_FACTS} is not here")
def test_every_published_value_is_in_the_package() -> None:
    with PUBLISHED_FACTS.open(encoding="utf-8") as lines:
        facts = {
            (row["dive"], float(row["height_m"])): float(row["difficulty"])
            for row in csv.DictReader(lines)
        }
    ours = {
        (dive, height): difficulty(parse(dive), height).value
        for dive, row in published_difficulties().items()
        for height in row
    }
    assert ours == facts


@pytest.mark.skipif(not OBSERVED_FACTS.exists(), reason=f"{OBSERVED_FACTS} is not here")
def test_difficulties_used_in_events_agree_with_the_table() -> None:
    with OBSERVED_FACTS.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 68
    for row in rows:
        found = difficulty(parse(row["dive"]), float(row["height"].removesuffix("m")))
        assert (found.value, found.origin) == (float(row["difficulty"]), "table"), row


@pytest.mark.parametrize(("dive", "height", "value"), SPOT_VALUES)
def test_published_values_come_first(dive: str, height: float, value: float) -> None:
    found = difficulty(parse(dive), height)
    assert (found.value, found.origin, found.edition) == (value, "table", EDITION)


def test_the_formula_gives_the_table_but_for_the_exceptions_named_here() -> None:
    differing = {}
    for dive, row in published_difficulties().items():
        for height, value in row.items():
            if _formula(dive, height) != value:
                differing[dive, height] = value
    assert differing == EXCEPTIONS
    assert all(_formula(dive, height) is None for dive, height in EXCEPTIONS)


def _formula(dive: str, height_m: float) -> float | None:
    try:
        return components(parse(dive), height_m).total
    except DiveNumberError:
        return None


@pytest.mark.parametrize(("dive", "height", "parts", "total"), WORKED)
def test_the_formula_part_by_part(
    dive: str, height: float, parts: Components, total: float
) -> None:
    found = components(parse(dive), height)
    assert found == parts
    assert found.total == total


@pytest.mark.parametrize(
    ("dive", "height", "value"),
    [
        ("105A", 1, 3.0),  # 2.4 + .6
        ("5253B", 1, 3.6),  # 2.4 + .3 + .7 + .2
        ("215B", 7.5, 3.3),  # 2.2 + (.3 + .3) + .2 + .3
        ("6341D", 10, 2.4),  # 1.9 + .5
        ("5257B", 3, 4.4),  # 2.2 + .3 + 1.7 + .2
        ("408C", 5, None),  # 4 somersaults have no value from 5 m
    ],
)
def test_where_the_table_is_silent_the_formula_speaks_and_says_so(
    dive: str, height: float, value: float | None
) -> None:
    number = parse(dive)
    assert height not in heights_for(number)
    if value is None:
        with pytest.raises(DiveNumberError, match="not in the table, and the formula has no"):
            difficulty(number, height)
    else:
        found = difficulty(number, height)
        assert (found.value, found.origin) == (value, "formula")


@pytest.mark.parametrize(
    ("dive", "height", "reason", "hint"),
    [
        ("612B", 3, "armstand dive", "The table has 612B from 5, 7.5 or 10 m."),
        ("626C", 1, "platform only", "The table has 626C from 5, 7.5 or 10 m."),
        ("107B", 4, "from 4 m", "1 and 3 m"),
        ("107B", float("nan"), "from nan m", "1 and 3 m"),
        ("107A", 10, "no value for its position", "Did you mean 107B or 107C?"),
        ("1010C", 10, "no value for its somersaults and position", "1011C"),
        ("6421D", 10, "no value for its twists", "Did you mean"),
        ("1011C", 3, "no value for its somersaults and position", "has 1011C from 10 m"),
        ("217B", 3, "no value for its position", "Did you mean"),
    ],
)
def test_a_dive_without_difficulty_is_refused_with_the_reason(
    dive: str, height: float, reason: str, hint: str
) -> None:
    with pytest.raises(DiveNumberError) as refusal:
        difficulty(parse(dive), height)
    assert reason in refusal.value.message
    assert hint in refusal.value.hint


def test_heights_are_those_of_the_table() -> None:
    assert heights_for(parse("5253B")) == (3.0, 7.5, 10.0)
    assert heights_for(parse("612B")) == (5.0, 7.5, 10.0)
    assert heights_for(parse("5399B")) == ()


def test_more_somersaults_are_never_worth_less() -> None:
    for values in SOMERSAULTS.values():
        assert len(values) <= len(HALF_SOMERSAULTS)
        assert sorted(values) == list(values)


def test_the_edition_travels_with_every_value() -> None:
    assert "2025" in EDITION
    assert difficulty(parse("105A"), 1).edition == EDITION
