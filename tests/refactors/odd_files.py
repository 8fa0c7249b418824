"""Kinds of files that are not as they should be, each made around a text that uses a function; and what recipes do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from overhaul.refactors.analysis import analyse
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.registry import find_recipe
from overhaul.refactors.source import Tree

USE = "from pkg.api import fetch_user\n\nuser = fetch_user(1)\n"


@dataclass(frozen=True)
class Kind:
    """`write` gives the bytes of such a file; `says` is what a report of it has to contain."""

    name: str
    write: Callable[[str], bytes]
    path: str = "pkg/odd.py"
    says: str = ""


def encoded(encoding: str, head: str = "", mark: bytes = b"") -> Callable[[str], bytes]:
    return lambda text: mark + (head + text).encode(encoding)


def between(before: str = "", after: str = "") -> Callable[[str], bytes]:
    return lambda text: (before + text + after).encode()


def notebook(after: str) -> Callable[[str], bytes]:
    def write(text: str) -> bytes:
        cell = {
            "cell_type": "code",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": text + after,
        }
        return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()

    return write


def in_function(text: str, indent: str) -> bytes:
    first, _, last = text.rstrip("\n").split("\n")
    return f"{first}\n\ndef load(flag):\n{indent}if flag:\n{indent}{indent}{last}\n".encode()


# What Python reads: edited, and every other byte stays.
READABLE = [
    Kind("Latin-1, declared", encoded("latin-1", "# -*- coding: latin-1 -*-\nname = 'é'; ")),
    Kind("Latin-1 on the second line", encoded("latin-1", "#!/usr/bin/python\n# vim: fileencoding=latin-1\nn = 'ÿþ'\n")),
    Kind("a Japanese encoding", encoded("shift_jis", "# coding: shift_jis\nname = '表示'; ")),
    Kind("ASCII, declared", encoded("ascii", "# coding: ascii\n")),
    Kind("characters of four bytes", encoded("utf-8", "name = '🐍é'; ")),
    Kind("byte order mark", encoded("utf-8", mark=b"\xef\xbb\xbf")),
    Kind("byte order mark and declaration", encoded("utf-8", "# coding: utf-8\n", mark=b"\xef\xbb\xbf")),
    Kind("CRLF", lambda text: text.replace("\n", "\r\n").encode()),
    Kind("lone CR", lambda text: text.replace("\n", "\r").encode()),
    Kind("mixed line ends", lambda text: text.replace("\n\n", "\r\n\r").encode()),
    Kind("no line end at the end", lambda text: text.rstrip("\n").encode()),
    Kind("tabs", lambda text: in_function(text, "\t")),
    Kind("tabs here and spaces there", lambda text: in_function(text, "\t") + b"def other():\n    return 1\n"),
    Kind("form feed between statements", lambda text: text.replace("\n\n", "\n\f\n\f").encode()),
    Kind("form feed at the start", between("\f")),
    Kind("separators that are no line ends", between("text = '\x0b\x1c\x85\u2028'; ")),
    Kind("zero width characters in a comment", between("# \u200b\u202e\n")),
    Kind("a line continued", lambda text: text.replace("user = ", "user = \\\n").encode()),
    Kind("name with a space", between(), "pkg/odd file.py"),
    Kind("name with a line end", between(), "pkg/odd\nfile.py"),
    Kind("name with quotes and a tab", between(), "pkg/o'd\"d\t.py"),
    Kind("name that is no UTF-8", between(), os.fsdecode(b"pkg/odd\xff\xe9.py")),
    Kind("name with a pattern of git's", between(), "pkg/[o]*?.py"),
    Kind("name that looks like an option", between(), "--odd.py"),
    Kind("name that looks like git's magic", between(), ":(top)odd.py"),
    Kind("folder that differs in case only", between(), "PKG/odd.py"),
    Kind("name that differs in case only", between(), "pkg/API.py"),
    Kind("nested calls, 60 deep", between("deep = " + "abs(" * 60 + "1" + ")" * 60 + "; ")),
    Kind("1,500 terms", between("total = " + " + ".join(["1"] * 1_500) + "; ")),
    Kind("500 elif", between("if 1: pass\n" + "".join(f"elif {n}: pass\n" for n in range(500)))),
]  # fmt: skip

LARGE = [
    Kind("50,000 lines", between("".join(f"value_{n} = {n}\n" for n in range(50_000)))),
    Kind("one line of 5 MB", between("rows = [" + "'" + "x" * 2_500_000 + "', " + "123456789, " * 227_000 + "]; ")),
    Kind("50,000 lines after the use", between("", "# generated\n" * 50_000)),
]  # fmt: skip

# What Python does not read: reported with the place and the reason.
UNREADABLE = [
    Kind("Latin-1, not declared", encoded("latin-1", "name = 'é'\n"), says="decoded"),
    Kind("UTF-16, little endian", encoded("utf-16-le", mark=b"\xff\xfe"), says="UTF-16"),
    Kind("UTF-16, big endian", encoded("utf-16-be", mark=b"\xfe\xff"), says="UTF-16"),
    Kind("UTF-16 behind a comment", encoded("utf-16-le", "# é\n", mark=b"\xff\xfe"), says="UTF-16"),
    Kind("UTF-16 with CRLF", lambda text: ("\ufeff" + text.replace("\n", "\r\n")).encode("utf-16-le"), says="UTF-16"),
    Kind("UTF-32", encoded("utf-32-le", mark=b"\xff\xfe\0\0"), says="UTF-32"),
    Kind("UTF-32, big endian", encoded("utf-32-be", mark=b"\0\0\xfe\xff"), says="UTF-32"),
    Kind("null byte", between("name = '\0'\n"), says="null bytes"),
    Kind("null bytes behind the code", between("", "\0\0\0\0"), says="null bytes"),
    Kind("bytes that are no UTF-8", lambda text: b"# \xc3\x28\n" + text.encode(), says="decoded"),
    Kind("surrogates", lambda text: b"# \xed\xa0\x80\n" + text.encode(), says="decoded"),
    Kind("unknown codec", between("# coding: no-such-codec\n"), says="unknown encoding"),
    Kind("codec of text to text", between("# coding: rot13\n"), says="encoding"),
    Kind("codec of bytes to bytes", between("# coding: base64\n"), says="encoding"),
    Kind("declaration against the mark", encoded("utf-8", "# coding: latin-1\n", b"\xef\xbb\xbf"), says="encoding problem"),
    Kind("Python 2's print", between("print 'x'\n"), says="line 1: Missing parentheses"),
    Kind("Python 2's except", between("import os\ntry:\n    pass\nexcept E, e:\n    pass\nexec 'x'\n"), says="does not parse"),
    Kind("tabs that Python refuses", between("if 1:\n        a = 1\n\tb = 2\n"), says="line 3"),
    Kind("template that looks like Python", between("{% if x %}\nimport y\n{% endif %}\n"), says="line 1"),
    Kind("template with a name to fill in", between("class {{ name }}:\n    pass\n"), says="line 1"),
    Kind("merge conflict", between("<<<<<<< HEAD\n", "=======\n>>>>>>> other\n"), says="line 1"),
    Kind("brackets nested too deeply", between("deep = " + "(" * 3_000 + "1" + ")" * 3_000 + "\n"), says="nested"),
    Kind("signs nested too deeply", between("deep = " + "-" * 20_000 + "1\n"), says="nested"),
    Kind("50,000 terms", between("total = " + " + ".join(["1"] * 50_000) + "\n"), says="nested"),
    Kind("100,000 open brackets", between("[" * 100_000 + "\n"), says="nested"),
    Kind("huge number", between("number = " + "9" * 10_000 + "\n"), says="digits"),
    Kind("unfinished string", between("", "'''\n"), says="unterminated"),
    Kind("Cython", between("cdef int x = 1\n"), "pkg/odd.pyx", "Cython"),
    Kind("Cython's declarations", between("cdef int x\n"), "pkg/odd.pxd", "Cython"),
    Kind("notebook with half a character", notebook("# \ud800"), "pkg/odd.ipynb", "half of one"),
    Kind("notebook with a null character", notebook("# \0"), "pkg/odd.ipynb", "null character"),
    Kind("broken notebook", between("{"), "pkg/odd.ipynb", "JSON"),
]  # fmt: skip

# Of a later Python than some that run this: readable to those that know it.
LATER = [
    Kind("t-string", between('word = t"{1}"\n')),
    Kind("except without parentheses", between("try:\n    pass\nexcept ValueError, TypeError:\n    pass\n")),
    Kind("type parameters", between("def first[T](rows: list[T]) -> T:\n    return rows[0]\ntype Rows = list[int]\n")),
    Kind("nested quotes in an f-string", between('word = f"{"x"}"\n')),
    Kind("default of a type parameter", between("def first[T = int](rows: list[T]): ...\n")),
]  # fmt: skip

API = b'def fetch_user(number):\n    """Return one."""\n    return number\n'
FILES = {"pkg/__init__.py": b"", "pkg/api.py": API, "pkg/use.py": USE.encode()}


@dataclass(frozen=True)
class Change:
    """A recipe and what it makes of `USE`."""

    recipe: str
    parameters: Mapping[str, Any]
    after: str = ""

    def __str__(self) -> str:
        return f"{self.recipe} {next(iter(self.parameters.values()))}"


RENAME = Change(
    "rename-symbol", {"old": "pkg.api.fetch_user", "new": "get_user"}, USE.replace("fetch_user", "get_user")
)
REPLACE = Change(
    "replace-call",
    {"pattern": "pkg.api.fetch_user($A)", "template": "int($A)", "unused_imports": "keep"},
    USE.replace("fetch_user(1)", "int(1)"),
)
ADD = Change(
    "change-signature",
    {"function": "pkg.api.fetch_user", "change": "add limit last call 5"},
    USE.replace("(1)", "(1, 5)"),
)
MOVE = Change(
    "move-symbol", {"symbol": "pkg.api.fetch_user", "to": "pkg.users"}, USE.replace("pkg.api", "pkg.users")
)
CHANGES = [RENAME, REPLACE, ADD, MOVE]


def run(change: Change, tree: Tree) -> Analysis:
    return analyse(find_recipe(change.recipe).bind(change.parameters), tree)


def mentions(analysis: Analysis, path: str) -> str:
    """Return all that is said of a file that is not edited."""
    sites = [
        f"{site.line}:{site.column}: {site.reason}"
        for site in analysis.sites
        if site.path == path and site.status == "unresolved"
    ]
    return "\n".join(sites + [failure.error for failure in analysis.failures if failure.path == path])
