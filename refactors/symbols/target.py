"""What is to be renamed, from its qualified name: a module, a variable of a scope, a member, a parameter."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.errors import (
    AmbiguousName,
    ParameterError,
    RefactorError,
    SymbolNotFound,
    did_you_mean,
)
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Exported, Module
from overhaul.refactors.scopes import Scope
from overhaul.refactors.values import (
    ClassDefinition,
    External,
    FunctionDefinition,
    FunctionValue,
    ModuleValue,
    Super,
    Value,
    class_of,
)


@dataclass(frozen=True, slots=True)
class ModuleTarget:
    """A module or package of the tree."""

    location: Location
    symbol: str


@dataclass(frozen=True, slots=True)
class VariableTarget:
    """A name of a module's or function's scope: a function, class, variable or import."""

    module: Module
    scope: Scope
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class MemberTarget:
    """A method or attribute of a class."""

    definition: ClassDefinition
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class ParameterTarget:
    """A parameter of a function or method; `functions` are its definitions (overloads, a stub's)."""

    functions: tuple[FunctionDefinition, ...]
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class ExternalTarget:
    """A symbol of a library outside the tree that the tree imports."""

    symbol: str

    @property
    def name(self) -> str:
        return self.symbol.rpartition(".")[2]


Target = ModuleTarget | VariableTarget | MemberTarget | ParameterTarget | ExternalTarget


class UnreadableTarget(RefactorError):
    """A file that may define or import the symbol does not parse; the project's failures say why."""


def find_target(inference: Inference, qualified: str) -> Target:
    """Return what a qualified name, or a name with a parameter in parentheses, means in the tree.

    Raises SymbolNotFound with the nearest names, UnreadableTarget where a file that does not parse may know it, and
    ParameterError if several source roots have the name.
    """
    match = re.fullmatch(r"([\w.]+)(?:\((\w+)\))?", qualified)
    if match is None or not all(part.isidentifier() for part in match[1].split(".")):
        raise ParameterError(
            f"'{qualified}' names no symbol. Write package.module.Class.method, package.module.function(parameter)"
            " or path.py:LINE:COLUMN"
        )
    dotted, parameter = match[1], match[2]
    found, nearest, unreadable = _search(inference, dotted)
    if not found:
        if unreadable:
            raise UnreadableTarget(dotted)
        return _external(inference, dotted, parameter, nearest)
    if len(found) > 1:
        places = " and ".join(sorted(_place(target) for target in found))
        raise AmbiguousName(f"'{dotted}' is ambiguous: it is in {places}. Name it as path.py:LINE:COLUMN")
    return found[0] if parameter is None else parameter_of(inference, found[0], parameter, qualified)


def _search(inference: Inference, dotted: str) -> tuple[list[Target], list[str], bool]:
    """Return the targets of the longest module name that has any, the names nearby, and whether a file failed."""
    parts = dotted.split(".")
    table, unreadable = inference.project.table, False
    nearest: list[str] = []
    for count in range(len(parts), 0, -1):
        found: dict[object, Target] = {}
        for location in table.candidates(".".join(parts[:count])):
            if count == len(parts):
                found[location.key] = ModuleTarget(location, dotted)
                continue
            if location.paths and not inference.project.modules_at(location):
                unreadable = True
            target = _inside(inference, location, parts[count:], dotted)
            if target is not None:
                found[_identity(target)] = target
            elif not nearest:
                nearest = names_in(inference, location, parts[count:-1])
        if found:
            return list(found.values()), nearest, unreadable
    return [], nearest, unreadable


def _identity(target: Target) -> object:
    if isinstance(target, VariableTarget):
        return target.module.key, target.scope.kind
    return target.definition.key if isinstance(target, MemberTarget) else target


def _inside(inference: Inference, location: Location, rest: Sequence[str], symbol: str) -> Target | None:
    found = inference.project.member(location, rest[0])
    if isinstance(found, ModuleValue):
        if len(rest) == 1:
            return ModuleTarget(found.location, symbol)
        return _inside(inference, found.location, rest[1:], symbol)
    if not isinstance(found, Exported):
        return None
    if len(rest) == 1:
        return canonical(inference, found, rest[0])
    values = inference.exported_values(found)
    for name in rest[1:-1]:
        values = tuple(each for value in values for each in inference.member_values(value, name))
    for value in values:
        target = member_of(inference, value, rest[-1])
        if target is not None:
            return target
    return None


def canonical(inference: Inference, found: Exported, name: str) -> Target:
    """Follow imports of the same name to the module that gives it its meaning."""
    visited = set()
    while len(found.bindings) == 1 and found.module.path not in visited:
        visited.add(found.module.path)
        alias = found.bindings[0].node
        if not isinstance(alias, ast.alias) or alias.name != name:
            break
        origin = inference.project.imported(found.module, found.bindings[0])
        if isinstance(origin, ModuleValue):
            return ModuleTarget(origin.location, origin.location.key.replace("/", "."))
        if not isinstance(origin, Exported):
            break
        found = origin
    return VariableTarget(found.module, found.module.scope, name, f"{found.module.name}.{name}")


def member_of(inference: Inference, value: Value, name: str) -> MemberTarget | None:
    """Return the member of a class, of an instance or of `super()`, from the class that defines it."""
    if isinstance(value, Super):
        above = inference.hierarchy.ancestry(value.definition).classes[1:]
        owner = next((each for each in above if inference.hierarchy.defines(each, name)), None)
        return MemberTarget(owner, name, f"{owner.qualified}.{name}") if owner is not None else None
    definition = class_of(value)
    owner = inference.hierarchy.provider(definition, name) if definition is not None else None
    return MemberTarget(owner, name, f"{owner.qualified}.{name}") if owner is not None else None


def parameter_of(inference: Inference, target: Target, name: str, symbol: str) -> ParameterTarget:
    """Return a parameter of the function that a target means. Raises SymbolNotFound with the real names."""
    functions = functions_of(inference, target)
    names = {argument.arg for function in functions for argument in arguments_of(function)}
    if name not in names:
        shown = ", ".join(sorted(names)) or "none"
        raise SymbolNotFound(
            f"'{symbol}' does not exist: the function has no parameter '{name}'.{did_you_mean(name, names)}"
            f" Its parameters: {shown}"
        )
    return ParameterTarget(functions, name, symbol)


def arguments_of(function: FunctionDefinition) -> list[ast.arg]:
    """Return the parameters of a function that a keyword may name."""
    arguments = function.node.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def functions_of(inference: Inference, target: Target) -> tuple[FunctionDefinition, ...]:
    """Return the definitions of the function that a target means; of a class, its constructor."""
    if isinstance(target, VariableTarget):
        module, bindings = target.module, target.scope.bindings[target.name]
    elif isinstance(target, MemberTarget):
        module, bindings = target.definition.module, target.definition.scope.bindings.get(target.name, [])
    else:
        return ()
    found: list[FunctionDefinition] = []
    for binding in bindings:
        node = binding.node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(inference.project.function_definition(module, node))
        elif isinstance(node, ast.ClassDef):
            owner = inference.hierarchy.provider(inference.project.class_definition(module, node), "__init__")
            if owner is not None:
                found += functions_of(inference, MemberTarget(owner, "__init__", ""))
        else:
            values = inference.binding_values(module, binding)
            found += [value.definition for value in values if isinstance(value, FunctionValue)]
    return tuple(dict.fromkeys(found))


def names_in(inference: Inference, location: Location, classes: Sequence[str]) -> list[str]:
    """Return the names of a module, or of a class in it."""
    names: set[str] = set(inference.project.table.submodules(location)) if location.is_package else set()
    for module in inference.project.modules_at(location):
        scope = module.scope
        for name in classes:
            for binding in scope.bindings.get(name, []):
                scope = module.bindings.scopes.get(binding.node, scope)
        names |= {name for name in scope.bindings if not name.startswith("__")}
    return sorted(names)


def _external(
    inference: Inference, dotted: str, parameter: str | None, nearest: Sequence[str]
) -> ExternalTarget:
    """Return a symbol from outside the tree if something imports its package."""
    top, _, leaf = dotted.partition(".")[0], None, dotted.rpartition(".")[2]
    not_found = SymbolNotFound(
        f"'{dotted}' is defined nowhere in the tree.{did_you_mean(leaf, nearest)}"
        " Names are written as package.module.Class.method"
    )
    if inference.project.table.locate(top) is not None or "." not in dotted:
        # Of the package itself, only what may lead to the symbol was read.
        raise UnreadableTarget(dotted) if inference.project.failures else not_found
    if parameter is not None:
        raise SymbolNotFound(f"'{dotted}({parameter})' is a parameter of a function outside the tree")
    for module in inference.project.containing([top]):
        for statement, _scope in module.bindings.imports:
            names = [statement.module or ""] if isinstance(statement, ast.ImportFrom) else []
            names += [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
            if not getattr(statement, "level", 0) and any(name.partition(".")[0] == top for name in names):
                return ExternalTarget(dotted)
    raise UnreadableTarget(dotted) if inference.project.failures else not_found


def _place(target: Target) -> str:
    if isinstance(target, VariableTarget):
        return target.module.path
    if isinstance(target, MemberTarget):
        return target.definition.module.path
    return target.location.key if isinstance(target, ModuleTarget) else target.symbol


def is_external(value: Value, name: str) -> bool:
    return isinstance(value, External) and value.name == name
