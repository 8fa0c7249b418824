"""The method that is to move, and everything that stands against it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.decorators import NEUTRAL_DECORATORS
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.protocols import is_protocol
from overhaul.refactors.scopes import FunctionNode, Scope
from overhaul.refactors.symbols.family import Family, is_private
from overhaul.refactors.symbols.target import MemberTarget, find_target
from overhaul.refactors.values import ClassDefinition, External

Kind = Literal["instance", "class", "static"]
_KINDS: dict[str, Kind] = {"staticmethod": "static", "classmethod": "class"}
_DROPPED = frozenset(
    {"typing.final", "typing_extensions.final", "builtins.staticmethod", "builtins.classmethod"}
)


@dataclass(frozen=True, slots=True)
class Method:
    """A method with one implementation in the tree. `twin` is its definition in the stub beside the file."""

    definition: ClassDefinition
    node: FunctionNode
    kind: Kind
    family: Family
    dropped_decorators: tuple[ast.expr, ...]

    @property
    def module(self) -> Module:
        return self.definition.module

    @property
    def symbol(self) -> str:
        return f"{self.definition.qualified}.{self.node.name}"

    @property
    def receiver(self) -> ast.arg | None:
        """The parameter that takes the instance or class."""
        positional = [*self.node.args.posonlyargs, *self.node.args.args]
        return positional[0] if positional and self.kind != "static" else None

    @property
    def outermost(self) -> ast.ClassDef:
        """The class statement at the top of the module that the method is in."""
        node: ast.AST = self.definition.node
        parents = self.module.bindings.parents
        while not isinstance(parents[node], ast.Module):
            node = parents[node]
        assert isinstance(node, ast.ClassDef)  # noqa: S101 - `find_method` refuses others
        return node


def find_method(inference: Inference, qualified: str, *, stays: bool, accepts_bases: bool) -> Method:
    """Return the method. Raises ParameterError for one that cannot become a function, and SymbolNotFound.

    `stays` tells that a delegating method will be left, which code outside the tree can go on to call;
    `accepts_bases` that bases which cannot be read are taken not to have the method.
    """
    target = find_target(inference, qualified)
    if not isinstance(target, MemberTarget):
        raise ParameterError(f"'{qualified}' is no method. Name one as package.module.Class.method")
    definition, name = target.definition, target.name
    module = definition.module
    nodes = [binding.node for binding in definition.scope.bindings.get(name, ())]
    if len(nodes) != 1 or not isinstance(nodes[0], ast.FunctionDef | ast.AsyncFunctionDef):
        raise _refusal(
            module, nodes[-1] if nodes else definition.node, target.symbol, "it is not defined once, by a def"
        )
    node = nodes[0]
    refuse = _Refusals(inference, module, node, target.symbol)
    if name.startswith("__") and name.endswith("__"):
        raise refuse("Python itself calls special methods")
    refuse.unless_at_top(definition.node)
    kind, dropped = refuse.decorated()
    if kind != "static" and not node.args.posonlyargs and not node.args.args and node.args.vararg is None:
        raise refuse("it has no parameter for the instance")
    refuse.called_by_name(definition)
    family = Family.around(inference, definition, name)
    refuse.dispatched(family, definition, stays or accepts_bases)
    refuse.unmovable_body()
    return Method(definition, node, kind, family, dropped)


def _refusal(module: Module, node: ast.AST, symbol: str, why: str) -> ParameterError:
    line = getattr(node, "lineno", 1)
    return ParameterError(f"'{symbol}' cannot become a function: {why} ({module.path}:{line})")


class _Refusals:
    """Raises for one method, with its place."""

    def __init__(self, inference: Inference, module: Module, node: FunctionNode, symbol: str) -> None:
        self.inference = inference
        self.module = module
        self.node = node
        self.symbol = symbol

    def __call__(self, why: str, node: ast.AST | None = None) -> ParameterError:
        return _refusal(self.module, node or self.node, self.symbol, why)

    def unless_at_top(self, owner: ast.ClassDef) -> None:
        parents = self.module.bindings.parents
        if parents[self.node] is not owner:
            raise self("it is defined under a condition")
        around: ast.AST = owner
        while not isinstance(around, ast.Module):
            if not isinstance(around, ast.ClassDef):
                raise self("its class is inside a function or under a condition")
            around = parents[around]

    def decorated(self) -> tuple[Kind, tuple[ast.expr, ...]]:
        """Return the kind of method and the decorators that do not move with it."""
        kind: Kind = "instance"
        dropped = []
        for decorator in self.node.decorator_list:
            function = decorator.func if isinstance(decorator, ast.Call) else decorator
            values = self.inference.values(self.module, function)
            names = {value.name for value in values if isinstance(value, External)}
            if len(values) == len(names) == 1 and names <= _DROPPED:
                dropped.append(decorator)
                kind = _KINDS.get(next(iter(names)).rpartition(".")[2], kind)
            elif not (len(values) == len(names) == 1 and names <= NEUTRAL_DECORATORS):
                raise self(
                    f"the decorator '@{ast.unparse(decorator)}' may need a method, or make it something else",
                    decorator,
                )
        return kind, tuple(dropped)

    def called_by_name(self, definition: ClassDefinition) -> None:
        """Refuse what a framework finds by the form of its name."""
        name = self.node.name
        bases = self.inference.hierarchy.ancestry(definition).external
        prefixes = {
            "cmd.Cmd": ("do_", "help_", "complete_"),
            "http.server.": ("do_",),
            "ast.NodeVisitor": ("visit_",),
        }
        prefixes |= {"ast.NodeTransformer": ("visit_",), "unittest.": ("test",), "enum.": ("_",)}
        found = any(
            base.startswith(start) and name.startswith(ends)
            for base in bases
            for start, ends in prefixes.items()
        )
        if found or (name.startswith("test") and definition.name.startswith("Test")):
            raise self("a framework calls methods of such names")

    def dispatched(self, family: Family, definition: ClassDefinition, trusts_bases: bool) -> None:
        """Refuse a method that a call may mean another implementation of."""
        hierarchy, name = self.inference.hierarchy, self.node.name
        others = [each for each in family.defining() if each != definition and each.key != definition.key]
        if others:
            places = ", ".join(f"{each.qualified} ({each.module.path}:{each.node.lineno})" for each in others)
            raise self(f"a call may mean another implementation, since {places} defines it too")
        if any(each.key == definition.key and each != definition for each in family.defining()):
            raise self(
                "the class is defined twice, or in a stub as well, where its method would have to move too"
            )
        for each in family.definitions:
            outside = hierarchy.external_provider(each, name)
            if outside is not None:
                raise self(f"it overrides {outside}.{name}, which is outside the tree")
            unread = hierarchy.unreadable_bases(each, name)
            if unread and not trusts_bases:
                raise self(
                    f"whether the base {unread[0]} of {each.name}, outside the tree, defines it too is not known;"
                    " keep=yes leaves a method that calls the function, and unread_bases=accept trusts that it does not"
                )
            if is_protocol(self.inference, each):
                raise self(f"{each.name} is a protocol, which declares it")
        for store in hierarchy.instance_stores(definition, name):
            raise self("it is assigned as an attribute as well", store)

    def unmovable_body(self) -> None:
        """Refuse what means something else outside the class."""
        for node in _own_nodes(self.node):
            if isinstance(node, ast.Name) and node.id in ("super", "__class__"):
                raise self(f"it uses {node.id}, which needs the class around it", node)
            private = (
                node.arg
                if isinstance(node, ast.keyword)
                else node.name
                if isinstance(node, ast.alias)
                else None
            )
            if private is not None and is_private(private):
                raise self(f"it uses the name '{private}', which Python changes inside a class", node)
            if isinstance(node, ast.Global | ast.Nonlocal) and any(map(is_private, node.names)):
                raise self("it declares a name that Python changes inside a class", node)
        own = set(self.module.bindings.scopes[self.node].subtree())
        for name, uses in self.module.bindings.names.items():
            for use, scope in uses:
                if not self._is_inside(use):
                    continue
                owner = scope.lookup(name, use)
                if is_private(name) and owner not in own:
                    raise self(f"it uses the name '{name}', which Python changes inside a class", use)
                if (
                    owner is not None
                    and owner.kind != "module"
                    and owner not in own
                    and not _is_in(owner, self.node)
                ):
                    raise self(f"it uses '{name}', which is a name of the {owner.kind} around it", use)
        if any(
            self.node.lineno <= getattr(each, "lineno", 0) <= (self.node.end_lineno or 0)
            for each in self.module.bindings.comment_scopes
        ):
            raise self("it has type comments; write annotations instead")

    def _is_inside(self, use: ast.Name) -> bool:
        first = min([self.node.lineno, *(each.lineno for each in self.node.decorator_list)])
        if not first <= use.lineno <= (self.node.end_lineno or 0):
            return False
        above: ast.AST | None = use
        while above is not None and above is not self.node:
            above = self.module.bindings.parents.get(above)
        return above is self.node


def _is_in(scope: Scope, node: ast.AST) -> bool:
    around: Scope | None = scope
    while around is not None and around.node is not node:
        around = around.parent
    return around is not None


def _own_nodes(node: ast.AST) -> list[ast.AST]:
    """Return all nodes but those of classes inside, for which Python's rules are their own."""
    found: list[ast.AST] = []
    pending: list[ast.AST] = [node]
    while pending:
        current = pending.pop()
        found.append(current)
        if not isinstance(current, ast.ClassDef):
            pending += ast.iter_child_nodes(current)
    return found
