"""Files that are not as they should be: each is edited byte for byte, or reported with its place and the reason."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from overhaul.refactors.analysis import analyse
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.placement import apply_edits
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.registry import find_recipe
from overhaul.refactors.source import FolderTree, Tree

from .conftest import write_files

API = 'def fetch_user(number):\n    """Return one."""\n    return number\n'
USE = "from pkg.api import fetch_user\n\nuser = fetch_user(1)\n"


@dataclass(frozen=True)
class Change:
    """A recipe and what it makes of `USE`."""

    recipe: str
    parameters: dict[str, Any]
    after: str


CHANGES = [
    Change(
        "rename-symbol",
        {"old": "pkg.api.fetch_user", "new": "get_user"},
        "from pkg.api import get_user\n\nuser = get_user(1)\n",
    ),
    Change(
        "replace-call",
        {"pattern": "pkg.api.fetch_user($A)", "template": "int($A)", "unused_imports": "keep"},
        "from pkg.api import fetch_user\n\nuser = int(1)\n",
    ),
    Change(
        "change-signature",
        {"function": "pkg.api.fetch_user", "change": "add limit last call 5"},
        "from pkg.api import fetch_user\n\nuser = fetch_user(1, 5)\n",
    ),
    Change(
        "move-symbol",
        {"symbol": "pkg.api.fetch_user", "to": "pkg.users"},
        "from pkg.users import fetch_user\n\nuser = fetch_user(1)\n",
    ),
]


@dataclass(frozen=True)
class Kind:
    """A kind of file: `write` gives its bytes for a text that uses the function."""

    name: str
    write: Callable[[str], bytes]
    path: str = "pkg/odd.py"


def encoded(encoding: str, head: str = "", mark: bytes = b"") -> Callable[[str], bytes]:
    return lambda text: mark + (head + text).encode(encoding)


def between(before: str, after: str = "") -> Callable[[str], bytes]:
    return lambda text: (before + text + after).encode()


def in_function(text: str, indent: str) -> bytes:
    first, _, last = text.rstrip("\n").split("\n")
    return f"{first}\n\ndef load(flag):\n{indent}if flag:\n{indent}{indent}{last}\n".encode()


EDITED = [
    Kind("Latin-1, declared", encoded("latin-1", "# -*- coding: latin-1 -*-\nname = 'é'; ")),
    Kind("Latin-1 on the second line", encoded("latin-1", "#!/usr/bin/python\n# vim: fileencoding=latin-1\nn = 'ÿþ'\n")),
    Kind("a Japanese encoding", encoded("shift_jis", "# coding: shift_jis\nname = '表示'; ")),
    Kind("ASCII, declared", encoded("ascii", "# coding: ascii\n")),
    Kind("UTF-8 with characters of four bytes", encoded("utf-8", "name = '🐍é'; ")),
    Kind("byte order mark", encoded("utf-8", mark=b"\xef\xbb\xbf")),
    Kind("byte order mark and declaration", encoded("utf-8", "# coding: utf-8\n", mark=b"\xef\xbb\xbf")),
    Kind("CRLF", lambda text: text.replace("\n", "\r\n").encode()),
    Kind("lone CR", lambda text: text.replace("\n", "\r").encode()),
    Kind("mixed line ends", lambda text: text.replace("\n", "\r\n", 1).replace("\n\n", "\n\r").encode()),
    Kind("no line end at the end", lambda text: text.rstrip("\n").encode()),
    Kind("tabs", lambda text: in_function(text, "\t")),
    Kind("spaces and tabs by turns", lambda text: in_function(text, "\t") + b"def other():\n    return 1\n"),
    Kind("form feed between statements", lambda text: text.replace("\n\n", "\n\f\n\f").encode()),
    Kind("form feed at the start", between("\f")),
    Kind("vertical tab and other separators in a string", between("text = '\x0b\x1c\x85\u2028'; ")),
    Kind("zero width characters in a comment", between("# \u200b\u202e\n")),
    Kind("50,000 lines", between("".join(f"value_{n} = {n}\n" for n in range(50_000)))),
    Kind("one line of 5 MB", between("rows = [" + ", ".join(["123456789"] * 455_000) + "]; ")),
    Kind("one string of 5 MB", between("data = '" + "x" * 5_000_000 + "'; ")),
    Kind("a line continued", lambda text: text.replace("user = ", "user = \\\n").encode()),
    Kind("name with a space", between(""), "pkg/odd file.py"),
    Kind("name with a line end", between(""), "pkg/odd\nfile.py"),
    Kind("name with quotes and a tab", between(""), "pkg/o'd\"d\t.py"),
    Kind("name that is no UTF-8", between(""), os.fsdecode(b"pkg/odd\xff\xe9.py")),
    Kind("name with a pattern of git's", between(""), "pkg/[o]*?.py"),
    Kind("name that looks like an option", between(""), "--odd.py"),
    Kind("name that looks like git's magic", between(""), ":(top)odd.py"),
    Kind("names of folders that differ in case only", between(""), "PKG/odd.py"),
    Kind("names that differ in case only", between(""), "pkg/API.py"),
    Kind("a file that git takes for binary by its suffix", between(""), "pkg/odd.pyi"),
    Kind("nested calls, 60 deep", between("deep = " + "abs(" * 60 + "1" + ")" * 60 + "; ")),
    Kind("1,500 terms", between("total = " + " + ".join(["1"] * 1_500) + "; ")),
    Kind("5,000 elif", between("if 1: pass\n" + "".join(f"elif {n}: pass\n" for n in range(500)))),
]  # fmt: skip

UNREADABLE = [
    Kind("Latin-1, not declared", encoded("latin-1", "name = 'é'\n")),
    Kind("UTF-16, little endian", encoded("utf-16-le", mark=b"\xff\xfe")),
    Kind("UTF-16, big endian", encoded("utf-16-be", mark=b"\xfe\xff")),
    Kind("UTF-16 behind a comment", encoded("utf-16-le", "# é\n", mark=b"\xff\xfe")),
    Kind("UTF-16 with CRLF", lambda text: b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")),
    Kind("UTF-32", encoded("utf-32-le", mark=b"\xff\xfe\0\0")),
    Kind("null byte", between("name = '\0'\n")),
    Kind("null bytes behind the code", between("", "\0\0\0\0")),
    Kind("bytes that are no UTF-8", lambda text: b"# \xc3\x28\n" + text.encode()),
    Kind("unknown codec", between("# coding: no-such-codec\n")),
    Kind("codec that is none of text", between("# coding: rot13\n")),
    Kind("codec that is a transform", between("# coding: base64\n")),
    Kind("declaration that the mark contradicts", encoded("utf-8", "# coding: latin-1\n", b"\xef\xbb\xbf")),
    Kind("Python 2", between("print 'x'\n")),
    Kind("Python 2's except", between("try:\n    pass\nexcept E, e:\n    pass\n")),
    Kind("tabs and spaces that Python refuses", between("if 1:\n        a = 1\n\tb = 2\n")),
    Kind("template that looks like Python", between("{% if x %}\nimport y\n{% endif %}\n")),
    Kind("merge conflict", between("<<<<<<< HEAD\n", "=======\n>>>>>>> other\n")),
    Kind("nested too deeply", between("deep = " + "(" * 3_000 + "1" + ")" * 3_000 + "\n")),
    Kind("operators nested too deeply", between("deep = " + "-" * 20_000 + "1\n")),
    Kind("50,000 terms", between("total = " + " + ".join(["1"] * 50_000) + "\n")),
    Kind("100,000 lists", between("[" * 100_000 + "\n")),
    Kind("huge number", between("number = " + "9" * 10_000 + "\n")),
    Kind("unfinished string", between("", "'''\n")),
    Kind("surrogate characters", lambda text: b"# \xed\xa0\x80\n" + text.encode()),
    Kind("Cython", between("cdef int x = 1\n"), "pkg/odd.pyx"),
    Kind("Cython's declarations", between("cdef int x\n"), "pkg/odd.pxd"),
    Kind("broken notebook", between("{"), "pkg/odd.ipynb"),
]

# Of a later Python than some that run this: edited by those that read it, reported by the others.
LATER = [
    Kind("t-string", between('word = t"{1}"\n')),
    Kind("except without parentheses", between("try:\n    pass\nexcept ValueError, TypeError:\n    pass\n")),
    Kind("type parameters", between("def first[T](rows: list[T]) -> T:\n    return rows[0]\ntype Rows = list[int]\n")),
    Kind("nested quotes in an f-string", between('word = f"{"x"}"\n')),
    Kind("default of a type parameter", between("def first[T = int](rows: list[T]): ...\n")),
]  # fmt: skip

Sources = Callable[..., Any]


@pytest.fixture(params=["folder", "commit", "plain folder"])
def open_tree(request, make_repository, git, tmp_path):
    """Return files as each kind of tree that there is."""

    @contextmanager
    def opened(files: dict[str, bytes]) -> Iterator[Tree]:
        if request.param == "plain folder":
            yield FolderTree(write_files(tmp_path / "plain", files))
            return
        folder = make_repository(files)
        if request.param == "folder":
            yield FolderTree(folder)
            return
        with CommitTree(folder / ".git", "main") as tree:
            yield tree

    return opened


def run(change: Change, tree: Tree) -> Analysis:
    return analyse(find_recipe(change.recipe).bind(change.parameters), tree)


def files_with(kind: Kind, text: str) -> dict[str, bytes]:
    return {
        "pkg/__init__.py": b"",
        "pkg/api.py": API.encode(),
        "pkg/use.py": USE.encode(),
        kind.path: kind.write(text),
    }


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.recipe)
@pytest.mark.parametrize("kind", EDITED, ids=lambda kind: kind.name)
def test_edited_byte_for_byte(kind, change, open_tree):
    with open_tree(files_with(kind, USE)) as tree:
        analysis = run(change, tree)
    edits = {edit.path: edit.content for edit in analysis.edits}
    assert edits["pkg/use.py"] == change.after.encode()
    assert edits[kind.path] == kind.write(change.after)
    assert not analysis.failures


def mentions(analysis: Analysis, path: str) -> list[str]:
    """Return all that is said of a file that is not edited."""
    assert path not in {edit.path for edit in analysis.edits}
    sites = [f"{site.line}:{site.column}: {site.reason}" for site in analysis.sites if site.path == path]
    return sites + [failure.error for failure in analysis.failures if failure.path == path]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.recipe)
@pytest.mark.parametrize("kind", UNREADABLE, ids=lambda kind: kind.name)
def test_reported_with_the_reason(kind, change, open_tree):
    with open_tree(files_with(kind, USE)) as tree:
        analysis = run(change, tree)
    assert mentions(analysis, kind.path)
    assert change.after.encode() in {edit.content for edit in analysis.edits}
