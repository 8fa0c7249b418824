"""Calls that no longer fit what they call: a signature changed and its callers did not, or a new call is wrong."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from overhaul.refactors.annotations import last_name
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.project import Module, qualified_in
from overhaul.refactors.recipes.change_signature.arguments import arguments_of_call, bind, may_be_mapped
from overhaul.refactors.recipes.change_signature.signature import Signature, shown, signature_of
from overhaul.refactors.recipes.change_signature.target import (
    is_of_class,
    is_overload,
    is_static,
    receiver_of,
)
from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.changed_lines import Citation
from overhaul.refactors.reviewing.trees import Trees, TreeSide, expects_failure, places_text
from overhaul.refactors.scopes import FunctionNode
from overhaul.refactors.standard_library import defines
from overhaul.refactors.values import ClassDefinition, ClassValue, FunctionDefinition, FunctionValue, Instance

_CONSTRUCTOR = "__init__"


@dataclass(frozen=True, slots=True)
class _Reached:
    """A function that a call certainly reaches, and whether the call writes `self` or `cls` itself."""

    function: FunctionDefinition
    takes_receiver: bool


def broken_calls(trees: Trees) -> Iterator[Finding]:
    """Yield one finding for each changed function with calls that raise TypeError now, and for each new such call."""
    changed = _changed_functions(trees)
    by_function: dict[FunctionNode, list[tuple[str, int, str]]] = defaultdict(list)
    named: dict[FunctionNode, FunctionDefinition] = {}
    alone: list[Finding] = []
    for module, call in _candidates(trees, changed):
        reached = _reached(trees.head, module, call)
        problem = _misfit(call, reached) if reached else ""
        if not reached or not problem or expects_failure(module, call):
            continue
        function = reached[0].function
        line = call.func.end_lineno or call.lineno
        if function.node in changed and _fitted(trees, call, reached[0]):
            by_function[function.node].append((module.path, line, problem))
            named[function.node] = function
            continue
        cite = trees.lines.cite(module.path, call.lineno, call.end_lineno or call.lineno)
        if cite is not None and not _was_there(trees, module, call):
            alone.append(_of_call(function, cite, problem))
    for node, calls in by_function.items():
        yield from _of_function(trees, named[node], changed[node], calls)
    yield from alone


def _of_function(
    trees: Trees, function: FunctionDefinition, before: FunctionNode, calls: list[tuple[str, int, str]]
) -> Iterator[Finding]:
    node, path = function.node, function.module.path
    cite = trees.lines.cite(path, node.lineno, _last_line(node)) or trees.lines.cite(
        trees.old_path(path), before.lineno, _last_line(before), "base"
    )
    if cite is not None:
        places = [(where, line) for where, line, _ in calls]
        many = len(calls) > 1
        yield Finding(
            f"`{function.qualified}` changed, but {len(calls)} {'calls' if many else 'call'} did not",
            f"It takes `{_shown(function)}` now. {places_text(places)}: {calls[0][2]}. TypeError when"
            f" {'they run' if many else 'it runs'}.",
            1, cite.path, cite.first_line, cite.last_line, side=cite.side, proved_by="rule",
            proof="the calls certainly reach this function, fitted it before the change and do not any more",
        )  # fmt: skip


def _of_call(function: FunctionDefinition, cite: Citation, problem: str) -> Finding:
    return Finding(
        f"Call does not fit `{function.qualified}`",
        f"It takes `{_shown(function)}`, and {problem}. TypeError when the call runs.",
        1, cite.path, cite.first_line, cite.last_line, proved_by="rule",
        proof="the call certainly reaches this function",
    )  # fmt: skip


def _changed_functions(trees: Trees) -> dict[FunctionNode, FunctionNode]:
    """Functions of head whose parameters are others than at base, each with what it was."""
    found: dict[FunctionNode, FunctionNode] = {}
    for _, old, module in trees.changed_modules():
        if old is None:
            continue
        before = {qualified_in(old, node): node for node, _ in old.bindings.functions}
        for node, _ in module.bindings.functions:
            was = before.get(qualified_in(module, node))
            if was is not None and signature_of(was, None) != signature_of(node, None):
                found[node] = was
    return found


def _candidates(trees: Trees, changed: dict[FunctionNode, FunctionNode]) -> Iterator[tuple[Module, ast.Call]]:
    """Calls that may be of a changed function, by name, and those on changed lines."""
    names = set(_called_names(trees, changed))
    seen: set[ast.Call] = set()
    modules = [*trees.head.project.containing(names)] if names else []
    for module in modules:
        own = names | _aliases(module, names)
        for name in sorted(own):
            uses = [*module.bindings.names.get(name, ()), *module.bindings.attributes.get(name, ())]
            for node, _ in uses:
                above = module.bindings.parents.get(node)
                if isinstance(above, ast.Call) and above.func is node and above not in seen:
                    seen.add(above)
                    yield module, above
    for path, _, module in trees.changed_modules():
        for node in list(module.bindings.parents):  # annotations are read when they are asked for
            if not isinstance(node, ast.Call) or node in seen:
                continue
            if trees.lines.cite(path, node.lineno, node.end_lineno or node.lineno):
                yield module, node


def _called_names(trees: Trees, functions: Iterable[FunctionNode]) -> Iterator[str]:
    for node in functions:
        if node.name != _CONSTRUCTOR:
            yield node.name
    wanted = {node for node in functions if node.name == _CONSTRUCTOR}
    for _, _, module in trees.changed_modules() if wanted else ():
        for owner, _ in module.bindings.classes:
            if wanted.intersection(owner.body):
                definition = trees.head.project.class_definition(module, owner)
                yield owner.name
                yield from (each.name for each in trees.head.inference.hierarchy.descendants(definition))


def _aliases(module: Module, names: set[str]) -> set[str]:
    """Other names that a module's imports give to these."""
    return {
        alias.asname
        for statement, _ in module.bindings.imports
        for alias in statement.names
        if alias.asname and alias.name.rpartition(".")[2] in names
    }


