"""Follows the terms of files through the tree's modules, classes and functions.

It proves in the sense of `inference.py`, from records instead of syntax trees: a value is all that a term may denote,
with an Untold among it if that is not everything.
"""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from overhaul.refactors.decorators import TRANSPARENT_DECORATORS
from overhaul.refactors.facts import terms
from overhaul.refactors.facts.record import DefinitionFact, FileFacts
from overhaul.refactors.graph.class_members import ClassMembers
from overhaul.refactors.graph.imports import import_location
from overhaul.refactors.graph.values import (
    ClassAt,
    CoroutineOf,
    FunctionAt,
    InstanceOf,
    ModuleAt,
    Outside,
    OutsideInstance,
    SuperOf,
    Untold,
    Values,
    union,
)
from overhaul.refactors.modules import Location, ModuleTable, module_key

_DEPTH = 60
_OWN = frozenset({terms.SELF, terms.OWN_CLASS, terms.UNKNOWN})
_KEEPING_ATTRIBUTES = frozenset({"setter", "getter", "deleter", "register"})
_UNTOLD_TYPES = frozenset(
    {"Any", "object", "TypeVar", "ParamSpec", "Never", "NoReturn", "AnyStr", "Self", "Unpack"}
)
_BUILTIN_NAMES = {"List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple"}
# Builtin classes whose instances stand for something of the caller's.
_STAND_INS = frozenset({"type", "super", "property", "staticmethod", "classmethod"})
_TYPE_VARIABLES = frozenset({"typing.TypeVar", "typing.ParamSpec", "typing_extensions.TypeVar"})


