"""The scopes of one module, and an index of everything in it that mentions a name.

One pass over the tree, with a stack of its own: long expressions would exhaust Python's.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from overhaul.refactors.annotations import (
    TYPING_FORMS,
    annotation_strings,
    last_name,
    shifted_expression,
    type_comments,
)
from overhaul.refactors.scopes import Scope
from overhaul.refactors.text import SourceText

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

# What may hold further nodes, per class of node: contexts and operators are left out.
_LEAVES = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
_VALUE_FIELDS = frozenset(
    [
        "id",
        "attr",
        "arg",
        "name",
        "asname",
        "module",
        "level",
        "names",
        "ctx",
        "op",
        "ops",
        "type_comment",
        "kind",
        "is_async",
        "simple",
        "lineno",
        "kwd_attrs",
        "rest",
        "conversion",
        "type_ignores",
    ]
)


def _child_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    if issubclass(kind, _LEAVES):
        return ()
    return tuple(name for name in kind._fields if name not in _VALUE_FIELDS)


CHILD_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: _child_fields(kind)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


class ModuleBindings:
    """The scopes of a module and an index of all that mentions names."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.module = Scope("module", source.tree, None)
        self.scopes: dict[ast.AST, Scope] = {source.tree: self.module}
        self.parents: dict[ast.AST, ast.AST] = {}
        self.names: dict[str, list[tuple[ast.Name, Scope]]] = defaultdict(list)
        self.attributes: dict[str, list[tuple[ast.Attribute, Scope]]] = defaultdict(list)
        self.keywords: dict[str, list[tuple[ast.keyword, Scope]]] = defaultdict(list)
        self.strings: list[tuple[ast.Constant, Scope]] = []
        self.byte_strings: list[ast.Constant] = []
        self.star_calls: list[ast.Call] = []
        self.class_patterns: list[tuple[ast.MatchClass, Scope]] = []
        self.imports: list[tuple[ast.Import | ast.ImportFrom, Scope]] = []
        self.string_expressions: dict[ast.Constant, ast.expr] = {}
        self.star_imports: list[tuple[ast.ImportFrom, Scope]] = []
        self.classes: list[tuple[ast.ClassDef, Scope]] = []
        self.functions: list[tuple[FunctionNode, Scope]] = []
        # Strings in annotations whose names have no position in the file (escapes, implicit concatenation).
        self.opaque_annotations: list[ast.Constant] = []
        self.comment_scopes: dict[ast.AST, Scope] = {}
        self._read: set[ast.Constant] = set()
        self._stack: list[tuple[ast.AST, Scope]] = [(source.tree, self.module)]
        self._walk()
        if b"# type:" in source.content or b"#type:" in source.content:
            for expression in type_comments(source):
                scope = self.scope_at(expression.lineno)
                self.comment_scopes[expression] = scope
                self._stack.append((expression, scope))
                self._annotation(expression, scope)
            self._walk()
        self._settle_declarations()

    def scope_of(self, node: ast.AST) -> Scope:
        """Return the scope in which a node is evaluated."""
        child, above = node, self.parents.get(node)
        while above is not None:
            if isinstance(above, ast.comprehension) and child is above.iter:
                opener = self.parents[above]
                if opener.generators[0] is above:  # type: ignore[attr-defined]
                    child, above = opener, self.parents.get(opener)
                    continue
            scope = self.scopes.get(above)
            if scope is not None and self._is_inside(child, above):
                return scope
            child, above = above, self.parents.get(above)
        return self.comment_scopes.get(child, self.module)

    def scope_at(self, line: int) -> Scope:
        """Return the innermost function, class or module around a line."""
        found = self.module
        for node, scope in self.scopes.items():
            if not isinstance(node, FunctionNode | ast.ClassDef):
                continue
            inner = found is self.module or node.lineno > getattr(found.node, "lineno", 0)
            if inner and node.lineno <= line <= (node.end_lineno or 0):
                found = scope
        return found

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """Return the statement that a node belongs to."""
        current = node
        while not isinstance(current, ast.stmt):
            current = self.parents[current]
        return current

    def enclosing_class(self, scope: Scope) -> Scope | None:
        """Return the class scope whose method (or class block) a scope is in, through nested functions."""
        current: Scope | None = scope
        while current is not None and current.kind != "class":
            current = current.parent
        return current

    @staticmethod
    def _is_inside(child: ast.AST, opener: ast.AST) -> bool:
        """Tell whether a direct child of a scope's node is evaluated in the scope and not around it."""
        if isinstance(opener, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return child in opener.body
        if isinstance(opener, ast.Lambda):
            return child is opener.body
        if isinstance(opener, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            return True
        return isinstance(opener, ast.Module)

    def _push(self, node: ast.AST | None, parent: ast.AST, scope: Scope) -> None:
        if node is not None:
            self.parents[node] = parent
            self._stack.append((node, scope))

    def _push_all(self, nodes: Iterable[ast.AST | None], parent: ast.AST, scope: Scope) -> None:
        for node in nodes:
            self._push(node, parent, scope)

    def _walk(self) -> None:
        stack, parents, fields_of = self._stack, self.parents, CHILD_FIELDS
        visitors = _VISITORS
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            visitor = visitors.get(kind)
            if visitor is not None and visitor(self, node, scope):
                continue
            for name in fields_of[kind]:
                value = getattr(node, name)
                if value.__class__ is list:
                    for item in value:
                        if isinstance(item, ast.AST):
                            parents[item] = node
                            stack.append((item, scope))
                elif isinstance(value, ast.AST):
                    parents[value] = node
                    stack.append((value, scope))

    def _annotation(self, node: ast.expr | None, scope: Scope) -> None:
        """Read the strings of an annotation as expressions, at their own positions."""
        if node is None or isinstance(node, ast.Name):
            return
        for constant in annotation_strings(node):
            if constant in self._read:
                continue
            self._read.add(constant)
            expression = shifted_expression(self.source, constant)
            if expression is None:
                self.opaque_annotations.append(constant)
            else:
                self.string_expressions[constant] = expression
                self._push(expression, constant, scope)
                self._annotation(expression, scope)

    def _settle_declarations(self) -> None:
        """Give what is bound under `global` and `nonlocal` to the scope that owns it."""
        for scope in list(self.module.subtree()):
            for name in scope.global_names:
                _move_bindings(scope, scope.module, name)
            for name in scope.nonlocal_names:
                owner = scope.parent
                while owner is not None and (owner.kind in ("class", "module") or name not in owner.bindings):
                    owner = owner.parent
                if owner is not None:
                    _move_bindings(scope, owner, name)
        for scope in self.module.subtree():
            for bindings in scope.bindings.values():
                if len(bindings) > 1:
                    bindings.sort(key=lambda binding: binding.place)


def _move_bindings(scope: Scope, owner: Scope, name: str) -> None:
    if owner is not scope:
        owner.bindings.setdefault(name, []).extend(scope.bindings.pop(name, []))


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
    module._push_all(node.decorator_list, node, scope)
    outer = _type_parameters(module, node, scope)
    inner = Scope("function", node, outer)
    module.scopes[node] = inner
    _arguments(module, node.args, inner, outer, scope, node)
    module._push(node.returns, node, outer)
    module._annotation(node.returns, outer)
    module._push_all(node.body, node, inner)
    return True


def _lambda(module: ModuleBindings, node: ast.Lambda, scope: Scope) -> bool:
    inner = Scope("function", node, scope)
    module.scopes[node] = inner
    _arguments(module, node.args, inner, scope, scope, node)
    module._push(node.body, node, inner)
    return True


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Return every parameter, `*args` and `**kwargs` among them."""
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*found, *(extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None)]


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
        module._push(argument.annotation, argument, annotations)
        module._annotation(argument.annotation, annotations)
    module._push_all([*arguments.defaults, *arguments.kw_defaults], owner, defaults)


def _type_parameters(module: ModuleBindings, node: ast.AST, scope: Scope) -> Scope:
    parameters = getattr(node, "type_params", None)
    if not parameters:
        return scope
    inner = Scope("type parameters", node, scope)
    for parameter in parameters:
        inner.bind(parameter.name, parameter)
        module.parents[parameter] = node
        module._push(getattr(parameter, "bound", None), parameter, inner)
        module._push(getattr(parameter, "default_value", None), parameter, inner)
    return inner


def _class(module: ModuleBindings, node: ast.ClassDef, scope: Scope) -> bool:
    scope.bind(node.name, node)
    module.classes.append((node, scope))
    module._push_all(node.decorator_list, node, scope)
    outer = _type_parameters(module, node, scope)
    inner = Scope("class", node, outer)
    module.scopes[node] = inner
    module._push_all([*node.bases, *node.keywords], node, outer)
    module._push_all(node.body, node, inner)
    return True


def _type_alias(module: ModuleBindings, node: ast.AST, scope: Scope) -> bool:
    module._push(getattr(node, "name", None), node, scope)
    module._push(getattr(node, "value", None), node, _type_parameters(module, node, scope))
    return True


Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def _comprehension(module: ModuleBindings, node: Comprehension, scope: Scope) -> bool:
    inner = Scope("comprehension", node, scope)
    module.scopes[node] = inner
    for index, generator in enumerate(node.generators):
        module.parents[generator] = node
        # The first iterable is evaluated outside, which matters in a class block.
        module._push(generator.iter, generator, scope if index == 0 else inner)
        module._push(generator.target, generator, inner)
        module._push_all(generator.ifs, generator, inner)
    results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    module._push_all(results, node, inner)
    return True


def _walrus(module: ModuleBindings, node: ast.NamedExpr, scope: Scope) -> bool:
    owner = scope
    while owner.kind == "comprehension" and owner.parent is not None:
        owner = owner.parent
    module._push(node.target, node, owner)
    module._push(node.value, node, scope)
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
    module._annotation(node.annotation, scope)
    is_alias = last_name(node.annotation) == "TypeAlias"
    if is_alias:
        module._annotation(node.value, scope)
    return False


def _call(module: ModuleBindings, node: ast.Call, scope: Scope) -> bool:
    if any(keyword.arg is None for keyword in node.keywords):
        module.star_calls.append(node)
    name = last_name(node.func)
    if name == "cast" and node.args:
        module._annotation(node.args[0], scope)
    elif name in ("TypeVar", "NewType", "ForwardRef"):
        for argument in [
            *node.args[1:],
            *(keyword.value for keyword in node.keywords if keyword.arg == "bound"),
        ]:
            module._annotation(argument, scope)
    return False


def _subscript(module: ModuleBindings, node: ast.Subscript, scope: Scope) -> bool:
    # Annotations were read already; here are aliases such as `Users = List["User"]` and base classes.
    if (
        isinstance(node.slice, ast.Constant | ast.Tuple | ast.Subscript)
        and last_name(node.value) in TYPING_FORMS
    ):
        module._annotation(node, scope)
    return False


_VISITORS: dict[type[ast.AST], Callable[[ModuleBindings, Any, Scope], bool]] = {
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
    _VISITORS[ast.TypeAlias] = _type_alias
