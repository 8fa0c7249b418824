"""Which tests a change reaches by imports."""

from __future__ import annotations

import pytest

from overhaul.refactors.graph.reach import reached_tests
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.memory_tree import MemoryTree

FILES = {
    "pkg/__init__.py": "",
    "pkg/low.py": "x = 1\n",
    "pkg/high.py": "from pkg.low import x\n",
    "pkg/typed.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pkg.low import x\n",
    "pkg/other.py": "y = 2\n",
    "tests/test_high.py": "def test_it():\n    from pkg.high import x\n",
    "tests/test_low.py": "import pkg.low\n",
    "tests/test_typed.py": "import pkg.typed\n",
    "tests/sub/conftest.py": "import pkg.other\n",
    "tests/sub/test_deep.py": "",
    "app/tests.py": "from pkg import low\n",
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (set(), []),
        ({"README.md", "gone.py"}, []),
        ({"pkg/low.py"}, ["app/tests.py", "tests/test_low.py", "tests/test_high.py"]),
        ({"pkg/high.py"}, ["tests/test_high.py"]),
        ({"pkg/typed.py"}, ["tests/test_typed.py"]),
        ({"pkg/other.py"}, ["tests/sub/test_deep.py"]),
        ({"tests/test_low.py"}, ["tests/test_low.py"]),
    ],
)
def test_tests_that_import_what_changed_are_reached_the_nearest_first(changed, expected):
    assert reached_tests(RepositoryGraph(MemoryTree(FILES)).imports, changed) == expected
