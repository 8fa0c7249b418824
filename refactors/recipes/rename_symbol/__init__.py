"""Renames a module, class, function, method, attribute, parameter or variable everywhere it is meant."""

from overhaul.refactors.recipes.rename_symbol.recipe import RenameSymbol

__all__ = ["RenameSymbol"]
