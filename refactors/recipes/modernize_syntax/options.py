"""What the rules go by: the target and the recipe's choices."""

from __future__ import annotations

from dataclasses import dataclass

from overhaul.refactors.recipes.modernize_syntax.target import Version


@dataclass(frozen=True, slots=True)
class Options:
    """`trusts_outside` takes capitalised names from outside the tree for classes.

    `plain_fields` writes `{x}` where `%s` was, which differs for objects with a `__format__` of their own.
    `reads_annotations` says that something in the tree reads annotations when it runs.
    """

    target: Version
    trusts_outside: bool = False
    plain_fields: bool = False
    reads_annotations: bool = False
