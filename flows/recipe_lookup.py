"""A recipe by its id: those of `overhaul.refactors`, and the distilled ones that are kept in the home."""

from __future__ import annotations

from overhaul.refactors import registry
from overhaul.refactors.recipe import Recipe


def find_recipe(recipe_id: str) -> type[Recipe]:
    """As `overhaul.refactors.registry.find_recipe`, and `distilled:NAME`. Raises UnknownRecipe."""
    if recipe_id.startswith("distilled:"):
        from overhaul.flows.distilled_recipe import load_distilled

        return load_distilled(recipe_id)
    return registry.find_recipe(recipe_id)
