"""Whether `|` between types works when it is evaluated: on classes and typing's forms, not on functions or text."""

from __future__ import annotations

import ast

from overhaul.refactors.project import Exported, Module
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile
from overhaul.refactors.references import meanings
from overhaul.refactors.scopes import Binding
from overhaul.refactors.standard_library import is_standard, standard_object
from overhaul.refactors.values import External

_LONGEST_CHAIN = 12
_KEEPS_CLASS = frozenset(
    {"builtins.property", "dataclasses.dataclass", "enum.unique", "functools.total_ordering", "typing.final"}
    | {"typing.runtime_checkable", "typing.no_type_check"}
)
_MAKERS = frozenset({"typing.NewType", "typing.ParamSpec", "typing.TypeVar", "typing_extensions.TypeVar"})


def supports_union(file: ModernFile, node: ast.expr) -> bool:
    """Tell whether an expression is certainly a class or a form of typing."""
    return _supports(file, file.module, node, 0)


def _supports(file: ModernFile, module: Module, node: ast.expr, depth: int) -> bool:
    if depth > _LONGEST_CHAIN:
        return False
    match node:
        case ast.Subscript():
            return _supports(file, module, node.value, depth + 1)
        case ast.BinOp(op=ast.BitOr()):
            return any(_supports(file, module, each, depth + 1) for each in (node.left, node.right))
        case ast.Name():
            scope = module.bindings.scope_of(node)
            owner = scope.lookup(node.id, node)
            if owner is not None:
                bindings = owner.bindings[node.id]
                return all(_binding(file, module, each, depth + 1) for each in bindings)
            return not file.is_starred(module, node.id) and _is_outside_type(file, f"builtins.{node.id}")
        case ast.Attribute():
            found = meanings(file.project, module, node, module.bindings.scope_of(node))
            return bool(found) and all(each is not None and _qualified(file, each, depth) for each in found)
    return False


def _binding(file: ModernFile, module: Module, binding: Binding, depth: int) -> bool:
    """Tell whether one of the places that bind a name gives it a type."""
    node = binding.node
    if isinstance(node, ast.ClassDef):
        scope = module.bindings.scope_of(node)
        decorators = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
        found = [set(meanings(file.project, module, each, scope)) for each in decorators]
        return all(each and each <= _KEEPS_CLASS for each in found)
    if isinstance(node, ast.alias):
        return _import(file, module, binding, depth)
    above = module.bindings.parents.get(node)
    if isinstance(above, ast.Assign) and above.targets == [node]:
        return _value(file, module, above.value, depth)
    if isinstance(above, ast.AnnAssign) and above.value is not None and above.simple:
        return _value(file, module, above.value, depth)
    return type(node).__name__ in ("TypeVar", "ParamSpec")  # a type parameter of PEP 695


def _value(file: ModernFile, module: Module, value: ast.expr, depth: int) -> bool:
    if isinstance(value, ast.Call):
        scope = module.bindings.scope_of(value)
        made = set(meanings(file.project, module, value.func, scope))
        return bool(made) and made <= _MAKERS
    return _supports(file, module, value, depth + 1)


def _import(file: ModernFile, module: Module, binding: Binding, depth: int) -> bool:
    found = file.project.imported(module, binding)
    if isinstance(found, Exported):
        return bool(found.bindings) and all(
            _binding(file, found.module, each, depth + 1) for each in found.bindings
        )
    return isinstance(found, External) and _is_outside_type(file, found.name)


def _qualified(file: ModernFile, qualified: str, depth: int) -> bool:
    """Tell it of a dotted name: of the tree's own, or of something outside."""
    above, _, last = qualified.rpartition(".")
    location = file.project.table.locate(above, file.module.path) if above else None
    if location is None:
        is_own = file.project.table.locate(qualified.partition(".")[0], file.module.path) is not None
        return not is_own and _is_outside_type(file, qualified)
    found = file.project.member(location, last)
    if isinstance(found, Exported):
        return all(_binding(file, found.module, each, depth + 1) for each in found.bindings)
    return isinstance(found, External) and _is_outside_type(file, found.name)


def _is_outside_type(file: ModernFile, qualified: str) -> bool:
    """Tell it of what is not in the tree: Python's own is looked at, another taken on trust if asked to."""
    if qualified.startswith("typing_extensions."):
        return _is_outside_type(file, f"typing.{qualified.partition('.')[2]}")
    if is_standard(qualified) or qualified.startswith("builtins."):
        found = standard_object(qualified)
        return isinstance(found, type) or _is_form(found)
    last = qualified.rpartition(".")[2]
    return file.options.trusts_outside and last[:1].isupper() and not last.isupper()


def _is_form(found: object) -> bool:
    """Tell whether an object that is no class is a form of typing: numbers and sets have another `|`."""
    has_union = any("__or__" in vars(each) for each in type(found).__mro__)
    return has_union and type(found).__module__ in ("typing", "types")
