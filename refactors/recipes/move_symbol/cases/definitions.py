"""What moves: a definition with all that belongs to it, and what stays behind in its place."""

from overhaul.refactors.recipe import Case

FETCH = {"symbol": "acme.api.fetch", "to": "acme.net"}

DEFINITION_CASES = (
    Case(
        "a function with its decorators and the comments above, to a new module",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": "import functools\nimport json\n\n\n# Asks once.\n@functools.cache\ndef fetch(url):\n"
            "    return json.dumps(url)\n    # no retry\n\n\ndef other():\n    return json\n",
        },
        {
            "acme/api.py": "import json\n\n\ndef other():\n    return json\n",
            "acme/net.py": "import functools\nimport json\n\n\n# Asks once.\n@functools.cache\ndef fetch(url):\n"
            "    return json.dumps(url)\n    # no retry\n",
        },
    ),
    Case(
        "overloads and attributes set right after belong to it; the stub's definition goes to the stub",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": "from typing import overload\n\n\n@overload\ndef fetch(a: int) -> int: ...\n@overload\n"
            "def fetch(a: str) -> str: ...\ndef fetch(a):\n    return a\n\n\nfetch.cached = False\n\nLIMIT = 1\n",
            "acme/api.pyi": "LIMIT: int\ndef fetch(a: int) -> int: ...\n",
        },
        {
            "acme/api.py": "LIMIT = 1\n",
            "acme/api.pyi": "LIMIT: int\n",
            "acme/net.py": "from typing import overload\n\n\n@overload\ndef fetch(a: int) -> int: ...\n@overload\n"
            "def fetch(a: str) -> str: ...\ndef fetch(a):\n    return a\n\n\nfetch.cached = False\n",
            "acme/net.pyi": "def fetch(a: int) -> int: ...\n",
        },
    ),
    Case(
        "of a pair in __all__ a tuple of one stays; a full line of the other __all__ is folded",
        {"symbol": "acme.api.fetch", "to": "acme.net"},
        {
            "acme/__init__.py": "from acme.api import *\n",
            "acme/api.py": "__all__ = ('fetch', 'send')\n\n\ndef fetch(): ...\n\n\ndef send(): ...\n",
            "acme/net.py": "__all__ = ('post', 'put',\n           'get', 'head')\n\n\ndef post(): ...\n",
        },
        {
            "acme/__init__.py": "from acme.api import *\nfrom acme.net import fetch as fetch\n",
            "acme/api.py": "__all__ = ('send',)\n\n\ndef send(): ...\n",
            "acme/net.py": "__all__ = ('post', 'put',\n           'get', 'head',\n           'fetch')\n\n\n"
            "def post(): ...\n\n\ndef fetch(): ...\n",
        },
    ),
    Case(
        "of a pair in __all__ on lines with comments a tuple of one stays",
        {"symbol": "acme.api.fetch", "to": "acme.net"},
        {
            "acme/__init__.py": "",
            "acme/api.py": "__all__ = (\n    'fetch',  # one\n    'send'  # other\n)\n\n\ndef fetch(): ...\n\n\n"
            "def send(): ...\n",
            "acme/net.py": "",
        },
        {
            "acme/api.py": "__all__ = (\n    'send',  # other\n)\n\n\ndef send(): ...\n",
            "acme/net.py": "def fetch(): ...\n",
        },
    ),
    Case(
        "a constant, below the new module's own and above its main block; __all__ of both",
        {"symbol": "acme.api.LIMIT", "to": "acme.net"},
        {
            "acme/__init__.py": "",
            "acme/api.py": '__all__ = ["LIMIT", "fetch"]\n\nLIMIT: int = 3  # pages\n\n\ndef fetch(): ...\n',
            "acme/net.py": '__all__ = ["Net"]\n\n\nclass Net: ...\n\n\nif __name__ == "__main__":\n    Net()\n',
        },
        {
            "acme/api.py": '__all__ = ["fetch"]\n\n\ndef fetch(): ...\n',
            "acme/net.py": '__all__ = ["LIMIT", "Net"]\n\n\nclass Net: ...\n\n\nLIMIT: int = 3  # pages\n\n\n'
            'if __name__ == "__main__":\n    Net()\n',
        },
    ),
    Case(
        "a class that the new module uses as soon as it is executed goes above that use",
        {"symbol": "acme.api.Base", "to": "acme.net"},
        {
            "acme/__init__.py": "",
            "acme/api.py": "class Base: ...\n",
            "acme/net.py": "import os\n\nfrom acme.api import Base\n\n\n# Ours.\nclass Net(Base):\n"
            "    path = os.sep\n",
        },
        {
            "acme/api.py": "",
            "acme/net.py": "import os\n\n\nclass Base: ...\n\n\n# Ours.\nclass Net(Base):\n    path = os.sep\n",
        },
    ),
    Case(
        "an alias stays in the old module: a re-export",
        {**FETCH, "alias": "yes"},
        {"acme/__init__.py": "", "acme/api.py": "def fetch(): ...\n\n\ndef other(): ...\n"},
        {
            "acme/api.py": "from acme.net import fetch as fetch\n\n\ndef other(): ...\n",
            "acme/net.py": "def fetch(): ...\n",
        },
    ),
    Case(
        "an alias that warns, also where the old module goes on using the function",
        {**FETCH, "alias": "warn"},
        {"acme/__init__.py": "", "acme/api.py": "def fetch(): ...\n\n\ndef other():\n    return fetch()\n"},
        {
            "acme/api.py": "from acme.net import fetch as _fetch\n\n\ndef other():\n    return _fetch()\n\n\n"
            'def __getattr__(name: str) -> object:\n    if name == "fetch":\n        import warnings\n\n'
            "        from acme.net import fetch\n\n        warnings.warn(\n"
            '            "acme.api.fetch is deprecated; it is acme.net.fetch now",\n            DeprecationWarning,\n'
            "            stacklevel=2,\n        )\n        return fetch\n"
            '    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")\n',
            "acme/net.py": "def fetch(): ...\n",
        },
    ),
    Case(
        "helpers that nothing else uses go with it, by option",
        {**FETCH, "with_helpers": "yes"},
        {
            "acme/__init__.py": "",
            "acme/api.py": "_ROOT = 'x'\n_SHARED = 1\n\n\ndef _url(path):\n    return _ROOT + path\n\n\n"
            "def fetch(path):\n    return _url(path), _SHARED\n\n\ndef other():\n    return _SHARED\n",
        },
        {
            "acme/api.py": "_SHARED = 1\n\n\ndef other():\n    return _SHARED\n",
            "acme/net.py": "from acme.api import _SHARED\n\n\n_ROOT = 'x'\n\n\ndef _url(path):\n"
            "    return _ROOT + path\n\n\n"
            "def fetch(path):\n    return _url(path), _SHARED\n",
        },
    ),
    Case(
        "a new package on the way has an __init__ as its neighbours have",
        {"symbol": "acme.api.fetch", "to": "acme.net.http"},
        {"acme/__init__.py": "", "acme/api.py": "def fetch(): ...\n"},
        {"acme/api.py": "", "acme/net/__init__.py": "", "acme/net/http.py": "def fetch(): ...\n"},
    ),
    Case(
        "module state, decorators that may register, pickles and names of the module are reported",
        {"symbol": "acme.api.Task", "to": "acme.net"},
        {
            "acme/__init__.py": "",
            "acme/api.py": "from acme.app import app\n\n\n@app.register\nclass Task:\n    log = __name__\n\n"
            "    def __reduce__(self):\n        return Task, (), self.__module__\n",
            "acme/app.py": "app = make()\n",
        },
        {
            "acme/api.py": "",
            "acme/net.py": "from acme.app import app\n\n\n@app.register\nclass Task:\n    log = __name__\n\n"
            "    def __reduce__(self):\n        return Task, (), self.__module__\n",
        },
        unresolved=("acme/api.py:4", "acme/api.py:6", "acme/api.py:8", "acme/api.py:9"),
    ),
)
