"""The function that is to move, the class that gets it, and everything that stands against it."""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass

from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.decorators import NEUTRAL_DECORATORS
from overhaul.refactors.errors import NameTaken, ParameterError, did_you_mean
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module, qualified_in
from overhaul.refactors.recipes.rename_symbol.protocols import is_protocol
from overhaul.refactors.recipes.rename_symbol.taken import refuse_taken_member
from overhaul.refactors.scopes import FunctionNode
from overhaul.refactors.symbols.family import Family, is_private
from overhaul.refactors.symbols.target import MemberTarget, Target, VariableTarget, find_target
from overhaul.refactors.values import ClassDefinition, External, Instance


@dataclass(frozen=True, slots=True)
class Function:
    """A function at the top of a module, the class that gets it as `name`, and the parameter that becomes `self`."""

    module: Module
    node: FunctionNode
    target: VariableTarget
    owner: ClassDefinition
    parameter: ast.arg
    name: str

    @property
    def symbol(self) -> str:
        return self.target.symbol

    @property
    def owner_name(self) -> str:
        """The class's name in its module: `Outer.Inner` for a nested one."""
        return qualified_in(self.owner.module, self.owner.node)

    @property
    def position(self) -> int | None:
        """The parameter's place among those that an argument without a name can be for."""
        positional = [*self.node.args.posonlyargs, *self.node.args.args]
        return positional.index(self.parameter) if self.parameter in positional else None

    @property
    def is_by_keyword(self) -> bool:
        """Whether an argument with the parameter's name can be for it."""
        return self.parameter not in self.node.args.posonlyargs


def find_function(
    inference: Inference, qualified: str, owner_name: str, parameter: str, name: str, accepts_bases: bool
) -> Function:
    """Return the function. Raises ParameterError or NameTaken for one that cannot become a method."""
    target = find_target(inference, qualified)
    owner = _find_class(inference, find_target(inference, owner_name), owner_name)
    nodes = (
        [each.node for each in target.scope.bindings[target.name]]
        if isinstance(target, VariableTarget)
        else []
    )
    if (
        not isinstance(target, VariableTarget)
        or len(nodes) != 1
        or not isinstance(nodes[0], ast.FunctionDef | ast.AsyncFunctionDef)
        or target.module.bindings.parents[nodes[0]] is not target.module.source.tree
    ):
        raise ParameterError(
            f"'{qualified}' is not defined once, by a def at the top of a module, so it cannot become a method"
        )
    node, module = nodes[0], target.module
    refuse = _Refusals(inference, module, node, target.symbol)
    refuse.stubbed(module)
    refuse.stubbed(owner.module)
    refuse.decorated()
    taken = refuse.receiver(parameter, owner)
    new = name or node.name
    if not new.isidentifier() or keyword.iskeyword(new) or is_private(new):
        raise refuse(f"'{new}' is no name for a public method; give another one as name")
    refuse.unmovable(owner, taken)
    _refuse_class(inference, owner, new, refuse, accepts_bases)
    return Function(module, node, target, owner, taken, new)


def _find_class(inference: Inference, target: Target, name: str) -> ClassDefinition:
    if isinstance(target, VariableTarget):
        module, bindings = target.module, target.scope.bindings[target.name]
    elif isinstance(target, MemberTarget):
        module, bindings = target.definition.module, target.definition.scope.bindings.get(target.name, [])
    else:
        module, bindings = None, []
    nodes = [binding.node for binding in bindings]
    if module is None or len(nodes) != 1 or not isinstance(nodes[0], ast.ClassDef):
        raise ParameterError(
            f"'{name}' is not defined once, by a class statement. Name it as package.module.Class"
        )
    around: ast.AST = nodes[0]
    while not isinstance(around, ast.Module):
        if not isinstance(around, ast.ClassDef):
            raise ParameterError(
                f"the class '{name}' is defined under a condition, so no method can be added to it"
            )
        around = module.bindings.parents[around]
    return inference.project.class_definition(module, nodes[0])


