"""What a file defines: functions and results, classes and bases, variables and values, `__all__`."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from overhaul.refactors.annotations import last_name
from overhaul.refactors.facts.evaluation import Evaluator
from overhaul.refactors.facts.record import ClassFact, DefinitionFact
from overhaul.refactors.facts.terms import DEFINED, OWN_CLASS, SELF
from overhaul.refactors.scopes import FunctionNode, Scope
from overhaul.refactors.text import LINE_END, SourceText

_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty", "setter", "getter", "deleter"})
_DEFINITION = re.compile(rb"(?:async[ \t]+)?(?:def|class)[ \t]+(?=[^ \t\\])")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Places:
    """Lines and columns as an editor shows them: from 1, in characters."""

    def __init__(self, source: SourceText) -> None:
        self._text = source.text
        self._is_plain = source.text.isascii()

    @cached_property
    def _lines(self) -> list[bytes]:
        return LINE_END.split(self._text.encode("utf-8", "replace"))

    def of(self, node: ast.expr | ast.stmt | ast.arg) -> tuple[int, int]:
        """Return where a node begins."""
        return node.lineno, self.column(node.lineno, node.col_offset)

    def name_of(self, node: FunctionNode | ast.ClassDef) -> tuple[int, int]:
        """Return where the name of a definition stands; where it begins if the name is on another line."""
        opening = _DEFINITION.match(self._lines[node.lineno - 1], node.col_offset)
        return node.lineno, self.column(node.lineno, opening.end() if opening else node.col_offset)

    def column(self, line: int, offset: int) -> int:
        """Return the column of an offset in bytes of UTF-8."""
        if self._is_plain:
            return offset + 1
        return len(self._lines[line - 1][:offset].decode("utf-8", "replace")) + 1


class Declarations:
    """The definitions of one file."""

    def __init__(self, evaluator: Evaluator, places: Places) -> None:
        self._evaluator = evaluator
        self._module = evaluator.module
        self._places = places
        self._returned: dict[ast.AST, list[ast.expr]] = defaultdict(list)
        self._generators: set[ast.AST] = set()
        for node in self._module.parents:
            kind = type(node)
            if kind is ast.Return and node.value is not None:  # type: ignore[attr-defined]
                self._returned[self._function_of(node)].append(node.value)  # type: ignore[attr-defined]
            elif kind is ast.Yield or kind is ast.YieldFrom:
                self._generators.add(self._function_of(node))

    def _function_of(self, node: ast.AST) -> ast.AST:
        while not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.Module)):
            node = self._module.parents[node]
        return node

    def definitions(self) -> list[DefinitionFact]:
        """Return them in the order of their places."""
        found = [self._function(node, scope) for node, scope in self._module.functions]
        found += [self._class(node) for node, _ in self._module.classes]
        for scope in [self._module.module, *(self._module.scopes[node] for node, _ in self._module.classes)]:
            found += self._variables(scope)
        found += self._attributes()
        return sorted(found, key=lambda each: (each.line, each.column))

    def _function(self, node: FunctionNode, scope: Scope) -> DefinitionFact:
        names = {last_name(each) for each in node.decorator_list}
        kind = "property" if names & _PROPERTIES else "method" if scope.kind == "class" else "function"
        if isinstance(node, ast.AsyncFunctionDef) and node not in self._generators:
            kind = f"async {kind}"
        line, column = self._places.name_of(node)
        return DefinitionFact(
            self._evaluator.qualified(node), kind, line, column, self._result(node), self._decorators(node)
        )

    def _decorators(self, node: FunctionNode | ast.ClassDef) -> tuple[int, ...]:
        return tuple(
            self._evaluator.term(each.func if isinstance(each, ast.Call) else each)
            for each in node.decorator_list
        )

    def _result(self, node: FunctionNode) -> int:
        if node in self._generators:
            return self._evaluator.terms.unknown("a generator")
        if node.returns is not None:
            return self._evaluator.instance(node.returns)
        return self._evaluator.terms.either([self._evaluator.term(each) for each in self._returned[node]])

    def _class(self, node: ast.ClassDef) -> DefinitionFact:
        line, column = self._places.name_of(node)
        value = self._evaluator.terms.add(DEFINED, self._evaluator.qualified(node))
        return DefinitionFact(
            self._evaluator.qualified(node), "class", line, column, value, self._decorators(node)
        )

    def _variables(self, scope: Scope) -> Iterator[DefinitionFact]:
        prefix = self._evaluator.qualified_scope(scope)
        for name, bindings in scope.bindings.items():
            stores = [each for each in bindings if isinstance(each.node, ast.Name)]
            if stores and isinstance(stores[0].node, ast.Name):
                value = self._evaluator.terms.either([self._evaluator.binding(each) for each in stores])
                yield DefinitionFact(
                    f"{prefix}{name}", "variable", *self._places.of(stores[0].node), value, ()
                )

    def _attributes(self) -> Iterator[DefinitionFact]:
        """Yield what methods assign to their `self`, once for each name."""
        stores: dict[str, list[ast.Attribute]] = defaultdict(list)
        for name, uses in self._module.attributes.items():
            for node, scope in uses:
                if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
                    kind, *rest = self._receiver(node.value, scope)
                    if kind in (SELF, OWN_CLASS):
                        stores[f"{rest[0]}.{name}"].append(node)
        for qualified, nodes in stores.items():
            declared = [each for each in nodes if isinstance(self._module.parents[each], ast.AnnAssign)]
            value = self._evaluator.terms.either(
                [self._evaluator.assigned(each) for each in declared or nodes]
            )
            first = nodes[0]
            column = self._places.column(first.end_lineno or first.lineno, (first.end_col_offset or 0))
            yield DefinitionFact(
                qualified, "attribute", first.end_lineno or first.lineno, column - len(first.attr), value, ()
            )

    def _receiver(self, node: ast.Name, scope: Scope) -> tuple[str, ...]:
        owner = scope.lookup(node.id, node)
        if owner is None or owner.kind != "function":
            return ("",)
        first = owner.bindings[node.id][0]
        if not isinstance(first.node, ast.arg):
            return ("",)
        term: tuple[str, ...] = self._evaluator.terms.at(self._evaluator.binding(first))
        return term

    def classes(self) -> list[ClassFact]:
        """Return the class statements with their bases."""
        return [
            ClassFact(
                self._evaluator.qualified(node),
                tuple((ast.unparse(base), self._base(base)) for base in node.bases),
            )
            for node, _ in self._module.classes
        ]

    def _base(self, base: ast.expr) -> int:
        while isinstance(base, ast.Subscript):  # Generic[T]
            base = base.value
        if isinstance(base, ast.Name | ast.Attribute):
            return self._evaluator.term(base)
        return self._evaluator.terms.unknown("a computed base class")

    def names(self) -> dict[str, int]:
        """Return the term of each name of the module's namespace."""
        evaluator = self._evaluator
        return {
            name: evaluator.terms.either([evaluator.binding(each) for each in bindings])
            for name, bindings in self._module.module.bindings.items()
            if bindings
        }

    def exported(self) -> tuple[tuple[str, ...] | None, bool]:
        """Return the strings of `__all__`, None without one, and whether it is made of nothing else."""
        found: list[str] = []
        is_complete = True
        uses = sorted(
            self._module.module.uses.get("__all__", ()), key=lambda use: (use.lineno, use.col_offset)
        )
        for use in uses:
            statement = self._module.statement_of(use)
            value = _listed(statement)
            if value is None:
                is_complete = is_complete and isinstance(use.ctx, ast.Load) and not _changes(statement)
                continue
            for item in value:
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    found.append(item.value)
                else:
                    is_complete = False
        return (tuple(found) if uses else None), is_complete


def _listed(statement: ast.stmt) -> list[ast.expr] | None:
    """Return the items that a statement puts into `__all__`; None for a statement of another shape."""
    match statement:
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.AnnAssign(value=value):
            items = value
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="extend"), args=[items])):
            pass
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[item])):
            return [item]
        case _:
            return None
    if isinstance(items, ast.List | ast.Tuple):
        return items.elts
    if isinstance(items, ast.BinOp) and isinstance(items.op, ast.Add):
        return [*_items(items.left), *_items(items.right)]
    return [] if items is None else [items]


def _items(value: ast.expr) -> list[ast.expr]:
    return list(value.elts) if isinstance(value, ast.List | ast.Tuple) else [value]


def _changes(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr | ast.Delete)
