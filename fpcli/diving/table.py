"""The published table of difficulty, for one edition of the rules.

Difficulties change between editions, so the edition stands beside the table and travels with every
value taken from it.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

EDITION = "World Aquatics 2025"  # Competition Regulations, Part Four, Appendices 9 and 11
IN_FORCE_FROM = "2025-06-25"
TABLE_FILE = "difficulty_2025.csv"  # one row a dive, one column a height, empty where unpublished

SPRINGBOARD_HEIGHTS_M = (1.0, 3.0)
PLATFORM_HEIGHTS_M = (5.0, 7.5, 10.0)
HEIGHTS_M = SPRINGBOARD_HEIGHTS_M + PLATFORM_HEIGHTS_M


@cache
def published_difficulties() -> Mapping[str, Mapping[float, float]]:
    """Every published difficulty: dive number in capitals -> height in metres -> difficulty.

    Source: Appendices 9 and 11.
    """
    text = files(__package__).joinpath(TABLE_FILE).read_text(encoding="utf-8")
    table: dict[str, Mapping[float, float]] = {}
    for row in csv.DictReader(text.splitlines()):
        table[row["dive"]] = MappingProxyType(
            {height: float(row[f"{height:g} m"]) for height in HEIGHTS_M if row[f"{height:g} m"]}
        )
    return MappingProxyType(table)
