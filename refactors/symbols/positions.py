"""What the name under `path.py:LINE:COLUMN` means."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from overhaul.refactors.errors import ParameterError, SymbolNotFound, did_you_mean
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.name_tokens import Span, alias_spans, module_spans, name_span
from overhaul.refactors.project import Exported, Module
from overhaul.refactors.scopes import Scope
from overhaul.refactors.standard_library import is_standard
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.symbols.target import (
    ExternalTarget,
    MemberTarget,
    ModuleTarget,
    ParameterTarget,
    Target,
    UnreadableTarget,
    VariableTarget,
    canonical,
    find_target,
    member_of,
)
from overhaul.refactors.values import (
    ClassDefinition,
    ClassValue,
    External,
    FunctionDefinition,
    FunctionValue,
    ModuleValue,
    Unknown,
    Value,
)

_POSITION = re.compile(r"(.+\.pyi?):(\d+):(\d+)")
_WORD = re.compile(r"\w+")


def is_position(old: str) -> bool:
    """Tell whether a symbol is given by its place."""
    return _POSITION.fullmatch(old) is not None


def named_target(inference: Inference, symbol: str) -> Target:
    """Return what a symbol means, given by its dotted name or by its place. Raises as the two functions for these."""
    return target_at(inference, symbol) if is_position(symbol) else find_target(inference, symbol)


def target_at(inference: Inference, position: str) -> Target:
    """Return what the name under a position means. Raises SymbolNotFound or ParameterError."""
    match = _POSITION.fullmatch(position)
    path, line, column = (
        (match[1].removeprefix("./"), int(match[2]), int(match[3])) if match else (position, 0, 0)
    )
    if path not in inference.project.table.files:
        nearest = did_you_mean(path, inference.project.table.files)
        raise SymbolNotFound(f"'{path}' is no Python file of the tree.{nearest}")
    module = inference.project.module(path)
    if module is None:
        raise UnreadableTarget(path)
    name, offset = _word_at(module, line, column, position)
    for span, target in _targets(inference, module, name):
        if span is not None and span[0] <= offset <= span[1] and target is not None:
            return target
    why = _unknown_receiver(inference, module, name, offset)
    raise ParameterError(
        f"'{name}' at {position} is no name that the recipe can follow{why}."
        " Give the symbol's own name: package.module.Class.method, or the place where it is defined"
    )


def _unknown_receiver(inference: Inference, module: Module, name: str, offset: int) -> str:
    """Say why an attribute at a place cannot be followed, or nothing if there is none."""
    for attribute, _ in module.bindings.attributes.get(name, ()):
        span = name_span(module.bindings, attribute, name)
        if span is not None and span[0] <= offset <= span[1]:
            values = inference.values(module, attribute.value)
            reasons = [value.reason for value in values if isinstance(value, Unknown)]
            return f": {reasons[0]}" if reasons else ""
    return ""


def _word_at(module: Module, line: int, column: int, position: str) -> tuple[str, int]:
    offset = module.source.offset_of_character(line, column)
    if offset is None:
        raise SymbolNotFound(f"{position} is outside the file")
    start = module.source.line_starts[line - 1]
    end = module.source.content.find(b"\n", start)
    text = module.source.slice(start, end if end >= 0 else len(module.source.content))
    for match in _WORD.finditer(text):
        if match.start() <= column - 1 <= match.end():
            return match.group(), offset
    raise SymbolNotFound(f"there is no name at {position}")


def _targets(inference: Inference, module: Module, name: str) -> Iterator[tuple[Span | None, Target | None]]:
    bindings = module.bindings
    for node, scope in bindings.names.get(name, ()):
        owner = scope.lookup(name, node)
        yield name_span(bindings, node, name), _of_scope(inference, module, owner, name)
    for scope in module.scope.subtree():
        for binding in scope.bindings.get(name, ()):
            if not isinstance(binding.node, ast.Name | ast.alias):
                yield name_span(bindings, binding.node, name), _of_scope(inference, module, scope, name)
    for attribute, _ in bindings.attributes.get(name, ()):
        yield name_span(bindings, attribute, name), _of_attribute(inference, module, attribute)
    for keyword, _ in bindings.keywords.get(name, ()):
        yield name_span(bindings, keyword, name), _of_keyword(inference, module, keyword)
    yield from _in_imports(inference, module, name)


def _of_scope(inference: Inference, module: Module, scope: Scope | None, name: str) -> Target | None:
    if scope is None:
        return None
    symbol = f"{module.name}.{name}"
    if scope.parent is None:
        return canonical(inference, Exported(module, tuple(scope.bindings[name])), name)
    node = scope.node
    if scope.kind == "class" and isinstance(node, ast.ClassDef):
        definition = inference.project.class_definition(module, node)
        return MemberTarget(definition, name, f"{definition.qualified}.{name}")
    first = scope.bindings[name][0].node
    if isinstance(first, ast.arg) and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = inference.project.function_definition(module, node)
        positional = [*node.args.posonlyargs, *node.args.args]
        is_receiver = function.owner is not None and positional and positional[0] is first
        if not is_receiver and first not in (node.args.vararg, node.args.kwarg):
            return ParameterTarget((function,), name, f"{function.qualified}({name})")
    return VariableTarget(module, scope, name, symbol)


def _of_attribute(inference: Inference, module: Module, node: ast.Attribute) -> Target | None:
    """Return the one meaning of an attribute. Raises ParameterError if its receiver may be of unrelated classes."""
    found: dict[str, Target] = {}
    for value in inference.values(module, node.value):
        target = _of_value(inference, value, node.attr)
        if target is not None:
            found.setdefault(target.symbol, target)
    first = next(iter(found.values()), None)
    if isinstance(first, MemberTarget) and len(found) > 1:
        family = Family.around(inference, first.definition, node.attr)
        for other in found.values():
            if not isinstance(other, MemberTarget) or other.definition.key not in family.keys:
                raise ParameterError(
                    f"'{ast.unparse(node)}' at {module.path}:{node.lineno} may be {first.symbol} or {other.symbol}."
                    " Name the one that is meant"
                )
    return first


def _of_value(inference: Inference, value: Value, name: str) -> Target | None:
    if isinstance(value, ModuleValue):
        return _in_module(inference, value.location, name)
    if isinstance(value, External) and not is_standard(value.name):
        return ExternalTarget(f"{value.name}.{name}")
    return member_of(inference, value, name)


def _in_module(inference: Inference, location: Location, name: str) -> Target | None:
    found = inference.project.member(location, name)
    if isinstance(found, ModuleValue):
        return ModuleTarget(found.location, found.location.key.replace("/", "."))
    return canonical(inference, found, name) if isinstance(found, Exported) else None


def _of_keyword(inference: Inference, module: Module, node: ast.keyword) -> Target | None:
    call = module.bindings.parents[node]
    for value in inference.values(module, call.func) if isinstance(call, ast.Call) else ():
        function: FunctionDefinition | None = None
        if isinstance(value, FunctionValue):
            function = value.definition
        elif isinstance(value, ClassValue):
            function = _constructor(inference, value.definition)
            if function is None:
                return member_of(inference, value, node.arg or "")
        if function is not None and node.arg:
            return ParameterTarget((function,), node.arg, f"{function.qualified}({node.arg})")
    return None


def _constructor(inference: Inference, definition: ClassDefinition) -> FunctionDefinition | None:
    owner = inference.hierarchy.provider(definition, "__init__")
    for binding in owner.scope.bindings.get("__init__", ()) if owner is not None else ():
        if owner is not None and isinstance(binding.node, ast.FunctionDef):
            return inference.project.function_definition(owner.module, binding.node)
    return None


def _in_imports(
    inference: Inference, module: Module, name: str
) -> Iterator[tuple[Span | None, Target | None]]:
    for statement, scope in module.bindings.imports:
        if isinstance(statement, ast.ImportFrom):
            yield from _in_source(inference, module, statement, name)
        for alias in statement.names:
            spans = alias_spans(module.source, alias)
            parts = alias.name.split(".")
            bound = alias.asname or parts[0]
            if alias.asname == name:
                yield spans[-1], _of_scope(inference, module, scope.lookup(name), name)
            elif isinstance(statement, ast.Import):
                for index, part in enumerate(parts):
                    found = inference.project.absolute(module, ".".join(parts[: index + 1]))
                    if part == name and isinstance(found, Location):
                        yield spans[index], ModuleTarget(found, ".".join(parts[: index + 1]))
            elif alias.name == name:
                source = inference.project.import_source(module, statement)
                origin = _in_module(inference, source, name) if isinstance(source, Location) else None
                yield spans[0], origin or _of_scope(inference, module, scope.lookup(bound), bound)


def _in_source(
    inference: Inference, module: Module, statement: ast.ImportFrom, name: str
) -> Iterator[tuple[Span | None, Target | None]]:
    parts = (statement.module or "").split(".")
    for index, span in enumerate(module_spans(module.source, statement)):
        dotted = ".".join(parts[: index + 1])
        found: Location | str | None
        if statement.level:
            found = inference.project.table.relative(module.path, statement.level, dotted)
        else:
            found = inference.project.absolute(module, dotted)
        if parts[index] == name and isinstance(found, Location):
            yield span, ModuleTarget(found, found.key.replace("/", "."))
