"""All uses of a symbol, also under other names."""

from overhaul.refactors.inference import Inference
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.project import Project
from overhaul.refactors.recipes.rename_symbol.usages import Usages, find_usages
from overhaul.refactors.symbols.target import find_target


def usages(files: dict[str, str], symbol: str) -> Usages:
    inference = Inference(Project(MemoryTree({path: text.encode() for path, text in files.items()})))
    return find_usages(inference, find_target(inference, symbol))


def places(found: Usages) -> list[str]:
    return [
        f"{usage.module.path}:{usage.module.source.position(usage.span[0])[0]}:{type(usage.node).__name__}"
        for usage in found.proved
    ]


def test_uses_under_other_names_and_through_re_exports_are_found() -> None:
    found = usages(
        {
            "acme/__init__.py": "from acme.api import fetch as load\n",
            "acme/api.py": "def fetch():\n    return 1\n\nfetch()\n",
            "app.py": "from acme import load\nimport acme\n\nload()\nacme.load()\n",
            "other.py": "def fetch(): ...\nfetch()\n",
        },
        "acme.api.fetch",
    )
    assert places(found) == [
        "acme/__init__.py:1:alias",
        "acme/__init__.py:1:alias",
        "acme/api.py:1:FunctionDef",
        "acme/api.py:4:Name",
        "app.py:1:alias",
        "app.py:4:Name",
        "app.py:5:Attribute",
    ]
    assert not found.unresolved


def test_a_special_method_and_what_cannot_be_proved() -> None:
    found = usages(
        {
            "box.py": "class Box:\n    def __enter__(self): ...\n    def open(self): ...\n\ndef f(x):\n    x.open()\n"
        },
        "box.Box.open",
    )
    assert places(found) == ["box.py:3:FunctionDef"]
    assert [(site.line, site.column) for site in found.unresolved] == [(6, 7)]
