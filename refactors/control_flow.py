"""In which order a function, or a module's own code, reads and binds its variables: the flow of its statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.flow_events import Event
from overhaul.refactors.flow_expressions import ExpressionFlow
from overhaul.refactors.scopes import FunctionNode, Scope


@dataclass(frozen=True, slots=True)
class _Loop:
    """What `break` and `continue` in a loop lead to, and how many frames are around it."""

    depth: int
    breaks: list[Event]
    head: Event


@dataclass(frozen=True, slots=True)
class _Finally:
    """A `finally` that runs on the way out, with what is around its statement."""

    body: list[ast.stmt]
    handlers: list[Event]
    depth: int


class FlowGraph(ExpressionFlow):
    """The events of one scope's code. `region` are the statements, or the expression, between `enter` and `leave`."""

    def __init__(
        self,
        bindings: ModuleBindings,
        scope: Scope,
        region: Sequence[ast.AST] = (),
        swallows: Callable[[ast.withitem], bool] = lambda _item: True,
    ) -> None:
        super().__init__(bindings, scope, region)
        self.swallows = swallows
        self.exit = Event("pass")
        self._loops: list[_Loop] = []
        self._finals: list[_Finally] = []
        self._build()
        self.lead_to(self.exit)
        self.events.append(self.exit)

    def _build(self) -> None:
        node = self.scope.node
        if isinstance(node, ast.Lambda):
            self.expression(node.body)
        else:
            self._block(node.body)  # type: ignore[attr-defined]

    def _block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.enter_region(statement)
            self._statement(statement)
            self.leave_region(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.If():
                self._if(node)
            case ast.For() | ast.AsyncFor():
                self._for(node)
            case ast.While():
                self._while(node)
            case ast.With() | ast.AsyncWith():
                self._with(node)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.Match():
                self._match(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
                self._leave(node)
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    self._write(alias.asname or alias.name.partition(".")[0], alias)
            case _:
                self.simple(node)

    def _write(self, name: str | None, node: ast.AST) -> None:
        if name is not None and any(each.node is node for each in self.scope.bindings.get(name, ())):
            self.emit("write", name, node)

    def _if(self, node: ast.If) -> None:
        self.expression(node.test)
        before = self.branch()
        self._block(node.body)
        after = self.branch()
        self.go_to(before)
        self._block(node.orelse)
        self.meet(after)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.expression(node.iter)
        head = self.emit("pass")
        loop = _Loop(len(self._finals), [], head)
        self._loops.append(loop)
        self.expression(node.target)
        self._block(node.body)
        self.lead_to(head)
        self._loops.pop()
        self.go_to([head])
        self._block(node.orelse)
        self.meet(loop.breaks)

    def _while(self, node: ast.While) -> None:
        head = self.emit("pass")
        loop = _Loop(len(self._finals), [], head)
        self._loops.append(loop)
        self.expression(node.test)
        ended = self.branch()
        self._block(node.body)
        self.lead_to(head)
        self._loops.pop()
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self.go_to([] if endless else ended)
        self._block(node.orelse)
        self.meet(loop.breaks)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        outer = list(self.handlers)
        suppressed: list[Event] = []
        for item in node.items:
            self.expression(item.context_expr)
            if self.swallows(item):
                after = Event("pass", in_region=self.in_region, raises=list(outer))
                suppressed.append(after)
                self.handlers = [after, *self.handlers]
            if item.optional_vars is not None:
                self.expression(item.optional_vars)
        self.emit("pass")
        self._block(node.body)
        self.handlers = outer
        self.events += suppressed
        self.meet(suppressed)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        outer = list(self.handlers)
        failed = Event("pass", in_region=self.in_region, raises=list(outer))
        if node.finalbody:
            self._finals.append(_Finally(node.finalbody, outer, len(self._loops)))
        unhandled = [failed] if node.finalbody else outer
        entries = [Event("pass", in_region=self.in_region, raises=list(unhandled)) for _ in node.handlers]
        self.handlers = [*entries, *unhandled]
        self.emit("pass")  # what holds no variables may raise as well
        self._block(node.body)
        self.handlers = list(unhandled)
        self._block(node.orelse)
        ends = self.branch()
        for handler, entry in zip(node.handlers, entries, strict=True):
            self.events.append(entry)
            self.go_to([entry])
            if handler.type is not None:
                self.expression(handler.type)
            self._write(handler.name, handler)
            self._block(handler.body)
            if handler.name is not None:
                self.emit("delete", handler.name, handler)
            ends += self.branch()
        if node.finalbody:
            self._finals.pop()
            self.handlers = outer
            self.events.append(failed)
            self.go_to([failed])
            self._block(node.finalbody)
            self._throw()
            self.go_to(ends)
            self._block(node.finalbody)
        else:
            self.handlers = outer
            self.go_to(ends)

    def _throw(self) -> None:
        """End the flow with an exception that goes on outwards."""
        if self.frontier:
            event = self.emit("pass")
            event.successors += [each for each in event.raises if each not in event.successors]
        self.go_to([])

    def _leave(self, node: ast.Return | ast.Raise | ast.Break | ast.Continue) -> None:
        if isinstance(node, ast.Raise):
            self.simple(node)
            self._throw()
            return
        if isinstance(node, ast.Return):
            if node.value is not None:
                self.expression(node.value)
            self._unwind(0)
            self.lead_to(self.exit)
        elif self._loops:
            loop = self._loops[-1]
            self._unwind(loop.depth)
            if isinstance(node, ast.Break):
                loop.breaks.extend(self.branch())
            else:
                self.lead_to(loop.head)
        self.go_to([])

    def _unwind(self, depth: int) -> None:
        """Run the `finally` blocks between here and an outer frame."""
        finals, handlers, loops = self._finals, self.handlers, self._loops
        for index in range(len(finals) - 1, depth - 1, -1):
            self._finals = finals[:index]
            self.handlers = list(finals[index].handlers)
            self._loops = loops[: finals[index].depth]
            self._block(finals[index].body)
        self._finals, self.handlers, self._loops = finals, handlers, loops

    def _match(self, node: ast.Match) -> None:
        self.expression(node.subject)
        ends: list[Event] = []
        for case in node.cases:
            before = self.branch()
            self._pattern(case.pattern)
            failed = [*before, *self.branch()]
            if case.guard is not None:
                self.expression(case.guard)
                failed += self.branch()
            self._block(case.body)
            ends += self.branch()
            is_certain = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            self.go_to([] if is_certain and case.guard is None else failed)
        self.meet(ends)

    def _pattern(self, pattern: ast.pattern) -> None:
        for node in _in_source_order(pattern):
            if isinstance(node, ast.expr):
                self.expression(node)
            elif isinstance(node, ast.MatchAs | ast.MatchStar):
                self._write(node.name, node)
            elif isinstance(node, ast.MatchMapping):
                self._write(node.rest, node)

    def _function(self, node: FunctionNode) -> None:
        arguments = node.args
        for each in [*node.decorator_list, *arguments.defaults, *arguments.kw_defaults]:
            if each is not None:
                self.expression(each)
        self.deferred(node)
        self._write(node.name, node)

    def _class(self, node: ast.ClassDef) -> None:
        for each in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.expression(each)
        self._block(node.body)
        self._write(node.name, node)


def _in_source_order(pattern: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(pattern):
        if isinstance(child, ast.expr):
            yield child
        else:
            yield from _in_source_order(child)
    yield pattern
