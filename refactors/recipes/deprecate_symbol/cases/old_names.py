"""A new name, and the old one that stays and warns."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.deprecate_symbol.cases.warning import warn

_ALIAS = {"symbol": "acme.api.old", "since": "2.0", "alias": "new"}
_SAID = "acme.{} is deprecated since 2.0; use acme.{} instead"


def _warn(old: str, new: str, indent: str = "    ") -> str:
    return warn(f"acme.{old}", indent).replace(" since 2.0", f" since 2.0; use acme.{new} instead")


def _doc(indent: str = "    ", new: str = "acme.api.new") -> str:
    lines = ['"""Call `new` by its old name.', "", ".. deprecated:: 2.0", f"    Use {new} instead.", '"""']
    return "".join(f"{indent}{line}\n" if line else "\n" for line in lines)


def _getattr(name: str, new: str, said: str) -> str:
    return (
        f'\n\ndef __getattr__(name: str) -> object:\n    if name == "{name}":\n'
        f'        warnings.warn(\n            "{said}",\n            DeprecationWarning,\n            stacklevel=2,\n'
        f"        )\n        return {new}\n"
        '    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")\n'
    )


OLD_NAME_REPORTS = (
    Case(
        "alias: a second function is not the same as a decorated one, or one with a default of its own",
        _ALIAS,
        {"acme/__init__.py": "", "acme/api.py": "@register\ndef old(): ...\n"},
        unresolved=("acme/api.py:2",),
    ),
    Case(
        "alias: a default that is made when the function is defined",
        _ALIAS,
        {"acme/__init__.py": "", "acme/api.py": "def old(a=[]): ...\n"},
        unresolved=("acme/api.py:1",),
    ),
    Case(
        "alias: a file that offers the name and has another thing for it",
        _ALIAS,
        {
            "acme/__init__.py": "try:\n    from acme.api import old\nexcept ImportError:\n    old = None\n",
            "acme/api.py": "def old(): ...\n",
        },
        unresolved=("acme/api.py:1",),
    ),
    Case(
        "alias: a class whose module has a __getattr__",
        {**_ALIAS, "symbol": "acme.api.Old", "alias": "New"},
        {"acme/__init__.py": "", "acme/api.py": "class Old: ...\n\n\ndef __getattr__(name): ...\n"},
        unresolved=("acme/api.py:1",),
    ),
    Case(
        "alias: a class that a package offers: importing that package would warn",
        {**_ALIAS, "symbol": "acme.api.Old", "alias": "New"},
        {"acme/__init__.py": "from .api import Old\n", "acme/api.py": "class Old: ...\n"},
        unresolved=("acme/api.py:1",),
    ),
    Case(
        "alias: a method that a base defines",
        {"symbol": "acme.D.old", "since": "2.0", "alias": "new"},
        {"acme.py": "class C:\n    def old(self): ...\n\n\nclass D(C):\n    def old(self): ...\n"},
        unresolved=("acme.py:6",),
    ),
    Case(
        "a constant that another module uses, or that is assigned anew",
        {"symbol": "acme.api.OLD", "since": "2.0"},
        {"acme/__init__.py": "from .api import OLD\n", "acme/api.py": "OLD = 1\n"},
        unresolved=("acme/api.py:1",),
    ),
    Case(
        "a constant that a function assigns",
        {"symbol": "acme.OLD", "since": "2.0"},
        {"acme.py": "OLD = 1\n\n\ndef f():\n    global OLD\n    OLD = 2\n"},
        unresolved=("acme.py:1",),
    ),
    Case(
        "a constant that its module may read by globals()",
        {"symbol": "acme.OLD", "since": "2.0"},
        {"acme.py": "OLD = 1\nprint(globals()[input()])\n"},
        unresolved=("acme.py:1",),
    ),
    Case(
        "a constant of a module that a star import takes",
        {"symbol": "acme.api.OLD", "since": "2.0"},
        {"acme/__init__.py": "from .api import *\n", "acme/api.py": "OLD = 1\n"},
        unresolved=("acme/api.py:1",),
    ),
    Case(
        "a constant that is given by a __getattr__ already",
        {"symbol": "acme.OLD", "since": "2.0"},
        {"acme.py": "_OLD = 1\n\n\ndef __getattr__(name):\n    if name == 'OLD':\n        return _OLD\n"},
    ),
)

OLD_NAME_CASES = (
    Case(
        "alias: a function, everywhere; packages and `__all__` offer both names",
        _ALIAS,
        {
            "acme/__init__.py": "from acme.api import (\n    old,\n)\n\n__all__ = ['old']\n",
            "acme/api.py": "import warnings\n\n__all__ = ['old']\n\n\n"
            "def old(a: int, /, *b: str, c: bool = True) -> str:\n    return ''\n\n\nprint(old(1))\n",
            "use.py": "from acme import old\n\nold(1)\n",
            "more/__init__.py": "if 1:\n    from acme.api import old as old\n",
            "README.md": "Call `acme.api.old`.\n",
        },
        {
            "more/__init__.py": "if 1:\n    from acme.api import new as new, old as old\n",
            "acme/__init__.py": "from acme.api import (\n    new,\n    old,\n)\n\n__all__ = ['new', 'old']\n",
            "acme/api.py": "import warnings\n\n__all__ = ['new', 'old']\n\n\n"
            "def new(a: int, /, *b: str, c: bool = True) -> str:\n    return ''\n\n\n"
            "def old(a: int, /, *b: str, c: bool = True) -> str:\n"
            + _doc()
            + _warn("api.old", "api.new")
            + "    return new(a, *b, c=c)\n\n\nprint(new(1))\n",
            "use.py": "from acme import new\n\nnew(1)\n",
        },
    ),
    Case(
        "alias: a package that imports each name by a statement of its own",
        _ALIAS,
        {
            "acme/__init__.py": "from .api import fetch as fetch\nfrom .api import old as old\n",
            "acme/api.py": "import warnings\n\n\ndef fetch(): ...\n\n\ndef old(): ...\n",
        },
        {
            "acme/__init__.py": "from .api import fetch as fetch\nfrom .api import new as new\n"
            "from .api import old as old\n",
            "acme/api.py": "import warnings\n\n\ndef fetch(): ...\n\n\ndef new(): ...\n\n\ndef old():\n"
            + _doc()
            + _warn("api.old", "api.new")
            + "    return new()\n",
        },
    ),
    Case(
        "alias: a coroutine and a method, whose overrides follow",
        {"symbol": "acme.C.old", "since": "2.0", "alias": "new"},
        {
            "acme.py": "import warnings\n\n\nclass C:\n    async def old(self, a=None):\n        return a\n\n"
            "    x = 1\n\n\n"
            "class D(C):\n    async def old(self, a=None):\n        return await super().old()\n"
        },
        {
            "acme.py": "import warnings\n\n\nclass C:\n    async def new(self, a=None):\n        return a\n\n"
            "    async def old(self, a=None):\n"
            + _doc("        ", "acme.C.new")
            + _warn("C.old", "C.new", "        ")
            + "        return await self.new(a)\n\n    x = 1\n\n\n"
            "class D(C):\n    async def new(self, a=None):\n        return await super().new()\n"
        },
    ),
    Case(
        "alias: a generator and a context manager, which warn when they are called",
        {"symbol": "acme.old", "since": "2.0", "alias": "new"},
        {
            "acme.py": "import contextlib\nimport warnings\n\n\n@contextlib.contextmanager\ndef old(a):\n    yield a"
        },
        {
            "acme.py": "import contextlib\nimport warnings\n\n\n"
            "@contextlib.contextmanager\ndef new(a):\n    yield a\n\n\n"
            "def old(a):\n" + _doc(new="acme.new") + _warn("old", "new") + "    return new(a)\n"
        },
    ),
    Case(
        "alias: a class stays one class under both names",
        {"symbol": "acme.Old", "since": "2.0", "alias": "New"},
        {
            "acme.py": "import warnings\n\n\nclass Old(Exception):\n    pass\n",
            "use.py": "import acme\n\ntry:\n    acme.f()\nexcept acme.Old:\n    pass\n",
        },
        {
            "acme.py": "import warnings\n\n\nclass New(Exception):\n    pass\n"
            + _getattr("Old", "New", _SAID.format("Old", "New")),
            "use.py": "import acme\n\ntry:\n    acme.f()\nexcept acme.New:\n    pass\n",
        },
    ),
    Case(
        "a constant becomes private to its module, whose __getattr__ gives it and warns; tests may use it",
        {"symbol": "acme.OLD", "since": "2.0"},
        {
            "acme.py": "__all__ = ['OLD']\nOLD: int = 1\n\n\ndef f(x=OLD):\n    return OLD\n",
            "test_acme.py": "import acme\n\nprint(acme.OLD)\n",
        },
        {
            "acme.py": "import warnings\n\n__all__ = ['OLD']\n_OLD: int = 1\n\n\ndef f(x=_OLD):\n    return _OLD\n"
            + _getattr("OLD", "_OLD", "acme.OLD is deprecated since 2.0"),
        },
        unresolved=("test_acme.py:3",),
    ),
)
