"""PEP 585: `typing.List[int]` is `list[int]`. https://peps.python.org/pep-0585/"""

from __future__ import annotations

import ast

from overhaul.refactors.dotted_chains import dotted_span
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_needs import ImportStatement, Need, local_name
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile
from overhaul.refactors.recipes.modernize_syntax.type_positions import RUNTIME_USES, Position, position_of

_BUILTINS = {
    f"typing.{name}": name.lower() for name in ("Dict", "FrozenSet", "List", "Set", "Tuple", "Type")
} | {"typing.Text": "str"}
_COLLECTIONS = {"typing.DefaultDict": "defaultdict", "typing.Deque": "deque"}


def builtin_generics(file: ModernFile) -> None:
    """Replace the names of typing that builtins and collections have taken over."""
    for node, qualified in file.reads([*_BUILTINS, *_COLLECTIONS]):
        _replace(file, node, qualified)


def _replace(file: ModernFile, node: ast.Name | ast.Attribute, qualified: str) -> None:
    doubt = _doubt(file, node, qualified)
    if doubt:
        file.leave(node, doubt)
        return
    name = _new_name(file, node, qualified)
    if isinstance(name, Doubt):
        file.leave(node, name.reason)
        return
    span = dotted_span(file.module, node)
    if span is None:
        file.leave(node, "the name is not written there as it is")
        return
    file.change(*span, name)
    file.consume(node)
    file.resolve(node, f"{qualified} is {name}")


def _doubt(file: ModernFile, node: ast.Name | ast.Attribute, qualified: str) -> str:
    """Say why a name stays, or nothing."""
    if file.in_formatted_string(node):
        return "inside an f-string"
    if qualified == "typing.Text":
        return ""  # the very same object
    position = position_of(file, node)
    if position.kind in ("comment", "base", "value"):
        return RUNTIME_USES[position.kind]
    if position.in_string and position.kind != "annotation":
        return "inside a string that is no annotation"
    above = file.parent(node)
    if isinstance(above, ast.Subscript) and above.value is node and _hides_names(file, above, position):
        return "a name in quotes inside: before Python 3.11 the builtin's parameters stay text (bpo-41370)"
    return ""


def _hides_names(file: ModernFile, node: ast.Subscript, position: Position) -> bool:
    if file.options.target >= (3, 11) or file.is_stub:
        return False
    if position.kind == "annotation" and not position.is_evaluated and not position.may_be_read:
        return False
    return any(
        isinstance(each, ast.Constant) and isinstance(each.value, str) for each in ast.walk(node.slice)
    )


def _new_name(file: ModernFile, node: ast.expr, qualified: str) -> str | Doubt:
    builtin = _BUILTINS.get(qualified)
    if builtin is not None:
        taken = Doubt(f"'{builtin}' means something else here")
        return builtin if file.is_builtin(builtin, node) else taken
    name = _COLLECTIONS[qualified]
    need = Need(name, f"collections.{name}", ImportStatement("collections", name))
    found = local_name(file.module, file.scope(node), node.lineno, need)
    if isinstance(found, Doubt):
        return found
    if found is None:
        file.rewrite.import_on_top([need.statement])
        return name
    if found.binding is not None:
        file.kept.append(found.binding.node)
    return found.text