class _Refusals:
    """Raises for one function, with its place."""

    def __init__(self, inference: Inference, module: Module, node: FunctionNode, symbol: str) -> None:
        self.inference = inference
        self.module = module
        self.node = node
        self.symbol = symbol

    def __call__(self, why: str, node: ast.AST | None = None) -> ParameterError:
        line = getattr(node or self.node, "lineno", 1)
        return ParameterError(f"'{self.symbol}' cannot become a method: {why} ({self.module.path}:{line})")

    def stubbed(self, module: Module) -> None:
        location = self.inference.project.table.at(module.key)
        if location is not None and len(location.paths) > 1:
            raise self(f"{module.path} has a stub beside it, which would have to change too")

    def decorated(self) -> None:
        for decorator in self.node.decorator_list:
            function = decorator.func if isinstance(decorator, ast.Call) else decorator
            values = self.inference.values(self.module, function)
            if not values or not all(
                isinstance(each, External) and each.name in NEUTRAL_DECORATORS for each in values
            ):
                raise self(f"the decorator '@{ast.unparse(decorator)}' may need a function", decorator)

    def receiver(self, name: str, owner: ClassDefinition) -> ast.arg:
        """Return the parameter that becomes `self`."""
        arguments = self.node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        known = {each.arg: each for each in [*positional, *arguments.kwonlyargs]}
        if name and name not in known:
            raise self(f"it has no parameter '{name}'.{did_you_mean(name, known)}")
        if not name and not positional:
            raise self("it takes no argument that could be the instance")
        found = known[name] if name else positional[0]
        defaults = positional[len(positional) - len(arguments.defaults) :] if arguments.defaults else []
        defaults += [
            each
            for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if value is not None
        ]
        if found in defaults:
            raise self(f"its parameter '{found.arg}' has a default, which 'self' cannot have", found)
        if found.annotation is not None and not self._may_be(found.annotation, owner):
            raise self(f"its parameter '{found.arg}' is declared as {ast.unparse(found.annotation)}", found)
        return found

    def _may_be(self, annotation: ast.expr, owner: ClassDefinition) -> bool:
        hierarchy = self.inference.hierarchy
        related = {each.key for each in [*hierarchy.ancestry(owner).classes, *hierarchy.descendants(owner)]}
        values = declared_values(self.inference, self.module, annotation)
        return any(
            not isinstance(value, Instance)
            or (isinstance(value.of, ClassDefinition) and value.of.key in related)
            for value in values
        )

    def unmovable(self, owner: ClassDefinition, parameter: ast.arg) -> None:
        """Refuse what means something else inside the class."""
        bindings = self.module.bindings
        own = set(bindings.scopes[self.node].subtree())
        for node in ast.walk(self.node):
            name = (
                node.arg
                if isinstance(node, ast.arg | ast.keyword)
                else node.id
                if isinstance(node, ast.Name)
                else node.attr
                if isinstance(node, ast.Attribute)
                else node.asname or node.name
                if isinstance(node, ast.alias)
                else getattr(node, "name", None)
            )
            if isinstance(name, str) and is_private(name) and owner.name.strip("_"):
                raise self(f"it uses the name '{name}', which Python changes inside a class", node)
            if isinstance(node, ast.Name) and node.id in (
                "super",
                "__class__",
                "locals",
                "vars",
                "eval",
                "exec",
            ):
                raise self(f"it uses {node.id}, which sees the names around it", node)
        if len(bindings.scopes[self.node].bindings[parameter.arg]) > 1:
            raise self(f"it gives its parameter '{parameter.arg}' another value, which 'self' should not get")
        for each in own:
            if parameter.arg != "self" and ("self" in each.bindings or "self" in each.uses):
                raise self("it uses the name 'self' already")
            if each.nonlocal_names.get(parameter.arg):
                raise self(f"a function inside declares '{parameter.arg}' nonlocal")
        header = [
            *self.node.decorator_list,
            *self.node.args.defaults,
            *filter(None, self.node.args.kw_defaults),
        ]
        header += [
            each.annotation
            for each in ast.walk(self.node.args)
            if isinstance(each, ast.arg) and each.annotation
        ]
        header += [self.node.returns] if self.node.returns is not None else []
        for expression in header:
            for name, use in _names(self.module, expression):
                if name in owner.scope.bindings:
                    raise self(f"'{name}' means something else in {owner.name}", use)
        if any(
            self.node.lineno <= getattr(each, "lineno", 0) <= (self.node.end_lineno or 0)
            for each in bindings.comment_scopes
        ):
            raise self("it has type comments; write annotations instead")


def _names(module: Module, expression: ast.expr) -> list[tuple[str, ast.Name]]:
    """Return the names in an expression, those in strings that are types as well."""
    found = []
    for node in ast.walk(expression):
        if isinstance(node, ast.Name):
            found.append((node.id, node))
        elif isinstance(node, ast.Constant) and node in module.bindings.string_expressions:
            found += _names(module, module.bindings.string_expressions[node])
    return found


def _refuse_class(
    inference: Inference, owner: ClassDefinition, name: str, refuse: _Refusals, accepts_bases: bool
) -> None:
    hierarchy = inference.hierarchy
    family = Family.around(inference, owner, name)
    defining = family.defining()
    if defining:
        each = defining[0]
        raise NameTaken(
            f"'{name}' is taken: {each.qualified} ({each.module.path}:{each.node.lineno}) has it. Give another name"
        )
    refuse_taken_member(inference, family, name)
    for each in family.definitions:
        unread = hierarchy.unreadable_bases(each, name)
        if unread and not accepts_bases:
            raise refuse(
                f"whether the base {unread[0]} of {each.name}, outside the tree, has '{name}' is not known;"
                " unread_bases=accept trusts that it does not"
            )
    for each in hierarchy.ancestry(owner).classes:
        if is_protocol(inference, each) or each.name == "TypedDict":
            raise refuse(f"{each.name} is a protocol, whose members are what other classes must have")
        if hierarchy.provider(each, "__getattr__") or hierarchy.provider(each, "__getattribute__"):
            _refuse_answered(inference, family, each, refuse)
    if any(base.endswith(".TypedDict") for base in hierarchy.ancestry(owner).external):
        raise refuse(f"{owner.name} is a TypedDict, which has no methods")


def _refuse_answered(
    inference: Inference, family: Family, answering: ClassDefinition, refuse: _Refusals
) -> None:
    """Refuse a name that code may already ask of a class which answers any."""
    for module in inference.project.containing([family.name]):
        for attribute, _ in module.bindings.attributes.get(family.name, ()):
            if family.judge(inference.values(module, attribute.value), "").is_member is not False:
                raise refuse(
                    f"{answering.name} has __getattr__, and {module.path}:{attribute.lineno} may ask it for"
                    f" '{family.name}'"
                )