class Linker:
    """The values of terms, worked out when asked and kept."""

    def __init__(self, table: ModuleTable, files: Mapping[str, FileFacts]) -> None:
        self.table = table
        self.files = files
        self.classes = ClassMembers(self)
        self._definitions: dict[str, dict[str, list[DefinitionFact]]] = {}
        self._known: dict[tuple[str, int, ClassAt | None], Values] = {}
        self._active: set[object] = set()
        # A value found while a cycle was cut short is not kept: it may lack what the cut hid.
        self._interruptions = 0

    def definitions(self, path: str) -> dict[str, list[DefinitionFact]]:
        """Return the definitions of a file by their qualified names."""
        if path not in self._definitions:
            found: dict[str, list[DefinitionFact]] = defaultdict(list)
            for each in self.files[path].definitions:
                found[each.qualified].append(each)
            self._definitions[path] = dict(found)
        return self._definitions[path]

    def values(self, path: str, number: int, own: ClassAt | None = None) -> Values:
        """Return what a term of a file may denote; `own` is the class of the object whose method it is in."""
        key = (path, number, own)
        known = self._known.get(key)
        if known is not None:
            return known
        interruptions = self._interruptions
        kind, *rest = self.files[path].terms[number]
        found = self.guarded(key, lambda: self._FOLLOW[kind](self, path, own, *rest))
        if not self._active or interruptions == self._interruptions:
            self._known[key] = found
        return found

    def guarded(self, key: object, follow: Callable[[], Values]) -> Values:
        """Follow, unless that is under way already or the chain has become too long."""
        if key in self._active:
            self._interruptions += 1
            return ()
        if len(self._active) > _DEPTH:
            self._interruptions += 1
            return (Untold("the chain of definitions is too long"),)
        self._active.add(key)
        try:
            return follow()
        finally:
            self._active.discard(key)

    def _defined(self, path: str, _own: ClassAt | None, qualified: str) -> Values:
        return self.defined(path, qualified, None)

    def defined(
        self, path: str, qualified: str, receiver: ClassAt | None, is_instance: bool = False
    ) -> Values:
        """Return what a definition of a file denotes; `receiver` is the class it is taken from."""
        rows = self.definitions(path).get(qualified)
        if not rows:
            return (Untold("a definition in a comprehension or lambda"),)
        return union(*(self._row(path, row, receiver, is_instance) for row in rows))

    def _row(self, path: str, row: DefinitionFact, receiver: ClassAt | None, is_instance: bool) -> Values:
        if row.kind == "class":
            return (ClassAt(path, row.qualified),)
        if row.kind in ("variable", "attribute"):
            return self.guarded((path, row), lambda: self.values(path, row.value, receiver))
        function = FunctionAt(path, row.qualified, receiver)
        if row.kind.endswith("property"):
            return self.result(function) if is_instance else (Untold("a property of a class"),)
        strange = self._replacing_decorator(path, row)
        return (Untold(f"decorated by {strange}, which may replace it"),) if strange else (function,)

    def _replacing_decorator(self, path: str, row: DefinitionFact) -> str | None:
        """Return a decorator that may put something else in the function's place."""
        for number in row.decorators:
            kind, *rest = self.files[path].terms[number]
            if kind == terms.MEMBER and rest[1] in _KEEPING_ATTRIBUTES:
                continue
            names = {value.name if isinstance(value, Outside) else "" for value in self.values(path, number)}
            if not names or not names <= TRANSPARENT_DECORATORS:
                return self.text(path, number)
        return None

    def text(self, path: str, number: int) -> str:
        """Return a term as a person would write it."""
        kind, *rest = self.files[path].terms[number]
        if kind == terms.MEMBER:
            return f"{self.text(path, rest[0])}.{rest[1]}"
        if kind == terms.RESULT:
            return f"{self.text(path, rest[0])}()"
        if kind == terms.IMPORTED:
            return str(rest[2])
        return str(rest[0]) if kind in (terms.DEFINED, terms.VARIABLE, terms.UNBOUND, terms.MODULE) else "..."

    def _variable(self, path: str, _own: ClassAt | None, name: str) -> Values:
        if self._is_set(path, name):
            return (Untold("a module's variable that other modules set"),)
        return self.values(path, self.files[path].names[name])

    @cached_property
    def set_from_outside(self) -> dict[str, set[ClassAt | str]]:
        """Return what code elsewhere assigns: by name, the classes and the keys of modules that have it.

        `settings.user = User()` and `client.handler = Handler()`, but not what methods give their own `self`.
        """
        found: dict[str, set[ClassAt | str]] = defaultdict(set)
        self.__dict__["set_from_outside"] = found  # what is asked for meanwhile sees none
        for path, facts in self.files.items():
            for use in facts.attributes:
                if use.context == "store" and facts.terms[use.receiver][0] not in _OWN:
                    for value in self.values(path, use.receiver):
                        if isinstance(value, ModuleAt):
                            found[use.name].add(value.location.key)
                        elif isinstance(value, InstanceOf | ClassAt):
                            found[use.name].add(value.of if isinstance(value, InstanceOf) else value)
        self._known.clear()
        return found

    def _is_set(self, path: str, name: str) -> bool:
        return module_key(path) in self.set_from_outside.get(name, ())

    def _unbound(self, path: str, _own: ClassAt | None, name: str) -> Values:
        for fact in self.files[path].imports:
            if fact.name == "*":
                location = import_location(self.table, path, fact)
                if location is None:
                    if not hasattr(builtins, name):
                        return (Untold("a star import from outside the tree"),)
                elif self._exports(location, name):
                    found = self.module_member(location, name)
                    if found:
                        return found
        if hasattr(builtins, name) or name in ("reveal_type", "__file__", "__path__"):
            return (Outside(f"builtins.{name}"),)
        return (Untold("a name that nothing binds"),)

    def _exports(self, location: Location, name: str) -> bool:
        """Tell whether a star import of a module takes the name."""
        for path in location.paths:
            facts = self.files.get(path)
            if facts is not None and facts.exported is not None and (facts.exported or facts.is_complete):
                return name in facts.exported or not facts.is_complete
        return not name.startswith("_")

    def _module(self, path: str, _own: ClassAt | None, name: str) -> Values:
        location = self.table.locate(name, path)
        if location is not None:
            return (ModuleAt(location),)
        if self.table.locate(name.partition(".")[0], path) is None:
            return (Outside(name),)
        return (Untold("imported from where the tree has none"),)

    def _imported(self, path: str, _own: ClassAt | None, module: str, level: int, name: str) -> Values:
        location = self.table.relative(path, level, module) if level else self.table.locate(module, path)
        if location is None:
            if level or self.table.locate(module.partition(".")[0], path) is not None:
                return (Untold("imported from where the tree has none"),)
            return (Outside(f"{module}.{name}"),)
        if location.key == module_key(path):  # `from . import api` in a package's own __init__
            submodule = self._submodule(location, name)
            if submodule is not None:
                return (ModuleAt(submodule),)
        return self.module_member(location, name) or (Untold("imported from where the tree has none"),)

    def _submodule(self, location: Location, name: str) -> Location | None:
        if not location.is_package:
            return None
        return self.table.at(f"{location.key}/{name}" if location.key else name)

    def module_member(self, location: Location, name: str, visited: frozenset[str] = frozenset()) -> Values:
        """Return what a name of a module's namespace denotes; nothing if it has none."""
        if location.key in visited:
            return ()
        for path in location.paths:
            facts = self.files.get(path)
            if facts is None or facts.error:
                return (Untold("a name of a file that does not parse"),)
            if name in facts.names:
                return self.guarded((path, name), lambda path=path: self._member_of(path, name))  # type: ignore[misc]
            for fact in facts.imports:
                if fact.name == "*":
                    source = import_location(self.table, path, fact)
                    if source is None:
                        return (Untold("a star import from outside the tree"),)
                    found = (
                        self.module_member(source, name, visited | {location.key})
                        if self._exports(source, name)
                        else ()
                    )
                    if found and not any(isinstance(each, ModuleAt) for each in found):
                        return found
        submodule = self._submodule(location, name)
        return (ModuleAt(submodule),) if submodule is not None else ()

    def _member_of(self, path: str, name: str) -> Values:
        number = self.files[path].names[name]
        kind = self.files[path].terms[number][0]
        if kind not in (terms.DEFINED, terms.IMPORTED, terms.MODULE) and self._is_set(path, name):
            return (Untold("a module's variable that other modules set"),)
        return self.values(path, number)

    def _member(self, path: str, own: ClassAt | None, number: int, name: str) -> Values:
        return union(*(self.member(value, name) for value in self.values(path, number, own)))

    def member(self, value: object, name: str) -> Values:
        """Return what an attribute of a value may be."""
        if isinstance(value, ModuleAt):
            return self.module_member(value.location, name) or (Untold("a name that the module has not"),)
        if isinstance(value, Outside | OutsideInstance):
            return (Outside(f"{value.name}.{name}"),)
        if isinstance(value, ClassAt | InstanceOf | SuperOf):
            return self.classes.member(value, name)
        if isinstance(value, Untold):
            return (value,)
        return (Untold("an attribute of a function"),)

    def _result(self, path: str, own: ClassAt | None, number: int) -> Values:
        return union(*(self.result(value) for value in self.values(path, number, own)))

    def result(self, value: object) -> Values:
        """Return what calling a value gives."""
        if isinstance(value, ClassAt):
            return (InstanceOf(value),)
        if isinstance(value, FunctionAt):
            return self._function_result(value)
        if isinstance(value, InstanceOf):
            return union(*(self.result(each) for each in self.member(value, "__call__")))
        if isinstance(value, Outside):
            short = value.name.rpartition(".")[2]
            if _is_outside_class(value.name, short):
                return (OutsideInstance(value.name),)
            return (Untold("the result of something outside the tree"),)
        return (value if isinstance(value, Untold) else Untold("the result of a call"),)

    def _function_result(self, function: FunctionAt, is_awaited: bool = False) -> Values:
        rows = self.definitions(function.path).get(function.qualified, ())
        found: list[Values] = []
        for row in rows:
            if row.kind.startswith("async ") and not is_awaited:
                found.append((CoroutineOf(function),))
            elif row.kind not in ("class", "variable", "attribute"):
                found.append(self.values(function.path, row.value, function.receiver))
        if not found:
            return (Untold("the result of a call"),)
        return union(*found, *self._overriding_results(function, is_awaited))

    def _overriding_results(self, function: FunctionAt, is_awaited: bool) -> Iterator[Values]:
        """Yield what the overrides in subclasses give: an object may be of one of them."""
        name = function.qualified.rpartition(".")[2]
        if function.receiver is None or name.startswith("__"):
            return
        for each in self.classes.descendants(function.receiver):
            qualified = f"{each.qualified}.{name}"
            if qualified in self.definitions(each.path):
                override = FunctionAt(each.path, qualified)
                key = ("overrides", override, is_awaited)
                yield self.guarded(key, lambda override=override: self._function_result(override, is_awaited))  # type: ignore[misc]

    def _awaited(self, path: str, own: ClassAt | None, number: int) -> Values:
        return union(
            *(
                self._function_result(value.function, is_awaited=True)
                if isinstance(value, CoroutineOf)
                else (value if isinstance(value, Untold) else Untold("the result of an await"),)
                for value in self.values(path, number, own)
            )
        )

    def _instance(self, path: str, own: ClassAt | None, number: int) -> Values:
        return union(*(self._instance_of(value) for value in self.values(path, number, own)))

    @staticmethod
    def _instance_of(value: object) -> Values:
        if isinstance(value, ClassAt):
            return (InstanceOf(value),)
        if isinstance(value, Outside):
            short = value.name.rpartition(".")[2]
            if short in _UNTOLD_TYPES:
                return (Untold(f"annotated {short}"),)
            return (
                OutsideInstance(
                    f"builtins.{_BUILTIN_NAMES[short]}" if short in _BUILTIN_NAMES else value.name
                ),
            )
        if isinstance(value, OutsideInstance) and value.name in _TYPE_VARIABLES:
            return (Untold("annotated with a type variable"),)
        return (value if isinstance(value, Untold) else Untold("an annotation that cannot be read"),)

    def _self(self, path: str, own: ClassAt | None, qualified: str) -> Values:
        return (InstanceOf(self._receiver_class(path, own, qualified)),)

    def _own_class(self, path: str, own: ClassAt | None, qualified: str) -> Values:
        return (self._receiver_class(path, own, qualified),)

    def _super(self, path: str, _own: ClassAt | None, qualified: str) -> Values:
        return (SuperOf(ClassAt(path, qualified)),)

    def _receiver_class(self, path: str, own: ClassAt | None, qualified: str) -> ClassAt:
        """Return the class that a method's `self` is of: the receiver's, if that inherits the method."""
        written = ClassAt(path, qualified)
        return own if own is not None and written in self.classes.ancestry(own) else written

    def _either(self, path: str, own: ClassAt | None, *numbers: int) -> Values:
        return union(*(self.values(path, number, own) for number in numbers)) if numbers else ()

    def _unknown(self, _path: str, _own: ClassAt | None, reason: str) -> Values:
        return (Untold(reason),)

    _FOLLOW: dict[str, Callable[..., Values]] = {
        terms.DEFINED: _defined,
        terms.VARIABLE: _variable,
        terms.UNBOUND: _unbound,
        terms.IMPORTED: _imported,
        terms.MODULE: _module,
        terms.MEMBER: _member,
        terms.RESULT: _result,
        terms.AWAITED: _awaited,
        terms.INSTANCE: _instance,
        terms.SELF: _self,
        terms.OWN_CLASS: _own_class,
        terms.SUPER: _super,
        terms.EITHER: _either,
        terms.UNKNOWN: _unknown,
    }


def _is_outside_class(name: str, short: str) -> bool:
    """Tell a class by the running Python's builtins, elsewhere by its capital letter."""
    if name == f"builtins.{short}":
        return isinstance(getattr(builtins, short, None), type) and short not in _STAND_INS
    return short[:1].isupper()
