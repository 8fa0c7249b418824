"""Circles of imports: what runs when a module is imported counts, and nothing else."""

import pytest

from overhaul.refactors.import_cycles import ImportGraph, Layout
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.project import Project


def graph(**files: str) -> ImportGraph:
    return ImportGraph(Project(MemoryTree({f"{name}.py": text for name, text in files.items()})))


@pytest.mark.parametrize(
    "text",
    ["import b", "from b import x", "if True:\n    import b", "try:\n    import b\nexcept ImportError:\n    pass",
     "class A:\n    import b", "if not TYPE_CHECKING:\n    import b", "for _ in ():\n    import b", "if TYPE_CHECKING:\n    pass\nelse:\n    import b"],
)  # fmt: skip
def test_imports_that_run_with_the_module_count(text: str) -> None:
    assert graph(a=text, b="x = 1").imports("a") == {"b"}


@pytest.mark.parametrize(
    "text",
    ["def f():\n    import b", "f = lambda: __import__('b')", "if TYPE_CHECKING:\n    import b",
     "if not TYPE_CHECKING:\n    pass\nelse:\n    import b", "class A:\n    def f():\n        class B:\n            import b",
     "import typing as t\nif t.TYPE_CHECKING:\n    from b import x"],
)  # fmt: skip
def test_imports_in_functions_and_for_types_do_not(text: str) -> None:
    assert graph(a=text, b="x = 1").imports("a") == set()


def test_submodule_counts_and_the_package_above_the_importer_does_not() -> None:
    tree = {"p/__init__": "", "p/a": "from . import b\nimport p.c", "p/b": "", "p/c": "", "d": "import p.c"}
    files = ImportGraph(Project(MemoryTree({f"{name}.py": text for name, text in tree.items()})))
    assert files.imports("p/a") == {"p/b", "p/c"}
    assert files.imports("d") == {"p", "p/c"}


def test_name_taken_from_the_own_package_counts() -> None:
    found = ImportGraph(Project(MemoryTree({"p/__init__.py": "x = 1\n", "p/a.py": "from p import x\n"})))
    assert found.imports("p/a") == {"p"}


def test_path_is_the_shortest_one_and_none_without_a_way() -> None:
    found = graph(a="import b, c", b="import c", c="import d", d="")
    assert found.path("a", "d") == ["a", "c", "d"]
    assert found.path("d", "a") is None


def test_circle_names_its_modules_and_takes_from_tells_names_from_modules() -> None:
    found = ImportGraph(
        Project(MemoryTree({"a.py": "import b\n", "b.py": "from c import x\n", "c.py": "import a\n"}))
    )
    assert found.circle("a", "b") == "b -> c -> a"
    assert not found.takes_from("a", "b")
    assert found.takes_from("b", "c")


def test_after_a_move_the_packages_above_the_new_place_are_executed_and_the_old_ones_too() -> None:
    files = {
        "p/__init__.py": "",
        "p/a.py": "from . import b",
        "p/b.py": "",
        "q/__init__.py": "",
        "c.py": "import p.a\n",
    }
    project = Project(MemoryTree(files))
    layout = Layout(
        {"p", "q"}, lambda key: {"p/a": "q/a"}.get(key, key), lambda key: {"q/a": "p/a"}.get(key, key)
    )
    moved = ImportGraph(project, layout)
    assert moved.lines("c") == {"p/a": 1, "q": 1}
    assert moved.imports("p/a") == {"p", "p/b"}
