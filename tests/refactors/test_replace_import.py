"""replace-import beyond its cases: the code that comes out runs as before, there and back is the same, bytes stay."""

import subprocess
import sys
from pathlib import Path

import pytest

from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.registry import find_recipe

from .conftest import write_files

CODE = """\
import collections
import os.path
from collections import OrderedDict as Ordered, defaultdict
import os.path as q
from os import path as p, sep


def shadowed(collections):
    from collections import defaultdict as d

    return collections, d


class Table(collections.OrderedDict):
    kinds: "dict[str, collections.OrderedDict]" = {}
    defaultdict = defaultdict


print(Table(), Ordered(), defaultdict(int), shadowed(1)[0], f"{os.path.join('a', 'b')} {q.sep}{p.basename('x/y')}", sep)
print([collections for collections in (1, 2)], (lambda os: os)(3), Table.defaultdict is defaultdict)
"""


def replaced(files: dict[str, bytes], old: str, new: str, **options: str) -> dict[str, bytes]:
    analysis = (
        find_recipe("replace-import").bind({"old": old, "new": new, **options}).analyse(MemoryTree(files))
    )
    return files | {edit.path: edit.content for edit in analysis.edits}


def output(folder: Path, files: dict[str, bytes]) -> str:
    write_files(folder, files)
    done = subprocess.run([sys.executable, "a.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("collections.OrderedDict", "ours.maps.OrderedDict"),
        ("collections.OrderedDict", "ours.maps.Ordered"),
        ("collections.defaultdict", "ours.maps.defaultdict"),
        ("collections", "ours.maps"),
        ("os.path", "posixpath"),
        ("os.path", "ours.paths"),
        ("os", "ours.system"),
    ],
)
def test_code_runs_as_before(tmp_path: Path, old: str, new: str) -> None:
    files = {
        "a.py": CODE.encode(),
        "ours/__init__.py": b"",
        "ours/maps.py": b"from _collections import OrderedDict, defaultdict\n\nOrdered = OrderedDict\n",
        "ours/paths.py": b"from posixpath import *\n",
        "ours/system.py": b"import posixpath as path\n\nsep = path.sep\n",
    }
    before = output(tmp_path / "before", files)
    after = replaced(files, old, new)
    assert after["a.py"] != files["a.py"]
    assert output(tmp_path / "after", after) == before


def test_there_and_back_is_the_same() -> None:
    text = b"import os\n\nfrom acme.api import fetch as f\nfrom acme.other import x\n\nf(x, os)\n"
    there = replaced({"a.py": text}, "acme.api.fetch", "acme.net.fetch")
    assert there["a.py"] == text.replace(b"acme.api", b"acme.net")
    assert replaced(there, "acme.net.fetch", "acme.api.fetch")["a.py"] == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbfimport mock\r\n\r\nx = 1\r\n", b"\xef\xbb\xbffrom unittest import mock\r\n\r\nx = 1\r\n"),
        ("# coding: latin-1\nimport mock  # é\n".encode("latin-1"),
         "# coding: latin-1\nfrom unittest import mock  # é\n".encode("latin-1")),
        (b"if 1:\n\tfrom mock import patch, call\n", b"if 1:\n\tfrom unittest.mock import patch, call\n"),
        (b"import os; import mock; x = 1\n", b"import os; from unittest import mock; x = 1\n"),
        (b"from mock import (  # why\n    patch,\n    call,\n)\n",
         b"from unittest.mock import (  # why\n    patch,\n    call,\n)\n"),
        (b"from mock \\\n    import patch\n", b"from unittest.mock \\\n    import patch\n"),
    ],
)  # fmt: skip
def test_bytes_around_stay(before: bytes, after: bytes) -> None:
    assert replaced({"a.py": before}, "mock", "unittest.mock")["a.py"] == after
