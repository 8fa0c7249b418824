"""Why the classes of a family stay TestCases, apart from what their methods use."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.annotations import last_name
from overhaul.refactors.recipes.unittest_to_pytest.collection import Collection, is_notebook
from overhaul.refactors.recipes.unittest_to_pytest.decorators import DecoratorKind, kind_of
from overhaul.refactors.recipes.unittest_to_pytest.families import Family, base_kinds, is_offered
from overhaul.refactors.recipes.unittest_to_pytest.layout import comment_doubt
from overhaul.refactors.recipes.unittest_to_pytest.uses import Place
from overhaul.refactors.recipes.unittest_to_pytest.vocabulary import (
    ASYNCHRONOUS_CASES,
    CLASS_LIFECYCLE,
    HARMLESS_BASES,
    LIFECYCLE,
    MEMBERS,
    PLAIN_CASES,
)
from overhaul.refactors.scopes import FunctionNode
from overhaul.refactors.values import ClassDefinition, FunctionValue

Obstacle = tuple[Place, str]
_XUNIT = frozenset({*LIFECYCLE.values(), "setup", "teardown"})
_SPECIAL = frozenset(
    {"__init__", "__new__", "__test__", "__init_subclass__", "__call__", "runTest", "__class_getitem__"}
)


def obstacles_of(family: Family, collection: Collection) -> Iterator[Obstacle]:
    """Yield what would make other tests of these classes, or none, if they were plain ones."""
    has_setup = bool(family.defined & set(LIFECYCLE))
    for name in sorted(family.defined & (_XUNIT | _SPECIAL)):
        member, _ = next(family.definitions(name))
        yield Place(member.module, member.node), f"'{name}' is defined"
    taken = sorted((family.defined & MEMBERS) - set(LIFECYCLE) - {"maxDiff", "longMessage"})
    for name in taken:
        member, _ = next(family.definitions(name))
        yield Place(member.module, member.node), f"'{name}' of TestCase is overridden"
    for member in family.members:
        if has_setup and (collection.uses_fixtures or "usefixtures" in member.module.bindings.attributes):
            yield Place(member.module, member.node), "pytest would use the fixtures after setUp"
        yield from _of_class(family, member, collection)
        for decorator in member.node.decorator_list:
            yield from _of_decorator(member, decorator, on_class=True)
        for statement in member.node.body:
            yield from _of_statement(family, member, statement, collection, has_setup)


def _of_class(family: Family, member: ClassDefinition, collection: Collection) -> Iterator[Obstacle]:
    node, module = member.node, member.module
    place = Place(module, node)
    if is_notebook(module.path):
        yield place, "pytest runs no tests of notebooks"
    if is_offered(module.path):
        yield place, "the project's users may inherit from it"
    external = set(family.inference.hierarchy.ancestry(member).external)
    if external & set(ASYNCHRONOUS_CASES):
        yield place, "it is an IsolatedAsyncioTestCase"
    if node.keywords or getattr(node, "type_params", None) or external & set(HARMLESS_BASES):
        yield place, "it has a metaclass, type parameters, or a base such as Protocol"
    if module.bindings.parents.get(node) is not module.source.tree:
        yield place, "it is not defined at the top of its module"
    if len(module.scope.bindings.get(node.name, ())) != 1:
        yield place, f"'{node.name}' is bound in several ways"
    if any(len(set(base_kinds(family, member, base))) != 1 for base in node.bases):
        yield place, "its bases are not known"
    if not family.is_test_case(member) and not _is_mixin(family, member):
        yield place, "it shares a base with TestCases, and is none"
    hidden = [each for each in family.hidden(member) if MEMBERS & set(each.scope.bindings)]
    if hidden:
        yield place, f"what '{hidden[0].name}' defines of TestCase's own is hidden by TestCase"
    order = family.order(member)
    if order is None:
        yield place, "its bases are in no order"
    elif family.is_test_case(member) and _has_tests(order):
        if not collection.takes_class(node.name):
            yield (
                place,
                (
                    f"pytest collects no plain class of the name '{node.name}': rename it, or set python_classes"
                ),
            )
        if not collection.takes_file(module.path):
            yield place, "pytest does not collect its file"


def _is_mixin(family: Family, member: ClassDefinition) -> bool:
    return any(family.is_test_case(each) and member in (family.order(each) or ()) for each in family.members)


def _has_tests(order: list[ClassDefinition]) -> bool:
    return any(name.startswith("test") for each in order for name in each.scope.bindings)


def _of_statement(
    family: Family,
    member: ClassDefinition,
    statement: ast.stmt,
    collection: Collection,
    has_setup: bool,
) -> Iterator[Obstacle]:
    place = Place(member.module, statement)
    if isinstance(statement, ast.ClassDef):
        inner = family.inference.hierarchy.ancestry(
            family.inference.project.class_definition(member.module, statement)
        )
        may_be_case = bool(inner.unknown) or any("TestCase" in each for each in inner.external)
        if collection.may_take_class(statement.name) or may_be_case:
            yield place, "it has a class in it, which pytest may collect"
    elif isinstance(statement, FunctionNode):
        yield from _of_method(member, statement, collection, has_setup)
    else:
        yield from _of_other(family, member, statement, collection)


def _of_other(
    family: Family, member: ClassDefinition, statement: ast.stmt, collection: Collection
) -> Iterator[Obstacle]:
    """Yield why a statement of a class's block that is no definition may give the class more than values."""
    place = Place(member.module, statement)
    nodes = list(ast.walk(statement))
    if any(isinstance(each, FunctionNode | ast.ClassDef | ast.Lambda) for each in nodes):
        yield place, "it has functions that are not defined directly in it"
    value = getattr(statement, "value", None)
    if isinstance(value, ast.Name | ast.Attribute) and any(
        isinstance(each, FunctionValue) for each in family.inference.values(member.module, value)
    ):
        yield place, "a function from elsewhere is one of its methods"
    names = {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    for name in sorted(names):
        if name.startswith("test") or collection.may_take_function(name) or name in LIFECYCLE:
            yield place, f"'{name}' is set"


def _of_method(
    member: ClassDefinition, method: FunctionNode, collection: Collection, has_setup: bool
) -> Iterator[Obstacle]:
    place, name = Place(member.module, method), method.name
    if name in LIFECYCLE:
        yield from _of_lifecycle(place, method)
        return
    is_test = name.startswith("test")
    if is_test != collection.takes_function(name) or is_test != collection.may_take_function(name):
        yield place, f"pytest has other names for tests than '{name}'"
    if len(member.scope.bindings[name]) > 1 and is_test:
        yield place, f"'{name}' is no method that is defined once"
    if any(
        last_name(each.func if isinstance(each, ast.Call) else each) == "fixture"
        for each in method.decorator_list
    ):
        if has_setup:
            yield place, "pytest would run its fixture and its setUp in another order"
    elif is_test:
        yield from _of_test(member, method)
    else:
        for decorator in method.decorator_list:
            if kind_of(member.module, decorator) in (DecoratorKind.SKIP, DecoratorKind.EXPECTED_FAILURE):
                yield place, "what is skipped is no test"


def _of_test(member: ClassDefinition, method: FunctionNode) -> Iterator[Obstacle]:
    place = Place(member.module, method)
    kinds = [kind_of(member.module, each) for each in method.decorator_list]
    on_class = [kind_of(member.module, each) for each in member.node.decorator_list]
    for decorator in method.decorator_list:
        yield from _of_decorator(member, decorator, on_class=False)
    if isinstance(method, ast.AsyncFunctionDef):
        yield place, f"'{method.name}' is asynchronous"
    own = list(_own_nodes(method))
    if any(isinstance(each, ast.Yield | ast.YieldFrom) or _returns(each) for each in own):
        yield place, f"'{method.name}' yields or returns something"
    arguments = method.args
    count = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    has_more = count > 1 or arguments.vararg or any(each is None for each in arguments.kw_defaults)
    if has_more and DecoratorKind.PATCH not in [*kinds, *on_class]:
        yield place, f"pytest would take the parameters of '{method.name}' for fixtures"
    if DecoratorKind.STATIC in kinds:
        yield place, f"'{method.name}' has no instance"


def _of_lifecycle(place: Place, method: FunctionNode) -> Iterator[Obstacle]:
    wanted = ["classmethod"] if method.name in CLASS_LIFECYCLE else []
    arguments = method.args
    count = len(arguments.posonlyargs) + len(arguments.args)
    is_plain = count == 1 and not arguments.kwonlyargs and not arguments.vararg and not arguments.kwarg
    if (
        [getattr(each, "id", "") for each in method.decorator_list] != wanted
        or not is_plain
        or arguments.defaults
    ):
        yield place, f"'{method.name}' has decorators or parameters of its own"
    if isinstance(method, ast.AsyncFunctionDef) or any(
        isinstance(each, ast.Yield | ast.YieldFrom) for each in _own_nodes(method)
    ):
        yield place, f"'{method.name}' is asynchronous or a generator"


def _of_decorator(member: ClassDefinition, decorator: ast.expr, on_class: bool) -> Iterator[Obstacle]:
    kind = kind_of(member.module, decorator)
    place = Place(member.module, decorator)
    if kind is DecoratorKind.OTHER or (kind is DecoratorKind.STATIC and on_class):
        yield place, f"the decorator '{ast.unparse(decorator)}' may need a TestCase"
    given = (
        [*decorator.args, *(each.value for each in decorator.keywords)]
        if isinstance(decorator, ast.Call)
        else []
    )
    if kind is DecoratorKind.SKIP and comment_doubt(member.module, decorator, given) is not None:
        yield place, "a comment in the decorator would be lost"
    if kind is DecoratorKind.ODD_SKIP:
        yield place, "the reason of the skip is not written as a text"


def _own_nodes(function: FunctionNode) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions and classes in it."""
    pending: list[ast.AST] = [*function.body]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.ClassDef | ast.Lambda):
            pending += ast.iter_child_nodes(node)


def _returns(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and not (
        node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
    )


def test_case_bases(family: Family, member: ClassDefinition) -> list[ast.expr]:
    """Return the bases of a class that are TestCase itself."""
    return [base for base in member.node.bases if set(base_kinds(family, member, base)) <= set(PLAIN_CASES)]
