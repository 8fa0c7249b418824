"""Expressions of one file as terms: names by its scopes, receivers by assignments, annotations and tests."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from overhaul.refactors.annotations import last_name
from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.facts.terms import (
    AWAITED,
    DEFINED,
    IMPORTED,
    INSTANCE,
    MEMBER,
    MODULE,
    OWN_CLASS,
    RESULT,
    SELF,
    SUPER,
    UNBOUND,
    VARIABLE,
    TermTable,
)
from overhaul.refactors.flow import classes_tested, reaching_bindings
from overhaul.refactors.scopes import Binding, Scope

_DEPTH = 40
_WITHOUT_MEANING = frozenset(
    {"Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "InitVar"}
)


class Evaluator:
    """The terms of a file's expressions, worked out when asked and kept."""

    def __init__(self, module: ModuleBindings) -> None:
        self.module = module
        self.terms = TermTable()
        self._names: dict[ast.AST, str] = {}
        self._known: dict[ast.AST, int] = {}
        self._active: set[ast.AST] = set()

    def qualified(self, node: ast.AST) -> str:
        """Return the name of a function or class in its module: `Class.method`, `function.<locals>.inner`."""
        if node not in self._names:
            scope = self.module.scopes[node]
            prefix = self.qualified_scope(scope.parent)
            self._names[node] = f"{prefix}{getattr(node, 'name', '<lambda>')}"
        return self._names[node]

    def qualified_scope(self, scope: Scope | None) -> str:
        """Return what stands before the names of a scope, with its dot."""
        while scope is not None and scope.kind in ("comprehension", "type parameters"):
            scope = scope.parent
        if scope is None or scope.parent is None:
            return ""
        return f"{self.qualified(scope.node)}." + ("<locals>." if scope.kind == "function" else "")

    def term(self, node: ast.expr, scope: Scope | None = None) -> int:
        """Return the term of an expression; `scope` is where it is evaluated, if that is known."""
        if node in self._known:
            return self._known[node]
        if node in self._active or len(self._active) > _DEPTH:
            return self.terms.unknown("its own value decides")
        self._active.add(node)
        try:
            found = self._evaluate(node, scope)
        finally:
            self._active.discard(node)
        if not self._active:
            self._known[node] = found
        return found

    def _evaluate(self, node: ast.expr, scope: Scope | None) -> int:
        if isinstance(node, ast.Name | ast.Attribute):
            tested = classes_tested(self.module, node)
            if tested:
                return self.terms.either([self.instance(each) for each in tested])
        if isinstance(node, ast.Name):
            return self.name(node, scope or self.module.scope_of(node))
        if isinstance(node, ast.Attribute):
            return self.terms.add(MEMBER, self.term(node.value, scope), node.attr)
        evaluate = _EVALUATORS.get(type(node))
        return evaluate(self, node) if evaluate else self.terms.unknown("an expression of another kind")

    def name(self, node: ast.Name, scope: Scope) -> int:
        """Return the term of a name where it is used."""
        owner = scope.lookup(node.id, node)
        if owner is None:
            return self.terms.add(UNBOUND, node.id)
        if owner.kind == "module":
            return self.of_module(node.id)
        bindings = reaching_bindings(self.module, owner, node, scope)
        return self.terms.either([self.binding(each) for each in bindings])

    def of_module(self, name: str) -> int:
        """Return the term of a name of the module's namespace."""
        bindings = self.module.module.bindings[name]
        if any(not isinstance(each.node, ast.alias | ast.stmt) for each in bindings):
            return self.terms.add(VARIABLE, name)
        return self.terms.either([self.binding(each) for each in bindings])

    def binding(self, binding: Binding) -> int:
        """Return the term of what one binding gives."""
        node = binding.node
        if isinstance(node, ast.alias):
            return self._alias(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return self.terms.add(DEFINED, self.qualified(node))
        if isinstance(node, ast.arg):
            return self._parameter(node)
        if isinstance(node, ast.Name):
            return self.assigned(node)
        return self.terms.unknown("a name bound by a pattern, an exception or a type parameter")

    def _alias(self, alias: ast.alias) -> int:
        statement = self.module.parents[alias]
        if isinstance(statement, ast.ImportFrom):
            return self.terms.add(IMPORTED, statement.module or "", statement.level, alias.name)
        return self.terms.add(MODULE, alias.name if alias.asname else alias.name.partition(".")[0])

    def _parameter(self, node: ast.arg) -> int:
        function = self.module.parents[node]
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            own = self._own(function, node)
            if own is not None:
                return own
            if node is function.args.vararg or node is function.args.kwarg:
                kind = "tuple" if node is function.args.vararg else "dict"
                return self.terms.add(INSTANCE, self.terms.add(UNBOUND, kind))
        if node.annotation is None:
            return self.terms.unknown("a parameter without annotation")
        return self.instance(node.annotation)

    def _own(self, function: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.arg) -> int | None:
        """Return the term of a method's first parameter; None for another parameter."""
        around = self.module.scopes[function].parent
        while around is not None and around.kind == "type parameters":
            around = around.parent
        positional = [*function.args.posonlyargs, *function.args.args]
        if around is None or around.kind != "class" or not positional or positional[0] is not node:
            return None
        decorators = {last_name(each) for each in function.decorator_list}
        if "staticmethod" in decorators:
            return None
        takes_class = "classmethod" in decorators or function.name in (
            "__new__",
            "__init_subclass__",
            "__class_getitem__",
        )
        return self.terms.add(OWN_CLASS if takes_class else SELF, self.qualified(around.node))

    def assigned(self, target: ast.expr) -> int:
        """Return the term of what an assignment's target is given."""
        above = self.module.parents.get(target)
        if isinstance(above, ast.AnnAssign):
            return self._declared(above)
        if isinstance(above, ast.Assign | ast.NamedExpr):
            return self.term(above.value)
        if isinstance(above, ast.withitem):
            entered = self.term(above.context_expr)
            if isinstance(self.module.parents.get(above), ast.AsyncWith):
                enter = self.terms.add(MEMBER, entered, "__aenter__")
                return self.terms.add(AWAITED, self.terms.add(RESULT, enter))
            return self.terms.add(RESULT, self.terms.add(MEMBER, entered, "__enter__"))
        return self.terms.unknown("a variable of a loop, of unpacking or of another operation")

    def _declared(self, statement: ast.AnnAssign) -> int:
        if (
            last_name(statement.annotation) in ("Final", "ClassVar", "TypeAlias")
            and statement.value is not None
        ):
            return self.term(statement.value)
        return self.instance(statement.annotation)

    def instance(self, annotation: ast.expr) -> int:
        """Return the term of a value of a type; None has no term of its own."""
        if isinstance(annotation, ast.Constant):
            if annotation.value is None:
                return self.terms.either([])
            expression = self.module.string_expressions.get(annotation)
            if expression is None:
                return self.terms.unknown("an annotation that cannot be read")
            return self.instance(expression)
        if isinstance(annotation, ast.BinOp):
            return self.terms.either([self.instance(annotation.left), self.instance(annotation.right)])
        if isinstance(annotation, ast.Subscript):
            return self._subscripted(annotation)
        if isinstance(annotation, ast.Name | ast.Attribute):
            return self._named(annotation)
        return self.terms.unknown("an annotation that cannot be read")

    def _named(self, annotation: ast.Name | ast.Attribute) -> int:
        name = last_name(annotation)
        if name == "Self":
            around = self.module.enclosing_class(self.module.scope_of(annotation))
            if around is not None:
                return self.terms.add(SELF, self.qualified(around.node))
        if name in ("Any", "object", "Self"):
            return self.terms.unknown(f"annotated {name}")
        return self.terms.add(INSTANCE, self.term(annotation))

    def _subscripted(self, annotation: ast.Subscript) -> int:
        inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        name = last_name(annotation.value)
        if name in ("Optional", "Union"):
            return self.terms.either([self.instance(each) for each in inner])
        if name in _WITHOUT_MEANING and inner:
            return self.instance(inner[0])
        if name in ("Type", "type") and len(inner) == 1:
            named = inner[0]
            if isinstance(named, ast.Constant):
                named = self.module.string_expressions.get(named, named)
            return (
                self.term(named)
                if isinstance(named, ast.Name | ast.Attribute)
                else self.terms.unknown("a class")
            )
        if name in ("Literal", "Callable", "TypeGuard", "TypeIs", "Unpack", "Concatenate"):
            return self.terms.unknown(f"annotated {name}")
        return self.terms.add(INSTANCE, self.term(annotation.value))

    def call(self, node: ast.Call) -> int:
        function = node.func
        if isinstance(function, ast.Name) and function.id in ("super", "type"):
            special = self._super(node) if function.id == "super" else self._type(node)
            if special is not None:
                return special
        if last_name(function) == "cast" and len(node.args) == 2:
            return self.instance(node.args[0])
        return self.terms.add(RESULT, self.term(function))

    def _super(self, node: ast.Call) -> int | None:
        if not node.args:
            scope = self.module.enclosing_class(self.module.scope_of(node))
            return None if scope is None else self.terms.add(SUPER, self.qualified(scope.node))
        kind, *rest = self.terms.at(self.term(node.args[0]))
        if kind in (DEFINED, OWN_CLASS) and len(node.args) == 2:
            return self.terms.add(SUPER, rest[0])
        return self.terms.unknown("super() of a class that cannot be told")

    def _type(self, node: ast.Call) -> int | None:
        if len(node.args) != 1:
            return None
        kind, *rest = self.terms.at(self.term(node.args[0]))
        return (
            self.terms.add(OWN_CLASS, rest[0]) if kind == SELF else self.terms.unknown("the class of a value")
        )

    def awaited(self, node: ast.Await) -> int:
        return self.terms.add(AWAITED, self.term(node.value))

    def constant(self, node: ast.Constant) -> int:
        if node.value is None:
            return self.terms.either([])
        return self.of_builtin(type(node.value).__name__)

    def of_builtin(self, name: str) -> int:
        return self.terms.add(INSTANCE, self.terms.add(UNBOUND, name))

    def either(self, nodes: list[ast.expr]) -> int:
        return self.terms.either([self.term(each) for each in nodes])


def _builtin(name: str) -> Callable[[Evaluator, Any], int]:
    return lambda evaluator, _: evaluator.of_builtin(name)


_EVALUATORS: dict[type[ast.expr], Callable[[Evaluator, Any], int]] = {
    ast.Call: Evaluator.call,
    ast.Await: Evaluator.awaited,
    ast.Constant: Evaluator.constant,
    ast.JoinedStr: _builtin("str"),
    ast.List: _builtin("list"),
    ast.ListComp: _builtin("list"),
    ast.Tuple: _builtin("tuple"),
    ast.Dict: _builtin("dict"),
    ast.DictComp: _builtin("dict"),
    ast.Set: _builtin("set"),
    ast.SetComp: _builtin("set"),
    ast.BoolOp: lambda evaluator, node: evaluator.either(node.values),
    ast.IfExp: lambda evaluator, node: evaluator.either([node.body, node.orelse]),
    ast.NamedExpr: lambda evaluator, node: evaluator.term(node.value),
}
