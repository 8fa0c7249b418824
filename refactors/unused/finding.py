"""Something of one file that nothing uses, and what stands against its removal."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.project import Module, qualified_in
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.text import Splice

Kind = Literal["imports", "variables", "definitions"]
KINDS: tuple[Kind, ...] = ("imports", "variables", "definitions")
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Unused:
    """`node` is an alias, a name or a definition; `doubt` says why it is left, `proof` why it goes.

    What goes is the alias, or the whole `statement`, or what the `splices` take out.
    """

    module: Module
    kind: Kind
    name: str
    scope: Scope
    node: ast.AST
    offset: int
    proof: str
    doubt: str | None = None
    statement: ast.stmt | None = None
    splices: Sequence[Splice] = ()

    @property
    def key(self) -> Key:
        """What tells it from others in whatever the file has become."""
        return self.module.path, self.kind, _place(self.module, self.scope), self.name

    @property
    def symbol(self) -> str:
        place = _place(self.module, self.scope)
        return ".".join(filter(None, [self.module.name, place, self.name]))


def import_key(module: Module, binding: Binding) -> Key:
    """Return the key that the finding of an import would have."""
    return module.path, "imports", _place(module, binding.scope), binding.name


def _place(module: Module, scope: Scope) -> str:
    return "" if scope.parent is None else qualified_in(module, scope.node)
