"""The part of a flow graph that follows expressions and simple statements in order of evaluation."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from overhaul.refactors.flow_events import Event, EventFlow, EventKind

_KINDS: dict[type[ast.expr_context], EventKind] = {ast.Load: "read", ast.Store: "write", ast.Del: "delete"}
_CONSUMERS = frozenset(
    {"all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"}
)


class ExpressionFlow(EventFlow):
    """Adds the events of expressions."""

    def simple(self, node: ast.stmt) -> None:
        """Follow a statement that holds no others."""
        match node:
            case ast.Assign():
                self._all([node.value, *node.targets])
            case ast.AugAssign():
                if isinstance(node.target, ast.Name):
                    self._name(node.target, "read")
                    self.expression(node.value)
                    self._name(node.target, "write")
                else:
                    self._all([node.target, node.value])
            case ast.AnnAssign():
                if node.value is not None:
                    self._all([node.value, node.target])
                elif not isinstance(node.target, ast.Name):
                    self.expression(node.target)
                if self.scope.kind != "function":
                    self.expression(node.annotation)
            case ast.Assert():
                self.expression(node.test)
                before = self.branch()
                self._all([node.msg])
                self.go_to(before)
            case _ if hasattr(ast, "TypeAlias") and isinstance(node, ast.TypeAlias):
                self.deferred(node)
                self.expression(node.name)
            case _:
                self._all(ast.iter_child_nodes(node))

    def _all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if isinstance(node, ast.expr):
                self.expression(node)
            elif isinstance(node, ast.keyword):
                self.expression(node.value)

    def _name(self, node: ast.Name, kind: EventKind) -> None:
        if node in self.owned:
            self.emit(kind, node.id, node)

    def expression(self, node: ast.expr) -> None:
        """Follow an expression, or the targets of an assignment."""
        entered = self.enter_region(node)
        self._expression(node)
        if entered:
            self.leave_region(node)

    def _expression(self, node: ast.expr) -> None:
        match node:
            case ast.Name():
                self._name(node, _KINDS[type(node.ctx)])
            case ast.NamedExpr():
                self._all([node.value, node.target])
            case ast.BoolOp():
                self._one_after_another(node.values, 1)
            case ast.Compare():
                self._one_after_another([node.left, *node.comparators], 2)
            case ast.IfExp():
                self.expression(node.test)
                before = self.branch()
                self.expression(node.body)
                after = self.branch()
                self.go_to(before)
                self.expression(node.orelse)
                self.meet(after)
            case ast.Lambda():
                self._all([*node.args.defaults, *node.args.kw_defaults])
                self.deferred(node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self._comprehension(node)
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    self._all([key, value])
            case _:
                self._all(ast.iter_child_nodes(node))

    def _one_after_another(self, nodes: list[ast.expr], certain: int) -> None:
        """Follow operands of which those after the first ones may not be evaluated."""
        ends: list[Event] = []
        for index, each in enumerate(nodes):
            if index >= certain:
                ends += self.branch()
            self.expression(each)
        self.meet(ends)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        self.expression(node.generators[0].iter)
        head = self.emit("pass")
        for index, generator in enumerate(node.generators):
            if index:
                self.expression(generator.iter)
            self._all([generator.target, *generator.ifs])
        self._all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.lead_to(head)
        self.go_to([head])
        if isinstance(node, ast.GeneratorExp) and not self._is_consumed(node):
            self.deferred(node, skip=node.generators[0].iter)

    def _is_consumed(self, node: ast.GeneratorExp) -> bool:
        """Tell whether a generator is used up by the call that it stands in."""
        call = self.bindings.parents.get(node)
        if not isinstance(call, ast.Call) or call.args != [node] or call.keywords:
            return False
        if isinstance(call.func, ast.Name):
            is_builtin = self.scope.lookup(call.func.id) is None
            return call.func.id in _CONSUMERS and is_builtin
        return (
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "join"
            and isinstance(call.func.value, ast.Constant)
        )

    def deferred(self, node: ast.AST, skip: ast.AST | None = None) -> None:
        """Add what code that runs later takes from the scope."""
        names: dict[str, ast.Name] = {}
        pending: list[ast.AST] = list(ast.iter_child_nodes(node))
        while pending:
            child = pending.pop()
            if child is skip:
                continue
            if isinstance(child, ast.Name) and child in self.owned:
                names.setdefault(child.id, child)
            pending += ast.iter_child_nodes(child)
        for name in sorted(names):
            self.emit("deferred", name, names[name])
