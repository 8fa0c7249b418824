"""The function's header as a method's: `self` first, and types that the class's block can evaluate."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_text import newline as line_end_of
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.nested_edits import NestedEdits
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.function_to_method.function import Function
from overhaul.refactors.scopes import all_arguments

_GAP = re.compile(rb"[ \t\r\n]*")


def adapt_parameters(function: Function, edits: NestedEdits) -> None:
    """Make the parameter `self` and put it first. Raises ParameterError if a comment would be lost."""
    module, node, parameter = function.module, function.node, function.parameter
    source = module.source
    if function.position == 0:
        edits.add(source.start(parameter), source.end(parameter), "self")
        return
    opening = source.content.index(b"(", _name_end(function)) + 1
    gap = _GAP.match(source.content, opening)
    first = gap.end() if gap else opening
    low, high = _removed(function)
    if b"#" in source.content[low:high]:
        raise _refusal(function, parameter, f"a comment beside its parameter '{parameter.arg}' would be lost")
    if low <= first:  # it is the only one: `(*, user)`
        edits.add(first, high, "self")
        return
    between = source.slice(opening, first)
    lines = {each.lineno for each in all_arguments(node.args)}
    is_listed = re.search(r"[\r\n]", between) and len(lines) == len(all_arguments(node.args))
    indented = line_end_of(module) + re.split(r"[\r\n]", between)[-1] if is_listed else " "
    edits.add(first, first, f"self,{indented}")
    edits.add(low, high, "")


def _name_end(function: Function) -> int:
    module, node = function.module, function.node
    parameters = getattr(node, "type_params", None) or []
    if parameters:
        last = parameters[-1]
        return module.source.offset(last.end_lineno, last.end_col_offset)
    span = name_span(module.bindings, node, node.name)
    return span[1] if span is not None else module.source.start(node)


def _removed(function: Function) -> tuple[int, int]:
    """Return the offsets of the parameter with the comma, and the star, that go with it."""
    arguments, source = function.node.args, function.module.source
    parameter = function.parameter
    by_place: dict[ast.arg, int] = {}
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[ast.arg, ast.expr | None] = dict.fromkeys(all_arguments(arguments))
    shifted = len(positional) - len(arguments.defaults)
    defaults.update(zip(positional[shifted:], arguments.defaults, strict=True))
    defaults.update(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    for each, value in defaults.items():
        by_place[each] = source.end(value) if value is not None else source.end(each)
    ordered = sorted(by_place, key=source.start)
    index = ordered.index(parameter)
    end = by_place[parameter]
    if parameter in arguments.kwonlyargs and len(arguments.kwonlyargs) == 1 and arguments.vararg is None:
        if index:
            low = by_place[ordered[index - 1]]
        else:
            low = source.content.rindex(b"*", 0, source.start(parameter))
        after = source.content[end:].lstrip()
        if not index and after.startswith(b","):
            end = source.content.index(b",", end) + 1
        return low, end
    if parameter in arguments.kwonlyargs and parameter is arguments.kwonlyargs[0]:
        return source.start(parameter), source.start(ordered[index + 1])
    if parameter in arguments.posonlyargs and len(arguments.posonlyargs) == 1:
        raise _refusal(function, parameter, "it is the only parameter before the '/'")
    return by_place[ordered[index - 1]], end


def adapt_annotations(function: Function, edits: NestedEdits) -> None:
    """Put types that mention the class in quotes, since its name is not bound before its block ends.

    Raises ParameterError for other parts of the header that the class's block cannot evaluate.
    """
    module, node, owner = function.module, function.node, function.owner
    for expression in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]:
        for name in _late_names(function, expression):
            raise _refusal(
                function, name, f"its header uses '{name.id}', which {owner.name}'s block comes before"
            )
    if _postpones_annotations(module) and _postpones_annotations(owner.module):
        return
    annotations = [
        each.annotation
        for each in all_arguments(node.args)
        if each.annotation is not None and each is not function.parameter
    ]
    for annotation in [*annotations, *([node.returns] if node.returns is not None else [])]:
        if not any(True for _ in _late_names(function, annotation)):
            continue
        text = module.source.slice(module.source.start(annotation), module.source.end(annotation))
        if '"' in text or "\n" in text or "\r" in text:
            raise _refusal(
                function,
                annotation,
                f"its type '{text}' would have to be in quotes; write it as a string first",
            )
        edits.add(module.source.start(annotation), module.source.end(annotation), f'"{text}"')


def _late_names(function: Function, expression: ast.expr) -> Iterator[ast.Name]:
    """Yield the names that are bound only by the class statement or below it, in the class's module."""
    owner, module = function.owner, function.module
    outermost = _outermost(owner.module, owner.node)
    for node in ast.walk(expression):
        if not isinstance(node, ast.Name):
            continue
        if module.bindings.scope_of(node).lookup(node.id, node) is not module.scope:
            continue
        bindings = owner.module.scope.bindings.get(node.id, [])
        if any(binding.line >= outermost.lineno for binding in bindings):
            yield node


def _outermost(module: Module, node: ast.AST) -> ast.ClassDef:
    while not isinstance(module.bindings.parents[node], ast.Module):
        node = module.bindings.parents[node]
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - `find_function` refuses others
    return node


def _postpones_annotations(module: Module) -> bool:
    return any(
        isinstance(each, ast.ImportFrom)
        and each.module == "__future__"
        and any(alias.name == "annotations" for alias in each.names)
        for each in module.source.tree.body
    )


def _refusal(function: Function, node: ast.AST, why: str) -> ParameterError:
    line = getattr(node, "lineno", 1)
    return ParameterError(
        f"'{function.symbol}' cannot become a method: {why} ({function.module.path}:{line})"
    )