def _reached(side: TreeSide, module: Module, call: ast.Call) -> list[_Reached]:
    """Every function that a call may reach; nothing if that is not certain."""
    found: list[_Reached] = []
    for value in side.inference.values(module, call.func):
        if isinstance(value, FunctionValue):
            each = _of_function_value(side, value)
        elif isinstance(value, ClassValue):
            each = _of_class(side, value.definition)
        else:
            return []
        if each is None or is_overload(each.function) or each.function.module.path.endswith(".pyi"):
            return []
        found.append(each)
    return found


def _of_function_value(side: TreeSide, value: FunctionValue) -> _Reached | None:
    function, receiver = value.definition, value.receiver
    if isinstance(receiver, Instance) and isinstance(receiver.of, ClassDefinition):
        below = side.inference.hierarchy.descendants(receiver.of)
        if any(function.node.name in each.scope.bindings for each in below):
            return None  # an object of a subclass has another one
    if function.owner is None:
        # A function that a class has as an attribute gets the object, of which nothing is seen here.
        return _Reached(function, False) if receiver is None else None
    if function.node.name == "__new__":
        return _Reached(function, True)
    if is_static(function) or is_of_class(function):
        return _Reached(function, False)
    return _Reached(function, receiver is None or isinstance(receiver, ClassValue))


def _of_class(side: TreeSide, definition: ClassDefinition) -> _Reached | None:
    hierarchy = side.inference.hierarchy
    ancestry = hierarchy.ancestry(definition)
    if ancestry.unknown or hierarchy.provider(definition, "__new__") is not None:
        return None
    if any(defines(each, _CONSTRUCTOR) is None or each.startswith("enum.") for each in ancestry.external):
        return None
    if any(each.node.keywords or each.node.decorator_list for each in ancestry.classes):
        return None
    owner = next((each for each in ancestry.classes if _CONSTRUCTOR in each.scope.bindings), None)
    nodes = [each.node for each in owner.scope.bindings[_CONSTRUCTOR]] if owner else []
    if owner is None or len(nodes) != 1 or not isinstance(nodes[0], ast.FunctionDef):
        return None
    if nodes[0].decorator_list:
        return None
    return _Reached(side.project.function_definition(owner.module, nodes[0]), False)


def _misfit(call: ast.Call, reached: list[_Reached]) -> str:
    """Why a call fits none of the functions that it may reach; "" if it may fit one."""
    problems = [_problem(call, _signature(each)) for each in reached]
    return problems[0] if problems and all(problems) else ""


def _signature(reached: _Reached) -> Signature:
    function = reached.function
    return signature_of(function.node, None if reached.takes_receiver else receiver_of(function))


def _problem(call: ast.Call, signature: Signature) -> str:
    bound = bind(signature, arguments_of_call(call), is_partial=False)
    if isinstance(bound, Doubt):
        return f"the call does not fit: {bound.reason}"
    for parameter in signature:
        if not parameter.is_required or parameter.name in bound.by_parameter:
            continue
        if (bound.is_open and parameter.kind.is_positional) or may_be_mapped(parameter, bound):
            continue
        return f"the call gives nothing for `{parameter.name}`"
    return ""


def _fitted(trees: Trees, call: ast.Call, reached: _Reached) -> bool:
    """Whether the call fitted the function as it was at base."""
    old_path = trees.lines.old_paths.get(reached.function.module.path)
    old = trees.base.module(old_path) if old_path else None
    if old is None:
        return False
    wanted = qualified_in(reached.function.module, reached.function.node)
    for node, _ in old.bindings.functions:
        if qualified_in(old, node) == wanted:
            was = trees.base.project.function_definition(old, node)
            return not _problem(call, _signature(_Reached(was, reached.takes_receiver)))
    return False


def _was_there(trees: Trees, module: Module, call: ast.Call) -> bool:
    """Whether the same call stood in the file before, on another line."""
    old_path = trees.lines.old_paths.get(module.path)
    old = trees.base.module(old_path) if old_path else None
    if old is None:
        return False
    text, name = ast.unparse(call), last_name(call.func)
    return any(
        isinstance(node, ast.Call) and last_name(node.func) == name and ast.unparse(node) == text
        for node in list(old.bindings.parents)
    )


def _last_line(node: FunctionNode) -> int:
    """The last line of a definition's head."""
    return max(node.lineno, node.body[0].lineno - 1)


def _shown(function: FunctionDefinition) -> str:
    return shown(signature_of(function.node, receiver_of(function)))
