"""Run a recipe over a tree as every command does: notebooks are read as code, and edited as notebooks."""

from __future__ import annotations

from overhaul.refactors.recipe import Analysis, Recipe
from overhaul.refactors.source import Tree
from overhaul.refactors.word_search import WordSearch


def analyse(recipe: Recipe, tree: Tree) -> Analysis:
    """Return what a recipe finds in a tree. Raises RefactorError for what a user got wrong. Writes nothing."""
    if not recipe.reads_notebooks or not WordSearch(tree).paths_ending([".ipynb"]):
        return recipe.analyse(tree)
    from overhaul.refactors.notebook_tree import NotebookTree  # most trees need none, and it takes its time

    notebooks = NotebookTree(tree)
    return notebooks.translated(recipe.analyse(notebooks))
