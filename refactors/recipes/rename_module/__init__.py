"""Renames a module or package in its place, with its files, its settings and, if asked, a module under its old name."""

from overhaul.refactors.recipes.rename_module.recipe import RenameModule

__all__ = ["RenameModule"]
