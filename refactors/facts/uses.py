"""What a file uses: names that it imports or defines, attributes of everything else, calls."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from overhaul.refactors.facts.declarations import Places
from overhaul.refactors.facts.evaluation import Evaluator
from overhaul.refactors.facts.record import AttributeUse, CallFact
from overhaul.refactors.facts.terms import MEMBER
from overhaul.refactors.scopes import Scope

_CONTEXTS = {ast.Load: "load", ast.Store: "store", ast.Del: "delete"}


class Uses:
    """The references, attribute uses and calls of one file."""

    def __init__(self, evaluator: Evaluator, places: Places) -> None:
        self._evaluator = evaluator
        self._module = evaluator.module
        self._places = places
        self._callers: dict[Scope, str] = {}
        # The attributes that belong to a dotted name of the module's namespace, with its term.
        self._dotted: dict[ast.AST, int] = {}
        self.references = self._references()

    def _references(self) -> dict[int, tuple[int, ...]]:
        found: dict[int, list[int]] = defaultdict(list)
        for name, uses in self._module.names.items():
            for node, scope in uses:
                if isinstance(node.ctx, ast.Load):
                    owner = scope.lookup(name, node)
                    if owner is None or self._is_of_namespace(owner, name):
                        found[self._chain(node, self._evaluator.name(node, scope))] += self._places.of(node)
        return {term: _in_order(places) for term, places in found.items()}

    @staticmethod
    def _is_of_namespace(owner: Scope, name: str) -> bool:
        """Tell whether a name is the module's own, or an import of a function or class block."""
        return owner.kind == "module" or all(
            isinstance(each.node, ast.alias) for each in owner.bindings[name]
        )

    def _chain(self, node: ast.Name, term: int) -> int:
        """Return the term of the longest dotted name that begins with this one."""
        parents = self._module.parents
        child: ast.AST = node
        self._dotted[child] = term
        above = parents.get(child)
        while isinstance(above, ast.Attribute):
            term = self._evaluator.terms.add(MEMBER, term, above.attr)
            self._dotted[above] = term
            child, above = above, parents.get(above)
        return term

    def attributes(self) -> Iterator[AttributeUse]:
        """Yield the attributes whose receiver is no imported or defined name."""
        for name, uses in self._module.attributes.items():
            for node, scope in uses:
                if node not in self._dotted or not isinstance(node.ctx, ast.Load):
                    receiver = self._evaluator.term(node.value, scope)
                    yield AttributeUse(name, receiver, *self._place_of(node), _CONTEXTS[type(node.ctx)])

    def calls(self) -> Iterator[CallFact]:
        """Yield every call with the function that makes it."""
        scopes: dict[ast.AST, Scope] = {
            node: scope
            for index in (self._module.names, self._module.attributes)
            for uses in index.values()
            for node, scope in uses
        }
        for node in self._module.parents:
            if isinstance(node, ast.Call):
                scope = scopes.get(node.func) or self._module.scope_of(node)
                callee = self._dotted.get(node.func)
                if callee is None:
                    callee = self._evaluator.term(node.func, scope)
                yield CallFact(self._caller(scope), callee, *self._place_of(node.func))

    def _place_of(self, function: ast.expr) -> tuple[int, int]:
        if not isinstance(function, ast.Attribute):
            return self._places.of(function)
        end = function.end_lineno or function.lineno
        return end, self._places.column(end, function.end_col_offset or 0) - len(function.attr)

    def _caller(self, scope: Scope) -> str:
        if scope not in self._callers:
            inner: Scope | None = scope
            while inner is not None and not isinstance(inner.node, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = inner.parent
            is_body = inner is not None and inner.kind == "function"
            self._callers[scope] = self._evaluator.qualified(inner.node) if is_body and inner else ""
        return self._callers[scope]


def _in_order(places: list[int]) -> tuple[int, ...]:
    pairs = sorted(zip(places[::2], places[1::2], strict=True))
    return tuple(number for pair in pairs for number in pair)
