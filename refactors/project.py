"""The files of a tree, parsed when something asks for them, and what their imports and names lead to."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.modules import Location, ModuleTable, module_key
from overhaul.refactors.recipe import Failure
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.source import Tree
from overhaul.refactors.text import SourceText, collector_paused, parse_source
from overhaul.refactors.values import ClassDefinition, External, FunctionDefinition, ModuleValue
from overhaul.refactors.wide_files import narrowed, wide_encoding
from overhaul.refactors.word_search import WordSearch

PYTHON_SUFFIXES = (".py", ".pyi")
_WORD = re.compile(rb"[\w\x80-\xff]+")
_SEARCHES_BEFORE_INDEX = 12


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A parsed file with its scopes. `key` is shared with the stub beside it."""

    path: str
    key: str
    name: str
    source: SourceText = field(repr=False)
    bindings: ModuleBindings = field(repr=False)

    @property
    def is_package(self) -> bool:
        return self.path.rpartition("/")[2].startswith("__init__.")

    @property
    def scope(self) -> Scope:
        return self.bindings.module


@dataclass(frozen=True, slots=True)
class Exported:
    """A name of a module's namespace: the bindings that give it a meaning there."""

    module: Module
    bindings: tuple[Binding, ...]


class Project:
    """One tree under analysis. Files that fail to parse are collected in `failures`."""

    def __init__(self, tree: Tree) -> None:
        self.tree = WordSearch(tree)
        self.failures: dict[str, Failure] = {}
        self._searches = 0
        self._modules: dict[str, Module | None] = {}
        self._classes: dict[ast.ClassDef, ClassDefinition] = {}
        self._functions: dict[ast.AST, FunctionDefinition] = {}

    @cached_property
    def table(self) -> ModuleTable:
        return ModuleTable(self.tree.paths_ending(PYTHON_SUFFIXES))

    @property
    def parsed(self) -> Collection[Module]:
        return [module for module in self._modules.values() if module is not None]

    @property
    def files_read(self) -> int:
        return len(self._modules)

    def module(self, path: str) -> Module | None:
        """Return the parsed file, or None if it does not parse (then `failures` has it)."""
        if path not in self._modules:
            self._modules[path] = self._parse(path)
        return self._modules[path]

    def passing(self, path: str) -> Module | None:
        """As `module`, but the parsed file is kept only if it was before: for who looks at all files in turn."""
        if path in self._modules:
            return self._modules[path]
        module = self._parse(path)
        if module is None:
            self._modules[path] = None
        return module

    def modules_at(self, location: Location) -> list[Module]:
        """Return the parsed files of a module: source and stub."""
        return [module for path in location.paths if (module := self.module(path)) is not None]

    def announce(self, words: Iterable[str]) -> None:
        """Say which words will be searched for, so that it takes one search."""
        self.tree.announce(words)

    def containing(self, words: Collection[str]) -> Iterator[Module]:
        """Yield the parsed Python files that contain any of the words."""
        for path in self.paths_containing(words):
            module = self.module(path)
            if module is not None:
                yield module

    def paths_containing(self, words: Collection[str]) -> Sequence[str]:
        """Return the Python files that contain any of the words; after some searches, from an index of all words."""
        is_known = self.tree.knows(words, PYTHON_SUFFIXES)
        self._searches += not is_known
        if is_known or self._searches <= _SEARCHES_BEFORE_INDEX:
            return self.tree.containing(words, PYTHON_SUFFIXES)
        index = self._paths_by_word
        return sorted(
            {path for word in {"", *words} for path in index.get(word.encode("utf-8", "surrogateescape"), ())}
        )

    @cached_property
    def _paths_by_word(self) -> Mapping[bytes, Sequence[str]]:
        """Every word of the tree's Python files; a file that cannot be read may contain any, as the empty one says."""
        found: dict[bytes, list[str]] = defaultdict(list)
        for path in self.table.files:
            try:
                words = set(_WORD.findall(narrowed(self.tree.read(path))))
            except OSError:
                words = {b""}
            for word in words:
                found[word].append(path)
        return found

    def document(self, path: str) -> bytes:
        """Return the bytes of a file that is no Python; nothing, and a failure, if they are not to be understood."""
        try:
            content = self.tree.read(path)
        except OSError as error:
            self.failures[path] = Failure(path, f"cannot be read: {error.strerror or error}")
            return b""
        wide = wide_encoding(content)
        if wide is not None:
            self.failures[path] = Failure(
                path, f"is in {wide.upper()}, in which nothing is looked for; make it UTF-8"
            )
            return b""
        return content

    def _parse(self, path: str) -> Module | None:
        try:
            content = self.tree.read(path)
        except OSError as error:
            if path in self.table.files:  # a link is none of them
                self.failures[path] = Failure(path, f"cannot be read: {error.strerror or error}")
            return None
        with collector_paused():
            source = parse_source(path, content)
            if isinstance(source, Failure):
                self.failures[path] = source
                return None
            return Module(path, module_key(path), self.table.name(path), source, ModuleBindings(source))

    def class_definition(self, module: Module, node: ast.ClassDef) -> ClassDefinition:
        """Return the definition of a class statement."""
        if node not in self._classes:
            qualified = qualified_in(module, node)
            scope = module.bindings.scopes[node]
            self._classes[node] = ClassDefinition(
                module, node, scope, f"{module.name}.{qualified}", f"{module.key}::{qualified}"
            )
        return self._classes[node]

    def function_definition(
        self, module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> FunctionDefinition:
        """Return the definition of a def statement, with the class it is a method of."""
        if node not in self._functions:
            around = module.bindings.scopes[node].parent
            while around is not None and around.kind == "type parameters":
                around = around.parent
            owner = None
            if around is not None and isinstance(around.node, ast.ClassDef):
                owner = self.class_definition(module, around.node)
            name = f"{module.name}.{qualified_in(module, node)}"
            self._functions[node] = FunctionDefinition(module, node, name, owner)
        return self._functions[node]

    def import_source(self, module: Module, statement: ast.ImportFrom) -> Location | str | None:
        """Return the module that a from-import reads: of the tree, by name outside it, or None if missing."""
        if statement.level:
            return self.table.relative(module.path, statement.level, statement.module or "")
        return self.absolute(module, statement.module or "")

    def absolute(self, module: Module, name: str) -> Location | str | None:
        """Return a module by its absolute name as this file would import it."""
        location = self.table.locate(name, module.path)
        if location is not None:
            return location
        top = self.table.locate(name.partition(".")[0], module.path)
        return name if top is None else None

    def imported(self, module: Module, binding: Binding) -> ModuleValue | External | Exported | None:
        """Return what an import binding leads to; None if it names something the tree should have but has not."""
        alias = binding.node
        statement = module.bindings.parents[alias]
        if not isinstance(alias, ast.alias):
            return None
        if isinstance(statement, ast.Import):
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            found = self.absolute(module, name)
            return ModuleValue(found) if isinstance(found, Location) else External(found) if found else None
        if not isinstance(statement, ast.ImportFrom):
            return None
        source = self.import_source(module, statement)
        if isinstance(source, str):
            return External(f"{source}.{alias.name}")
        if source is None:
            return None
        if source.key == module.key:  # `from . import api` in a package's own __init__
            submodule = self.submodule(source, alias.name)
            if submodule is not None:
                return ModuleValue(submodule)
        return self.member(source, alias.name)

    def submodule(self, location: Location, name: str) -> Location | None:
        """Return a package's module or package of this name."""
        if not location.is_package:
            return None
        return self.table.at(f"{location.key}/{name}" if location.key else name)

    def member(self, location: Location, name: str) -> ModuleValue | External | Exported | None:
        """Return a name of a module's namespace: its own, a star import's, or a submodule."""
        found = self._own_or_starred(location, name)
        submodule = self.submodule(location, name) if found is None else None
        return ModuleValue(submodule) if submodule is not None else found

    def _own_or_starred(self, location: Location, name: str) -> Exported | None:
        """Look along star imports, the last one of a module first; chains of them may be of any length."""
        pending, visited = [location], set[str]()
        while pending:
            current = pending.pop()
            if current.key in visited:
                continue
            visited.add(current.key)
            modules = self.modules_at(current)
            for module in modules:
                bindings = module.scope.bindings.get(name)
                if bindings:
                    return Exported(module, tuple(bindings))
            sources = [
                self.import_source(module, statement)
                for module in reversed(modules)
                for statement, _ in module.bindings.star_imports
            ]
            pending += [each for each in sources if isinstance(each, Location) and self.exports(each, name)]
        return None

    def exports(self, location: Location, name: str) -> bool:
        """Tell whether a star import of this module takes the name."""
        for module in self.modules_at(location):
            listed = exported_strings(module)
            if listed:
                return any(constant.value == name for constant in listed) or _extends_all(module)
        return not name.startswith("_")


def qualified_in(module: Module, node: ast.AST) -> str:
    """Return the name of a class or function inside its module: `Class.method`, `function.<locals>.inner`."""
    parts = [getattr(node, "name", "<lambda>")]
    scope = module.bindings.scopes[node].parent
    while scope is not None and scope.parent is not None:
        if scope.kind == "function":
            parts.append("<locals>")
        if scope.kind in ("function", "class"):
            parts.append(getattr(scope.node, "name", "<lambda>"))
        scope = scope.parent
    return ".".join(reversed(parts))


def exported_strings(module: Module) -> list[ast.Constant]:
    """Return the strings of a module's `__all__`, in its assignment and in what is added to it."""
    found: list[ast.Constant] = []
    for use in module.scope.uses.get("__all__", ()):
        statement = module.bindings.statement_of(use)
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr):
            found += [
                node
                for node in ast.walk(statement)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
    return found


def _extends_all(module: Module) -> bool:
    """Tell whether `__all__` takes over another module's: then what it lists is not known from here."""
    return any(
        isinstance(node, ast.Attribute | ast.Call | ast.Starred)
        for use in module.scope.uses.get("__all__", ())
        for node in ast.walk(module.bindings.statement_of(use))
        if not (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "__all__"
        )
    )
