"""Scopes by Python's rules, and what names mean by imports."""

import ast

import pytest

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.imports import qualified_names
from overhaul.refactors.text import SourceText, parse_source


def bound(text: str) -> ModuleBindings:
    source = parse_source("a.py", text.encode())
    assert isinstance(source, SourceText)
    return ModuleBindings(source)


def owners(text: str, name: str = "x") -> list[str]:
    """The kind and name of the scope that binds each use of a name, in order of place."""
    module = bound(text)
    found = []
    for node, scope in sorted(module.names[name], key=lambda use: (use[0].lineno, use[0].col_offset)):
        owner = scope.lookup(name, node)
        found.append("builtin" if owner is None else getattr(owner.node, "name", owner.kind))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\ndef f():\n    return x\n", ["module", "module"]),
        ("x = 1\ndef f():\n    x = 2\n    return x\n", ["module", "f", "f"]),
        (
            "x = 1\nclass C:\n    x = x\n    def m(self):\n        return x\n",
            ["module", "C", "module", "module"],
        ),
        ("def f():\n    global x\n    x = 1\nx\n", ["module", "module"]),
        ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n", ["f", "f"]),
        ("def f(x):\n    return [x for x in x]\n", ["comprehension", "comprehension", "f"]),
        ("class C:\n    x = [1]\n    y = [i for i in x]\n", ["C", "C"]),
        ("class C:\n    x = [1]\n    y = [x for i in z]\n", ["C", "builtin"]),
        ("def f(a):\n    [x := i for i in a]\n    return x\n", ["f", "f"]),
        ("try:\n    pass\nexcept OSError as x:\n    x\n", ["module"]),
        ("def f(s):\n    match s:\n        case [x, *rest]:\n            return x\n", ["f"]),
        (
            "x = 1\ndef f(a=x, *, b: 'x' = 2) -> 'x':\n    lambda x: x\n",
            ["module", "module", "module", "module", "function"],
        ),
        ("from m import *\nx\n", ["builtin"]),
        ("def f():\n    del x\n    return x\n", ["f", "f"]),
    ],
)
def test_a_name_belongs_to_the_scope_that_binds_it(text: str, expected: list[str]) -> None:
    assert owners(text) == expected


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("class C: x = 1; y = x", ["C", "C"]),
        ("class C: y = x; x = 1", ["module", "C"]),
        ("class C: x = x; y = x", ["C", "module", "C"]),
        ("class C:\n    x = (\n        x\n    )", ["C", "module"]),
        ("class C:\n    x, y = 1, x; z = x", ["C", "module", "C"]),
        ("class C:\n    if y: x = 1; z = x", ["C", "C"]),
        ("class C:\n    if y: x = x\n    else: x = x; z = x", ["C", "module", "C", "C", "C"]),
        ("class C:\n    try: x = 1\n    except E as x: z = x\n    else: y = x", ["C", "C", "C"]),
        ("class C:\n    try: z\n    except x as x: y = x", ["module", "C"]),
        ("class C:\n    for x in x: y = x", ["C", "module", "C"]),
        ("class C:\n    with f(x) as x, g(x): y = x", ["module", "C", "C", "C"]),
        ("class C:\n    y = (x := f(x)) + x", ["C", "module", "C"]),
        ("class C:\n    x += x; y = x", ["C", "module", "C"]),
        ("class C:\n    x: x = x; y = x", ["C", "module", "module", "C"]),
        ("class C:\n    x: 'x'\n    y: x = x", ["C", "module", "module", "module"]),
        ("class C:\n    x = f()  # type: x\n    y = x", ["C", "module", "C"]),
        ("class C:\n    def x(self, a: x = x) -> x: ...\n    y = x", ["module", "module", "module", "C"]),
        ("class C:\n    @x\n    def x(self): ...\n    @x.setter\n    def x(self, a): ...", ["module", "C"]),
        ("class C:\n    class x(x): y = x\n    z = x", ["module", "module", "C"]),
        ("class C:\n    match f(x):\n        case [x] if x: y = x", ["module", "C", "C"]),
        ("class C:\n    import x; y = x", ["C"]),
    ],
)
def test_a_use_in_a_class_block_means_the_module_until_the_block_has_bound_the_name(
    block: str, expected: list[str]
) -> None:
    assert owners(f"x = 1\n{block}\n")[1:] == expected


def test_strings_in_annotations_are_uses_at_their_own_place() -> None:
    module = bound('def f(a: "Lé[User]", b: Literal["User"]): ...\n')
    (node, _scope) = module.names["User"][0]
    assert len(module.names["User"]) == 1
    assert module.source.slice(module.source.start(node), module.source.end(node)) == "User"


def test_type_comments_are_uses() -> None:
    module = bound("x = []  # type: list[User]\ndef f(a):\n    # type: (User) -> Other\n    pass\n")
    assert len(module.names["User"]) == 2
    assert len(module.names["Other"]) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a.b as m\nm.f\n", ["a.b.f"]),
        ("import a.b\na.b.f\n", ["a.b.f"]),
        ("from a import b as c\nc.f\n", ["a.b.f"]),
        ("from . import b\nb.f\n", ["pkg.b.f"]),
        ("from ..a import b\nb\n", ["a.b"]),
        ("try:\n    from a import f\nexcept ImportError:\n    from b import f\nf\n", ["a.f", "b.f"]),
        ("print\n", ["builtins.print"]),
        ("def g(): ...\ng\n", ["pkg.mod.g"]),
        ("x = 1\nx\n", []),
    ],
)
def test_names_are_qualified_by_imports(text: str, expected: list[str]) -> None:
    module = bound(text)
    statement = module.source.tree.body[-1]
    assert isinstance(statement, ast.Expr)
    assert qualified_names(module, statement.value, module.module, "pkg.mod") == expected


def test_a_long_expression_does_not_exhaust_the_stack() -> None:
    bound("x = " + " + ".join(["1"] * 900))


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# type: ignore", []),
        ("#type:ignore[arg]  # type: User", []),
        ("# type:\tignore", []),
        ("# type: ignored", ["ignored"]),
        ("# type: User  # type: ignore", ["User"]),
        ("#type:User", ["User"]),
    ],
)
def test_ignored_types_are_no_uses_and_others_are(comment: str, expected: list[str]) -> None:
    module = bound(f"x = 1  {comment}\ny = 2  # type: ignore\n")
    assert [name for name in module.names if name not in "xy"] == expected
