"""`bump-dependency`: raise, pin or replace what a repository's metadata asks of one distribution."""

from overhaul.refactors.recipes.bump_dependency.recipe import BumpDependency

__all__ = ["BumpDependency"]
