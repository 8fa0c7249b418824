"""What is no import of the old place, what is only reported, and what is refused."""

from overhaul.refactors.errors import ParameterError, SymbolNotFound
from overhaul.refactors.recipe import Case

MOCK = {"old": "mock", "new": "unittest.mock"}
MAPPING = {"old": "collections.Mapping", "new": "collections.abc.Mapping"}

UNCHANGED_CASES = (
    Case(
        "star imports, names in strings and documentation, notebooks",
        MOCK,
        {
            "a.py": "from mock import *\n\nimport_module('mock')\nlog('mock')\n",
            "b.py": '"""Uses it.\n\n>>> from mock import patch\n"""\n\npatch("mock.patch")\n',
            "docs/use.md": "A mock is made with `mock.Mock()`.\n",
            "n.ipynb": '{"cells": [{"source": ["import mock"]}]}\n',
        },
        unresolved=("a.py:1", "a.py:3", "b.py:3", "b.py:6", "docs/use.md:1", "n.ipynb:1"),
    ),
    Case(
        "a fallback that takes the same name from the new place",
        MOCK,
        {
            "a.py": "try:\n    from unittest.mock import patch\nexcept ImportError:\n    from mock import patch\n",
            "b.py": "if sys.version_info > (3,):\n    from unittest import mock\nelse:\n    import mock\n",
        },
        unresolved=("a.py:4", "b.py:4"),
    ),
    Case(
        "the new name means something else in the file; the new place has no such name",
        MAPPING,
        {
            "a.py": "import collections as c\n\ncollections = abc = Mapping = None\n\n\nclass A(c.Mapping): ...\n",
            "b.py": "from collections import *\n\n\nclass A(Mapping): ...\n",
        },
        unresolved=("a.py:1", "b.py:1"),
    ),
    Case(
        "names of the same spelling from elsewhere",
        MAPPING,
        {
            "a.py": "from other import Mapping, collections\n\nMapping, collections.Mapping\n",
            "b.py": "import collections\n\n\ndef f(collections):\n    return collections.Mapping\n",
            "c.py": "from collections import Mapping  # does not parse\n{{ broken }\n",
        },
    ),
    Case(
        "a package's own files that it imports itself cannot import from it; the package keeps its import",
        {"old": "acme.api.fetch", "new": "acme.fetch"},
        {
            "acme/__init__.py": "from .api import fetch\nfrom .use import x\n",
            "acme/api.py": "def fetch(): ...\n",
            "acme/use.py": "from .api import fetch\n\nx = fetch()\n",
        },
        unresolved=("acme/use.py:1",),
    ),
    Case(
        "a new module that takes everything from the old one keeps its imports of it",
        {"old": "acme.old", "new": "acme.compat"},
        {
            "acme/__init__.py": "",
            "acme/old.py": "def fetch(): ...\n",
            "acme/compat.py": "import acme.old\nfrom acme.old import fetch\n\n\n"
            "def late():\n    from .old import fetch as f\n\n    return f, acme.old.fetch\n",
        },
        unresolved=("acme/compat.py:1", "acme/compat.py:2", "acme/compat.py:6", "acme/compat.py:8"),
    ),
    Case(
        "so does a package for its modules, and each module of a package for the one that it stands for",
        {"old": "acme.old", "new": "acme"},
        {
            "acme/__init__.py": "from acme.old import fetch\nimport acme.use\n",
            "acme/old/__init__.py": "def fetch(): ...\n",
            "acme/old/net.py": "def get(): ...\n",
            "acme/net.py": "import acme.old.net\nfrom acme.old.net import get\n\nacme.old.net.get, get\n",
            "acme/use.py": "import acme\nfrom acme.old import fetch\n\nfetch()\n",
        },
        unresolved=(
            "acme/__init__.py:1",
            "acme/net.py:1",
            "acme/net.py:2",
            "acme/net.py:4",
            "acme/use.py:2",
        ),
    ),
    Case(
        "an encoding that has not the characters of the new name",
        {"old": "mock", "new": "中.mock"},
        {"a.py": "# coding: ascii\nimport mock\n"},
        unresolved=("a.py:2",),
    ),
    Case("nothing imports it", MOCK, {"a.py": "mock = 1\n"}, raises=SymbolNotFound),
    Case("the same place", {"old": "mock", "new": "mock"}, {"a.py": "import mock\n"}, raises=ParameterError),
    Case(
        "a new place that the tree should have and has not",
        {"old": "acme.api.fetch", "new": "acme.net.fetch"},
        {"acme/__init__.py": "", "acme/net.py": "", "a.py": "from acme.api import fetch\n"},
        raises=ParameterError,
    ),
)
