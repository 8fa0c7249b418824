"""The graphs of small trees: imports, calls, inheritance, public names, owners; stored and loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.refactors.batches import make_batches
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.graph.repository import RepositoryGraph, import_dependencies
from overhaul.refactors.index import Index
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.source import FolderTree

Files = Mapping[str, str | bytes]
MakeRepository = Callable[[Mapping[str, bytes]], Path]


def imports(files: Files) -> dict[str, str]:
    """Return each edge as `source -> target`, with its kind."""
    graph = RepositoryGraph(MemoryTree(files)).imports
    return {
        f"{graph.modules[each.source].name} -> {graph.modules[each.target].name}": each.kind
        for each in graph.edges
    }


def calls(files: Files) -> tuple[set[str], dict[str, int]]:
    """Return each call as `path:caller -> path:callee`, and the reasons for those that cannot be told."""
    graph = RepositoryGraph(MemoryTree(files)).calls
    names = [f"{path}:{name}" for path, name in graph.symbols]
    return {f"{names[each.source]} -> {names[each.target]}" for each in graph.edges}, graph.unproved


PACKAGE = {"pkg/__init__.py": "", "pkg/a.py": "x = 1\n", "pkg/sub/__init__.py": "", "pkg/sub/b.py": "y = 2\n"}


@pytest.mark.parametrize(
    ("statement", "targets"),
    [
        ("import pkg.a", {"pkg.a"}),
        ("import pkg.sub.b as b", {"pkg.sub.b"}),
        ("from pkg import a", {"pkg.a"}),
        ("from pkg.a import x", {"pkg.a"}),
        ("from pkg.sub import b, __name__", {"pkg.sub.b", "pkg.sub"}),
        ("from pkg.a import *", {"pkg.a"}),
        ("import os, numpy.linalg", set()),
        ("from pkg import nothing", {"pkg"}),
    ],
)
def test_an_import_leads_to_the_module_that_it_reads(statement: str, targets: set[str]) -> None:
    found = imports({**PACKAGE, "user.py": statement + "\n"})
    assert found == dict.fromkeys((f"user -> {target}" for target in targets), "module")


@pytest.mark.parametrize(
    ("path", "statement", "target"),
    [
        ("pkg/c.py", "from . import a", "pkg.a"),
        ("pkg/c.py", "from .a import x", "pkg.a"),
        ("pkg/sub/c.py", "from ..a import x", "pkg.a"),
        ("pkg/sub/c.py", "from .. import a", "pkg.a"),
        ("pkg/c/__init__.py", "from . import d", "pkg.c.d"),
    ],
)
def test_relative_imports(path: str, statement: str, target: str) -> None:
    files = {**PACKAGE, "pkg/c/d.py": "", path: statement + "\n"}
    assert target in {edge.partition(" -> ")[2] for edge in imports(files)}


def test_kinds_of_imports_and_the_strongest_counts() -> None:
    found = imports({
        "a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import b, c\ndef f():\n    import c, d\n",
        "b.py": "", "c.py": "", "d.py": "def f():\n    import b\nimport b\n",
    })  # fmt: skip
    assert found == {"a -> b": "types", "a -> c": "function", "a -> d": "function", "d -> b": "module"}


def test_a_name_of_the_package_hides_its_module_of_that_name() -> None:
    files = {
        "pkg/__init__.py": "from pkg.run import run\n",
        "pkg/run.py": "def run(): ...\n",
        "u.py": "from pkg import run\n",
    }
    assert imports(files)["u -> pkg"] == "module"
    assert "u -> pkg.run" not in imports(files)


def test_namespace_packages_src_layouts_and_several_roots() -> None:
    files = {
        "src/acme/__init__.py": "", "src/acme/core.py": "",
        "services/web/web_app/__init__.py": "import acme.core\n", "services/web/web_app/views.py": "import web_app\n",
        "services/job/job_app/__init__.py": "from space.part import one\n",
        "space/part/one.py": "", "tests/test_core.py": "from acme import core\nimport helper\n", "tests/helper.py": "",
    }  # fmt: skip
    assert set(imports(files)) == {
        "web_app -> acme.core", "web_app.views -> web_app", "job_app -> space.part.one",
        "tests.test_core -> acme.core", "tests.test_core -> tests.helper",
    }  # fmt: skip


def test_a_stub_and_its_source_are_one_module() -> None:
    graph = RepositoryGraph(
        MemoryTree({"a.py": "import b\n", "a.pyi": "import c\n", "b.py": "", "c.pyi": ""})
    ).imports
    assert [(row.name, row.paths) for row in graph.modules] == [
        ("a", ("a.py", "a.pyi")), ("b", ("b.py",)), ("c", ("c.pyi",)),
    ]  # fmt: skip
    assert [(each.source, each.target, each.path) for each in graph.edges] == [
        (0, 1, "a.py"),
        (0, 2, "a.pyi"),
    ]


def test_cycles_and_layers_count_what_runs_when_a_module_is_loaded() -> None:
    graph = RepositoryGraph(MemoryTree({
        "low.py": "def f():\n    import top\n", "a.py": "import b, low\n", "b.py": "import c\n", "c.py": "import a\n",
        "top.py": "import a\n",
    })).imports  # fmt: skip
    rows = {row.name: row for row in graph.modules}
    assert {name: row.layer for name, row in rows.items()} == {"low": 0, "a": 1, "b": 1, "c": 1, "top": 2}
    assert [[graph.modules[each].name for each in cycle] for cycle in graph.cycles] == [["a", "b", "c"]]
    assert [rows[name].cycle for name in ("a", "b", "c", "low", "top")] == [0, 0, 0, -1, -1]


def test_what_the_tree_should_have_and_has_not_is_unresolved() -> None:
    graph = RepositoryGraph(MemoryTree({
        **PACKAGE, "pkg/dynamic.py": "def __getattr__(name): ...\n", "pkg/star.py": "from numpy import *\n",
        "u.py": "import pkg.missing\nfrom pkg import nothing\nfrom pkg.dynamic import any\nfrom pkg.star import any\n"
        "from ....up import x\nfrom .gone import y\n",
    })).imports  # fmt: skip
    assert [(each.line, each.reason) for each in graph.unresolved] == [
        (1, "the tree has no module 'pkg.missing'"),
        (2, "'pkg' has no 'nothing'"),
        (5, "the tree has no module '....up'"),
        (6, "the tree has no module '.gone'"),
    ]
    assert graph.outside == {"numpy": 1}


def test_a_package_of_the_same_name_in_another_root_is_not_meant() -> None:
    files = {
        "docs/conf.py": "from sphinx import addnodes\nimport sphinx.util\n",
        "tests/sphinx/__init__.py": "",
        "tests/__init__.py": "",
    }
    graph = RepositoryGraph(
        MemoryTree({**files, "tests/sphinx/test_x.py": "import os\n", "other/sphinx/__init__.py": ""})
    ).imports
    assert graph.unresolved == []
    assert graph.outside["sphinx"] == 1


def test_failures_cython_and_templates_are_said() -> None:
    graph = RepositoryGraph(MemoryTree({
        "a.py": "def f(:\n", "template.py": "import {{ cookiecutter.name }}\n", "fast.pyx": "cdef int x\n", "fast.pxd": "", "b.ipynb": "{}",
    })).imports  # fmt: skip
    assert [path for path, _ in graph.failures] == ["a.py", "b.ipynb", "template.py"]
    assert graph.unsupported == [
        ("fast.pxd", "Cython is not supported"),
        ("fast.pyx", "Cython is not supported"),
    ]


def test_public_names_and_re_exports() -> None:
    graph = RepositoryGraph(MemoryTree({
        "pkg/__init__.py": "from .a import f as g, _hidden\nimport os\nx = 1\n_y = 2\n",
        "pkg/a.py": "import os\nfrom .b import z as z\nfrom .b import w\n__version__ = 1\ndef f(): ...\n_hidden = 1\n",
        "pkg/b.py": "__all__ = ['z', 'w']\nz = w = other = 1\n", "pkg/c.py": "from .b import *\n__all__ = [*names]\n",
        "pkg/_private.py": "a = 1\n",
    })).imports  # fmt: skip
    rows = {row.name: row for row in graph.modules}
    assert rows["pkg"].public_names == ("g", "os", "x")
    assert rows["pkg"].re_exports == (("g", ".a.f"), ("os", "os"))
    assert rows["pkg.a"].public_names == ("f", "z")
    assert rows["pkg.b"].public_names == ("w", "z")
    assert (rows["pkg.c"].is_sure, rows["pkg.b"].is_sure) == (False, True)
    assert (rows["pkg._private"].is_public, rows["pkg.a"].is_public) == (False, True)


def test_private_names_of_other_packages_are_crossings() -> None:
    graph = RepositoryGraph(MemoryTree({
        "one/__init__.py": "", "one/_impl.py": "x = 1\n", "one/api.py": "from ._impl import x\n_y = 1\n",
        "two/__init__.py": "from one._impl import x\nfrom one.api import _y, __doc__\nfrom gettext import gettext as _\n",
        "tests/test_one.py": "from one._impl import x\n",
    })).imports  # fmt: skip
    assert [(each.path, each.line, each.name) for each in graph.crossings] == [
        ("two/__init__.py", 1, "one._impl.x"), ("two/__init__.py", 2, "one.api._y"),
    ]  # fmt: skip


def test_owners_come_from_codeowners() -> None:
    graph = RepositoryGraph(
        MemoryTree({"CODEOWNERS": "* @all\npkg/ @team\nx[ab] @y\n", "pkg/a.py": "", "b.py": ""})
    ).imports
    assert {row.name: row.owners for row in graph.modules} == {"b": ("@all",), "pkg.a": ("@team",)}
    assert (graph.owners_file, len(graph.owners_problems)) == ("CODEOWNERS", 1)


MODELS = """
class Base:
    def save(self): return self
    def build(self): return Base()
