"""A graph of single events: variables are read, bound and deleted, one after the other or in one of several ways."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.scopes import Scope

EventKind = Literal["read", "write", "delete", "deferred", "enter", "leave", "pass"]


@dataclass(slots=True, eq=False)
class Event:
    """One step: a variable is read, bound or deleted, or captured by code that runs later (`deferred`).

    `enter` and `leave` stand around the marked region. `raises` is where an exception before or after it leads.
    """

    kind: EventKind
    name: str = ""
    node: ast.AST | None = None
    in_region: bool = False
    successors: list[Event] = field(default_factory=list)
    raises: list[Event] = field(default_factory=list)


class EventFlow:
    """The events of one scope, as they are added: new ones follow those of the frontier.

    `owned` are the name nodes of the scope whose flow this is; `region` the statements, or the expression, between
    `enter` and `leave`; `handlers` where an exception leads now.
    """

    def __init__(self, bindings: ModuleBindings, scope: Scope, region: Sequence[ast.AST]) -> None:
        self.bindings = bindings
        self.scope = scope
        self.region = list(region)
        self.owned = set(owned_names(scope))
        self.entry = Event("pass")
        self.events = [self.entry]
        self.frontier = [self.entry]
        self.handlers: list[Event] = []
        self.in_region = False

    def emit(self, kind: EventKind, name: str = "", node: ast.AST | None = None) -> Event:
        """Add an event after those that come last so far."""
        event = Event(kind, name, node, self.in_region, raises=list(self.handlers))
        self.lead_to(event)
        self.events.append(event)
        self.frontier = [event]
        return event

    def lead_to(self, event: Event) -> None:
        """Lead from here to an event that there is, as at the end of a loop."""
        for previous in self.frontier:
            if event not in previous.successors:
                previous.successors.append(event)

    def branch(self) -> list[Event]:
        """Return where the flow is, to come back to it with `meet`."""
        return list(self.frontier)

    def go_to(self, frontier: Iterable[Event]) -> None:
        """Go on from another place."""
        self.frontier = list(frontier)

    def meet(self, *frontiers: Collection[Event]) -> None:
        """Go on from where several ways come together."""
        self.frontier = [*self.frontier, *(each for frontier in frontiers for each in frontier)]

    def enter_region(self, node: ast.AST) -> bool:
        """Mark the beginning of the region if a node is its first one."""
        if self.region and node is self.region[0]:
            self.in_region = True
            self.emit("enter")
            return True
        return False

    def leave_region(self, node: ast.AST) -> None:
        """Mark the end of the region if a node is its last one."""
        if self.region and node is self.region[-1]:
            self.in_region = False
            self.emit("leave")


def owned_names(scope: Scope) -> Iterator[ast.Name]:
    """Yield the uses of a scope's own names, also those in the scopes inside it."""
    for inner in scope.subtree():
        for name, uses in inner.uses.items():
            for use in uses:
                if inner.lookup(name, use) is scope:
                    yield use
