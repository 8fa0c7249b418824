"""What moving the lines may change although every name in them keeps its meaning; all of it is reported."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from overhaul.refactors.fixtures import is_fixture
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.move_symbol.definition import Definition
from overhaul.refactors.recipes.move_symbol.importers import Move
from overhaul.refactors.standard_library import is_standard
from overhaul.refactors.values import External, FunctionValue, ModuleValue

_REGISTERING = frozenset({"atexit.register", "functools.singledispatch"})
_PICKLING = frozenset({"__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__"})
_STORING = frozenset({"append", "add", "register", "setdefault", "update", "insert"})
_OWN_PLACE = frozenset({"__module__", "__qualname__"})
Remark = tuple[int, str]


def remarks_on(inference: Inference, definition: Definition) -> Iterator[Remark]:
    """Yield byte offsets in the moved lines and what may change there."""
    module, source = definition.module, definition.module.source
    for statement in definition.statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and is_fixture(statement):
            yield (
                source.start(statement),
                "pytest looks for a fixture in the module and the conftest of its tests",
            )
        for decorator in getattr(statement, "decorator_list", ()):
            if not _is_plain(inference, module, decorator):
                shown = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
                reason = f"the decorator '{shown}' runs when the new module is imported, in case it registers something"
                yield source.start(decorator), reason
        for node in ast.walk(statement):
            if isinstance(node, ast.Attribute) and node.attr in _OWN_PLACE:
                yield source.start(node), f"'{node.attr}' names the new module after the move"
            elif isinstance(node, ast.FunctionDef) and node.name in _PICKLING:
                yield (
                    source.start(node),
                    "objects pickled so far name the old module; -p alias=yes lets them be read",
                )


def _is_plain(inference: Inference, module: Module, decorator: ast.expr) -> bool:
    """Tell whether a decorator is known to do nothing but give back a function or class."""
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    values = inference.values(module, function)
    names = {value.name for value in values if isinstance(value, External)}
    if values and len(names) == len(values):
        return all(
            (is_standard(name) or name.startswith(("builtins.", "typing_extensions.", "attr.", "attrs.")))
            and name not in _REGISTERING
            for name in names
        )
    if isinstance(function, ast.Attribute) and function.attr in ("register", "route", "command", "task"):
        return False
    return _is_wrapper(inference, module, function)


def _is_wrapper(inference: Inference, module: Module, function: ast.expr) -> bool:
    """Tell whether a decorator is a function of the tree that stores nothing outside itself."""
    values = inference.values(module, function)
    return bool(values) and all(
        isinstance(value, FunctionValue) and not _stores(value.definition.node) for value in values
    )


def _stores(node: ast.AST) -> bool:
    """Tell whether a function sets items or attributes, calls a method of something, or declares globals."""
    for each in ast.walk(node):
        if isinstance(each, ast.Global):
            return True
        if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store):
            return True
        called = each.func if isinstance(each, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in _STORING:
            return True
    return False


def replaced_names(inference: Inference, move: Move, names: Collection[str]) -> Iterator[Site]:
    """Yield where tests replace, in the old module, a name that the moved lines look up in the new one from now on."""
    project = inference.project
    table = project.table
    for module in project.containing(list(names)) if names else ():
        for constant, _ in module.bindings.strings:
            owner, _, name = str(constant.value).rpartition(".")
            if name not in names or not _is_in_call(module, constant):
                continue
            if owner:
                found: Location | None = table.locate(owner, module.path)
                is_old = found is not None and found.key == move.old.key
            else:
                is_old = _first_argument_is(inference, module, constant, move)
            if is_old:
                line, column = module.source.position(module.source.start(constant))
                yield Site(
                    module.path,
                    line,
                    column,
                    move.symbol,
                    "unresolved",
                    f"replaces '{name}' in the old module; '{move.name}' looks it up in {move.new.name} from now on",
                )


def _is_in_call(module: Module, constant: ast.Constant) -> bool:
    return isinstance(module.bindings.parents.get(constant), ast.Call)


def _first_argument_is(inference: Inference, module: Module, constant: ast.Constant, move: Move) -> bool:
    call = module.bindings.parents.get(constant)
    if not isinstance(call, ast.Call) or len(call.args) < 2 or call.args[1] is not constant:
        return False
    return any(
        isinstance(value, ModuleValue) and value.location.key == move.old.key
        for value in inference.values(module, call.args[0])
    )
