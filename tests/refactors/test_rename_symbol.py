"""What the cases cannot show: bytes, failures, messages, symbols by place."""

import pytest

from overhaul.refactors.errors import NameTaken, ParameterError, SymbolNotFound
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.recipes.rename_symbol import RenameSymbol


def rename(files: dict[str, str | bytes], old: str, new: str, **options: str) -> Analysis:
    return RenameSymbol.bind({"old": old, "new": new, **options}).analyse(MemoryTree(files))


def contents(analysis: Analysis) -> dict[str, bytes]:
    return {edit.new_path or edit.path: edit.content for edit in analysis.edits}


def test_bytes_outside_the_names_stay_as_they_are() -> None:
    latin = "# coding: latin-1\r\nfrom m import f # é\r\n\x0c\nf()\n".encode("latin-1")
    marked = b"\xef\xbb\xbfdef f(): pass\r\n"
    result = contents(rename({"m.py": marked, "a.py": latin}, "m.f", "g"))
    assert result["m.py"] == b"\xef\xbb\xbfdef g(): pass\r\n"
    assert result["a.py"] == latin.replace(b"import f", b"import g").replace(b"\nf()", b"\ng()")


def test_a_file_that_does_not_parse_is_reported_and_the_rest_goes_on() -> None:
    analysis = rename(
        {"m.py": "def f(): ...\n", "bad.py": "from m import f\n(\n", "bad2.py": b"f\x00"}, "m.f", "g"
    )
    assert [failure.path for failure in analysis.failures] == ["bad.py", "bad2.py"]
    assert list(contents(analysis)) == ["m.py"]


def test_a_definition_that_does_not_parse_gives_no_sites_but_a_failure() -> None:
    analysis = rename({"m.py": "def f(:\n"}, "m.f", "g")
    assert not analysis.sites
    assert analysis.failures[0].path == "m.py"


def test_symbol_that_a_file_which_does_not_parse_may_know_is_unknown_rather_than_absent() -> None:
    user = {"app.py": "from acme.api import f\n(\n", "other.py": "import os\n"}
    package = {"acme/__init__.py": "from acme.api import *\n", "acme/api.py": "def f(:\n"}
    for files, symbol, failed in ((user, "acme.api.f", "app.py"), (package, "acme.f", "acme/api.py")):
        analysis = rename(files, symbol, "g")
        assert not analysis.sites
        assert [failure.path for failure in analysis.failures] == [failed]


def test_an_unknown_symbol_names_the_nearest() -> None:
    with pytest.raises(SymbolNotFound, match="fetch_user"):
        rename({"m.py": "def fetch_user(): ...\n"}, "m.fetch_usr", "g")
    with pytest.raises(SymbolNotFound, match="'key'"):
        rename({"m.py": "def f(key): ...\n"}, "m.f(kay)", "g")


def test_a_library_that_nothing_imports_is_not_found() -> None:
    with pytest.raises(SymbolNotFound):
        rename({"m.py": "import os\n"}, "acme.api.f", "g")
    with pytest.raises(SymbolNotFound):
        rename({"m.py": "from acme.api import h\n"}, "acme.api.f", "g")


def test_two_source_roots_with_the_name_are_ambiguous() -> None:
    files: dict[str, str | bytes] = {"src/m/__init__.py": "f = 1\n", "lib/m/__init__.py": "f = 1\n"}
    with pytest.raises(ParameterError, match="ambiguous"):
        rename(files, "m.f", "g")
    assert list(contents(rename(files, "lib/m/__init__.py:1:1", "g"))) == ["lib/m/__init__.py"]


def test_a_taken_name_is_refused_with_its_place() -> None:
    with pytest.raises(NameTaken, match=r"m\.py:2"):
        rename({"m.py": "f = 1\ng = 2\n"}, "m.f", "g")


@pytest.mark.parametrize("new", ["class", "1x", "a-b", "other.module.g", "f"])
def test_an_unusable_new_name_is_refused(new: str) -> None:
    with pytest.raises(ParameterError):
        rename({"m.py": "f = 1\n"}, "m.f", new)


def test_the_new_name_may_have_the_same_parent() -> None:
    assert contents(rename({"m.py": "f = 1\n"}, "m.f", "m.g")) == {"m.py": b"g = 1\n"}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("m.py:1:5", b"def new(a):\n    b = a\n    return b\nf(a=1)\n"),
        ("m.py:2:9", b"def f(new):\n    b = new\n    return b\nf(new=1)\n"),
        ("m.py:4:3", b"def f(new):\n    b = new\n    return b\nf(new=1)\n"),
        ("m.py:3:12", b"def f(a):\n    new = a\n    return new\nf(a=1)\n"),
    ],
)
def test_a_symbol_is_named_by_its_place(place: str, expected: bytes) -> None:
    analysis = rename({"m.py": "def f(a):\n    b = a\n    return b\nf(a=1)\n"}, place, "new")
    assert contents(analysis)["m.py"].replace(b"\nnew(a=1)", b"\nf(a=1)") == expected


def test_a_package_moves_with_all_its_files() -> None:
    files: dict[str, str | bytes] = {
        "acme/__init__.py": "",
        "acme/data/__init__.py": "from . import one\n",
        "acme/data/one.py": "",
        "acme/data/table.bin": b"\xff\x00",
        "app.py": "from acme.data import one\nfrom acme.data.one import *\n",
    }
    result = contents(rename(files, "acme.data", "store"))
    assert sorted(result) == ["acme/store/__init__.py", "acme/store/one.py", "acme/store/table.bin", "app.py"]
    assert result["acme/store/table.bin"] == b"\xff\x00"
    assert result["app.py"] == b"from acme.store import one\nfrom acme.store.one import *\n"


