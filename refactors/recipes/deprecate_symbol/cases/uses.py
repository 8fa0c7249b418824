"""The repository's own uses: moved where the symbol only hands on, else reported."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.deprecate_symbol.cases.warning import warn

_WARN = (
    '    warnings.warn(\n        "acme.api.old is deprecated since 2.0; use acme.api.new instead",\n'
    "        DeprecationWarning,\n        stacklevel=2,\n    )\n"
)
_OLD = {"symbol": "acme.api.old", "since": "2.0", "replacement": "new"}
_METHODS = (
    "import warnings\n\n\nclass C:\n    def old(self, a=1, *, b):\n{}        return self.new(a, b=b)\n\n"
    "    def new(self, a=1, *, b): ...\n"
)
_METHOD_WARN = (
    '        warnings.warn(\n            "acme.C.old is deprecated since 2.0; use acme.C.new instead",\n'
    "            DeprecationWarning,\n            stacklevel=2,\n        )\n"
)

USE_CASES = (
    Case(
        "a function that only hands on: imports, dotted uses, and its own module; not what a package offers",
        _OLD,
        {
            "acme/__init__.py": "from acme.api import new, old\n",
            "acme/api.py": "import warnings\n\n\nclass Other: ...\n\n\ndef old(a, *b):\n    return new(a, *b)\n\n\n"
            "def new(a, *b): ...\n\n\ndef f():\n    old(1)\n",
            "use.py": "import acme\nimport acme.api\nfrom acme import api\nfrom acme.api import Other, old\n\n"
            "print(old(1), acme.old(2), api.old(3), acme.api.old(4))\nlist(map(old, []))\n",
            "more.py": "from acme import new, old\nfrom acme.api import old as former\n\nold(former(1))\n",
        },
        {
            "acme/api.py": "import warnings\n\n\nclass Other: ...\n\n\ndef old(a, *b):\n"
            + _WARN
            + "    return new(a, *b)\n\n\ndef new(a, *b): ...\n\n\ndef f():\n    new(1)\n",
            "use.py": "import acme\nimport acme.api\nfrom acme import api\nfrom acme.api import Other, new\n\n"
            "print(new(1), acme.new(2), api.new(3), acme.api.new(4))\nlist(map(new, []))\n",
            "more.py": "from acme import new\nfrom acme.api import new as former\n\nnew(former(1))\n",
        },
    ),
    Case(
        "a function that does more, or hands on otherwise: its uses are reported",
        _OLD,
        {
            "acme/__init__.py": "",
            "acme/api.py": "import warnings\n\n\ndef old(a, b):\n    return new(b, a)\n\n\ndef new(a, b): ...\n",
            "use.py": "from acme.api import old\n\nold(1, 2)\nprint('old')\n",
        },
        {
            "acme/api.py": "import warnings\n\n\ndef old(a, b):\n"
            + _WARN
            + "    return new(b, a)\n\n\ndef new(a, b): ...\n",
        },
        unresolved=("use.py:3",),
    ),
    Case(
        "other defaults, or a default that is made anew",
        _OLD,
        {
            "acme/__init__.py": "",
            "acme/api.py": "import warnings\n\n\ndef old(a=[]):\n    return new(a)\n\n\ndef new(a=[]): ...\n",
            "use.py": "import acme.api\n\nacme.api.old()\n",
        },
        {
            "acme/api.py": "import warnings\n\n\ndef old(a=[]):\n"
            + _WARN
            + "    return new(a)\n\n\ndef new(a=[]): ...\n"
        },
        unresolved=("use.py:3",),
    ),
    Case(
        "where the replacement's name means something else, or others take the old name from a file",
        _OLD,
        {
            "acme/__init__.py": "",
            "acme/api.py": "import warnings\n\n\ndef old(a):\n    return new(a)\n\n\ndef new(a): ...\n",
            "use.py": "from acme.api import old\n\nnew = 1\nold(1)\n",
            "offers.py": "from acme.api import old\n\nold(1)\n",
            "takes.py": "from offers import old\n\nold(1)\n",
        },
        {
            "acme/api.py": "import warnings\n\n\ndef old(a):\n"
            + _WARN
            + "    return new(a)\n\n\ndef new(a): ...\n"
        },
        unresolved=("use.py:4", "offers.py:3", "takes.py:3"),
    ),
    Case(
        "a test that puts a mock in the place of the old function",
        _OLD,
        {
            "acme/__init__.py": "",
            "acme/api.py": "import warnings\n\n\ndef old(a):\n    return new(a)\n\n\ndef new(a): ...\n",
            "use.py": "from acme.api import old\n\nold(1)\n",
            "test_use.py": "from unittest import mock\n\nwith mock.patch('use.old'): ...\n",
        },
        {
            "acme/api.py": "import warnings\n\n\ndef old(a):\n"
            + _WARN
            + "    return new(a)\n\n\ndef new(a): ...\n"
        },
        unresolved=("use.py:3",),
    ),
    Case(
        "code that assigns to the old name",
        _OLD,
        {
            "acme/__init__.py": "",
            "acme/api.py": "import warnings\n\n\ndef old(a):\n    return new(a)\n\n\ndef new(a): ...\n",
            "use.py": "import acme.api\n\nacme.api.old = print\nacme.api.old(1)\n",
        },
        {
            "acme/api.py": "import warnings\n\n\ndef old(a):\n"
            + _WARN
            + "    return new(a)\n\n\ndef new(a): ...\n"
        },
        unresolved=("use.py:3", "use.py:4"),
    ),
    Case(
        "a method that only hands on, where the object's class is known",
        {"symbol": "acme.C.old", "since": "2.0", "replacement": "acme.C.new"},
        {
            "acme.py": _METHODS.format(""),
            "use.py": "from acme import C\n\nC().old(b=1)\nC.old(C(), b=1)\n\n\n"
            "def f(c: C, d):\n    c.old(b=c.old)\n    d.old()\n",
        },
        {
            "acme.py": _METHODS.format(_METHOD_WARN),
            "use.py": "from acme import C\n\nC().new(b=1)\nC.old(C(), b=1)\n\n\n"
            "def f(c: C, d):\n    c.new(b=c.new)\n    d.old()\n",
        },
        unresolved=("use.py:4", "use.py:9"),
    ),
    Case(
        "of a class, calls and bases warn; types, tests and handlers do not",
        {"symbol": "acme.Old", "since": "2.0"},
        {
            "acme.py": "import warnings\n\n\nclass Old(Exception):\n    def __init__(self):\n"
            "        super().__init__()\n",
            "use.py": "from acme import Old\n\n\nclass Sub(Old): ...\n\n\ndef f(x: Old):\n    try:\n"
            "        raise Old()\n"
            "    except Old:\n        return isinstance(x, Old)\n",
        },
        {
            "acme.py": "import warnings\n\n\nclass Old(Exception):\n    def __init__(self):\n"
            + warn("acme.Old", "        ")
            + "        super().__init__()\n",
        },
        unresolved=("use.py:4", "use.py:9"),
    ),
)
