"""What can go wrong while analysing and editing.

RefactorError
├── UnknownRecipe          no recipe has this id
├── ParameterError         a recipe's parameter is missing, unknown or of the wrong type
│   └── AmbiguousName      it names several things of the tree
├── SymbolNotFound         the symbol is defined nowhere in the tree and nothing imports it
├── NameTaken              the new name already means something in a scope that the edit touches
├── ModelError             a model could not be asked, or what it said cannot be used
│   ├── ModelUnavailable   busy, broken or too slow, also when asked again
│   ├── ModelRefused       it will not answer this: unknown model, bad request
│   │   └── NoAccess       wrong key, no quota
│   ├── ContextFull        the conversation is longer than the model takes
│   ├── TruncatedAnswer    the answer broke off; nothing of it is used
│   └── BadAnswer          what came is no answer
├── McpFailed              an MCP server does not start, answer, or keep to what was approved
├── PatchError             a model's patch cannot be read or does not fit the files; nothing of it is applied
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


class ModelError(RefactorError):
    """A model could not be asked, or what it said cannot be used."""


class ModelUnavailable(ModelError):
    """The provider is busy, broken or too slow, also when asked again."""


class ModelRefused(ModelError):
    """The provider will not answer this: unknown model, bad request."""


class NoAccess(ModelRefused):
    """The provider answers nothing with this key: it is wrong, or has no quota."""


class ContextFull(ModelError):
    """The conversation is longer than the model takes."""


class TruncatedAnswer(ModelError):
    """The answer broke off; nothing of it is used."""


class BadAnswer(ModelError):
    """What came is no answer."""


class McpFailed(RefactorError):
    """An MCP server of the user's does not start, answer, or keep to what was approved."""


class PatchError(RefactorError):
    """A model's patch cannot be read or does not fit the files; nothing of it is applied."""


class StaleEdit(RefactorError):
    """A file is no longer what the edit was computed from."""


class CannotWrite(RefactorError):
    """An edit cannot be written: disk full, no permission, a symbolic link in the way."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest of `known`, or nothing."""
    from difflib import get_close_matches  # wanted only where something is wrong already

    nearest = get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(match) for match in nearest)}?" if nearest else ""
