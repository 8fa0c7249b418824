"""Follows the terms of files through the tree's modules, classes and functions.

It proves in the sense of `inference.py`, from records instead of syntax trees: a value is all that a term may denote,
with an Unknown among it if that is not everything.
"""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from overhaul.refactors.decorators import TRANSPARENT_DECORATORS
from overhaul.refactors.facts import terms
from overhaul.refactors.facts.record import DefinitionFact, FileFacts
from overhaul.refactors.graph.class_members import ClassMembers
from overhaul.refactors.graph.module_members import ModuleMembers
from overhaul.refactors.graph.values import (
    ClassAt,
    CoroutineOf,
    FunctionAt,
    InstanceOf,
    OutsideInstance,
    SuperOf,
    Values,
)
from overhaul.refactors.modules import ModuleTable, module_key
from overhaul.refactors.values import External, ModuleValue, Unknown, union

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
        self.modules = ModuleMembers(self)
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

    def forget(self) -> None:
        """Forget the values found so far: something that they depend on has become known."""
        self._known.clear()

    def guarded(self, key: object, follow: Callable[[], Values]) -> Values:
        """Follow, unless that is under way already or the chain has become too long."""
        if key in self._active:
            self._interruptions += 1
            return ()
        if len(self._active) > _DEPTH:
            self._interruptions += 1
            return (Unknown("the chain of definitions is too long"),)
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
            return (Unknown("a definition in a comprehension or lambda"),)
        return union(*(self._row(path, row, receiver, is_instance) for row in rows))

    def _row(self, path: str, row: DefinitionFact, receiver: ClassAt | None, is_instance: bool) -> Values:
        if row.kind == "class":
            return (ClassAt(path, row.qualified),)
        if row.kind in ("variable", "attribute"):
            return self.guarded((path, row), lambda: self.values(path, row.value, receiver))
        function = FunctionAt(path, row.qualified, receiver)
        if row.kind.endswith("property"):
            return self.result(function) if is_instance else (Unknown("a property of a class"),)
        strange = self._replacing_decorator(path, row)
        return (Unknown(f"decorated by {strange}, which may replace it"),) if strange else (function,)

    def _replacing_decorator(self, path: str, row: DefinitionFact) -> str | None:
        """Return a decorator that may put something else in the function's place."""
        for number in row.decorators:
            kind, *rest = self.files[path].terms[number]
            if kind == terms.MEMBER and rest[1] in _KEEPING_ATTRIBUTES:
                continue
            names = {value.name if isinstance(value, External) else "" for value in self.values(path, number)}
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
        if self.modules.is_set(path, name):
            return (Unknown("a module's variable that other modules set"),)
        return self.values(path, self.files[path].names[name])

    def _unbound(self, path: str, _own: ClassAt | None, name: str) -> Values:
        starred = self.modules.starred(path, name)
        if starred:
            return starred
        if hasattr(builtins, name) or name in ("reveal_type", "__file__", "__path__"):
            return (External(f"builtins.{name}"),)
        return (Unknown("a name that nothing binds"),)

    def _module(self, path: str, _own: ClassAt | None, name: str) -> Values:
        location = self.table.locate(name, path)
        if location is not None:
            return (ModuleValue(location),)
        if self.table.locate(name.partition(".")[0], path) is None:
            return (External(name),)
        return (Unknown("imported from where the tree has none"),)

    def _imported(self, path: str, _own: ClassAt | None, module: str, level: int, name: str) -> Values:
        location = self.table.relative(path, level, module) if level else self.table.locate(module, path)
        if location is None:
            if level or self.table.locate(module.partition(".")[0], path) is not None:
                return (Unknown("imported from where the tree has none"),)
            return (External(f"{module}.{name}"),)
        if location.key == module_key(path):  # `from . import api` in a package's own __init__
            submodule = self.table.submodule(location, name)
            if submodule is not None:
                return (ModuleValue(submodule),)
        return self.modules.member(location, name) or (Unknown("imported from where the tree has none"),)

    def _member(self, path: str, own: ClassAt | None, number: int, name: str) -> Values:
        return union(*(self.member(value, name) for value in self.values(path, number, own)))

    def member(self, value: object, name: str) -> Values:
        """Return what an attribute of a value may be."""
        if isinstance(value, ModuleValue):
            return self.modules.member(value.location, name) or (Unknown("a name that the module has not"),)
        if isinstance(value, External | OutsideInstance):
            return (External(f"{value.name}.{name}"),)
        if isinstance(value, ClassAt | InstanceOf | SuperOf):
            return self.classes.member(value, name)
        if isinstance(value, Unknown):
            return (value,)
        return (Unknown("an attribute of a function"),)

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
        if isinstance(value, External):
            short = value.name.rpartition(".")[2]
            if _is_outside_class(value.name, short):
                return (OutsideInstance(value.name),)
            return (Unknown("the result of something outside the tree"),)
        return (value if isinstance(value, Unknown) else Unknown("the result of a call"),)

    def _function_result(self, function: FunctionAt, is_awaited: bool = False) -> Values:
        rows = self.definitions(function.path).get(function.qualified, ())
        found: list[Values] = []
        for row in rows:
            if row.kind.startswith("async ") and not is_awaited:
                found.append((CoroutineOf(function),))
            elif row.kind not in ("class", "variable", "attribute"):
                found.append(self.values(function.path, row.value, function.receiver))
        if not found:
            return (Unknown("the result of a call"),)
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
                else (value if isinstance(value, Unknown) else Unknown("the result of an await"),)
                for value in self.values(path, number, own)
            )
        )

    def _instance(self, path: str, own: ClassAt | None, number: int) -> Values:
        return union(*(self._instance_of(value) for value in self.values(path, number, own)))

    @staticmethod
    def _instance_of(value: object) -> Values:
        if isinstance(value, ClassAt):
            return (InstanceOf(value),)
        if isinstance(value, External):
            short = value.name.rpartition(".")[2]
            if short in _UNTOLD_TYPES:
                return (Unknown(f"annotated {short}"),)
            return (
                OutsideInstance(
                    f"builtins.{_BUILTIN_NAMES[short]}" if short in _BUILTIN_NAMES else value.name
                ),
            )
        if isinstance(value, OutsideInstance) and value.name in _TYPE_VARIABLES:
            return (Unknown("annotated with a type variable"),)
        return (value if isinstance(value, Unknown) else Unknown("an annotation that cannot be read"),)

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
        return (Unknown(reason),)

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