class User(Base):
    def __init__(self, name): self.name = name; self.friend = User(name)
    @classmethod
    def make(cls): return cls("x")
    @property
    def best(self): return self.friend
    def __call__(self): ...
    async def load(self) -> "User": ...
    @staticmethod
    def check(value): ...
def fetch() -> "User": ...
"""


@pytest.mark.parametrize(
    ("line", "callees"),
    [
        ("fetch()", ["fetch"]),
        ("m.fetch().save()", ["fetch", "Base.save"]),
        ("User('x').save().friend.save()", ["User.__init__", "Base.save"]),
        ("User.make().best.save()", ["User.make", "Base.save"]),
        ("User.check(1)", ["User.check"]),
        ("Base()", ["Base"]),
        ("fetch()()", ["fetch", "User.__call__"]),
        ("(await fetch().load()).save()", ["fetch", "User.load", "Base.save"]),
        ("alias()", ["fetch"]),
        ("[u.save() for u in [1]]", []),
    ],
)
def test_calls_that_can_be_proved(line: str, callees: list[str]) -> None:
    files = {
        "models.py": MODELS,
        "api.py": "from models import *\nfrom models import fetch as alias\nimport models as m\n",
        "use.py": f"from api import User, Base, fetch, alias, m\nasync def f():\n    {line}\n",
    }
    found, _ = calls(files)
    assert {each for each in found if each.startswith("use.py")} == {
        f"use.py:f -> models.py:{name}" for name in callees
    }


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(x): x.save()\n", "a parameter without annotation"),
        ("def f(): x.y()\n", "a name that nothing binds"),
        ("import wrap\n@wrap.it\ndef g(): ...\ndef f(): g()\n", "decorated by wrap.it, which may replace it"),
        (
            "import out\nclass A(out.B): ...\ndef f(): A().x()\n",
            "perhaps inherited from a class outside the tree",
        ),
        ("class A: ...\ndef f(): A().x()\n", "an attribute that its class does not define"),
        (
            "class A:\n    def __getattr__(self, name): ...\ndef f(): A().x()\n",
            "an attribute that __getattr__ may make",
        ),
        ("def f():\n    for x in []: x.y()\n", "a variable of a loop, of unpacking or of another operation"),
        ("import out\ndef f(): out.get().y()\n", "the result of something outside the tree"),
        ("class A(make()): ...\ndef make(): ...\ndef f(): A().x()\n", "inherited from a computed base class"),
    ],
)
def test_calls_that_cannot_be_told_are_counted_with_their_reason(source: str, reason: str) -> None:
    _, unproved = calls({"a.py": source})
    assert unproved.get(reason) == 1, unproved


def test_a_variable_that_another_module_sets_proves_nothing() -> None:
    files = {"a.py": "class A:\n    def m(self): ...\nx = A()\ndef f(): x.m()\n"}
    assert "a.py:f -> a.py:A.m" in calls(files)[0]
    found, unproved = calls({**files, "b.py": "import a\na.x = object()\n"})
    assert "a.py:f -> a.py:A.m" not in found
    assert "a module's variable that other modules set" in unproved


def test_what_an_override_gives_back_counts_too() -> None:
    source = """
