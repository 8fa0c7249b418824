"""Where nothing may change: what warns already, and warnings that would be late, elsewhere or never."""

from overhaul.refactors.errors import ParameterError, SymbolNotFound
from overhaul.refactors.recipe import Case

FETCH = {"symbol": "acme.fetch", "since": "2.0"}
GET = "\n\ndef get(key):\n    return key\n"

UNCHANGED_CASES = (
    Case(
        "what warns already, by a statement or by a decorator",
        FETCH,
        {
            "acme.py": "import warnings\n\n\ndef fetch():\n    warnings.warn('no', DeprecationWarning, stacklevel=2)\n"
            "    return 1\n",
            "CHANGELOG.md": "## Unreleased\n",
        },
    ),
    Case(
        "a helper that warns, and a decorator that does",
        {"symbol": "acme.C.fetch", "since": "2.0"},
        {
            "acme.py": "from typing_extensions import deprecated\n\n\nclass C:\n    @deprecated('use get')\n"
            "    def fetch(self): ...\n\n\ndef old():\n    warn_deprecated('old')\n",
        },
    ),
    Case(
        "a class that warns already",
        {"symbol": "acme.C", "since": "2.0"},
        {
            "acme.py": "import warnings\n\n\nclass C:\n    def __init__(self):\n"
            "        warnings.warn(DeprecationWarning('no'), stacklevel=2)\n",
        },
    ),
    Case(
        "a generator, which would warn when it is iterated",
        FETCH,
        {"acme.py": "def fetch():\n    yield 1\n", "CHANGELOG.md": "## Unreleased\n"},
        unresolved=("acme.py:1",),
    ),
    Case(
        "an async generator",
        FETCH,
        {"acme.py": "async def fetch():\n    yield 1\n"},
        unresolved=("acme.py:1",),
    ),
    Case(
        "a context manager, whose body runs in contextlib",
        FETCH,
        {"acme.py": "import contextlib\n\n\n@contextlib.contextmanager\ndef fetch():\n    yield 1\n"},
        unresolved=("acme.py:5",),
    ),
    Case(
        "a decorator that puts a frame in between, or hides that it is called",
        FETCH,
        {"acme.py": "import functools\n\n\n@functools.lru_cache\ndef fetch(): ...\n"},
        unresolved=("acme.py:5",),
    ),
    Case(
        "a decorator that is not known",
        FETCH,
        {"acme.py": "from click import command\n\n\n@command()\ndef fetch(): ...\n"},
        unresolved=("acme.py:5",),
    ),
    Case(
        "a cached property runs once, below a frame of functools",
        {"symbol": "acme.C.fetch", "since": "2.0"},
        {
            "acme.py": "import functools\n\n\nclass C:\n    @functools.cached_property\n    def fetch(self): ...\n"
        },
        unresolved=("acme.py:6",),
    ),
    Case(
        "an abstract method, for which its overrides run",
        {"symbol": "acme.C.fetch", "since": "2.0"},
        {
            "acme.py": "from abc import ABC, abstractmethod\n\n\nclass C(ABC):\n    @abstractmethod\n"
            "    def fetch(self): ...\n"
        },
        unresolved=("acme.py:6",),
    ),
    Case(
        "a protocol's method",
        {"symbol": "acme.C.fetch", "since": "2.0"},
        {"acme.py": "from typing import Protocol\n\n\nclass C(Protocol):\n    def fetch(self): ...\n"},
        unresolved=("acme.py:5",),
    ),
    Case(
        "a class without an __init__ of its own",
        {"symbol": "acme.C", "since": "2.0"},
        {"acme.py": "class C(ValueError):\n    pass\n"},
        unresolved=("acme.py:1",),
    ),
    Case(
        "a dataclass, whose __init__ is made",
        {"symbol": "acme.C", "since": "2.0"},
        {
            "acme.py": "from dataclasses import dataclass\n\n\n@dataclass\nclass C:\n    x: int\n\n"
            "    def __init__(self): ...\n"
        },
        unresolved=("acme.py:5",),
    ),
    Case(
        "a metaclass may make instances in its own way; so may a base outside the tree, or an enum",
        {"symbol": "acme.C", "since": "2.0"},
        {"acme.py": "class C(metaclass=Meta):\n    def __init__(self): ...\n"},
        unresolved=("acme.py:1",),
    ),
    Case(
        "an unknown base",
        {"symbol": "acme.C", "since": "2.0"},
        {"acme.py": "from enum import Enum\n\n\nclass C(Enum):\n    def __init__(self): ...\n"},
        unresolved=("acme.py:4",),
    ),
    Case(
        "an attribute: nothing is called that could warn",
        {"symbol": "acme.C.fetch", "since": "2.0"},
        {"acme.py": "class C:\n    fetch = 1\n"},
        unresolved=("acme.py:2",),
    ),
    Case(
        "a name that an import may give as well",
        FETCH,
        {"acme.py": "try:\n    from fast import fetch\nexcept ImportError:\n    def fetch(): ...\n"},
        unresolved=("acme.py:2", "acme.py:4"),
    ),
    Case(
        "one of two definitions that could warn",
        FETCH,
        {"acme.py": "if FAST:\n    def fetch(): ...\nelse:\n    def fetch():\n        yield 1\n"},
        unresolved=("acme.py:4",),
    ),
    Case(
        "a function that calls something else `warnings`",
        FETCH,
        {"acme.py": "def fetch(warnings):\n    return warnings\n"},
        unresolved=("acme.py:1",),
    ),
    Case(
        "a docstring that shares its line",
        FETCH,
        {"acme.py": "def fetch():\n    'Fetch.'; return 1\n"},
        unresolved=("acme.py:1",),
    ),
    Case(
        "a tree with its own module `warnings`",
        FETCH,
        {"acme.py": "def fetch(): ...\n", "warnings.py": ""},
        unresolved=("acme.py:1",),
    ),
)

REFUSED_CASES = (
    Case("no such symbol", {"symbol": "acme.x", "since": "2"}, {"acme.py": "y = 1\n"}, raises=SymbolNotFound),
    Case(
        "a replacement that the tree has not",
        {**FETCH, "replacement": "acme.nothing"},
        {"acme.py": "def fetch(): ...\n"},
        raises=SymbolNotFound,
    ),
    Case(
        "no version", {"symbol": "acme.fetch", "since": 'the "next"'}, {"acme.py": GET}, raises=ParameterError
    ),
    Case("a module", {"symbol": "acme", "since": "2"}, {"acme.py": GET}, raises=ParameterError),
    Case("a parameter", {"symbol": "acme.get(key)", "since": "2"}, {"acme.py": GET}, raises=ParameterError),
    Case(
        "a special method",
        {"symbol": "acme.C.__len__", "since": "2"},
        {"acme.py": "class C:\n    def __len__(self): ...\n"},
        raises=ParameterError,
    ),
    Case(
        "a changelog that is not there",
        {**FETCH, "changelog": "NEWS.md"},
        {"acme.py": "def fetch(): ...\n"},
        raises=ParameterError,
    ),
)
