"""A recipe by its id: those of `overhaul.refactors`, everybody else's, and the distilled ones that are in the home."""

from __future__ import annotations

from importlib import import_module

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


def find_recipe(recipe_id: str) -> type[Recipe]:
    """As `overhaul.refactors.registry.find_recipe`, with tools and `distilled:NAME`. Raises UnknownRecipe."""
    if recipe_id in _FOREIGN:
        module, _, name = _FOREIGN[recipe_id].partition(":")
        tool: type[Recipe] = getattr(import_module(module), name)
        return tool
    if recipe_id.startswith("distilled:"):
        from overhaul.flows.distilled_recipe import load_distilled

        return load_distilled(recipe_id)
    return registry.find_recipe(recipe_id)


def tool_summaries() -> dict[str, str]:
    """One line about each tool that is a recipe, by id."""
    return {recipe_id: find_recipe(recipe_id).summary for recipe_id in _FOREIGN}