class A:
    def make(self): return One()
class B(A):
    def make(self): return Two()
class One:
    def run(self): ...
class Two:
    def run(self): ...
def f(a: A): a.make().run()
"""
    found, _ = calls({"a.py": source})
    assert {"a.py:f -> a.py:One.run", "a.py:f -> a.py:Two.run", "a.py:f -> a.py:A.make"} <= found


def test_bases_are_looked_through_in_pythons_order() -> None:
    source = """
class O:
    def m(self): ...
class A(O): ...
class B(O):
    def m(self): ...
class C(A, B):
    def n(self): self.m()
    def s(self): super().m()
"""
    found, _ = calls({"a.py": source})
    assert {"a.py:C.n -> a.py:B.m", "a.py:C.s -> a.py:B.m"} <= found


def test_inheritance_with_bases_in_the_tree_outside_and_unknown() -> None:
    graph = RepositoryGraph(MemoryTree({
        "a.py": "import abc\nclass A(abc.ABC): ...\nclass B(A, Generic[T]): ...\n",
        "b.py": "from a import B as Z\nimport typing\nclass C(Z, typing.Generic[int]): ...\nclass D(make()): ...\ndef make(): ...\n",
    })).inheritance  # fmt: skip
    names = [f"{path}:{name}" for path, name in graph.symbols]
    assert {f"{names[each.source]} -> {names[each.target]}" for each in graph.edges} == {
        "a.py:B -> a.py:A", "b.py:C -> a.py:B",
    }  # fmt: skip
    others = {(names[at], base, bool(reason)) for at, base, reason in graph.others}
    assert {
        ("a.py:A", "abc.ABC", False),
        ("b.py:C", "typing.Generic", False),
        ("b.py:D", "make()", True),
    } <= others
    assert graph.totals == {"proved": 2, "outside": 2, "unproved": 2}


@pytest.mark.parametrize(
    "source",
    [
        "class A(A): ...\nA().x()\n",
        "class A(B): ...\nclass B(A): ...\nA().x()\n",
        "x = y\ny = x\nx.z()\n",
        "def f(): return g()\ndef g(): return f()\nf().x()\n",
        "from a import x\nx()\n",
        "from a import *\nx()\n",
        "class A(B, C): ...\nclass B(C): ...\nclass C(B): ...\nA().x\n",
        "class A:\n    def f(self): return self.f().f()\nA().f().f()\n",
    ],
)
def test_circles_end(source: str) -> None:
    graph = RepositoryGraph(MemoryTree({"a.py": source}))
    assert graph.calls.totals
    assert graph.inheritance.totals


def test_imported_files_come_first_in_batches_and_cycles_stay_together() -> None:
    graph = RepositoryGraph(MemoryTree({
        "a.py": "import b\n", "b.py": "import c, d\n", "c.py": "import b\n", "d.py": "", "e.py": "def f():\n    import a\n",
    })).imports  # fmt: skip
    paths = [row.paths[0] for row in graph.modules]
    assert make_batches(paths, True, 2, import_dependencies(graph)) == (
        ("d.py",),
        ("b.py", "c.py"),
        ("a.py", "e.py"),
    )


def test_the_graph_of_unchanged_files_is_loaded_and_reads_nothing(
    make_repository: MakeRepository, tmp_path: Path
) -> None:
    folder = make_repository({"a.py": b"import b\n", "b.py": b"def f(): ...\nf()\n", "CODEOWNERS": b"* @x\n"})
    with Index(tmp_path / "index.sqlite") as index:
        first = RepositoryGraph(FolderTree(folder), index)
        built = first.imports, first.calls, first.inheritance
        assert first.files_read == 2
        second = RepositoryGraph(FolderTree(folder), index)
        assert (second.imports, second.calls, second.inheritance) == built
        assert (second.files_read, "_assembly" in vars(second)) == (0, False)
        (folder / "b.py").write_bytes(b"import a\n")
        third = RepositoryGraph(FolderTree(folder), index)
        assert (len(third.imports.cycles), third.files_read) == (1, 1)
        (folder / "CODEOWNERS").write_bytes(b"* @y\n")
        fourth = RepositoryGraph(FolderTree(folder), index)
        assert (fourth.imports.modules[0].owners, fourth.files_read) == (("@y",), 0)


def test_a_commit_and_a_folder_have_the_same_graph(make_repository: MakeRepository, tmp_path: Path) -> None:
    folder = make_repository({"a.py": b"import b\n", "b.py": b"def f(): ...\nf()\n"})
    with Index(tmp_path / "index.sqlite") as index, CommitTree(folder / ".git", "HEAD") as tree:
        of_folder = RepositoryGraph(FolderTree(folder), index)
        of_commit = RepositoryGraph(tree, index)
        built = of_folder.imports
        assert of_commit.imports == built
        assert of_commit.files_read == 0


def test_a_damaged_graph_is_built_again(make_repository: MakeRepository, tmp_path: Path) -> None:
    folder = make_repository({"a.py": b"import b\n", "b.py": b""})
    with Index(tmp_path / "index.sqlite") as index:
        built = RepositoryGraph(FolderTree(folder), index).imports
        index._connection.execute("UPDATE records SET record = zeroblob(300) WHERE kind = 'graph'")
        assert RepositoryGraph(FolderTree(folder), index).imports == built