def test_what_an_async_with_gives_is_known() -> None:
    text = (
        "class C:\n    async def __aenter__(self): return self\n    def go(self): ...\n"
        "async def make() -> C: ...\n"
        "async def f():\n    (await make()).go()\n    async with C() as c: c.go()\n"
    )
    assert contents(rename({"m.py": text}, "m.C.go", "run"))["m.py"] == text.replace("go(", "run(").encode()


@pytest.mark.parametrize(
    ("files", "old", "new"),
    [
        ({"m.py": "def f(): ...\n", "a.py": "def g(): ...\nfrom m import *\ng()\n"}, "m.f", "g"),
        ({"m.py": "def f(): ...\n", "a.py": "from m import *\nprint(1)\n"}, "m.f", "print"),
        ({"m.py": "def _f(): ...\n", "a.py": "from m import *\nprint(1)\n"}, "m._f", "print"),
        ({"m.py": "f = 1\n", "a.py": "import m\nm.g = 2\n"}, "m.f", "g"),
        ({"p/__init__.py": "f = 1\n", "p/g.py": "", "a.py": "import p.g\np.g\n"}, "p.f", "g"),
        ({"m.py": "class C:\n    def f(self): ...\nC().g = 2\n"}, "m.C.f", "g"),
        (
            {"m.py": "from x import B\nclass C(B):\n    def f(self): ...\n    def h(self): self.g()\n"},
            "m.C.f",
            "g",
        ),
        ({"m.py": "class C:\n    def f(self): ...\n    def h(self) -> list[int]: ...\n"}, "m.C.f", "list"),
        (
            {"m.py": "class C:\n    def __f(self): ...\nclass D(C):\n    def g(self): ...\n"},
            "m.C.__f",
            "g",
        ),
    ],
)
def test_a_name_is_taken_where_something_else_gives_it_a_meaning(
    files: dict[str, str | bytes], old: str, new: str
) -> None:
    with pytest.raises(NameTaken):
        rename(files, old, new)


@pytest.mark.parametrize(
    ("files", "old", "new"),
    [
        ({"m.py": "def f(): ...\n", "a.py": "from m import *\nf()\n"}, "m.f", "_f"),
        ({"m.py": "def f(): ...\nclass C:\n    def g(self): f()\n"}, "m.f", "__f"),
        ({"m.py": "class C:\n    def f(self): ...\nC().f()\n"}, "m.C.f", "__f"),
    ],
)
def test_underscores_that_would_hide_the_name_from_its_uses_are_refused(
    files: dict[str, str | bytes], old: str, new: str
) -> None:
    with pytest.raises(ParameterError, match="underscore"):
        rename(files, old, new)


def test_a_member_used_in_its_own_class_only_may_become_private() -> None:
    result = rename({"m.py": "class C:\n    def f(self): self.f()\n"}, "m.C.f", "__f")
    assert contents(result)["m.py"] == b"class C:\n    def __f(self): self.__f()\n"
    result = rename({"m.py": "class C:\n    def g(self):\n        f = 1\n        f\n"}, "m.py:3:9", "__f")
    assert contents(result)["m.py"] == b"class C:\n    def g(self):\n        __f = 1\n        __f\n"


def test_a_keyword_named_as_a_positional_only_parameter_is_another() -> None:
    result = rename({"m.py": "def f(a, /, **k): return a, k\nf(1, a=2)\n"}, "m.f(a)", "b")
    assert contents(result)["m.py"] == b"def f(b, /, **k): return b, k\nf(1, a=2)\n"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def f(a):\n    return locals()\n", 2),
        ("def f(a):\n    return eval('a')\n", 2),
    ],
)
def test_a_function_that_hands_out_its_variables_by_name_is_reported(code: str, line: int) -> None:
    sites = rename({"m.py": code}, "m.f(a)", "b").sites
    assert [site.line for site in sites if site.status == "unresolved"] == [line]


@pytest.mark.parametrize(
    "use",
    [
        "import m\npatch.multiple(m, f=1)\n",
        "from m import f\neval('f()')\n",
        "from m import f\nclass C:\n    if x:\n        f = 2\n    g = f\n",
    ],
)
def test_a_use_that_only_running_the_code_could_prove_is_reported(use: str) -> None:
    analysis = rename({"m.py": "f = 1\n", "a.py": use}, "m.f", "g2")
    assert any(site.path == "a.py" and site.status == "unresolved" for site in analysis.sites)


def test_a_class_block_reads_the_module_past_the_functions_around_it() -> None:
    text = "a = 1\n\n\ndef f(a):\n    class C:\n        a = a\n    return C\n"
    analysis = rename({"m.py": text}, "m.a", "b")
    assert [(site.line, site.column) for site in analysis.sites] == [(1, 1), (6, 13)]


def test_an_augmented_assignment_in_a_class_block_may_read_the_outer_name() -> None:
    text = "total = 1\n\n\nclass C:\n    total += 1\n"
    analysis = rename({"m.py": text}, "m.total", "amount")
    assert [(site.line, site.status) for site in analysis.sites] == [(1, "resolved"), (5, "unresolved")]


def test_a_global_declaration_that_binds_nothing_is_no_definition() -> None:
    text = "def f():\n    global a\n    return a\n"
    with pytest.raises(SymbolNotFound):
        rename({"m.py": text}, "m.a", "b")
