"""What a selected region takes from its surroundings and gives back to them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from overhaul.refactors.control_flow import FlowGraph
from overhaul.refactors.data_flow import Names, bound_names, live_names
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.flow_events import Event
from overhaul.refactors.jumps import Jumps
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.extract_function.placement import Home
from overhaul.refactors.recipes.extract_function.selection import Selection
from overhaul.refactors.scopes import Binding, Scope, all_arguments
from overhaul.refactors.suppression import may_suppress

_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


@dataclass(slots=True)
class Region:
    """The names that go in and come out, each in order of appearance."""

    selection: Selection
    scope: Scope
    jumps: Jumps
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    globals_bound: list[str] = field(default_factory=list)
    bound: frozenset[str] = frozenset()
    completes: bool = True
    is_bound_last: bool = False

    @property
    def module(self) -> Module:
        return self.selection.module


def refuse(selection: Selection, node: ast.AST | None, reason: str) -> ParameterError:
    """Return the error that says why a region cannot be extracted."""
    line = getattr(node, "lineno", selection.nodes[0].lineno)
    return ParameterError(
        f"{selection.module.path}:{line}: {reason}. Select other code, or change that first"
    )


def innermost_block(module: Module, node: ast.AST) -> Scope:
    """Return the function, class or module whose code a node is, through comprehensions."""
    scope = module.bindings.scope_of(node)
    while scope.kind in ("comprehension", "type parameters") and scope.parent is not None:
        scope = scope.parent
    return scope


class RegionAnalysis:
    """Works out one region."""

    def __init__(self, selection: Selection, home: Home, used_elsewhere: Collection[str]) -> None:
        self.selection = selection
        self.module = selection.module
        self.home = home
        self.used_elsewhere = used_elsewhere
        self.scope = innermost_block(self.module, selection.nodes[0])
        self.inside = {child for node in selection.nodes for child in ast.walk(node)}
        self.region = Region(selection, self.scope, Jumps(selection.nodes, self.scope))
        self._order: dict[str, tuple[int, int]] = {}

    def result(self) -> Region:
        """Return the region. Raises ParameterError with the reason if it cannot be extracted as it is."""
        region = self.region
        if self.scope.kind == "class" and self.selection.expression is None:
            raise self.refused(None, "these statements are a class's own, which a function cannot bind")
        outer = self._outer_names()
        local = self._local_names() if self.scope.kind != "class" else set()
        region.inputs = self._ordered(outer | local)
        region.outputs = self._ordered(region.outputs)
        region.globals_bound = self._ordered(region.globals_bound)
        self._refuse_lost_definitions()
        return region

    def refused(self, node: ast.AST | None, reason: str) -> ParameterError:
        return refuse(self.selection, node, reason)

    def _ordered(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=lambda name: (self._order.get(name, (0, 0)), name))

    def _outer_names(self) -> set[str]:
        """Return the names that belong to scopes around and that the new function would not see."""
        found: set[str] = set()
        bindings = self.module.bindings
        for name, uses in bindings.names.items():
            for node, scope in uses:
                if node not in self.inside:
                    continue
                self._order[name] = min(self._order.get(name, (1 << 30, 0)), (node.lineno, node.col_offset))
                owner = scope.lookup(name, node)
                if owner is None or (owner is self.scope and self.scope.kind != "class"):
                    continue
                if owner.kind == "module":
                    if not isinstance(node.ctx, ast.Load) and scope.lookup(name) is owner:
                        self.region.globals_bound.append(name)
                    continue
                if owner.node in self.inside:
                    continue
                found |= self._outer_name(node, scope, owner)
        declared = {name for node in self.inside if isinstance(node, ast.Global) for name in node.names}
        self.region.globals_bound = [
            name for name in dict.fromkeys(self.region.globals_bound) if name not in declared
        ]
        return found

    def _outer_name(self, node: ast.Name, scope: Scope, owner: Scope) -> set[str]:
        if owner.kind == "type parameters":
            if self.home.sees(owner):
                return set()
            raise self.refused(node, f"'{node.id}' is a type parameter of the function around")
        if not isinstance(node.ctx, ast.Load):
            raise self.refused(node, f"'{node.id}' is bound in a function around (nonlocal)")
        if self.home.sees(owner):
            return set()
        bound = owner.bindings[node.id]
        if any(each.scope is not owner for each in bound):
            raise self.refused(node, f"'{node.id}' is rebound by an inner function (nonlocal)")
        if owner.kind == "function":
            self._refuse_unbound_outer(node, owner)
        if self._is_deferred(scope) and (len(bound) > 1 or self._in_loop(bound[0], owner)):
            raise self.refused(node, f"'{node.id}' may be bound anew before the inner function here reads it")
        return {node.id}

    def _refuse_unbound_outer(self, node: ast.Name, owner: Scope) -> None:
        """Refuse a name of a function around that may be bound only after the inner function is defined."""
        inner = self.scope
        while inner.parent is not None and inner.parent is not owner:
            inner = inner.parent
        bound = owner.bindings[node.id]
        if isinstance(bound[0].node, ast.arg) or bound[0].node is inner.node:
            return
        if innermost_block(self.module, node) is owner:
            return
        graph = FlowGraph(self.module.bindings, owner, [self.module.bindings.statement_of(inner.node)])
        before = bound_names(graph, graph.entry, parameters_of(owner))
        if not all(node.id in before.get(event, ()) for event in graph.events if event.kind == "enter"):
            raise self.refused(node, f"'{node.id}' may not be bound yet when this runs")

    def _local_names(self) -> set[str]:
        """Return the inputs among the names of the scope itself, and note the outputs."""
        graph = FlowGraph(
            self.module.bindings,
            self.scope,
            self.selection.nodes,
            lambda item: may_suppress(self.home.inference, self.module, item),
        )
        at_exit = self.used_elsewhere if self.scope.kind == "module" else ()
        events = [event for event in graph.events if event.in_region]
        ends = [event for event in graph.events if event.kind == "leave"]
        starts = [event for event in graph.events if event.kind == "enter"]
        live = live_names(graph, at_exit)
        after: Names = frozenset().union(*(live[event] for event in ends))
        initial = parameters_of(self.scope)
        before = _meet(bound_names(graph, graph.entry, initial), starts) or frozenset()
        alone = live_names(graph, within=events)
        exposed: Names = frozenset().union(*(alone[event] for event in starts))
        in_region = [bound_names(graph, start, (), [*events, *ends]) for start in starts]
        reached = [each[end] for each in in_region for end in ends if end in each]
        self.region.completes = bool(reached)
        certain: Names = frozenset.intersection(*reached) if reached else frozenset()
        written = {each.name: each for each in events if each.kind == "write"}
        self.region.bound = frozenset(written)
        for name, event in written.items():
            self._order.setdefault(name, _place(event.node))
        caught = frozenset[str]().union(
            *(live[each] for event in events for each in event.raises if not each.in_region)
        )
        self.region.is_bound_last = self._binds_last(events)
        outputs = set(written) & (after | caught | self._captured_before(graph))
        self._refuse_seen_early(set(written) & (caught | self._captured_before(graph)))
        self._refuse_deletions(events, exposed)
        inputs = set(exposed) | (outputs - certain if self.region.completes else set())
        if self.scope.kind == "module":
            self._refuse_unbound(inputs & set(written), before)
            inputs &= set(written)
        else:
            self._refuse_unbound(inputs, before)
        self._refuse_shared_cells(events, set(written))
        self.region.outputs = list(outputs) if self.region.completes else []
        return inputs

    def _refuse_unbound(self, names: Iterable[str], before: Names) -> None:
        for name in sorted(names):
            if name not in before:
                raise self.refused(None, f"'{name}' may not be bound when the new function is called")

    def _binds_last(self, events: Collection[Event]) -> bool:
        """Tell whether all that the region binds is one variable, by its last statement, after the value is known."""
        last = self.selection.nodes[-1]
        writes = [event for event in events if event.kind == "write"]
        return (
            len(writes) == 1
            and isinstance(last, ast.Assign)
            and len(last.targets) == 1
            and last.targets[0] is writes[0].node
        )

    def _captured_before(self, graph: FlowGraph) -> set[str]:
        """Return the names that inner functions outside the region may read while it runs."""
        loops = self._loops_around()
        start = self.selection.nodes[0].lineno
        return {
            event.name
            for event in graph.events
            if event.kind == "deferred"
            and not event.in_region
            and (
                (event.node is not None and _place(event.node)[0] < start)
                or any(_is_within(event.node, loop) for loop in loops)
            )
        }

    def _refuse_seen_early(self, names: set[str]) -> None:
        if names and not self.region.is_bound_last:
            name = min(names)
            raise self.refused(
                None, f"'{name}' is read by a handler, a 'finally' or an inner function before this code ends"
            )

    def _refuse_deletions(self, events: Collection[Event], exposed: Names) -> None:
        for event in events:
            if event.kind == "delete" and isinstance(event.node, ast.Name) and event.name in exposed:
                raise self.refused(event.node, f"'{event.name}' is deleted here but bound outside")

    def _refuse_shared_cells(self, events: Collection[Event], written: set[str]) -> None:
        """Refuse names that inner functions and this code share while both may bind them anew."""
        loops = self._loops_around()
        deferred = {event.name: event for event in events if event.kind == "deferred"}
        last = self.selection.lines[1]
        names = written | {event.name for event in events if event.name}
        for name in sorted(names):
            bound = self.scope.bindings.get(name, [])
            is_shared = any(each.scope is not self.scope for each in bound)
            if is_shared and (self.scope.kind == "function" or name in written):
                raise self.refused(None, f"'{name}' is also bound by an inner function (nonlocal or global)")
            if name not in deferred or (self.scope.kind == "module" and name not in written):
                continue
            outside = [each for each in bound if each.node not in self.inside]
            later = any(
                each.line > last or any(_is_within(each.node, loop) for loop in loops) for each in outside
            )
            if later or (loops and name in written):
                raise self.refused(
                    deferred[name].node, f"'{name}' may be bound anew before the inner function here reads it"
                )

    def _loops_around(self) -> list[ast.AST]:
        found: list[ast.AST] = []
        node = self.module.bindings.parents.get(self.selection.nodes[0])
        while node is not None and node is not self.scope.node:
            if isinstance(node, _LOOPS):
                found.append(node)
            node = self.module.bindings.parents.get(node)
        return found

    def _is_deferred(self, scope: Scope) -> bool:
        """Tell whether a scope inside the region runs later than the region."""
        current: Scope | None = scope
        while current is not None and current.node in self.inside:
            if current.kind == "function" or isinstance(current.node, ast.GeneratorExp):
                return True
            current = current.parent
        return False

    def _in_loop(self, binding: Binding, owner: Scope) -> bool:
        node: ast.AST | None = binding.node
        while node is not None and node is not owner.node:
            if isinstance(node, _LOOPS):
                return True
            node = self.module.bindings.parents.get(node)
        return owner.kind == "comprehension"

    def _refuse_lost_definitions(self) -> None:
        for name in self.region.outputs:
            for binding in self.scope.bindings.get(name, []):
                if binding.node in self.inside and not isinstance(binding.node, ast.Name):
                    is_import = isinstance(binding.node, ast.alias)
                    if is_import or (isinstance(binding.node, ast.stmt) and self.scope.kind == "module"):
                        raise self.refused(binding.node, f"'{name}' is defined here and used outside")
        for node in self.inside if self.scope.kind == "module" else ():
            is_annotated = isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
            if is_annotated and self.scope is self.module.bindings.scope_of(node):
                raise self.refused(node, "an annotated variable of a module belongs to the module")


def parameters_of(scope: Scope) -> list[str]:
    """Return the names that are bound when a function begins."""
    arguments = getattr(scope.node, "args", None)
    return [each.arg for each in all_arguments(arguments)] if isinstance(arguments, ast.arguments) else []


def _meet(bound: object, starts: Iterable[Event]) -> Names | None:
    assert isinstance(bound, dict)  # noqa: S101
    found = [bound[start] for start in starts if start in bound]
    return frozenset.intersection(*found) if found else None


def _place(node: ast.AST | None) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _is_within(node: ast.AST | None, around: ast.AST) -> bool:
    return node is not None and any(child is node for child in ast.walk(around))
