"""What each kind of node binds, uses or opens; `ModuleBindings` calls these on its walk through a tree.

A visitor returns True if it has seen to the node's children itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from overhaul.refactors.annotations import TYPING_FORMS, last_name
from overhaul.refactors.scopes import FunctionNode, Scope, all_arguments

if TYPE_CHECKING:
    from overhaul.refactors.bindings import ModuleBindings


def _name(module: ModuleBindings, node: ast.Name, scope: Scope) -> bool:
    if not isinstance(node.ctx, ast.Load):
        scope.bind(node.id, node)
    scope.uses.setdefault(node.id, []).append(node)
    module.names[node.id].append((node, scope))
    return True


def _attribute(module: ModuleBindings, node: ast.Attribute, scope: Scope) -> bool:
    module.attributes[node.attr].append((node, scope))
    return False


def _constant(module: ModuleBindings, node: ast.Constant, scope: Scope) -> bool:
    if isinstance(node.value, str):
        module.strings.append((node, scope))
    elif isinstance(node.value, bytes):
        module.byte_strings.append(node)
    return True


def _function(module: ModuleBindings, node: FunctionNode, scope: Scope) -> bool:
    scope.bind(node.name, node)
    module.functions.append((node, scope))
    module.push_all(node.decorator_list, node, scope)
    outer = _type_parameters(module, node, scope)
    inner = Scope("function", node, outer)
    module.scopes[node] = inner
    _arguments(module, node.args, inner, outer, scope, node)
    module.push(node.returns, node, outer)
    module.annotation(node.returns, outer)
    module.push_all(node.body, node, inner)
    return True


def _lambda(module: ModuleBindings, node: ast.Lambda, scope: Scope) -> bool:
    inner = Scope("function", node, scope)
    module.scopes[node] = inner
    _arguments(module, node.args, inner, scope, scope, node)
    module.push(node.body, node, inner)
    return True


def _arguments(
    module: ModuleBindings,
    arguments: ast.arguments,
    inner: Scope,
    annotations: Scope,
    defaults: Scope,
    owner: ast.AST,
) -> None:
    for argument in all_arguments(arguments):
        inner.bind(argument.arg, argument)
        module.parents[argument] = owner
        module.push(argument.annotation, argument, annotations)
        module.annotation(argument.annotation, annotations)
    module.push_all([*arguments.defaults, *arguments.kw_defaults], owner, defaults)


def _type_parameters(module: ModuleBindings, node: ast.AST, scope: Scope) -> Scope:
    parameters = getattr(node, "type_params", None)
    if not parameters:
        return scope
    inner = Scope("type parameters", node, scope)
    for parameter in parameters:
        inner.bind(parameter.name, parameter)
        module.parents[parameter] = node
        module.push(getattr(parameter, "bound", None), parameter, inner)
        module.push(getattr(parameter, "default_value", None), parameter, inner)
    return inner


def _class(module: ModuleBindings, node: ast.ClassDef, scope: Scope) -> bool:
    scope.bind(node.name, node)
    module.classes.append((node, scope))
    module.push_all(node.decorator_list, node, scope)
    outer = _type_parameters(module, node, scope)
    inner = Scope("class", node, outer)
    module.scopes[node] = inner
    module.push_all([*node.bases, *node.keywords], node, outer)
    module.push_all(node.body, node, inner)
    return True


def _type_alias(module: ModuleBindings, node: ast.AST, scope: Scope) -> bool:
    module.push(getattr(node, "name", None), node, scope)
    inner = _type_parameters(module, node, scope)
    if inner is not scope:
        module.scopes[node] = inner
    module.push(getattr(node, "value", None), node, inner)
    return True


Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def _comprehension(module: ModuleBindings, node: Comprehension, scope: Scope) -> bool:
    inner = Scope("comprehension", node, scope)
    module.scopes[node] = inner
    for index, generator in enumerate(node.generators):
        module.parents[generator] = node
        # The first iterable is evaluated outside, which matters in a class block.
        module.push(generator.iter, generator, scope if index == 0 else inner)
        module.push(generator.target, generator, inner)
        module.push_all(generator.ifs, generator, inner)
    results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    module.push_all(results, node, inner)
    return True


def _walrus(module: ModuleBindings, node: ast.NamedExpr, scope: Scope) -> bool:
    owner = scope
    while owner.kind == "comprehension" and owner.parent is not None:
        owner = owner.parent
    module.push(node.target, node, owner)
    module.push(node.value, node, scope)
    return True


def _import(module: ModuleBindings, node: ast.Import | ast.ImportFrom, scope: Scope) -> bool:
    module.imports.append((node, scope))
    for alias in node.names:
        module.parents[alias] = node
        if alias.name == "*" and isinstance(node, ast.ImportFrom):
            module.star_imports.append((node, scope))
        elif isinstance(node, ast.Import):
            scope.bind(alias.asname or alias.name.partition(".")[0], alias)
        else:
            scope.bind(alias.asname or alias.name, alias)
    return True


def _global(_module: ModuleBindings, node: ast.Global, scope: Scope) -> bool:
    for name in node.names:
        scope.global_names.setdefault(name, []).append(node)
    return True


def _nonlocal(_module: ModuleBindings, node: ast.Nonlocal, scope: Scope) -> bool:
    for name in node.names:
        scope.nonlocal_names.setdefault(name, []).append(node)
    return True


def _named(
    _module: ModuleBindings, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar, scope: Scope
) -> bool:
    if node.name is not None:
        scope.bind(node.name, node)
    return False


def _mapping_pattern(_module: ModuleBindings, node: ast.MatchMapping, scope: Scope) -> bool:
    if node.rest is not None:
        scope.bind(node.rest, node)
    return False


def _class_pattern(module: ModuleBindings, node: ast.MatchClass, scope: Scope) -> bool:
    module.class_patterns.append((node, scope))
    return False


def _keyword(module: ModuleBindings, node: ast.keyword, scope: Scope) -> bool:
    if node.arg is not None:
        module.keywords[node.arg].append((node, scope))
    return False


def _annotated_assignment(module: ModuleBindings, node: ast.AnnAssign, scope: Scope) -> bool:
    module.annotation(node.annotation, scope)
    is_alias = last_name(node.annotation) == "TypeAlias"
    if is_alias:
        module.annotation(node.value, scope)
    return False


def _call(module: ModuleBindings, node: ast.Call, scope: Scope) -> bool:
    if any(keyword.arg is None for keyword in node.keywords):
        module.star_calls.append(node)
    name = last_name(node.func)
    if name == "cast" and node.args:
        module.annotation(node.args[0], scope)
    elif name in ("TypeVar", "NewType", "ForwardRef"):
        for argument in [
            *node.args[1:],
            *(keyword.value for keyword in node.keywords if keyword.arg in ("bound", "default")),
        ]:
            module.annotation(argument, scope)
    return False


def _subscript(module: ModuleBindings, node: ast.Subscript, scope: Scope) -> bool:
    # Annotations were read already; here are aliases such as `Users = List["User"]` and base classes.
    if (
        isinstance(node.slice, ast.Constant | ast.Tuple | ast.Subscript)
        and last_name(node.value) in TYPING_FORMS
    ):
        module.annotation(node, scope)
    return False


VISITORS: dict[type[ast.AST], Callable[[ModuleBindings, Any, Scope], bool]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Constant: _constant,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.Lambda: _lambda,
    ast.ClassDef: _class,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.NamedExpr: _walrus,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.ExceptHandler: _named,
    ast.MatchAs: _named,
    ast.MatchStar: _named,
    ast.MatchMapping: _mapping_pattern,
    ast.MatchClass: _class_pattern,
    ast.keyword: _keyword,
    ast.AnnAssign: _annotated_assignment,
    ast.Call: _call,
    ast.Subscript: _subscript,
}
if hasattr(ast, "TypeAlias"):
    VISITORS[ast.TypeAlias] = _type_alias
