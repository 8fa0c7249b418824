"""pytest's fixtures: which function gives a test's parameter its value."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from overhaul.refactors.annotations import last_name
from overhaul.refactors.modules import join, parent
from overhaul.refactors.values import FunctionDefinition, Instance, Unknown, Value, Values, union

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module
    from overhaul.refactors.scopes import FunctionNode


def is_fixture(node: FunctionNode) -> bool:
    """Tell whether a function is decorated as a fixture."""
    return any(
        last_name(each.func if isinstance(each, ast.Call) else each) in ("fixture", "yield_fixture")
        for each in node.decorator_list
    )


def takes_fixtures(node: FunctionNode) -> bool:
    return node.name.startswith("test") or is_fixture(node)


def fixture_of(
    inference: Inference, module: Module, function: FunctionNode, name: str
) -> FunctionDefinition | None:
    """Return the fixture that a parameter of a test or fixture means: its module's, or a conftest's above it."""
    found = fixtures_of(inference, module, function, name)
    return found[0] if found else None


def fixtures_of(
    inference: Inference, module: Module, function: FunctionNode, name: str
) -> list[FunctionDefinition]:
    """Return the fixtures that a parameter may mean: several if subclasses of the test's class have their own."""
    if not takes_fixtures(function):
        return []
    owner = inference.project.function_definition(module, function).owner
    if owner is not None:
        own = inference.hierarchy.provider(owner, name)
        below = [each for each in inference.hierarchy.descendants(owner) if name in each.scope.bindings]
        classes = [each for each in [own, *below] if each is not None]
        found = [
            inference.project.function_definition(each.module, binding.node)
            for each in classes
            for binding in each.scope.bindings.get(name, ())
            if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef)
            and binding.node is not function
        ]
        if found:
            return [each for each in found if is_fixture(each.node)]
    in_module = _module_fixture(inference, module, function, name)
    return [in_module] if in_module is not None else []


def _module_fixture(
    inference: Inference, module: Module, function: FunctionNode, name: str
) -> FunctionDefinition | None:
    for candidate in _modules_in_reach(inference, module):
        for node, scope in candidate.bindings.functions:
            if (
                scope.kind == "module"
                and node is not function
                and _fixture_name(node) == name
                and is_fixture(node)
            ):
                return inference.project.function_definition(candidate, node)
    return None


def _fixture_name(node: FunctionNode) -> str:
    for decorator in node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return node.name


def _modules_in_reach(inference: Inference, module: Module) -> Iterator[Module]:
    yield module
    folder = parent(module.path)
    while True:
        path = join(folder, "conftest.py")
        if path in inference.project.table.files and path != module.path:
            found = inference.project.module(path)
            if found is not None:
                yield found
        if not folder:
            return
        folder = parent(folder)


def parametrised_values(inference: Inference, module: Module, function: FunctionNode, name: str) -> Values:
    """Return what `@pytest.mark.parametrize` gives a parameter."""
    found: list[Values] = []
    for decorator in function.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and last_name(decorator.func) == "parametrize"
            and len(decorator.args) > 1
        ):
            names = _parameter_names(decorator.args[0])
            if name in names:
                found.append(_column(inference, module, decorator.args[1], names.index(name), len(names)))
    return union(*found)


def _parameter_names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [name.strip() for name in node.value.split(",")]
    elements = node.elts if isinstance(node, ast.Tuple | ast.List) else []
    return [str(each.value) for each in elements if isinstance(each, ast.Constant)]


def _column(inference: Inference, module: Module, table: ast.expr, index: int, width: int) -> Values:
    if not isinstance(table, ast.List | ast.Tuple):
        if width > 1:
            return (Unknown("a column of a table of parameters"),)
        return union(*(_elements(value) for value in inference.values(module, table)))
    found: list[Values] = []
    for row in table.elts:
        cells = row.args if isinstance(row, ast.Call) and last_name(row.func) == "param" else None
        if cells is None and width > 1 and isinstance(row, ast.Tuple | ast.List):
            cells = row.elts
        cell = row if cells is None else cells[index] if index < len(cells) else None
        if cell is not None:
            found.append(inference.values(module, cell))
    return union(*found)


def _elements(value: Value) -> Values:
    if isinstance(value, Instance) and value.arguments:
        return union(*value.arguments)
    return (Unknown("an element of the parameters"),)


def requested_values(inference: Inference, module: Module, node: ast.Attribute) -> Values:
    """Return what `request.param` is in a fixture that is declared with `params=`."""
    if node.attr != "param" or not isinstance(node.value, ast.Name) or node.value.id != "request":
        return ()
    owner = module.bindings.scope_of(node).lookup("request", node.value)
    function = owner.node if owner is not None else None
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or not is_fixture(function):
        return ()
    return union(
        *(
            _column(inference, module, keyword.value, 0, 1)
            for decorator in function.decorator_list
            if isinstance(decorator, ast.Call)
            for keyword in decorator.keywords
            if keyword.arg == "params"
        )
    )
