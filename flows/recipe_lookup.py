"""A recipe by its id: those of `overhaul.refactors`, and the distilled ones that are kept in the home.

A composite's file is a recipe as well: what is in it becomes a parameter, by which a run and its results are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from overhaul.refactors import registry
from overhaul.refactors.recipe import Recipe


def find_recipe(recipe_id: str) -> type[Recipe]:
    """As `overhaul.refactors.registry.find_recipe`, and `distilled:NAME`. Raises UnknownRecipe."""
    if recipe_id.startswith("distilled:"):
        from overhaul.flows.distilled_recipe import load_distilled

        return load_distilled(recipe_id)
    return registry.find_recipe(recipe_id)


COMPOSITE_SUFFIXES = (".yaml", ".yml")


def named_recipe(
    name: str, values: Mapping[str, Any], folder: Path | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the id and the parameters of a recipe as people name it: by its id, or by a composite's file.

    `values` are then the composite's own parameters. Raises ParameterError.
    """
    if not name.endswith(COMPOSITE_SUFFIXES):
        return name, dict(values)
    from overhaul.refactors.recipes.composite.reading import text_of_file  # needs pydantic
    from overhaul.refactors.recipes.composite.steps import as_words

    path = (folder or Path()) / Path(name).expanduser()
    return "composite", {
        "definition": text_of_file(path, values),
        "name": path.name,
        "values": as_words(values),
    }
