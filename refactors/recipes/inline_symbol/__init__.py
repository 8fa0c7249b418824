"""Replace the uses of a variable by its value, or the calls of a function by its body."""

from overhaul.refactors.recipes.inline_symbol.recipe import InlineSymbol

__all__ = ["InlineSymbol"]
