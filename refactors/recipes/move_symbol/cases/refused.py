"""What cannot be moved, or not there: nothing is edited, and the error says what to do first."""

from overhaul.refactors.errors import NameTaken, ParameterError, SymbolNotFound
from overhaul.refactors.recipe import Case

FETCH = {"symbol": "acme.api.fetch", "to": "acme.net"}
PACKAGE = {"acme/__init__.py": "", "acme/net.py": "LIMIT = 3\n"}


def _refused(name: str, api: str, error: type[Exception] = ParameterError, **files: str) -> Case:
    paths = {f"acme/{key}.py": text for key, text in files.items()}
    return Case(name, FETCH, {**PACKAGE, "acme/api.py": api, **paths}, raises=error)


REFUSED_CASES = (
    _refused("the name is taken in the new module", "def fetch(): ...\n", NameTaken, net="fetch = None\n"),
    _refused(
        "the new module uses a builtin of that name",
        "def fetch(): ...\n",
        NameTaken,
        net="print(fetch)\n",
    ),
    _refused(
        "a name that the code takes from Python means something else in the new module",
        "def fetch():\n    return open('x')\n",
        NameTaken,
        net="def open(): ...\n",
    ),
    _refused(
        "the function assigns a variable of its module",
        "count = 0\n\n\ndef fetch():\n    global count\n    count += 1\n",
    ),
    _refused(
        "a variable that a function of its module assigns",
        "fetch = None\n\n\ndef start():\n    global fetch\n    fetch = 1\n",
    ),
    _refused("an assignment that binds another name as well", "fetch, other = 1, 2\n"),
    _refused(
        "a name that is bound again after other statements",
        "def fetch(): ...\n\n\nprint(fetch)\nfetch = None\n",
    ),
    _refused("two statements on one line", "limit = 1; fetch = 2\n"),
    _refused(
        "the old module goes on using it, and it uses a helper of the old module: each would import the other",
        "def _url(): ...\n\n\ndef fetch():\n    return _url()\n\n\nfetch()\n",
    ),
    _refused(
        "the new module is imported by what the code needs: a circle of imports",
        "from acme.model import User\n\n\ndef fetch():\n    return User()\n",
        model="from acme.net import LIMIT\n\n\nclass User:\n    limit = LIMIT\n",
    ),
    _refused(
        "annotations that are not evaluated now and would be in the new module, which has others",
        "from __future__ import annotations\n\n\ndef fetch(a: int | None): ...\n",
        net="def other(a: int): ...\n",
    ),
    _refused(
        "a name that the module deletes again",
        "import os\n\nLIMIT = 1\n\n\ndef fetch():\n    LIMIT\n\n\ndel LIMIT\n",
    ),
    _refused(
        "a file that star-imports the new module has the name from elsewhere",
        "def fetch(): ...\n",
        NameTaken,
        use="from other import fetch\nfrom acme.net import *\n\nfetch()\n",
    ),
    Case("a symbol that is not there", FETCH, PACKAGE, raises=SymbolNotFound),
    Case(
        "a method",
        {"symbol": "acme.net.A.m", "to": "acme.api"},
        {"acme/__init__.py": "", "acme/net.py": "class A:\n    def m(self): ...\n"},
        raises=ParameterError,
    ),
    Case(
        "the module that has it already",
        {"symbol": "acme.net.LIMIT", "to": "acme.net"},
        PACKAGE,
        raises=ParameterError,
    ),
    Case(
        "a name that Python reads from its own module",
        {"symbol": "acme.net.__all__", "to": "acme.api"},
        {"acme/__init__.py": "", "acme/net.py": "__all__ = []\n"},
        raises=ParameterError,
    ),
    Case(
        "an alias that warns beside a __getattr__ of the module's own",
        {**FETCH, "alias": "warn"},
        {**PACKAGE, "acme/api.py": "def fetch(): ...\n\n\ndef __getattr__(name): ...\n"},
        raises=ParameterError,
    ),
    Case(
        "a package that is not there",
        {"symbol": "acme.net.LIMIT", "to": "other.limits"},
        PACKAGE,
        raises=SymbolNotFound,
    ),
)
