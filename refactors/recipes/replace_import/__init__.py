"""`replace-import`: what a library or a module gave comes from another place."""

from overhaul.refactors.recipes.replace_import.recipe import ReplaceImport

__all__ = ["ReplaceImport"]
