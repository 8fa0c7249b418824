"""`composite`: recipes one after the other, as a YAML file lists them."""

from overhaul.refactors.recipes.composite.recipe import Composite

__all__ = ["Composite"]
