"""Namespaces of modules: what a name of one denotes, through star imports and submodules, and who else sets it."""

from __future__ import annotations

import builtins
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from overhaul.refactors.facts import terms
from overhaul.refactors.graph.imports import import_location
from overhaul.refactors.graph.values import ClassAt, InstanceOf, Values
from overhaul.refactors.modules import Location, module_key
from overhaul.refactors.values import ModuleValue, Unknown

if TYPE_CHECKING:
    from overhaul.refactors.graph.linker import Linker

_OWN = frozenset({terms.SELF, terms.OWN_CLASS, terms.UNKNOWN})


class ModuleMembers:
    """What the modules of the tree have, looked up when asked."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker

    @cached_property
    def set_from_outside(self) -> dict[str, set[ClassAt | str]]:
        """Return what code elsewhere assigns: by name, the classes and the keys of modules that have it.

        `settings.user = User()` and `client.handler = Handler()`, but not what methods give their own `self`.
        """
        found: dict[str, set[ClassAt | str]] = defaultdict(set)
        self.__dict__["set_from_outside"] = found  # what is asked for meanwhile sees none
        for path, facts in self._linker.files.items():
            for use in facts.attributes:
                if use.context == "store" and facts.terms[use.receiver][0] not in _OWN:
                    for value in self._linker.values(path, use.receiver):
                        if isinstance(value, ModuleValue):
                            found[use.name].add(value.location.key)
                        elif isinstance(value, InstanceOf | ClassAt):
                            found[use.name].add(value.of if isinstance(value, InstanceOf) else value)
        self._linker.forget()
        return found

    def is_set(self, path: str, name: str) -> bool:
        """Tell whether other code assigns a module's name."""
        return module_key(path) in self.set_from_outside.get(name, ())

    def starred(self, path: str, name: str) -> Values:
        """Return what a file's star imports bring under a name; nothing if they bring none, or it is a builtin's."""
        for fact in self._linker.files[path].imports:
            if fact.name == "*":
                location = import_location(self._linker.table, path, fact)
                if location is None:
                    if not hasattr(builtins, name):
                        return (Unknown("a star import from outside the tree"),)
                elif self._exports(location, name):
                    found = self.member(location, name)
                    if found:
                        return found
        return ()

    def _exports(self, location: Location, name: str) -> bool:
        """Tell whether a star import of a module takes the name."""
        for path in location.paths:
            facts = self._linker.files.get(path)
            if facts is not None and facts.exported is not None and (facts.exported or facts.is_complete):
                return name in facts.exported or not facts.is_complete
        return not name.startswith("_")

    def member(self, location: Location, name: str, visited: frozenset[str] = frozenset()) -> Values:
        """Return what a name of a module's namespace denotes; nothing if it has none."""
        if location.key in visited:
            return ()
        for path in location.paths:
            facts = self._linker.files.get(path)
            if facts is None or facts.error:
                return (Unknown("a name of a file that does not parse"),)
            if name in facts.names:
                return self._linker.guarded((path, name), lambda path=path: self._member_of(path, name))  # type: ignore[misc]
            for fact in facts.imports:
                if fact.name == "*":
                    source = import_location(self._linker.table, path, fact)
                    if source is None:
                        return (Unknown("a star import from outside the tree"),)
                    found = (
                        self.member(source, name, visited | {location.key})
                        if self._exports(source, name)
                        else ()
                    )
                    if found and not any(isinstance(each, ModuleValue) for each in found):
                        return found
        submodule = self._linker.table.submodule(location, name)
        return (ModuleValue(submodule),) if submodule is not None else ()

    def _member_of(self, path: str, name: str) -> Values:
        number = self._linker.files[path].names[name]
        kind = self._linker.files[path].terms[number][0]
        if kind not in (terms.DEFINED, terms.IMPORTED, terms.MODULE) and self.is_set(path, name):
            return (Unknown("a module's variable that other modules set"),)
        return self._linker.values(path, number)
