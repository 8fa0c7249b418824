"""`modernize-syntax`: code as the oldest Python that a project supports lets it be written."""

from overhaul.refactors.recipes.modernize_syntax.recipe import ModernizeSyntax

__all__ = ["ModernizeSyntax"]
