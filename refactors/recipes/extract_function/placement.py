"""Where the new function goes: after the function around, as a method of its class if it is one."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.decorators import unknown_decorator
from overhaul.refactors.errors import NameTaken, ParameterError
from overhaul.refactors.import_needs import is_builtin
from overhaul.refactors.indentation import first_line, indent_of, line_text
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.extract_function.selection import Selection
from overhaul.refactors.scopes import FunctionNode, Scope
from overhaul.refactors.values import ClassDefinition

Kind = Literal["auto", "static", "class", "function"]
MethodKind = Literal["instance", "class", "static", "none"]
_IMPLICIT_CLASS_METHODS = frozenset({"__init_subclass__", "__class_getitem__"})


@dataclass(frozen=True, slots=True)
class Home:
    """The place of the new function. `anchor` is the statement that it stands before or after."""

    inference: Inference
    module: Module
    anchor: ast.stmt
    before: bool
    scope: Scope
    method: MethodKind = "none"
    receiver: str = ""
    first_parameter: str = ""
    owner: ClassDefinition | None = None
    around: FunctionNode | None = None

    def sees(self, owner: Scope) -> bool:
        """Tell whether the body of the new function sees the names of a scope."""
        scope: Scope | None = self.scope
        while scope is not None:
            if scope is owner:
                return scope.kind != "class"
            scope = scope.parent
        return False


def find_home(
    inference: Inference,
    selection: Selection,
    kind: Kind,
    place: Literal["after", "before"],
) -> Home:
    """Return the place for the code of a selection. Raises ParameterError if `kind` cannot be had."""
    module = selection.module
    around, owner = _function_around(module, selection.nodes[0])
    if around is not None and owner is not None and kind != "function":
        method = _method_kind(inference, module, around)
        receiver = _receiver(module, around, method, selection)
        if receiver is not None and isinstance(owner.node, ast.ClassDef):
            definition = inference.project.class_definition(module, owner.node)
            first = "" if method == "static" or kind == "static" else receiver
            if kind == "class" and method != "class":
                first = "cls"
            wanted: MethodKind = kind if kind in ("static", "class") else method
            return Home(
                inference,
                module,
                around,
                place == "before",
                owner,
                wanted,
                receiver,
                first,
                definition,
                around,
            )
    if kind in ("static", "class"):
        raise ParameterError(
            f"the code at {module.path}:{selection.lines[0]} is in no method from which another can be called"
        )
    anchor, scope = _top_level(module, selection.nodes[0])
    is_function = isinstance(anchor, ast.FunctionDef | ast.AsyncFunctionDef)
    runs_at_once = around is None or anchor is not around
    if is_function and around is anchor:
        runs_at_once = _is_changed(inference, module, around)
    elif isinstance(anchor, ast.ClassDef) and around is not None:
        plain = all(isinstance(base, ast.Name) and base.id == "object" for base in anchor.bases)
        runs_at_once = bool(anchor.decorator_list or anchor.keywords) or not plain
    return Home(inference, module, anchor, place == "before" or runs_at_once, scope, around=around)


def _function_around(module: Module, node: ast.AST) -> tuple[FunctionNode | None, Scope | None]:
    """Return the innermost function that is a method, else the outermost function; and the class of a method."""
    scope: Scope | None = module.bindings.scope_of(node)
    found: FunctionNode | None = None
    while scope is not None:
        if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef) and scope.kind == "function":
            found = scope.node
            above = scope.parent
            while above is not None and above.kind == "type parameters":
                above = above.parent
            if above is not None and above.kind == "class":
                return found, above
        scope = scope.parent
    return found, None


def _top_level(module: Module, node: ast.AST) -> tuple[ast.stmt, Scope]:
    """Return the statement of the module's own code that a node is in: a definition in an `if` counts."""
    anchor = module.bindings.statement_of(node)
    current: ast.AST | None = anchor
    while current is not None and not isinstance(current, ast.Module):
        if isinstance(current, ast.stmt):
            anchor_is_inside = isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            above = module.bindings.parents.get(current)
            if anchor_is_inside or (isinstance(above, ast.Module) and not _is_definition(anchor)):
                anchor = current
        current = module.bindings.parents.get(current)
    return anchor, module.scope


def _is_definition(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _is_changed(inference: Inference, module: Module, function: FunctionNode) -> bool:
    """Tell whether a decorator may call the function at once or replace it."""
    return bool(function.decorator_list) and unknown_decorator(inference, module, function) is not None


def _method_kind(inference: Inference, module: Module, function: FunctionNode) -> MethodKind:
    if _is_changed(inference, module, function):
        return "none"
    names = {each.id for each in function.decorator_list if isinstance(each, ast.Name)}
    if "staticmethod" in names:
        return "static"
    if "classmethod" in names or function.name in _IMPLICIT_CLASS_METHODS:
        return "class"
    return "none" if function.name == "__new__" else "instance"


def _receiver(module: Module, function: FunctionNode, method: MethodKind, selection: Selection) -> str | None:
    """Return how the method's class or instance is called in the selection; None if it cannot be."""
    if method == "none":
        return None
    scope = module.bindings.scope_of(selection.nodes[0])
    if method == "static":
        owner = module.bindings.parents[function]
        name = getattr(owner, "name", "")
        is_seen = scope.lookup(name) is module.scope and len(module.scope.bindings[name]) == 1
        return name if is_seen else None
    positional = [*function.args.posonlyargs, *function.args.args]
    if not positional:
        return None
    name = positional[0].arg
    own = module.bindings.scopes[function]
    return name if scope.lookup(name) is own and len(own.bindings[name]) == 1 else None


def refuse_taken(home: Home, name: str) -> None:
    """Raise NameTaken if the new name means something where the function is defined or called."""
    module = home.module
    if home.owner is None:
        places = [use for use, _ in module.bindings.names.get(name, ())]
        if name in module.scope.bindings or places or is_builtin(name) or _bound_anywhere(module, name):
            raise NameTaken(f"'{name}' means something in {module.path} already. Choose another name")
        return
    hierarchy = home.inference.hierarchy
    classes = [*hierarchy.ancestry(home.owner).classes, *hierarchy.descendants(home.owner)]
    for definition in classes:
        if hierarchy.defines(definition, name) or hierarchy.external_provider(definition, name):
            raise NameTaken(
                f"'{name}' is taken: {definition.qualified} or a base has it. Choose another name"
            )
    if any(place is home.owner.scope for _, place in module.bindings.names.get(name, ())):
        raise NameTaken(f"'{name}' is used in the block of {home.owner.qualified}. Choose another name")


def _bound_anywhere(module: Module, name: str) -> bool:
    return any(name in scope.bindings for scope in module.scope.subtree())


def attached_comment_line(module: Module, line: int) -> int:
    """Return the first of the comment lines that stand directly above a line with its indentation."""
    indent = indent_of(module.source, line)
    while line > 1:
        text = line_text(module.source, line - 1)
        if not text.startswith(f"{indent}#"):
            break
        line -= 1
    return line


def anchor_line(home: Home) -> int:
    """Return the first line of the anchor, with its decorators and the comments above it."""
    return attached_comment_line(home.module, first_line(home.anchor))
