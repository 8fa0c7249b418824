"""A block's names by Python's rules, and where a name used in it is bound."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Literal

from overhaul.refactors.class_blocks import precedes_bindings

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ScopeKind = Literal["module", "class", "function", "comprehension", "type parameters"]


class Binding:
    """One place that gives a name its meaning: an import, a definition, an assignment, a parameter."""

    __slots__ = ("name", "node", "scope")

    def __init__(self, name: str, node: ast.AST, scope: Scope) -> None:
        self.name = name
        self.node = node
        self.scope = scope

    @property
    def line(self) -> int:
        return int(getattr(self.node, "lineno", 1))

    @property
    def place(self) -> tuple[int, int]:
        return self.line, int(getattr(self.node, "col_offset", 0))


class Scope:
    """A block with names of its own. `node` opens it: Module, ClassDef, a function, a comprehension."""

    __slots__ = ("bindings", "children", "global_names", "kind", "node", "nonlocal_names", "parent", "uses")

    def __init__(self, kind: ScopeKind, node: ast.AST, parent: Scope | None) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.bindings: dict[str, list[Binding]] = {}
        self.uses: dict[str, list[ast.Name]] = {}
        self.global_names: dict[str, list[ast.Global]] = {}
        self.nonlocal_names: dict[str, list[ast.Nonlocal]] = {}
        self.children: list[Scope] = []
        if parent is not None:
            parent.children.append(self)

    @property
    def module(self) -> Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def bind(self, name: str, node: ast.AST) -> None:
        self.bindings.setdefault(name, []).append(Binding(name, node, self))

    def lookup(self, name: str, use: ast.Name | None = None) -> Scope | None:
        """Return the scope whose `name` a use in this scope means; None for a builtin or an unbound name.

        A class's names are seen in its own block only, and only after they are bound: in `x = x` the
        right one is the module's `x`. `use` tells where the use is.
        """
        scope: Scope | None = self
        is_own = True
        while scope is not None:
            if name in scope.global_names:
                return scope.module if name in scope.module.bindings else None
            is_bound = name in scope.bindings
            if is_bound and scope.kind == "class":
                is_bound = is_own
                if is_own and use is not None and scope._is_unbound_at(use):
                    # Such a name is looked up in the module, past the functions around (language reference, 4.2.2).
                    return scope.module if name in scope.module.bindings else None
            if is_bound:
                return scope
            # Annotation scopes see the class around them, all other nested scopes do not.
            is_own = is_own and scope.kind == "type parameters"
            scope = scope.parent
        return None

    def _is_unbound_at(self, use: ast.Name) -> bool:
        """Tell whether a use in this class's block comes before the name is bound there."""
        return isinstance(self.node, ast.ClassDef) and precedes_bindings(
            use, self.bindings[use.id], self.node.body
        )

    def subtree(self) -> Iterable[Scope]:
        """This scope and all those in it."""
        pending = [self]
        while pending:
            scope = pending.pop()
            yield scope
            pending += scope.children


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Return every parameter, `*args` and `**kwargs` among them."""
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*found, *(extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None)]
