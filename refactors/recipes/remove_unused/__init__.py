"""Remove the imports, local variables and private definitions that nothing uses."""

from overhaul.refactors.recipes.remove_unused.recipe import RemoveUnused

__all__ = ["RemoveUnused"]
