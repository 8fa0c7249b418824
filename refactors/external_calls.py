"""What calling something outside the tree gives: the standard library's own rules, and conventions for the rest."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from overhaul.refactors.assignments import iterated_values
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.modules import Location
from overhaul.refactors.standard_library import gives_own_objects, is_class
from overhaul.refactors.values import (
    ClassValue,
    External,
    Instance,
    ModuleValue,
    Unknown,
    Values,
    builtin,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module

_SAME_ELEMENTS = ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter")
MOCKS = ("Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "create_autospec")
Rule = Callable[["Inference", "Module", ast.Call, Sequence[Values]], Values | None]


def external_result(inference: Inference, name: str, module: Module | None, node: ast.Call | None) -> Values:
    """Return what calling `name` gives; `node` is the call, if there is one in the code."""
    rule = _RULES.get(name)
    if rule is not None and module is not None and node is not None:
        found = rule(inference, module, node, [inference.values(module, each) for each in node.args])
        if found is not None:
            return found
    short = name.rpartition(".")[2]
    if "Proxy" in short or "Lazy" in short or "Mock" in short:
        return (Unknown(f"{short} may stand for an object of any class"),)
    if gives_own_objects(name) or is_class(name):
        return (Instance(name),)
    # By convention a capital letter is a class; a lower-case function outside the tree may give back anything.
    if short[:1].isupper():
        return (Instance(name),)
    return (Unknown(f"the result of {name}, which is outside the tree"),)


def _cast(
    inference: Inference, module: Module, node: ast.Call, _arguments: Sequence[Values]
) -> Values | None:
    return declared_values(inference, module, node.args[0]) if node.args else None


def _first(
    _inference: Inference, _module: Module, _node: ast.Call, arguments: Sequence[Values]
) -> Values | None:
    return arguments[0] if arguments else None


def _element(
    inference: Inference, _module: Module, _node: ast.Call, arguments: Sequence[Values]
) -> Values | None:
    return iterated_values(inference, arguments[0]) if arguments else None


def _greatest(
    inference: Inference, module: Module, node: ast.Call, arguments: Sequence[Values]
) -> Values | None:
    return union(*arguments) if len(arguments) > 1 else _element(inference, module, node, arguments)


def _elements(
    inference: Inference, _module: Module, _node: ast.Call, arguments: Sequence[Values]
) -> Values | None:
    return builtin("list", iterated_values(inference, arguments[-1])) if arguments else None


def _numbered(
    inference: Inference, _module: Module, _node: ast.Call, arguments: Sequence[Values]
) -> Values | None:
    if not arguments:
        return None
    item: Values = (Instance("builtins.tuple", (builtin("int"), iterated_values(inference, arguments[0]))),)
    return builtin("list", item)


def _zipped(inference: Inference, _module: Module, _node: ast.Call, arguments: Sequence[Values]) -> Values:
    items = tuple(iterated_values(inference, each) for each in arguments)
    return builtin("list", (Instance("builtins.tuple", items),))


def _partial(
    _inference: Inference, _module: Module, _node: ast.Call, arguments: Sequence[Values]
) -> Values | None:
    return (Instance("functools.partial", (arguments[0],)),) if arguments else None


def _reference(
    _inference: Inference, _module: Module, _node: ast.Call, arguments: Sequence[Values]
) -> Values | None:
    return (Instance("typing.Callable", (arguments[0],)),) if arguments else None


def _manager(
    _inference: Inference, _module: Module, _node: ast.Call, arguments: Sequence[Values]
) -> Values | None:
    return (Instance("contextlib.AbstractContextManager", (arguments[0],)),) if arguments else None


def _attribute(
    inference: Inference, _module: Module, node: ast.Call, arguments: Sequence[Values]
) -> Values | None:
    """Read `getattr(value, "name")`."""
    name = node.args[1] if len(node.args) > 1 else None
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return None
    found = [inference.member_values(value, name.value) for value in arguments[0]]
    return union(*found, *arguments[2:])


def _imported(
    inference: Inference, module: Module, node: ast.Call, _arguments: Sequence[Values]
) -> Values | None:
    """Read `import_module("acme.api")`, also of a relative name and its package."""
    texts = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
    texts += [
        each.value.value
        for each in node.keywords
        if each.arg == "package" and isinstance(each.value, ast.Constant)
    ]
    name, package = [*texts, "", ""][:2]
    if not isinstance(name, str) or not isinstance(package, str) or not name:
        return (Unknown("a module imported by a computed name"),)
    dots = len(name) - len(name.lstrip("."))
    if dots:
        above = package.split(".")
        name = ".".join([*above[: len(above) - dots + 1], name[dots:]])
    found = inference.project.absolute(module, name)
    return _module_value(found)


def _imported_top(
    inference: Inference, module: Module, node: ast.Call, _arguments: Sequence[Values]
) -> Values | None:
    """Read `__import__("acme.api")`, which gives `acme`; with a list of names it gives the module itself."""
    name = node.args[0] if node.args else None
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return (Unknown("a module imported by a computed name"),)
    takes_names = len(node.args) > 3 or any(each.arg == "fromlist" for each in node.keywords)
    dotted = name.value if takes_names else name.value.partition(".")[0]
    return _module_value(inference.project.absolute(module, dotted))


def _module_value(found: Location | str | None) -> Values:
    if isinstance(found, Location):
        return (ModuleValue(found),)
    return (External(found),) if found else (Unknown("a module that the tree has none of"),)


def _mock(inference: Inference, module: Module, node: ast.Call, arguments: Sequence[Values]) -> Values:
    """Read the class that a mock must look like; without one it may stand for anything."""
    given = [each.value for each in node.keywords if each.arg in ("spec", "spec_set")]
    specified = inference.values(module, given[0]) if given else union(*arguments[:1])
    found = [Instance(each.definition) if isinstance(each, ClassValue) else each for each in specified]
    known = tuple(each for each in found if isinstance(each, Instance) and not isinstance(each.of, str))
    return known or (Unknown("a mock may stand for an object of any class"),)


def _session_class(
    _inference: Inference, _module: Module, node: ast.Call, _arguments: Sequence[Values]
) -> Values | None:
    """`sessionmaker()` is called as the class would be, unless it is told of another one."""
    if len(node.args) > 1 or any(each.arg in {None, "class_"} for each in node.keywords):
        return None
    return (External("sqlalchemy.orm.Session"),)


_RULES: dict[str, Rule] = {
    "sqlalchemy.orm.sessionmaker": _session_class,
    "sqlalchemy.orm.session.sessionmaker": _session_class,
    "typing.cast": _cast,
    "typing_extensions.cast": _cast,
    "importlib.import_module": _imported,
    "builtins.__import__": _imported_top,
    "builtins.enumerate": _numbered,
    "builtins.zip": _zipped,
    "builtins.next": _element,
    "builtins.max": _greatest,
    "builtins.min": _greatest,
    "builtins.getattr": _attribute,
    "functools.partial": _partial,
    "copy.copy": _first,
    "copy.deepcopy": _first,
    "dataclasses.replace": _first,
    "weakref.proxy": _first,
    "weakref.ref": _reference,
    "contextlib.closing": _manager,
    "contextlib.aclosing": _manager,
    "contextlib.nullcontext": _manager,
    **{f"builtins.{name}": _elements for name in _SAME_ELEMENTS},
    **{f"{module}.{name}": _mock for module in ("unittest.mock", "mock") for name in MOCKS},
}
