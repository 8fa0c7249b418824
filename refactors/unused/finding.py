"""Something of one file that nothing uses, and what stands against its removal."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.project import Module, qualified_in
from overhaul.refactors.scopes import Scope
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
        where = "" if self.scope.parent is None else qualified_in(self.module, self.scope.node)
        return self.module.path, self.kind, where, self.name

    @property
    def symbol(self) -> str:
        where = "" if self.scope.parent is None else f"{qualified_in(self.module, self.scope.node)}."
        return f"{self.module.name}.{where}{self.name}"
