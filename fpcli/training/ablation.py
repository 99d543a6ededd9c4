"""Recipes with a part left out, so that its worth can be measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from fpcli.training.parts import Part
from fpcli.training.recipe import Recipe

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
