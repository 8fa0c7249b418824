"""`deprecate-symbol`: a function, method, class or constant warns who uses it, before it goes."""

from overhaul.refactors.recipes.deprecate_symbol.recipe import DeprecateSymbol

__all__ = ["DeprecateSymbol"]
