"""Moves a module or package into another package or source root; every import and use follows."""

from overhaul.refactors.recipes.move_module.recipe import MoveModule

__all__ = ["MoveModule"]
