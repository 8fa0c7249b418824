"""Turn statements or an expression into a function or method."""

from overhaul.refactors.recipes.extract_function.recipe import ExtractFunction

__all__ = ["ExtractFunction"]
