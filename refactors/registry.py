"""The recipes there are: one explicit list. A recipe is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

from overhaul.refactors.errors import UnknownRecipe, did_you_mean
from overhaul.refactors.prompt import Prompt
from overhaul.refactors.recipe import Recipe

_RECIPES = {
    "bump-dependency": "overhaul.refactors.recipes.bump_dependency:BumpDependency",
    "change-signature": "overhaul.refactors.recipes.change_signature:ChangeSignature",
    "composite": "overhaul.refactors.recipes.composite:Composite",
    "deprecate-symbol": "overhaul.refactors.recipes.deprecate_symbol:DeprecateSymbol",
    "extract-function": "overhaul.refactors.recipes.extract_function:ExtractFunction",
    "function-to-method": "overhaul.refactors.recipes.function_to_method:FunctionToMethod",
    "inline-symbol": "overhaul.refactors.recipes.inline_symbol:InlineSymbol",
    "method-to-function": "overhaul.refactors.recipes.method_to_function:MethodToFunction",
    "migrate-config": "overhaul.refactors.recipes.migrate_config:MigrateConfig",
    "modernize-syntax": "overhaul.refactors.recipes.modernize_syntax:ModernizeSyntax",
    "move-module": "overhaul.refactors.recipes.move_module:MoveModule",
    "move-symbol": "overhaul.refactors.recipes.move_symbol:MoveSymbol",
    "remove-flag": "overhaul.refactors.recipes.remove_flag:RemoveFlag",
    "remove-unused": "overhaul.refactors.recipes.remove_unused:RemoveUnused",
    "print-to-logging": "overhaul.refactors.recipes.print_to_logging:PrintToLogging",
    "rename-module": "overhaul.refactors.recipes.rename_module:RenameModule",
    "rename-symbol": "overhaul.refactors.recipes.rename_symbol:RenameSymbol",
    "replace-call": "overhaul.refactors.recipes.replace_call:ReplaceCall",
    "replace-import": "overhaul.refactors.recipes.replace_import:ReplaceImport",
    "replace-pattern": "overhaul.refactors.recipes.replace_pattern:ReplacePattern",
    "unittest-to-pytest": "overhaul.refactors.recipes.unittest_to_pytest:UnittestToPytest",
}

# Where those of others are who use this list, by id: see `add_recipes`.
_ADDED: dict[str, str] = {}
_SHIPPED = "overhaul.refactors.recipes.composite.shipped"


def recipe_ids() -> Sequence[str]:
    """Return the ids of all recipes, sorted."""
    return sorted(_RECIPES)


def add_recipes(places: Mapping[str, str]) -> None:
    """Have recipes found that are not of this package, `module:Class` by id: composites may have them as steps."""
    _ADDED.update(places)


def find_recipe(recipe_id: str) -> type[Recipe]:
    """Return the recipe with this id, or that of a LibCST codemod named `module:Class`. Raises UnknownRecipe.

    A composite that comes with overhaul has an id as a recipe has.
    `prompt` is not listed: it is nothing without a file (see `Prompt`).
    """
    if recipe_id == Prompt.id:
        return Prompt
    if ":" in recipe_id:
        # LibCST takes a while to import, which only its own codemods are worth.
        load = import_module("overhaul.refactors.adapters.libcst_codemod").load_codemod
        codemod: type[Recipe] = load(recipe_id)
        return codemod
    place = _RECIPES.get(recipe_id) or _ADDED.get(recipe_id)
    if place is None:
        shipped = import_module(_SHIPPED)
        if recipe_id in shipped.shipped_ids():
            composite: type[Recipe] = shipped.shipped_composite(recipe_id)
            return composite
        nearest = did_you_mean(recipe_id, [*_RECIPES, *_ADDED, *shipped.shipped_ids()])
        raise UnknownRecipe(f"recipe '{recipe_id}' is unknown.{nearest} List them with: overhaul recipes")
    module, _, name = place.partition(":")
    recipe = getattr(import_module(module), name)
    if not (isinstance(recipe, type) and issubclass(recipe, Recipe) and recipe.id == recipe_id):
        raise TypeError(f"{place} is not the recipe '{recipe_id}'")
    return recipe


def recipe_summaries() -> dict[str, str]:
    """Return each recipe's one-line summary by id."""
    return {recipe_id: find_recipe(recipe_id).summary for recipe_id in recipe_ids()}


def composite_summaries() -> dict[str, str]:
    """Return the one-line summary of each composite that comes with overhaul, by id, sorted."""
    summaries: dict[str, str] = import_module(_SHIPPED).shipped_summaries()
    return summaries
