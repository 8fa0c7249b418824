"""The facts of single files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overhaul.refactors.facts import record
from overhaul.refactors.facts.collection import collect_facts
from overhaul.refactors.facts.record import (
    CONDITIONAL,
    FOR_TYPES,
    IN_FUNCTION,
    OFFERED,
    FileFacts,
    decode,
    encode,
    seal,
    unseal,
)
from overhaul.refactors.graph.repository import RepositoryGraph, import_dependencies
from overhaul.refactors.memory_tree import MemoryTree


def shown(facts: FileFacts, number: int) -> str:
    """Write a term as text."""
    kind, *rest = facts.terms[number]
    match kind:
        case "member":
            return f"{shown(facts, rest[0])}.{rest[1]}"
        case "result":
            return f"{shown(facts, rest[0])}()"
        case "awaited":
            return f"await {shown(facts, rest[0])}"
        case "instance":
            return f"<{shown(facts, rest[0])}>"
        case "either":
            return " | ".join(shown(facts, each) for each in rest) or "None"
        case "imported":
            return f"{'.' * rest[1]}{rest[0]}:{rest[2]}"
        case "unknown":
            return "?"
        case "self" | "own class" | "super":
            return f"{kind} {rest[0]}"
    return str(rest[0])


def receivers(source: str) -> dict[str, str]:
    """Return what is known of the receiver of each attribute."""
    facts = collect_facts("a.py", source.encode())
    return {use.name: shown(facts, use.receiver) for use in facts.attributes}


def test_imports_are_told_with_where_they_stand() -> None:
    facts = collect_facts(
        "a.py",
        b"""import a.b, c as d
from ..e import f as g, h as h
from i import *
if TYPE_CHECKING:
    from j import k
else:
    from l import m
if not typing.TYPE_CHECKING:
    import n
else:
    import o
try:
    import p
except ImportError:
    p = None
def function():
    from q import r
class Class:
    import s
""",
    )
    assert [tuple(each) for each in facts.imports] == [
        (1, 0, "a.b", "", "a", 0),
        (1, 0, "c", "", "d", 0),
        (2, 2, "e", "f", "g", 0),
        (2, 2, "e", "h", "h", OFFERED),
        (3, 0, "i", "*", "", 0),
        (5, 0, "j", "k", "k", FOR_TYPES),
        (7, 0, "l", "m", "m", CONDITIONAL),
        (9, 0, "n", "", "n", CONDITIONAL),
        (11, 0, "o", "", "o", FOR_TYPES),
        (13, 0, "p", "", "p", CONDITIONAL),
        (17, 0, "q", "r", "r", IN_FUNCTION),
        (19, 0, "s", "", "s", 0),
    ]


def test_definitions_have_qualified_names_kinds_and_the_places_of_their_names() -> None:
    facts = collect_facts(
        "a.py",
        """def f():
    async  def inner(): ...
class C:
    x = 1
    def __init__(self):
        self.y = 2; self.x = 3
    @property
    def p(self): ...
    class D:
        async def m(self): ...
é = "ü"; v: int = 1
""".encode(),
    )
    assert [(each.qualified, each.kind, each.line, each.column) for each in facts.definitions] == [
        ("f", "function", 1, 5),
        ("f.<locals>.inner", "async function", 2, 16),
        ("C", "class", 3, 7),
        ("C.x", "variable", 4, 5),
        ("C.__init__", "method", 5, 9),
        ("C.y", "attribute", 6, 14),
        ("C.x", "attribute", 6, 26),
        ("C.p", "property", 8, 9),
        ("C.D", "class", 9, 11),
        ("C.D.m", "async method", 10, 19),
        ("é", "variable", 11, 1),
        ("v", "variable", 11, 10),
    ]


@pytest.mark.parametrize(
    ("source", "names", "is_complete"),
    [
        ("x = 1", None, True),
        ("__all__ = ['a', 'b']", ("a", "b"), True),
        (
            "__all__ = ('a',)\n__all__ += ['b']\n__all__.append('c')\n__all__.extend(['d'])",
            tuple("abcd"),
            True,
        ),
        ("__all__ = ['a'] + ['b']", ("a", "b"), True),
        ("__all__: list[str] = []", (), True),
        ("__all__ = ['a', *other.__all__]", ("a",), False),
        ("__all__ = ['a'] + other.__all__", ("a",), False),
        ("__all__ = ['a']\n__all__ += other.__all__", ("a",), False),
        ("__all__ = [name for name in names]", (), False),
        ("__all__ = ['a', 'b']\n__all__.remove('a')", ("a", "b"), False),
    ],
)
def test_names_of_all(source: str, names: tuple[str, ...] | None, is_complete: bool) -> None:
    facts = collect_facts("a.py", source.encode())
    assert (facts.exported, facts.is_complete) == (names, is_complete)


def test_receivers_are_known_by_self_constructors_annotations_tests_and_results() -> None:
    assert receivers("""
from models import User, make
class A(User):
    def method(self, user: "User | None", other):
        self.from_self
        super().from_super
        user.from_parameter
        other.from_nothing
        made = User()
        made.from_constructor
        made.friend.from_attribute
        make().from_result
        if isinstance(other, User):
            other.from_test
        with User() as entered:
            entered.from_with
        text = "x" if made else None
        text.from_either
        found: list[User] = []
        found.from_annotation
    @classmethod
    def build(cls):
        cls.from_class
        async def inner():
            (await make()).from_await
