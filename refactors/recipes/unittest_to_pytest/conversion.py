"""What turns the classes of a family into plain ones, and what else of the project stands against it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from overhaul.refactors.imports import qualified_names
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.print_to_logging.places import is_main_block
from overhaul.refactors.recipes.unittest_to_pytest.families import Family
from overhaul.refactors.recipes.unittest_to_pytest.obstacles import Obstacle
from overhaul.refactors.recipes.unittest_to_pytest.uses import Place, Uses
from overhaul.refactors.recipes.unittest_to_pytest.vocabulary import LIFECYCLE, MEMBERS
from overhaul.refactors.references import meanings
from overhaul.refactors.values import ClassDefinition

_MAIN = ("unittest.main", "unittest.TestProgram", "unittest.main.main")


@dataclass(frozen=True, slots=True)
class SuperCalls:
    """Calls of a base's setUp and the like: those of a class of the tree are renamed, those of TestCase go."""

    renamed: tuple[Place, ...]
    removed: tuple[Place, ...]
    obstacles: tuple[Obstacle, ...]


def super_calls(family: Family, uses: Uses) -> SuperCalls:
    """Decide of each `super().setUp()` whether a class of the tree has what it calls, in every order of bases."""
    renamed, removed, obstacles = [], [], []
    for place, member, name in uses.supers:
        found = {_follows(family, each, member, name) for each in family.members if family.is_test_case(each)}
        found.discard(None)
        statement = _statement(place)
        if found == {True}:
            renamed.append(place)
        elif found == {False} and statement is not None:
            removed.append(Place(place.module, statement))
        else:
            obstacles.append(
                (place, f"'super().{name}' is TestCase's own for some classes, or part of an expression")
            )
    for place, member, name in uses.renames:
        orders = [family.order(each) or [] for each in family.members if family.is_test_case(each)]
        if any(
            member in order and all(name not in each.scope.bindings for each in order) for order in orders
        ):
            obstacles.append((place, f"'{name}' is TestCase's own"))
        if name_span(place.module.bindings, place.node, name) is None:
            obstacles.append((place, f"'{name}' is not written as such"))
    obstacles += _other_calls(family, uses)
    return SuperCalls(tuple(renamed), tuple(removed), tuple(obstacles))


def _other_calls(family: Family, uses: Uses) -> Iterator[Obstacle]:
    """Yield the `setUp` and the like in the classes that are taken from something else than `self` and `super()`."""
    known = {place.node for place, _, _ in [*uses.renames, *uses.supers]}
    for member in family.members:
        for name in LIFECYCLE:
            for node, scope in member.module.bindings.attributes.get(name, ()):
                owner = member.module.bindings.enclosing_class(scope)
                if node not in known and owner is member.scope:
                    yield Place(member.module, node), f"'{name}' is taken from something else than self"


def _follows(family: Family, case: ClassDefinition, member: ClassDefinition, name: str) -> bool | None:
    order = family.order(case) or []
    if member not in order:
        return None
    return any(name in each.scope.bindings for each in order[order.index(member) + 1 :])


def _statement(place: Place) -> ast.Expr | None:
    parents = place.module.bindings.parents
    call = parents.get(place.node)
    statement = (
        parents.get(call) if isinstance(call, ast.Call) and not call.args and not call.keywords else None
    )
    return statement if isinstance(statement, ast.Expr) else None


def handed_on(project: Project, family: Family) -> Iterator[Obstacle]:
    """Yield the places where a class of the family is used as a value, or gets another name."""
    for member in family.members:
        for path in project.paths_containing([member.name]):
            module = project.module(path)
            if module is not None:
                yield from _values(project, member, module)


def _values(project: Project, member: ClassDefinition, module: Module) -> Iterator[Obstacle]:
    name, parents = member.name, module.bindings.parents
    is_own = module is member.module
    uses = [*module.bindings.names.get(name, ()), *module.bindings.attributes.get(name, ())]
    for node, scope in uses:
        if isinstance(node, ast.Attribute) or not is_own:
            if set(meanings(project, module, node, scope)) != {member.qualified}:
                continue
        elif scope.lookup(name, node) is not member.scope.parent:
            continue
        above = parents.get(node)
        is_base = isinstance(above, ast.ClassDef) and node in above.bases
        is_super = isinstance(above, ast.Call) and getattr(above.func, "id", "") == "super"
        is_owner = (
            isinstance(above, ast.Attribute) and above.attr not in MEMBERS and isinstance(above.ctx, ast.Load)
        )
        if not (is_base or is_super or is_owner):
            yield Place(module, node), f"'{name}' is used as a value"
    if is_own:
        return
    for statement, _ in module.bindings.imports:
        for alias in statement.names:
            if (
                alias.name == name
                and alias.asname not in (None, name)
                and isinstance(statement, ast.ImportFrom)
            ):
                yield Place(module, statement), f"'{name}' has another name here"


def main_calls(module: Module) -> list[tuple[ast.expr, ast.Call | None]]:
    """Return the uses of `unittest.main`; with the call, if it is one in a main block that pytest.main can do."""
    found: list[tuple[ast.expr, ast.Call | None]] = []
    uses = [
        *(
            (node, scope)
            for name in _local_names(module)
            for node, scope in module.bindings.names.get(name, ())
        ),
        *module.bindings.attributes.get("main", ()),
        *module.bindings.attributes.get("TestProgram", ()),
    ]
    for node, scope in uses:
        names = qualified_names(module.bindings, node, scope, module.name, module.is_package)
        if set(names) & set(_MAIN):
            found.append((node, _replaceable(module, node)))
    return found


def _local_names(module: Module) -> set[str]:
    aliases = [alias for statement, _ in module.bindings.imports for alias in statement.names]
    return {alias.asname or alias.name for alias in aliases if alias.name in ("main", "TestProgram")}


def _replaceable(module: Module, node: ast.expr) -> ast.Call | None:
    parents = module.bindings.parents
    call = parents.get(node)
    if not isinstance(call, ast.Call) or call.func is not node or call.args:
        return None
    statement = parents.get(call)
    block = parents.get(statement) if isinstance(statement, ast.Expr) else None
    is_plain = all(each.arg == "verbosity" and isinstance(each.value, ast.Constant) for each in call.keywords)
    is_main = isinstance(block, ast.If) and is_main_block(block) and parents.get(block) is module.source.tree
    return call if is_plain and is_main else None


def main_text(call: ast.Call, pytest: str) -> str:
    """Return what runs the file's tests instead of `unittest.main()`."""
    levels = [each.value.value for each in call.keywords if isinstance(each.value, ast.Constant)]
    is_verbose = any(isinstance(level, int) and level > 1 for level in levels)
    options = '"-v", ' if is_verbose else ""
    return f"raise SystemExit({pytest}([{options}__file__]))"
