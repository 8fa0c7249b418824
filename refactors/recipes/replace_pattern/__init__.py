"""`replace-pattern`: code of one structure becomes code of another."""

from overhaul.refactors.recipes.replace_pattern.recipe import ReplacePattern

__all__ = ["ReplacePattern"]
