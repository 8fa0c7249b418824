"""What a flow graph tells of variables: which are needed later, which are certainly bound, which still hold."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from overhaul.refactors.control_flow import FlowGraph
from overhaul.refactors.flow_events import Event

Names = frozenset[str]
_READS = ("read", "deferred")


def live_names(
    graph: FlowGraph, at_exit: Iterable[str] = (), within: Collection[Event] | None = None
) -> Mapping[Event, Names]:
    """Return, for each event, the names whose value may be read from there on before they are bound anew.

    `within` leaves out what lies beyond these events.
    """
    inside = set(graph.events if within is None else within)
    predecessors = _predecessors(inside)
    live: dict[Event, Names] = dict.fromkeys(inside, frozenset())
    if graph.exit in inside:
        live[graph.exit] = frozenset(at_exit)
    pending = [event for event in graph.events if event in inside]
    waiting = set(pending)
    while pending:
        event = pending.pop()
        waiting.discard(event)
        after = frozenset().union(*(live[each] for each in event.successors if each in inside))
        caught = frozenset().union(*(live[each] for each in event.raises if each in inside))
        before = (
            ((after | caught) - {event.name} if event.kind in ("write", "delete") else after | caught)
            | caught
            | ({event.name} if _needs(event) else frozenset())
        )
        if event is graph.exit:
            before |= frozenset(at_exit)
        if before != live[event]:
            live[event] = before
            for each in predecessors[event]:
                if each not in waiting:
                    waiting.add(each)
                    pending.append(each)
    return live


def bound_names(
    graph: FlowGraph, start: Event, initial: Iterable[str], within: Collection[Event] | None = None
) -> Mapping[Event, Names]:
    """Return the names that are certainly bound before each event that can be reached from `start`."""
    inside = set(graph.events if within is None else within)
    bound: dict[Event, Names] = {start: frozenset(initial)}
    pending = [start]
    while pending:
        event = pending.pop()
        before = bound[event]
        after = before
        if event.kind == "write":
            after = before | {event.name}
        elif event.kind == "delete":
            after = before - {event.name}
        ways = [(each, after) for each in event.successors]
        ways += [(each, before & after) for each in event.raises]
        for each, names in ways:
            if each not in inside:
                continue
            known = bound.get(each)
            joined = names if known is None else known & names
            if joined != known:
                bound[each] = joined
                pending.append(each)
    return bound


def nodes_where_it_holds(graph: FlowGraph, binding: ast.AST, changes: Collection[str]) -> set[ast.AST]:
    """Return the reads at which a binding has certainly been made and none of these names been bound since."""
    holds: dict[Event, bool] = {graph.entry: False}
    pending = [graph.entry]
    while pending:
        event = pending.pop()
        before = after = holds[event]
        if event.node is binding and event.kind == "write":
            after = True
        elif event.kind in ("write", "delete") and event.name in changes:
            after = False
        ways = [(each, after) for each in event.successors]
        ways += [(each, before and after) for each in event.raises]
        for each, value in ways:
            known = holds.get(each)
            joined = value if known is None else known and value
            if joined != known:
                holds[each] = joined
                pending.append(each)
    seen: dict[ast.AST, bool] = {}
    for event, value in holds.items():
        if event.kind in _READS and event.node is not None:
            seen[event.node] = seen.get(event.node, True) and value
    return {node for node, value in seen.items() if value}


def _needs(event: Event) -> bool:
    """Tell whether an event fails if its variable is not bound; the end of a handler does not."""
    return event.kind in _READS or (event.kind == "delete" and isinstance(event.node, ast.Name))


def _predecessors(events: Collection[Event]) -> Mapping[Event, list[Event]]:
    found: dict[Event, list[Event]] = defaultdict(list)
    for event in events:
        for each in [*event.successors, *event.raises]:
            found[each].append(event)
    return found