""") == {
        "from_self": "self A",
        "from_super": "super A",
        "from_parameter": "<models:User> | None",
        "from_nothing": "?",
        "from_constructor": "models:User()",
        "friend": "models:User()",
        "from_attribute": "models:User().friend",
        "from_result": "models:make()",
        "from_test": "<models:User>",
        "from_with": "models:User().__enter__()",
        "from_either": "<str> | None",
        "from_annotation": "<list>",
        "from_class": "own class A",
        "from_await": "await models:make()",
    }  # fmt: skip


def test_references_are_to_what_scopes_and_imports_say() -> None:
    facts = collect_facts(
        "a.py",
        b"""import os.path as p
from .core import thing
def f(thing):
    return thing.x
def g():
    return thing.y, p.join(len("a")), f
class C:
    f = f
""",
    )
    found = {shown(facts, term): places for term, places in facts.references.items()}
    assert found == {
        ".core:thing.y": (6, 12),
        "os.path.join": (6, 21),
        "len": (6, 28),
        "f": (6, 39, 8, 9),
    }


def test_calls_name_their_caller() -> None:
    facts = collect_facts(
        "a.py",
        b"f()\nclass C:\n    x = g()\n    def m(self, d=h()):\n        [i() for _ in j()]\n        return lambda: k()\n",
    )
    assert [(each.caller, shown(facts, each.callee)) for each in facts.calls] == [
        ("", "f"), ("", "g"), ("", "h"), ("C.m", "i"), ("C.m", "j"), ("C.m", "k"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"def f(:\n", "does not parse: line 1"),
        (b"# -*- coding: nonsense -*-\n", "does not parse"),
        (b"x = '\xff'\n", "cannot be decoded"),
        (b"print 'hello'\n", "does not parse"),
        (b"class {{ name }}(Base):\n    pass\n", "does not parse"),
        (b"x = 1\0\n", "does not parse"),
    ],
)
def test_what_is_no_python_is_a_failure_that_says_so(content: bytes, error: str) -> None:
    assert error in collect_facts("a.py", content).error


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbfx = 1\r\ndef f():\r\n\treturn x\r\n",
        "# -*- coding: latin-1 -*-\né = f('é').x\n".encode("latin-1"),
        b"x = 1\rdef f(): return x\r",
        b"\x0cclass A:\n\x0c    pass\n",
        b"x = " + b"(" * 60 + b"1" + b")" * 60,
        b"x = " + b"+".join([b"f(a).b"] * 300) + b"\n",
        b"def f():\n    global g\n    def g(): ...\ng()\n",
        b"a = a.b\nb = b()\nfor c in c: c.d\n",
        b"class A(A): ...\nclass B(B.C, metaclass=B): ...\n",
        b"match x:\n    case C(a=1) as d:\n        d.e()\n    case {'k': v, **rest}:\n        rest.pop()\n",
    ],
)
def test_odd_files_give_facts_that_can_be_kept(content: bytes) -> None:
    facts = collect_facts("a.py", content)
    assert facts.error == ""
    assert decode(encode(facts)) == facts


def test_a_notebook_has_the_facts_of_its_code_cells_at_their_places() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# import nothing\n"], "metadata": {}},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import acme.api\n"], "metadata": {}, "outputs": [], "execution_count": None},
        {"cell_type": "code", "source": ["acme.api.fetch(1)"], "metadata": {}, "outputs": [], "execution_count": None},
    ]  # fmt: skip
    content = json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    ).encode()
    facts = collect_facts("a.ipynb", content)
    lines = content.decode().split("\n")
    assert [(each.module, "import acme.api" in lines[each.line - 1]) for each in facts.imports] == [
        ("acme.api", True)
    ]
    assert [
        (lines[each.line - 1][each.column - 1 :][:8], shown(facts, each.callee)) for each in facts.calls
    ] == [("fetch(1)", "acme.api.fetch")]
    assert collect_facts("a.ipynb", b"{}").error
    assert "cell 3" in collect_facts("a.ipynb", content.replace(b"fetch(1)", b"fetch(")).error


@given(st.binary(max_size=200))
def test_any_bytes_give_facts_or_a_failure(content: bytes) -> None:
    facts = collect_facts("a.py", content)
    assert decode(encode(facts)) == facts


@given(st.data())
def test_no_changed_byte_of_a_record_goes_unnoticed(data: st.DataObject) -> None:
    sealed = seal([("a", 1, (2, 3)), {"b": None}])
    place = data.draw(st.integers(0, len(sealed) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda each: each != sealed[place]))
    assert unseal(sealed) == [("a", 1, (2, 3)), {"b": None}]
    assert unseal(sealed[:place] + bytes([value]) + sealed[place + 1 :]) is None
    assert unseal(sealed[:place]) is None


def test_the_version_of_the_records_covers_all_code_that_makes_them() -> None:
    package = Path(record.__file__).parent.parent
    files = {path.relative_to(package).as_posix(): path.read_bytes() for path in package.rglob("*.py")}
    tree = MemoryTree(
        {f"overhaul/refactors/{path}": content for path, content in files.items()}
        | {"overhaul/__init__.py": ""}
    )
    dependencies = import_dependencies(RepositoryGraph(tree).imports)
    waiting, found = (
        [f"overhaul/refactors/facts/{name}.py" for name in ("collection", "notebook_facts")],
        set[str](),
    )
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += dependencies.get(path, [])
    made_by = {path.removeprefix("overhaul/refactors/") for path in found}
    # A Failure is all that is taken from `recipe`.
    assert made_by - {"recipe.py", "errors.py", "__init__.py", "facts/__init__.py"} <= set(record._MAKERS)
