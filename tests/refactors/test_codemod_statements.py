"""A codemod gives what LibCST's own run of it gives, byte for byte, however little of a file it is shown."""

import libcst
import pytest
from libcst.codemod import CodemodContext

from overhaul.refactors.adapters.codemod_reach import Reach, reach_of
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.registry import find_recipe
from tests.refactors import statement_codemods

CODEMODS = [
    "Decorated", "Named", "Counting", "AsksForModule", "WithPositions", "OfFunctions", "WithImports", "WithoutImports",
]  # fmt: skip
SOURCES = {
    "simple": "from acme import fetch\nx = fetch(1)  # fetch(0)\n\n\ny = [\n    fetch(\n  2),  # kept\n]\n",
    "no calls": "x = 1\n",
    "nested": "def outer(a=fetch(1)):\n    def inner():\n        return fetch(load(2), api.fetch(3))\n    return inner\n",
    "heads": "if fetch(1):\n    # why\n    x = 1\nelif fetch( 2 ) :  # two\n\n    y = fetch(3)\nelse:\n    z = load(4)\n",
    "loops": "for a in fetch(1):\n\twhile load(a):\n\t\tawait_ = fetch(2)\n\telse:\n\t\tfetch(3)\n",
    "one line": "if fetch(1): x = fetch(2)\n",
    "two in a line": "a = fetch(1); b = fetch(2)\n",
    "decorators": "class A(fetch(1)):\n    @fetch(2)\n    # between\n    @plain\n    def m(self): return fetch(3)\n",
    "decorated body": "class A:\n    @fetch(2)\n    @(load(1))\n    def m(self, x=fetch(3)):\n        '''doc'''\n",
    "decorated first": "def f(x=fetch(0)):\n    @fetch(1)\n    def g(): pass\n",
    "try": "try:\n    fetch(1)\nexcept fetch(2):\n    fetch(3)\nfinally:\n    fetch(4)\n",
    "except": "try:\n    fetch(1)\nexcept Error:\n    fetch(3)\n",
    "with": "async def f():\n    async with fetch(1) as a, load(2):\n        await fetch(3)\n",
    "match": "match fetch(1):\n    case fetch(x=1) if fetch(2):\n        fetch(3)\n",
    "strings": "x = f'{fetch(1)} {fetch}'\ny = '''\n  fetch(2)\n''' + fetch(3)\n",
    "continued": "x = 1 + \\\n  fetch(2) \\\n  + load(3)\n",
    "lambda": "f = lambda x=fetch(1): (fetch)(2)\n(fetch(3))\n(yield_)\n",
    "carriage returns": "x = fetch(1)\r\ndef f():\r\n    fetch(2)\r\n",
    "form feed": "x = fetch(1)\n\f\ny = fetch(2)\n",
    "no end of line": "x = fetch(1)",
    "indented by tabs": "if a:\n\tif b:\n\t\tfetch(1)\n",
    "not ASCII": "é = fetch('ü')  # ß\n",
    "not in UTF-8": "# coding: latin-1\né = fetch('ü')\n".encode("latin-1"),
    "with a mark": b"\xef\xbb\xbfx = fetch(1)\n",
    "does not parse": "x = fetch(1\n",
    "types": "def f[T: fetch(1)](x: fetch(2)) -> load(3):\n    pass\n",
    "semicolon": "fetch(1);\n",
    "outside": "def outer():\n    def inner(): pass\ndef other(): pass\n",
}


def stock(name: str, path: str, content: bytes) -> bytes | str:
    context = CodemodContext(filename=path)
    try:
        return getattr(statement_codemods, name)(context).transform_module(libcst.parse_module(content)).bytes
    except Exception as error:
        return type(error).__name__


@pytest.mark.parametrize("name", CODEMODS)
def test_codemod_gives_what_it_gives_on_the_whole_module(name: str) -> None:
    files = {
        f"{title.replace(' ', '_')}.py": text.encode() if isinstance(text, str) else text
        for title, text in SOURCES.items()
    }
    analysis = find_recipe(f"tests.refactors.statement_codemods:{name}").bind({}).analyse(MemoryTree(files))
    edited = {edit.path: edit.content for edit in analysis.edits}
    failed = {failure.path for failure in analysis.failures}
    for path, content in files.items():
        expected = stock(name, path, content)
        if isinstance(expected, str):
            assert path in failed or path not in edited
        else:
            assert (path, edited.get(path, content)) == (path, expected)


def reach(name: str) -> Reach | None:
    return reach_of(getattr(statement_codemods, name)(CodemodContext()))


def test_names_that_a_matcher_asks_for_are_told() -> None:
    found = reach("Named")
    assert found is not None
    assert (found.kinds, found.names) == ((), (frozenset({"api", "fetch"}),))


@pytest.mark.parametrize("name", ["WithPositions", "OfFunctions"])
def test_metadata_statements_and_gates_need_the_module(name: str) -> None:
    assert reach(name) is None


def test_file_without_the_names_is_not_read_as_python() -> None:
    recipe = find_recipe("tests.refactors.statement_codemods:Named").bind({})
    analysis = recipe.analyse(MemoryTree({"a.py": "api.fetch(1)\n", "b.py": "def (\n"}))
    assert [edit.path for edit in analysis.edits] == ["a.py"]
    assert not analysis.failures
