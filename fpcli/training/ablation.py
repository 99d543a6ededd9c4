"""Recipes with a part left out, so that its worth can be measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from fpcli.training.recipe import Recipe


class Part(StrEnum):
    """What a recipe can do without.

    MASKS: learning where the diver is. STEPS: each step's own difference. MEASURES: what can be
    measured of a dive. STATIC, DYNAMIC: a stream of the comparing head. PAIRS: all pairs of a
    batch; about one a dive is left, of one dive number. MIXING: predicted transitions in training.
    AVERAGE: the average of the weights.
    """

    MASKS = "masks"
    STEPS = "steps"
    MEASURES = "measures"
    STATIC = "static"
    DYNAMIC = "dynamic"
    PAIRS = "pairs"
    MIXING = "mixing"
    AVERAGE = "average"


CHANGES: Mapping[Part, Callable[[Recipe], Recipe]] = {
    Part.MASKS: lambda recipe: replace(recipe, mask_weight=0.0),
    Part.STEPS: lambda recipe: replace(recipe, step_weight=0.0),
    Part.MEASURES: lambda recipe: replace(recipe, measure_weight=0.0),
    Part.STATIC: lambda recipe: replace(recipe, silent=(*recipe.silent, "static")),
    Part.DYNAMIC: lambda recipe: replace(recipe, silent=(*recipe.silent, "dynamic")),
    Part.PAIRS: lambda recipe: replace(
        recipe, pairs="same_number", most_pairs=max(1, recipe.dives_per_batch // 2)
    ),
    Part.MIXING: lambda recipe: replace(recipe, truth_share_end=recipe.truth_share_start),
    Part.AVERAGE: lambda recipe: replace(recipe, average_decay=0.0),
}


def without(recipe: Recipe, parts: Sequence[Part]) -> Recipe:
    """A recipe without these parts, which its name tells."""
    for part in dict.fromkeys(parts):
        recipe = replace(CHANGES[part](recipe), name=f"{recipe.name} without {part.value}")
    return recipe
