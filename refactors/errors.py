"""What can go wrong while analysing and editing.

RefactorError
├── UnknownRecipe          no recipe has this id
├── ParameterError         a recipe's parameter is missing, unknown or of the wrong type
│   └── AmbiguousName      it names several things of the tree
├── SymbolNotFound         the symbol is defined nowhere in the tree and nothing imports it
├── NameTaken              the new name already means something in a scope that the edit touches
├── StaleEdit              a file is no longer what the edit was computed from
└── CannotWrite            an edit cannot be written: disk full, no permission, a symbolic link in the way

Every message says what, where and what next; arguments are strings only, so that they survive pickling.
"""

from collections.abc import Iterable


class RefactorError(Exception):
    """Base of every error that a user of `overhaul.refactors` may see."""


class UnknownRecipe(RefactorError):
    """No recipe has this id."""


class ParameterError(RefactorError):
    """A recipe's parameter is missing, unknown or of the wrong type."""


class AmbiguousName(ParameterError):
    """A recipe's parameter names several things of the tree."""


class SymbolNotFound(RefactorError):
    """The symbol is defined nowhere in the tree and nothing in it imports the symbol."""


class NameTaken(RefactorError):
    """The new name already means something in a scope that the edit touches."""


class StaleEdit(RefactorError):
    """A file is no longer what the edit was computed from."""


class CannotWrite(RefactorError):
    """An edit cannot be written: disk full, no permission, a symbolic link in the way."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest of `known`, or nothing."""
    from difflib import get_close_matches  # wanted only where something is wrong already

    nearest = get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(match) for match in nearest)}?" if nearest else ""
