"""move-symbol beyond its cases: the code that comes out is run, moved back, and put where the tree wants it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.registry import find_recipe

from .conftest import write_files

Files = dict[str, str | bytes]


def move(files: Files, symbol: str, to: str, **options: str) -> Analysis:
    return find_recipe("move-symbol").bind({"symbol": symbol, "to": to, **options}).analyse(MemoryTree(files))


def as_bytes(files: Files) -> dict[str, bytes]:
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}


def moved(files: Files, symbol: str, to: str, **options: str) -> dict[str, bytes]:
    analysis = move(files, symbol, to, **options)
    return as_bytes(files) | {edit.path: edit.content for edit in analysis.edits}


def unresolved(analysis: Analysis) -> list[tuple[str, int]]:
    return [(site.path, site.line) for site in analysis.sites if site.status == "unresolved"]


def run(folder: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


PACKAGE: Files = {
    "acme/__init__.py": "from .api import fetch\n",
    "acme/api.py": "LIMIT = 2\n\n\ndef fetch(url='x', *, limit=LIMIT):\n    return url * limit\n\n\ndef other():\n"
    "    return fetch('o')\n",
    "acme/use.py": "import acme.api\n\n\ndef use():\n    return acme.api.fetch('u') + acme.api.other()\n",
}
CHECK = "import acme, acme.use; print(acme.fetch('f'), acme.use.use())"


@pytest.mark.parametrize("style", ["as-before", "module", "from-package", "from-module"])
def test_moved_code_runs_as_before(tmp_path: Path, style: str) -> None:
    files = {**PACKAGE, "acme/api.py": str(PACKAGE["acme/api.py"]).replace("=LIMIT", "=2")}
    before = run(write_files(tmp_path / "before", as_bytes(files)), CHECK)
    after = write_files(tmp_path / "after", moved(files, "acme.api.fetch", "acme.net", imports=style))
    assert run(after, CHECK) == before == "ff uuoo\n"


def test_alias_that_warns_gives_the_same_object_and_names_both_places(tmp_path: Path) -> None:
    files = {**PACKAGE, "acme/api.py": str(PACKAGE["acme/api.py"]).replace("=LIMIT", "=2")}
    folder = write_files(tmp_path, moved(files, "acme.api.fetch", "acme.net", alias="warn"))
    output = run(folder, "from acme.api import fetch; import acme.net; print(fetch is acme.net.fetch)")
    assert output.startswith("True\n")
    assert "DeprecationWarning: acme.api.fetch is deprecated; it is acme.net.fetch now" in output
    assert "Warning" not in run(folder, CHECK)
    assert "no attribute 'nothing'" in run(
        folder, "import acme.api\ntry: acme.api.nothing\nexcept AttributeError as e: print(e)"
    )


def test_alias_keeps_old_imports_working(tmp_path: Path) -> None:
    files = {**PACKAGE, "acme/api.py": "def fetch(url):\n    return url\n"}
    folder = write_files(tmp_path, moved(files, "acme.api.fetch", "acme.net", alias="yes"))
    assert run(folder, "import acme.api, acme.net; print(acme.api.fetch is acme.net.fetch)") == "True\n"


def test_there_and_back_is_the_same_code() -> None:
    files: Files = {
        "acme/__init__.py": "",
        "acme/api.py": "import json\nimport os\n\n\ndef other():\n    return os\n\n\n# Asks.\ndef fetch(a):\n    return json, a\n",
        "acme/net.py": "LIMIT = 1\n",
        "app.py": "import acme.api\nfrom acme.api import fetch as f, other\n\nf(acme.api.fetch, acme.api.other, other)\n",
    }
    there = moved(files, "acme.api.fetch", "acme.net")
    back = moved(dict(there), "acme.net.fetch", "acme.api")
    for path, text in files.items():
        assert _code(back[path]) == _code(str(text).encode()), path
    assert back["acme/api.py"] == str(files["acme/api.py"]).encode()


def _code(content: bytes) -> tuple[set[tuple[object, ...]], list[str]]:
    body = ast.parse(content).body
    imports = {
        (getattr(each, "module", None), alias.name, alias.asname)
        for each in body
        if isinstance(each, ast.Import | ast.ImportFrom)
        for alias in each.names
    }
    return imports, [ast.dump(each) for each in body if not isinstance(each, ast.Import | ast.ImportFrom)]


def test_symbol_may_be_named_by_its_place_or_by_a_package_that_re_exports_it() -> None:
    by_name = moved(PACKAGE, "acme.api.other", "acme.net")
    assert moved(PACKAGE, "acme/api.py:8:5", "acme.net") == by_name
    assert (
        b"from .net import fetch"
        in moved({**PACKAGE, "acme/api.py": "def fetch(): ...\n"}, "acme.fetch", "acme.net")[
            "acme/__init__.py"
        ]
    )


@pytest.mark.parametrize(
    ("files", "to", "created"),
    [
        ({"src/acme/__init__.py": "", "src/acme/api.py": "X = 1\n"}, "acme.net", ["src/acme/net.py"]),
        ({"space/acme/api.py": "X = 1\n"}, "space.acme.net", ["space/acme/net.py"]),
        ({"space/acme/api.py": "X = 1\n"}, "space.new.net", ["space/new/net.py"]),
        (
            {"acme/__init__.py": "", "acme/api.py": "X = 1\n"},
            "acme.a.b.c",
            ["acme/a/__init__.py", "acme/a/b/__init__.py", "acme/a/b/c.py"],
        ),
        ({"api.py": "X = 1\n"}, "net", ["net.py"]),
    ],
)
def test_new_module_is_put_beside_its_like(files: Files, to: str, created: list[str]) -> None:
    path = next(each for each in files if each.endswith("api.py"))
    symbol = path.removeprefix("src/").removesuffix(".py").replace("/", ".") + ".X"
    assert [edit.path for edit in move(files, symbol, to).edits if edit.is_new] == created


def test_encodings_of_both_files_are_kept() -> None:
    latin = "# coding: latin-1\nNAME = 'é'\n\n\ndef fetch():\n    return 'ü'\n".encode("latin-1")
    result = moved({"acme/__init__.py": "", "acme/api.py": latin}, "acme.api.fetch", "acme.net")
    assert result["acme/net.py"] == "def fetch():\n    return 'ü'\n".encode()
    assert result["acme/api.py"] == "# coding: latin-1\nNAME = 'é'\n".encode("latin-1")


def test_characters_that_the_new_file_cannot_hold_are_refused() -> None:
    files: Files = {
        "acme/__init__.py": "",
        "acme/api.py": "def fetch():\n    return '漢'\n",
        "acme/net.py": b"# coding: latin-1\nX = 1\n",
    }
    with pytest.raises(ParameterError, match="iso-8859-1"):
        move(files, "acme.api.fetch", "acme.net")


def test_windows_line_ends_and_byte_order_mark_stay() -> None:
    files: Files = {
        "acme/__init__.py": "",
        "acme/api.py": b"\xef\xbb\xbfimport os\r\n\r\n\r\ndef fetch():\r\n    return os\r\n\r\n\r\nX = 1\r\n",
        "acme/net.py": b"\xef\xbb\xbfY = 1\r\n",
    }
    result = moved(files, "acme.api.fetch", "acme.net")
    assert result["acme/api.py"] == b"\xef\xbb\xbfX = 1\r\n"
    assert result["acme/net.py"] == (
        b"\xef\xbb\xbfimport os\r\n\r\nY = 1\r\n\r\n\r\ndef fetch():\r\n    return os\r\n"
    )


def test_license_and_encoding_lines_at_the_top_stay() -> None:
    text = "#!/usr/bin/env python\n# Copyright Acme\n# Asks.\ndef fetch(): ...\n\n\nX = 1\n"
    result = moved({"acme/__init__.py": "", "acme/api.py": text}, "acme.api.fetch", "acme.net")
    assert result["acme/api.py"] == b"#!/usr/bin/env python\n# Copyright Acme\n\n\nX = 1\n"
    assert result["acme/net.py"] == b"# Asks.\ndef fetch(): ...\n"


def test_file_that_does_not_parse_is_a_failure_beside_the_edits() -> None:
    files = {**PACKAGE, "broken.py": "from acme.api import fetch\n{{\n"}
    analysis = move(files, "acme.api.other", "acme.net")
    assert not any(edit.path == "broken.py" for edit in analysis.edits)


def test_shadowed_names_in_the_moved_code_and_its_users_are_others() -> None:
    files: Files = {
        "acme/__init__.py": "",
        "acme/api.py": "import json\nLIMIT = 1\n\n\ndef fetch(json, items):\n    LIMIT = [json for json in items]\n"
        "    return LIMIT, [i for i in items if (n := i)]\n",
        "a.py": "from acme.api import fetch\n\n\ndef f(fetch):\n    return fetch\n\n\nclass A:\n    fetch = fetch\n",
    }
    result = moved(files, "acme.api.fetch", "acme.net")
    assert b"import" not in result["acme/net.py"]
    assert result["a.py"] == str(files["a.py"]).replace("acme.api", "acme.net").encode()


def test_class_with_dataclass_fields_enum_and_protocol_takes_its_bases_along() -> None:
    files: Files = {
        "acme/__init__.py": "",
        "acme/api.py": "from dataclasses import dataclass, field\nfrom enum import Enum\nimport typing as t\n\n\n"
        "class Color(Enum):\n    RED = 1\n\n\n@dataclass(slots=True)\nclass Item(t.Generic[t.TypeVar('T')]):\n"
        "    color: Color = Color.RED\n    next: 'Item | None' = None\n    all: list['Item'] = field(default_factory=list)\n",
    }
    net = moved(files, "acme.api.Item", "acme.net")["acme/net.py"].decode()
    assert net.startswith(
        "import typing as t\nfrom dataclasses import dataclass, field\n\nfrom acme.api import Color\n\n\n@dataclass"
    )


def test_pytest_fixture_is_reported() -> None:
    files: Files = {
        "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef user():\n    return 1\n",
        "tests/helpers.py": "X = 1\n",
        "tests/test_a.py": "def test(user):\n    assert user\n",
    }
    analysis = move(files, "tests.conftest.user", "tests.helpers")
    assert ("tests/conftest.py", 4) in unresolved(analysis) or ("tests/conftest.py", 5) in unresolved(
        analysis
    )
