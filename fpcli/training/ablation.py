"""Recipes and networks with a part left out, so that its worth can be measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from fpcli.model.config import ModelConfig
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


NETWORK_CHANGES: Mapping[Part, Callable[[ModelConfig], ModelConfig]] = {
    Part.REFINER: lambda config: replace(config, refiner_width=0),
    Part.DURATION: lambda config: replace(config, reads_duration=False),
    Part.SILHOUETTE: lambda config: replace(config, reads_silhouette=False),
    Part.MARKS: lambda config: replace(config, target="points"),
}


def without(
    recipe: Recipe, config: ModelConfig, parts: Sequence[Part]
) -> tuple[Recipe, ModelConfig]:
    """A recipe and a network without these parts, which the recipe's name tells."""
    for part in dict.fromkeys(parts):
        changed = CHANGES[part](recipe) if part in CHANGES else recipe
        recipe = replace(changed, name=f"{recipe.name} without {part.value}")
        config = NETWORK_CHANGES[part](config) if part in NETWORK_CHANGES else config
    return recipe, config
