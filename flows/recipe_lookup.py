"""A recipe by its id: those of `overhaul.refactors`, everybody else's, and the distilled ones that are in the home."""

from __future__ import annotations

from importlib import import_module

from overhaul.flows.foreign.sources import entry_point_names, is_recipe_file
from overhaul.refactors import registry
from overhaul.refactors.errors import UnknownRecipe
from overhaul.refactors.recipe import Recipe

_FOREIGN = {
    "ast-grep": "overhaul.flows.foreign.ast_grep:AstGrep",
    "command": "overhaul.flows.foreign.command_recipe:ShellCommand",
    "django-upgrade": "overhaul.flows.foreign.tools:DjangoUpgrade",
    "fixit": "overhaul.flows.foreign.tools:Fixit",
    "pyupgrade": "overhaul.flows.foreign.tools:Pyupgrade",
    "ruff": "overhaul.flows.foreign.tools:Ruff",
}


def find_recipe(recipe_id: str) -> type[Recipe]:
    """As `overhaul.refactors.registry.find_recipe`, with tools, `distilled:NAME` and other people's.

    Raises UnknownRecipe.
    """
    if recipe_id in _FOREIGN:
        module, _, name = _FOREIGN[recipe_id].partition(":")
        tool: type[Recipe] = getattr(import_module(module), name)
        return tool
    if recipe_id.startswith("distilled:"):
        from overhaul.flows.distilled_recipe import load_distilled

        return load_distilled(recipe_id)
    if is_third_party(recipe_id):
        from overhaul.flows.foreign.third_party import load_third_party

        return load_third_party(recipe_id)
    return registry.find_recipe(recipe_id)


def is_third_party(recipe_id: str) -> bool:
    """Whether an id is a file with a recipe, or the name that an installed package gives to one.

    Raises UnknownRecipe where a package takes the name of a recipe of ours.
    """
    if is_recipe_file(recipe_id):
        return True
    if ":" in recipe_id or recipe_id not in entry_point_names():
        return False
    if recipe_id in registry.recipe_ids():
        raise UnknownRecipe(
            f"an installed package calls a recipe '{recipe_id}', which is overhaul's own. Uninstall one of them."
        )
    return True


def tool_summaries() -> dict[str, str]:
    """One line about each tool that is a recipe, by id."""
    return {recipe_id: find_recipe(recipe_id).summary for recipe_id in _FOREIGN}
