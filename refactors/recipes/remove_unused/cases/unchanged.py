"""What is used though no line seems to, what is only reported, and what is refused."""

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case

IMPORTS = {"kinds": ["imports"]}
VARIABLES = {"kinds": ["variables"]}
DEFINITIONS = {"kinds": ["definitions"]}

UNCHANGED_CASES = (
    Case(
        "imports that are there for others, and those that somebody speaks for",
        IMPORTS,
        {
            "pkg/__init__.py": "from os import path\n",
            "pkg/a.py": (
                "from __future__ import annotations\n"
                "\n"
                "from os import sep as sep\n"
                "from os import path\n"
                "\n"
                "__all__ = ['path']\n"
            ),
            "pkg/b.py": "import json  # noqa: F401\nimport re  # noqa\nimport os  # pylint: disable=unused-import\n",
            "pkg/c.py": "# flake8: noqa\nimport json\n",
            "pkg/d.py": (
                "try:\n"
                "    import json\n"
                "except ImportError:\n"
                "    json = None\n"
                "\n"
                "try:\n"
                "    import ujson\n"
                "except ImportError:\n"
                "    HAS = False\n"
            ),
        },
    ),
    Case(
        "annotations in strings and type comments are uses",
        IMPORTS,
        {
            "a.py": (
                "from typing import TYPE_CHECKING, List, Optional, cast\n"
                "\n"
                "if TYPE_CHECKING:\n"
                "    from decimal import Decimal\n"
                "    from fractions import Fraction\n"
                "\n"
                "\n"
                "def f(x: 'Decimal') -> 'Optional[Fraction]':\n"
                "    y = []  # type: List[int]\n"
                "    return cast('Fraction', y)\n"
            ),
        },
    ),
    Case(
        "another file takes the name from here: by name, as an attribute, by a star import, in a patch",
        IMPORTS,
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "import json\n",
            "pkg/b.py": "import json\n",
            "pkg/c.py": "import json\n",
            "pkg/d.py": "import json\n",
            "use.py": "from pkg.a import json\nfrom pkg import b as other\n\nother.json.loads('1')\njson\n",
            "pkg/star.py": "from .c import *\n\njson.dumps(1)\n",
            "tests/test_d.py": (
                "from unittest.mock import patch\n"
                "\n"
                "import pkg.d\n"
                "\n"
                "\n"
                "@patch('pkg.d.json')\n"
                "def test_it(mocked):\n"
                "    assert pkg.d\n"
            ),
        },
    ),
    Case(
        "loading a submodule binds its package and runs code; so may a module of the tree",
        IMPORTS,
        {
            "a.py": (
                "import os\n"
                "import xml.dom.minidom\n"
                "\n"
                "import plugins\n"
                "import readline\n"
                "from plugins import thing\n"
                "\n"
                "print(os)\n"
            ),
            "plugins.py": "from registry import register\n\n\n@register\ndef thing(): ...\n",
            "registry.py": "def register(function):\n    return function\n",
        },
        unresolved=("a.py:2", "a.py:4", "a.py:5", "a.py:6"),
    ),
    Case(
        "strings, doctests, comments, conditions and reflection make an import doubtful",
        IMPORTS,
        {
            "a.py": "import json\n\nNAMES = ['json']\n",
            "b.py": '"""Say.\n\n>>> json.dumps(1)\n"""\nimport json\n',
            "c.py": "import json  # must come first\n",
            "d.py": "import sys\n\nif sys.platform == 'win32':\n    import json\n",
            "e.py": "import json\n\neval(input())\n",
            "f.py": "class A:\n    import json\n",
            "g.py": "import json\nimport simplejson as json\n",
        },
        unresolved=("a.py:1", "b.py:5", "c.py:1", "d.py:4", "e.py:1", "f.py:2", "g.py:1", "g.py:2"),
    ),
    Case(
        "pytest takes fixtures and tests by their names",
        IMPORTS,
        {
            "tests/conftest.py": "from helpers import anything\n",
            "tests/test_a.py": "from helpers import database, TestBase, client\n\n\ndef test_a(database): ...\n",
            "helpers.py": (
                "import pytest\n"
                "\n"
                "\n"
                "@pytest.fixture(autouse=True)\n"
                "def client(): ...\n"
                "\n"
                "\n"
                "def database(): ...\n"
                "\n"
                "\n"
                "class TestBase: ...\n"
                "\n"
                "\n"
                "anything = 1\n"
            ),
        },
        unresolved=("tests/conftest.py:1", "tests/test_a.py:1"),
    ),
    Case(
        "variables that are read: by a closure, a comprehension, `del`, an f-string, `nonlocal`",
        VARIABLES,
        {
            "a.py": (
                "def f():\n"
                "    a = 1\n"
                "    b = 2\n"
                "    c = 3\n"
                "    d = 4\n"
                "    del c\n"
                "\n"
                "    def inner():\n"
                "        nonlocal d\n"
                "        d = 5\n"
                "        return a\n"
                "\n"
                "    return [b for _ in inner()], f'{d}'\n"
            ),
            "b.py": (
                "def f():\n"
                "    global a\n"
                "    a = 1\n"
                "\n"
                "\n"
                "def g(parameter, _dummy=1):\n"
                "    _unused = 1\n"
                "    first, second = parameter\n"
                "    for each in parameter:\n"
                "        pass\n"
                "    return first\n"
                "\n"
                "\n"
                "class A:\n"
                "    attribute = 1\n"
            ),
        },
    ),
    Case(
        "reflection, and values that may have effects or keep an object alive",
        VARIABLES,
        {
            "a.py": (
                "def f():\n"
                "    a = 1\n"
                "    return locals()\n"
                "\n"
                "\n"
                "def g(frame):\n"
                "    limit = 1\n"
                "    return frame.query('x > @limit')\n"
            ),
            "b.py": (
                "def f(x):\n"
                "    app = Application()\n"
                "    task = loop.create_task(x)\n"
                "    total = x + 1\n"
                "    name = x.name\n"
                "    n = 0\n"
                "    n += 1\n"
                "    if (found := x.find()):\n"
                "        pass\n"
            ),
            "c.py": (
                "import pytest\n"
                "\n"
                "\n"
                "def test_it(x):\n"
                "    with pytest.raises(AttributeError):\n"
                "        value = x.missing\n"
                "    with pytest.raises(NameError):\n"
                "        value = missing\n"
            ),
        },
        unresolved=(
            "a.py:2",
            "a.py:7",
            "b.py:2",
            "b.py:3",
            "b.py:4",
            "b.py:5",
            "b.py:6",
            "b.py:8",
            "c.py:6",
            "c.py:8",
        ),
    ),
    Case(
        "whoever catches the exception may look at the frame's variables; a test that is switched off",
        {},
        {
            "tests/test_a.py": (
                "def fail():\n"
                "    depth = 2\n"
                "    raise ValueError\n"
                "\n"
                "\n"
                "def test_fail(report):\n"
                "    assert report(fail).variables['depth'] == '2'\n"
                "\n"
                "\n"
                "def _test_later(): ...\n"
            ),
            "b.py": "def f(error):\n    depth = 2\n    return error.__traceback__.tb_frame\n",
        },
        unresolved=("tests/test_a.py:2", "tests/test_a.py:10", "b.py:2"),
    ),
    Case(
        "private definitions that another file, a test or the class's own family uses",
        DEFINITIONS,
        {
            "pkg/__init__.py": "",
            "pkg/a.py": (
                "def _one(): ...\n"
                "\n"
                "\n"
                "def _two(): ...\n"
                "\n"
                "\n"
                "_THREE = 3\n"
                "\n"
                "__all__ = ['_THREE']\n"
                "\n"
                "\n"
                "class A:\n"
                "    def _hook(self): ...\n"
                "\n"
                "    def run(self):\n"
                "        self._hook()\n"
                "\n"
                "\n"
                "class B(A):\n"
                "    def _hook(self): ...\n"
            ),
            "pkg/b.py": "from pkg.a import _one\nimport pkg.a as a\n\n_one()\na._two()\n",
        },
    ),
    Case(
        "a name in a string, in documentation, computed, decorated, under a condition, or a base from outside",
        DEFINITIONS,
        {
            "a.py": (
                "def _in_string(): ...\n"
                "\n"
                "\n"
                "def _in_docs(): ...\n"
                "\n"
                "\n"
                "@route\n"
                "def _decorated(): ...\n"
                "\n"
                "\n"
                "if True:\n"
                "    def _conditional(): ...\n"
            ),
            "b.py": (
                "from framework import Base\n"
                "\n"
                "\n"
                "class A(Base):\n"
                "    def _hook(self): ...\n"
                "\n"
                "\n"
                "class B:\n"
                "    def _visit_name(self): ...\n"
                "\n"
                "    def visit(self, kind):\n"
                "        return getattr(self, f'_visit_{kind}')()\n"
                "\n"
                "\n"
                "_VALUE = make()\n"
            ),
            "use.py": "load('a:_in_string')\n",
            "docs.md": "`a._in_docs` is private.\n",
        },
        unresolved=("a.py:1", "a.py:4", "a.py:8", "a.py:12", "b.py:5", "b.py:9", "b.py:15"),
    ),
    Case(
        "a file that does not parse may use anything, and is a failure",
        DEFINITIONS,
        {"a.py": "def _helper(): ...\n", "broken.py": "from a import _helper\n\ndef (\n"},
        unresolved=("a.py:1",),
    ),
    Case("a kind that is none", {"kinds": ["import"]}, {"a.py": ""}, raises=ParameterError),
)
