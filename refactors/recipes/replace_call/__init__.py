"""Replaces calls that match a pattern by another expression, and adds and removes the imports."""

from overhaul.refactors.recipes.replace_call.recipe import ReplaceCall

__all__ = ["ReplaceCall"]
