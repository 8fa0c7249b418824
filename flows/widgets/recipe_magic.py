"""`%%recipe`: a cell that is a recipe's file. Each time it is run, the recipe's cases are checked and shown below it.

A magic and not a text field: the cell keeps its colours, completion and undo, and what is run is what is seen.
"""

from __future__ import annotations

import traceback
from typing import Any

from IPython.display import display

from overhaul.flows.recipe_draft import RecipeDraft, draft_recipe
from overhaul.flows.views.shown import problem
from overhaul.refactors.errors import RefactorError


def load_ipython_extension(shell: Any) -> None:
    """Register the magic, for `%load_ext overhaul.flows.widgets.recipe_magic`."""

    def recipe(line: str, cell: str) -> None:
        name = line.strip() or "draft"
        shell.push({name: _drafted(cell)})
        display(shell.user_ns[name])  # type: ignore[no-untyped-call]

    shell.register_magic_function(recipe, magic_kind="cell")


def _drafted(source: str) -> object:
    """The draft, or what keeps it from being one: half-written code is no reason for a wall of red."""
    try:
        drafted: RecipeDraft = draft_recipe(source, "<cell>")
    except RefactorError as error:
        return problem(str(error))
    except Exception:
        return problem(traceback.format_exc(limit=-1).strip())
    return drafted
