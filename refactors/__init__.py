"""What changes: recipes, analysis, plans, patches. Pure: knows no Prefect, Docker or forge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from overhaul.refactors.recipe import Recipe
    from overhaul.refactors.scanning import Scan


def scan(recipe: str | type[Recipe], folder: str | Path, /, **parameters: Any) -> Scan:
    """See what a recipe would change in a folder; writes nothing. What it gives shows itself in a notebook.

    `recipe` is its id or its class; the parameters are the recipe's own. Raises RefactorError for what is
    wrong with them.
    """
    from overhaul.refactors.scanning import scan_folder  # the package itself is imported by every command

    return scan_folder(recipe, folder, parameters)
