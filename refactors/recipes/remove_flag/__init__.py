"""Remove a feature flag that is always on or off, with the code that this makes dead."""

from overhaul.refactors.recipes.remove_flag.recipe import RemoveFlag

__all__ = ["RemoveFlag"]
