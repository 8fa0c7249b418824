"""The function that is inlined: what its body is, and whether it can stand elsewhere at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from overhaul.refactors.control_flow import FlowGraph
from overhaul.refactors.data_flow import live_names
from overhaul.refactors.docstrings import docstring_of
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.flow_events import owned_names
from overhaul.refactors.function_blocks import is_generator
from overhaul.refactors.indentation import first_line, line_text
from overhaul.refactors.inference import Inference
from overhaul.refactors.jumps import Jumps
from overhaul.refactors.operands import operands
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.inline_symbol.arguments import Step
from overhaul.refactors.recipes.inline_symbol.purity import is_module
from overhaul.refactors.scopes import FunctionNode, Scope

_STATES = (
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.BoolOp,
    ast.IfExp,
    ast.Subscript,
    ast.JoinedStr,
    ast.Slice,
)
_EFFECTS = (ast.Call, ast.Await, ast.Starred, ast.NamedExpr)


@dataclass(eq=False)
class Body:
    """One function without its name: its statements after the docstring, and the names of its scope."""

    inference: Inference
    module: Module
    node: FunctionNode
    symbol: str

    def __post_init__(self) -> None:
        self._check()

    @property
    def scope(self) -> Scope:
        return self.module.bindings.scopes[self.node]

    @cached_property
    def statements(self) -> list[ast.stmt]:
        body = self.node.body[1:] if docstring_of(self.node) is not None else self.node.body
        return [] if all(isinstance(each, ast.Pass) for each in body) else list(body)

    @cached_property
    def returns(self) -> list[ast.Return]:
        return Jumps(self.statements, self.scope).returns

    @property
    def expression(self) -> ast.expr | None:
        """The value, if the body is nothing but its return and binds no names."""
        if len(self.statements) != 1 or not isinstance(self.statements[0], ast.Return):
            return None
        value = self.statements[0].value
        if value is None or any(isinstance(each, ast.NamedExpr) for each in ast.walk(value)):
            return None
        return value

    @property
    def action(self) -> ast.expr | None:
        """The expression, if the body is nothing but one that is evaluated for its effects."""
        if len(self.statements) != 1 or not isinstance(self.statements[0], ast.Expr):
            return None
        value = self.statements[0].value
        return None if any(isinstance(each, ast.NamedExpr) for each in ast.walk(value)) else value

    @property
    def result(self) -> ast.expr | None:
        """The value of the one return at the end."""
        last = self.statements[-1] if self.statements else None
        return last.value if isinstance(last, ast.Return) else None

    @property
    def returns_at_end(self) -> bool:
        """Whether the body is left at its end only."""
        return all(each is self.statements[-1] for each in self.returns)

    @cached_property
    def own_uses(self) -> dict[str, list[ast.Name]]:
        """The uses of the function's own names."""
        found: dict[str, list[ast.Name]] = {}
        for use in owned_names(self.scope):
            found.setdefault(use.id, []).append(use)
        return found

    @property
    def parameters(self) -> set[str]:
        arguments = self.node.args
        return {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}

    @cached_property
    def graph(self) -> FlowGraph:
        return FlowGraph(self.module.bindings, self.scope)

    def captured(self) -> set[str]:
        """Return the names that inner functions take from the body."""
        return {event.name for event in self.graph.events if event.kind == "deferred"}

    def read_unbound(self) -> set[str]:
        """Return the local names that may be read before they are bound."""
        return set(live_names(self.graph)[self.graph.entry]) - self.parameters

    def first_line(self) -> int:
        """Return the first line of the statements, or of the comments above them."""
        line = first_line(self.statements[0])
        source = self.module.source
        docstring = docstring_of(self.node)
        top = (docstring.end_lineno or 0) if docstring is not None else self._header_end()
        while line - 1 > top and line_text(source, line - 1).lstrip().startswith("#"):
            line -= 1
        return line

    def _header_end(self) -> int:
        arguments = self.node.args
        ends = [
            self.node.lineno,
            *(each.end_lineno or 0 for each in ast.walk(arguments) if isinstance(each, ast.expr | ast.arg)),
        ]
        if self.node.returns is not None:
            ends.append(self.node.returns.end_lineno or 0)
        line = max(ends)
        source = self.module.source
        while line < self.node.body[0].lineno and not line_text(source, line).partition("#")[
            0
        ].rstrip().endswith(":"):
            line += 1
        return line

    def _check(self) -> None:
        """Raise ParameterError if the body cannot stand anywhere else."""
        arguments = self.node.args
        if arguments.vararg is not None or arguments.kwarg is not None:
            raise self._error(self.node, "it takes any number of arguments (*args or **keywords)")
        names = [each.id if isinstance(each, ast.Name) else "" for each in self.node.decorator_list]
        if names and (len(names) > 1 or names[0] not in ("staticmethod", "classmethod")):
            raise self._error(self.node.decorator_list[0], "a decorator may change what a call does")
        if names and self.module.bindings.scope_of(self.node).lookup(names[0]) is not None:
            raise self._error(self.node.decorator_list[0], f"'{names[0]}' is no builtin here")
        if is_generator(self.node):
            raise self._error(self.node, "it is a generator, whose body runs bit by bit")
        if getattr(self.node, "type_params", None):
            raise self._error(self.node, "it has type parameters of its own")
        jumps = Jumps(self.statements, self.scope)
        if jumps.needs_super is not None or any(
            isinstance(each, ast.Name) and each.id == "__class__" for each in ast.walk(self.node)
        ):
            raise self._error(jumps.needs_super, "super() and __class__ work only in the method itself")
        for node, reason in jumps.obstacles:
            raise self._error(node, reason)
        for node in ast.walk(self.node):
            if isinstance(node, ast.Global | ast.Nonlocal):
                raise self._error(node, "it binds names of the code around (global, nonlocal)")
            if isinstance(node, ast.Import | ast.ImportFrom) and any(each.name == "*" for each in node.names):
                raise self._error(node, "a star import")

    def _error(self, node: ast.AST | None, reason: str) -> ParameterError:
        line = getattr(node, "lineno", self.node.lineno)
        return ParameterError(f"'{self.symbol}' cannot be inlined: {reason} ({self.module.path}:{line})")

    def steps(self, node: ast.expr, once: bool = True, deferred: bool = False) -> Iterator[Step]:
        """Yield what happens in evaluating an expression of the body, in order."""
        if isinstance(node, ast.Name):
            if self.module.bindings.scope_of(node).lookup(node.id, node) is self.scope:
                yield Step("parameter", node.id, node, once, deferred)
            return
        for child, is_certain in operands(node):
            later = deferred or (isinstance(node, ast.Lambda) and child is node.body)
            later = later or (isinstance(node, ast.GeneratorExp) and child is not node.generators[0].iter)
            yield from self.steps(child, once and is_certain, later)
        if isinstance(node, _EFFECTS):
            yield Step("effect")
        elif isinstance(node, _STATES) or self._reads_attribute(node):
            yield Step("state")
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
            yield Step("effect")  # iterating may run anything

    def _reads_attribute(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and not is_module(self.inference, self.module, node.value)
