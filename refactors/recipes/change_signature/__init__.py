"""Changes a function's parameters: in its definitions, its overrides and at every call that is proved to be of it."""

from overhaul.refactors.recipes.change_signature.recipe import ChangeSignature

__all__ = ["ChangeSignature"]
