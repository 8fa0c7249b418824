"""The scopes of one module, and an index of everything in it that mentions a name.

One pass over the tree, with a stack of its own: long expressions would exhaust Python's.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable

from overhaul.refactors.annotations import (
    annotation_strings,
    may_have_type_comments,
    shifted_expression,
    type_comments,
)
from overhaul.refactors.binding_visitors import VISITORS
from overhaul.refactors.scopes import FunctionNode, Scope
from overhaul.refactors.text import SourceText

# What may hold further nodes, per class of node: contexts and operators are left out.
_LEAVES = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
_VALUE_FIELDS = frozenset(
    [
        "id",
        "attr",
        "arg",
        "name",
        "asname",
        "module",
        "level",
        "names",
        "ctx",
        "op",
        "ops",
        "type_comment",
        "kind",
        "is_async",
        "simple",
        "lineno",
        "kwd_attrs",
        "rest",
        "conversion",
        "type_ignores",
    ]
)


def _child_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    if issubclass(kind, _LEAVES):
        return ()
    return tuple(name for name in kind._fields if name not in _VALUE_FIELDS)


CHILD_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: _child_fields(kind)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


class ModuleBindings:
    """The scopes of a module and an index of all that mentions names."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.module = Scope("module", source.tree, None)
        self.scopes: dict[ast.AST, Scope] = {source.tree: self.module}
        self.parents: dict[ast.AST, ast.AST] = {}
        self.names: dict[str, list[tuple[ast.Name, Scope]]] = defaultdict(list)
        self.attributes: dict[str, list[tuple[ast.Attribute, Scope]]] = defaultdict(list)
        self.keywords: dict[str, list[tuple[ast.keyword, Scope]]] = defaultdict(list)
        self.strings: list[tuple[ast.Constant, Scope]] = []
        self.byte_strings: list[ast.Constant] = []
        self.star_calls: list[ast.Call] = []
        self.class_patterns: list[tuple[ast.MatchClass, Scope]] = []
        self.imports: list[tuple[ast.Import | ast.ImportFrom, Scope]] = []
        self.string_expressions: dict[ast.Constant, ast.expr] = {}
        self.star_imports: list[tuple[ast.ImportFrom, Scope]] = []
        self.classes: list[tuple[ast.ClassDef, Scope]] = []
        self.functions: list[tuple[FunctionNode, Scope]] = []
        # Strings in annotations whose names have no position in the file (escapes, implicit concatenation).
        self.opaque_annotations: list[ast.Constant] = []
        self.comment_scopes: dict[ast.AST, Scope] = {}
        # Filled by those who ask which statements come before another.
        self.blocks: dict[ast.AST, list[ast.stmt]] = {}
        self.tests: dict[int, list[ast.Assert | ast.If]] = {}
        self._read: set[ast.Constant] = set()
        self._stack: list[tuple[ast.AST, Scope]] = [(source.tree, self.module)]
        self._walk()
        if may_have_type_comments(source.content):
            for expression in type_comments(source):
                scope = self.scope_at(expression.lineno)
                self.comment_scopes[expression] = scope
                self._stack.append((expression, scope))
                self.annotation(expression, scope)
            self._walk()
        self._settle_declarations()

    def scope_of(self, node: ast.AST) -> Scope:
        """Return the scope in which a node is evaluated."""
        child, above = node, self.parents.get(node)
        while above is not None:
            if isinstance(above, ast.comprehension) and child is above.iter:
                opener = self.parents[above]
                if opener.generators[0] is above:  # type: ignore[attr-defined]
                    child, above = opener, self.parents.get(opener)
                    continue
            scope = self.scopes.get(above)
            if scope is not None:
                if self._is_inside(child, above):
                    return scope
                outer = scope.parent
                if outer is not None and outer.kind == "type parameters" and _sees_parameters(child, above):
                    return outer
            child, above = above, self.parents.get(above)
        return self.comment_scopes.get(child, self.module)

    def scope_at(self, line: int) -> Scope:
        """Return the innermost function, class or module around a line."""
        found = self.module
        for node, scope in self.scopes.items():
            if not isinstance(node, FunctionNode | ast.ClassDef):
                continue
            inner = found is self.module or node.lineno > getattr(found.node, "lineno", 0)
            if inner and node.lineno <= line <= (node.end_lineno or 0):
                found = scope
        return found

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """Return the statement that a node belongs to."""
        current = node
        while not isinstance(current, ast.stmt):
            current = self.parents[current]
        return current

    def enclosing_class(self, scope: Scope) -> Scope | None:
        """Return the class scope whose method (or class block) a scope is in, through nested functions."""
        current: Scope | None = scope
        while current is not None and current.kind != "class":
            current = current.parent
        return current

    @staticmethod
    def _is_inside(child: ast.AST, opener: ast.AST) -> bool:
        """Tell whether a direct child of a scope's node is evaluated in the scope and not around it."""
        if isinstance(opener, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return isinstance(child, ast.stmt)
        if isinstance(opener, ast.Lambda):
            return child is opener.body
        if isinstance(opener, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            return True
        return isinstance(opener, ast.Module) or child is getattr(opener, "value", None)  # of a type alias

    def push(self, node: ast.AST | None, parent: ast.AST, scope: Scope) -> None:
        if node is not None:
            self.parents[node] = parent
            self._stack.append((node, scope))

    def push_all(self, nodes: Iterable[ast.AST | None], parent: ast.AST, scope: Scope) -> None:
        for node in nodes:
            self.push(node, parent, scope)

    def _walk(self) -> None:
        stack, parents, fields_of = self._stack, self.parents, CHILD_FIELDS
        visitors = VISITORS
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            visitor = visitors.get(kind)
            if visitor is not None and visitor(self, node, scope):
                continue
            for name in fields_of[kind]:
                value = getattr(node, name)
                if value.__class__ is list:
                    for item in value:
                        if isinstance(item, ast.AST):
                            parents[item] = node
                            stack.append((item, scope))
                elif isinstance(value, ast.AST):
                    parents[value] = node
                    stack.append((value, scope))

    def annotation(self, node: ast.expr | None, scope: Scope) -> None:
        """Read the strings of an annotation as expressions, at their own positions."""
        if node is None or isinstance(node, ast.Name):
            return
        for constant in annotation_strings(node):
            if constant in self._read:
                continue
            self._read.add(constant)
            expression = shifted_expression(self.source, constant)
            if expression is None:
                self.opaque_annotations.append(constant)
            else:
                self.string_expressions[constant] = expression
                self.push(expression, constant, scope)
                self.annotation(expression, scope)

    def _settle_declarations(self) -> None:
        """Give what is bound under `global` and `nonlocal` to the scope that owns it."""
        for scope in list(self.module.subtree()):
            for name in scope.global_names:
                _move_bindings(scope, scope.module, name)
            for name in scope.nonlocal_names:
                owner = scope.parent
                while owner is not None and (owner.kind in ("class", "module") or name not in owner.bindings):
                    owner = owner.parent
                if owner is not None:
                    _move_bindings(scope, owner, name)
        for scope in self.module.subtree():
            for bindings in scope.bindings.values():
                if len(bindings) > 1:
                    bindings.sort(key=lambda binding: binding.place)


def _sees_parameters(child: ast.AST, opener: ast.AST) -> bool:
    """Tell whether a part of a definition that is not its block is evaluated among its type parameters."""
    arguments = getattr(opener, "args", None)
    outside = [*getattr(opener, "decorator_list", ())]
    if isinstance(arguments, ast.arguments):
        outside += [*arguments.defaults, *arguments.kw_defaults]
    return child not in outside


def _move_bindings(scope: Scope, owner: Scope, name: str) -> None:
    if owner is not scope and name in scope.bindings:
        owner.bindings.setdefault(name, []).extend(scope.bindings.pop(name))
