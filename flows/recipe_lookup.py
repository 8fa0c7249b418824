"""A recipe by its id: those of `overhaul.refactors`, everybody else's, and the distilled ones that are in the home.

What is in a file that is a recipe becomes a parameter, by which a run and its results are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from overhaul.flows.foreign.sources import entry_point_names, is_recipe_file
from overhaul.flows.foreign.words import foreign_recipe
from overhaul.refactors import registry
from overhaul.refactors.recipe import Recipe

_FOREIGN = {
    "ast-grep": "overhaul.flows.foreign.ast_grep:AstGrep",
    "command": "overhaul.flows.foreign.command_recipe:ShellCommand",
    "django-upgrade": "overhaul.flows.foreign.tools:DjangoUpgrade",
    "fixit": "overhaul.flows.foreign.tools:Fixit",
    "pyupgrade": "overhaul.flows.foreign.tools:Pyupgrade",
    "ruff": "overhaul.flows.foreign.tools:Ruff",
}
registry.add_recipes(_FOREIGN)


def find_recipe(recipe_id: str) -> type[Recipe]:
    """As `overhaul.refactors.registry.find_recipe`, with tools, `distilled:NAME` and other people's.

    Raises UnknownRecipe.
    """
    if recipe_id.startswith("distilled:"):
        from overhaul.flows.distilled_recipe import load_distilled

        return load_distilled(recipe_id)
    if is_third_party(recipe_id):
        from overhaul.flows.foreign.third_party import load_third_party

        return load_third_party(recipe_id)
    return registry.find_recipe(recipe_id)


def is_third_party(recipe_id: str) -> bool:
    """Whether an id is a file with a recipe, or the name that an installed package gives to one.

    overhaul's own recipes are not looked for among packages, which takes its time: no package can replace one.
    """
    if is_recipe_file(recipe_id):
        return True
    if ":" in recipe_id or recipe_id in registry.recipe_ids() or recipe_id in _FOREIGN:
        return False
    return recipe_id in entry_point_names()


def tool_summaries() -> dict[str, str]:
    """One line about each tool that is a recipe, by id."""
    return {recipe_id: find_recipe(recipe_id).summary for recipe_id in _FOREIGN}


COMPOSITE_SUFFIXES = (".yaml", ".yml")


def named_recipe(
    name: str, values: Mapping[str, Any], folder: Path | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the id and the parameters of a recipe as people name it: by its id, `command: LINE` or a file.

    `values` are then the composite's own parameters. Raises ParameterError.
    """
    if (foreign := foreign_recipe(name, values, folder)) is not None:
        return foreign
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
