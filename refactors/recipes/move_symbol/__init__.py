"""`move-symbol`: a function, class or constant moves to another module, and its importers follow."""

from overhaul.refactors.recipes.move_symbol.recipe import MoveSymbol

__all__ = ["MoveSymbol"]
