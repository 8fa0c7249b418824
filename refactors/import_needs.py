"""What new code needs to be imported, and how the file that it goes into calls it already."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.imports import imported_name
from overhaul.refactors.project import Module, Project
from overhaul.refactors.references import module_part
from overhaul.refactors.scopes import Binding, Scope


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """`import module [as alias]`, or `from module import name [as alias]`: one name.

    Leading dots make the module a relative one; what it binds is then not known from here.
    """

    module: str
    name: str | None = None
    alias: str | None = None

    @property
    def local_name(self) -> str:
        """The name that it binds."""
        return self.alias or self.name or self.module.partition(".")[0]

    @property
    def bound(self) -> str:
        """The qualified name that this name then means."""
        if self.name is not None:
            return f"{self.module}.{self.name}"
        return self.module if self.alias else self.module.partition(".")[0]

    def __str__(self) -> str:
        ending = f" as {self.alias}" if self.alias else ""
        return (
            f"from {self.module} import {self.name}{ending}" if self.name else f"import {self.module}{ending}"
        )


@dataclass(frozen=True, slots=True)
class Need:
    """A dotted name of the template: its text there, what it means, and the import that gives it."""

    text: str
    qualified: str
    statement: ImportStatement


def parse_imports(statements: Iterable[str]) -> list[ImportStatement]:
    """Read the import statements that a user gives. Raises ParameterError."""
    found = []
    for text in statements:
        try:
            body = ast.parse(text.strip()).body
        except (SyntaxError, ValueError):
            body = []
        for statement in body or [ast.Pass()]:
            if isinstance(statement, ast.Import):
                found += [ImportStatement(alias.name, None, alias.asname) for alias in statement.names]
            elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                found += [
                    ImportStatement(statement.module, alias.name, alias.asname) for alias in statement.names
                ]
            else:
                raise ParameterError(
                    f"{text!r} is no absolute import; write one such as 'from pathlib import Path'."
                )
    if any(each.name == "*" for each in found):
        raise ParameterError("a star import does not tell what it gives; name what the template needs.")
    return found


def is_builtin(name: str) -> bool:
    """Whether a name needs no import."""
    return hasattr(builtins, name)


def find_needs(names: Iterable[str], statements: Sequence[ImportStatement], project: Project) -> list[Need]:
    """Return what each dotted name of new code needs; builtins need nothing.

    Raises ParameterError for a name that no statement gives and that names no module of the tree or of the
    standard library.
    """
    needs = {}
    for text in names:
        first = text.partition(".")[0]
        given = [each for each in statements if each.local_name == first]
        fitting = [
            each for each in given if each.bound != each.module or f"{text}.".startswith(f"{each.module}.")
        ]
        if given:
            # Of `import a` and `import a.b`, the longer that fits says which module `a.b.c` is in.
            statement = max(fitting or given, key=lambda each: len(each.module))
        elif is_builtin(first):
            continue
        else:
            statement = _derived(text, project)
        needs[text] = Need(text, statement.bound + text[len(first) :], statement)
    return list(needs.values())


def _derived(text: str, project: Project) -> ImportStatement:
    module = module_part(project, text) or _standard_module(text)
    if module is None:
        first = text.partition(".")[0]
        raise ParameterError(
            f"the template uses '{text}', and nothing says where '{first}' comes from."
            f" Add it, for example: -p imports='import {first}'"
        )
    return ImportStatement(module)


def _standard_module(text: str) -> str | None:
    parts = text.split(".")
    if parts[0] not in sys.stdlib_module_names:
        return None
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        try:
            if find_spec(name) is not None:
                return name
        except (ImportError, ValueError):
            continue
    return None


@dataclass(frozen=True, slots=True)
class LocalName:
    """How a file calls something: the text, and the import of its first name (None for the file's own definitions)."""

    text: str
    binding: Binding | None


def out_of_module(need: Need) -> Need | None:
    """Return the same need by `from module import name`, where it was to go through `import module`.

    `import datetime` cannot be added where `datetime` is the class; `from datetime import timezone` can.
    """
    statement = need.statement
    rest = need.qualified[len(statement.module) + 1 :]
    if statement.name is not None or statement.alias or not rest:
        return None
    return Need(rest, need.qualified, ImportStatement(statement.module, rest.partition(".")[0]))


def local_name(module: Module, scope: Scope, line: int, need: Need) -> LocalName | Doubt | None:
    """Return how the code in a scope at a line can call what is needed; None if it must be imported first.

    A Doubt if an import would not help, because the name means something else there.
    """
    if module.name == need.statement.module:
        return _own_name(module, scope, line, need)
    found = [
        LocalName(text, binding)
        for binding in _visible_imports(module, scope)
        if _is_bound_before(module, binding, scope, line)
        and (text := _text_through(module, binding, need)) is not None
    ]
    if found:
        return min(found, key=lambda each: (each.text.count("."), each.text))
    first = need.statement.local_name
    owner = scope.lookup(first)
    if owner is None:
        taken = (is_builtin(first) or bool(module.bindings.star_imports)) and first in module.bindings.names
    else:
        meant = {
            imported_name(module.bindings, each, module.name, module.is_package)
            for each in owner.bindings[first]
        }
        taken = owner is not module.scope or meant != {need.statement.bound}
    return Doubt(f"'{first}' means something else here") if taken else None


def _own_name(module: Module, scope: Scope, line: int, need: Need) -> LocalName | Doubt:
    text = need.qualified[len(module.name) + 1 :]
    first = text.partition(".")[0]
    bindings = module.scope.bindings.get(first, [])
    if scope.lookup(first) is not module.scope or len(bindings) != 1:
        return Doubt(f"'{first}' is not defined once in this module, or means something else here")
    if getattr(bindings[0].node, "lineno", line) >= line and not runs_later(scope):
        return Doubt(f"'{first}' is defined only below")
    if any(each.node is bindings[0].node for each in _around(scope)):
        return Doubt(f"this is inside '{first}' itself, which would call itself")
    own = bindings[0] if isinstance(bindings[0].node, ast.alias) else None
    return LocalName(text, own)


def _around(scope: Scope) -> Iterator[Scope]:
    current: Scope | None = scope
    while current is not None:
        yield current
        current = current.parent


def runs_later(scope: Scope) -> bool:
    """Whether code in the scope runs only when the module has been executed, as a function's does."""
    return any(each.kind == "function" for each in _around(scope))


def _visible_imports(module: Module, scope: Scope) -> Iterator[Binding]:
    for around in _around(scope):
        for name, bindings in around.bindings.items():
            imports = [each for each in bindings if isinstance(each.node, ast.alias)]
            if len(imports) == len(bindings) and scope.lookup(name) is around:
                roots = {
                    imported_name(module.bindings, each, module.name, module.is_package) for each in imports
                }
                if len(roots) == 1:
                    yield from imports


def _is_bound_before(module: Module, binding: Binding, scope: Scope, line: int) -> bool:
    """Whether the import has certainly been executed: it is no part of an `if` or `try`, and comes earlier."""
    statement = module.bindings.parents[binding.node]
    if module.bindings.parents.get(statement) is not binding.scope.node:
        return False
    if binding.scope is module.scope and runs_later(scope):
        return True
    return binding.line < line


def _text_through(module: Module, binding: Binding, need: Need) -> str | None:
    """Return how the needed name is reached from an import, or None if that import does not give it."""
    alias, wanted = binding.node, need.statement.module
    if not isinstance(alias, ast.alias):
        return None
    bound = imported_name(module.bindings, binding, module.name, module.is_package)
    if bound is None or not f"{need.qualified}.".startswith(f"{bound}."):
        return None
    if isinstance(module.bindings.parents[alias], ast.Import):
        # `import a.b` loads a and a.b; a submodule that it does not name may not be there.
        loaded = f"{alias.name}.".startswith(f"{wanted}.")
    else:
        loaded = f"{bound}.".startswith(f"{wanted}.")
    return binding.name + need.qualified[len(bound) :] if loaded else None
