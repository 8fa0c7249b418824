"""Every kind of definition that can warn, and its docstring."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.deprecate_symbol.cases.warning import warn


def _fetch(name: str, before: str, after: str) -> Case:
    return Case(name, {"symbol": "acme.fetch", "since": "2.0"}, {"acme.py": before}, {"acme.py": after})


def _member(name: str, symbol: str, before: str, after: str) -> Case:
    return Case(name, {"symbol": f"acme.{symbol}", "since": "2.0"}, {"acme.py": before}, {"acme.py": after})


DEFINITION_CASES = (
    _fetch(
        "a function: behind the docstring, with the import",
        '"""Acme."""\n\nimport sys\n\n\ndef fetch(key):\n    """Fetch it."""\n\n    return key\n',
        '"""Acme."""\n\nimport sys\nimport warnings\n\n\ndef fetch(key):\n    """Fetch it.\n\n    .. deprecated:: 2.0\n'
        '    """\n' + warn("acme.fetch") + "\n    return key\n",
    ),
    Case(
        "everything that is said",
        {"symbol": "acme.fetch", "since": "2.0", "removal": "3.0", "replacement": "json.loads"},
        {
            "acme.py": "import warnings as w\n\n\ndef fetch(key):\n"
            '    r"""Fetch it.\n\n    Parameters\n    ----------\n    key : str\n        \\\n    """\n    return key\n'
        },
        {
            "acme.py": "import warnings as w\n\n\ndef fetch(key):\n"
            '    r"""Fetch it.\n\n    .. deprecated:: 2.0\n'
            "        Use json.loads instead. It will be removed in 3.0.\n\n"
            '    Parameters\n    ----------\n    key : str\n        \\\n    """\n'
            '    w.warn(\n        "acme.fetch is deprecated since 2.0 and will be removed in 3.0; use "\n'
            '        "json.loads instead",\n        DeprecationWarning,\n        stacklevel=2,\n    )\n    return key\n'
        },
    ),
    _fetch(
        "comments before the first statement, and tabs",
        "import warnings\n\n\ndef fetch(\n\tkey,  # the key\n):\n\t# Not fast.\n\n\treturn key\n",
        "import warnings\n\n\ndef fetch(\n\tkey,  # the key\n):\n"
        + warn("acme.fetch", "\t", "\t")
        + "\t# Not fast.\n\n\treturn key\n",
    ),
    _fetch(
        "a body on the line of its header; Windows line ends",
        "from warnings import warn\r\n\r\n\r\ndef fetch(key): return key  # fast\r\n",
        "from warnings import warn\r\n\r\n\r\ndef fetch(key):\r\n    "
        'warn("acme.fetch is deprecated since 2.0", DeprecationWarning, stacklevel=2)'
        "\r\n    return key  # fast\r\n",
    ),
    _fetch(
        "a docstring only, at the end of a file without a line end",
        "import warnings\n\n\ndef fetch():\n    'Fetch.'",
        'import warnings\n\n\ndef fetch():\n    """Fetch.\n\n    .. deprecated:: 2.0\n    """\n'
        + warn("acme.fetch").rstrip(),
    ),
    _fetch(
        "each definition of several, none of the overloads",
        "import sys\nimport warnings\nfrom typing import overload\n\n\n@overload\ndef fetch(a: int) -> int: ...\n\n\n"
        "if sys.version_info > (3, 12):\n    def fetch(a): return a\nelse:\n    def fetch(a):\n        return a\n",
        "import sys\nimport warnings\nfrom typing import overload\n\n\n@overload\ndef fetch(a: int) -> int: ...\n\n\n"
        "if sys.version_info > (3, 12):\n    def fetch(a):\n"
        + warn("acme.fetch", "        ")
        + "        return a\nelse:\n    def fetch(a):\n"
        + warn("acme.fetch", "        ")
        + "        return a\n",
    ),
    _fetch(
        "a coroutine, which warns when it is awaited",
        "import warnings\n\n\nasync def fetch():\n    return await get()\n",
        "import warnings\n\n\nasync def fetch():\n" + warn("acme.fetch") + "    return await get()\n",
    ),
    _member(
        "static and class methods",
        "C.fetch",
        "import warnings\n\n\nclass C:\n    @classmethod\n    def fetch(cls):\n        return cls\n",
        "import warnings\n\n\nclass C:\n    @classmethod\n    def fetch(cls):\n"
        + warn("acme.C.fetch", "        ")
        + "        return cls\n",
    ),
    _member(
        "a property: read and set",
        "C.size",
        "import warnings\n\n\nclass C:\n    @property\n    def size(self):\n        return self._size\n\n"
        "    @size.setter\n    def size(self, value):\n        self._size = value\n",
        "import warnings\n\n\nclass C:\n    @property\n    def size(self):\n"
        + warn("acme.C.size", "        ")
        + "        return self._size\n\n    @size.setter\n    def size(self, value):\n"
        + warn("acme.C.size", "        ")
        + "        self._size = value\n",
    ),
    _member(
        "a class warns in its own __init__; its docstring says so",
        "C",
        "import abc\nimport warnings\n\n\nclass C(abc.ABC):\n    '''Things.\n\n    Many.\n    '''\n\n"
        "    def __init__(self):\n        self.x = 1\n",
        "import abc\nimport warnings\n\n\nclass C(abc.ABC):\n    '''Things.\n\n    .. deprecated:: 2.0\n\n"
        "    Many.\n    '''\n\n"
        "    def __init__(self):\n" + warn("acme.C", "        ") + "        self.x = 1\n",
    ),
    _fetch(
        "what follows the first paragraph is deeper: the note goes to the end",
        'import warnings\n\n\ndef fetch():\n    """Fetch::\n\n        fetch()\n    """\n',
        'import warnings\n\n\ndef fetch():\n    """Fetch::\n\n        fetch()\n\n    .. deprecated:: 2.0\n    """\n'
        + warn("acme.fetch"),
    ),
    Case(
        "a docstring that cannot take the note",
        {"symbol": "acme.fetch", "since": "2.0"},
        {"acme.py": "import warnings\n\n\ndef fetch():\n    'Fetch' ' it.'\n"},
        {"acme.py": "import warnings\n\n\ndef fetch():\n    'Fetch' ' it.'\n" + warn("acme.fetch")},
        unresolved=("acme.py:5",),
    ),
    Case(
        "an override runs in the method's place",
        {"symbol": "acme.C.fetch", "since": "2.0"},
        {
            "acme.py": "import warnings\n\n\nclass C:\n    def fetch(self): pass\n\n\n"
            "class D(C):\n    def fetch(self):\n        super().fetch()\n"
        },
        {
            "acme.py": "import warnings\n\n\nclass C:\n    def fetch(self):\n"
            + warn("acme.C.fetch", "        ")
            + "        pass\n\n\nclass D(C):\n    def fetch(self):\n        super().fetch()\n"
        },
        unresolved=("acme.py:9", "acme.py:10"),
    ),
)
