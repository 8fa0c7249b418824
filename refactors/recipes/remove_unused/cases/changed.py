"""What goes: imports, variables, private definitions, and what only these used."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.remove_unused.cases.unchanged import DEFINITIONS, IMPORTS, VARIABLES

CHANGED_CASES = (
    Case(
        "imports of the standard library and of quiet modules of the tree; the rest of a statement stays",
        IMPORTS,
        {
            "a.py": (
                "# Copyright\n"
                "import os\n"
                "import sys, json\n"
                "from typing import (\n"
                "    Any,\n"
                "    List,  # of all\n"
                "    Optional,\n"
                ")\n"
                "\n"
                "from quiet import VALUE, used\n"
                "\n"
                "used(sys, List)\n"
            ),
            "quiet.py": "import re\n\nVALUE = re.compile('x')\n\n\ndef used(*values): ...\n",
        },
        {
            "a.py": (
                "# Copyright\n"
                "import sys\n"
                "from typing import (\n"
                "    List,  # of all\n"
                ")\n"
                "\n"
                "from quiet import used\n"
                "\n"
                "used(sys, List)\n"
            ),
        },
    ),
    Case(
        "a module with effects that another import of the file loads anyway",
        IMPORTS,
        {
            "pkg/__init__.py": "from pkg import plugins\n",
            "pkg/plugins.py": "print('loaded')\nnothing = 1\n",
            "a.py": "import pkg\nfrom pkg.plugins import nothing\n\nprint(pkg)\n",
        },
        {"a.py": "import pkg\n\nprint(pkg)\n"},
    ),
    Case(
        "the only statement of a block, and a block for type checkers with all that is in it",
        IMPORTS,
        {
            "a.py": (
                "from typing import TYPE_CHECKING\n"
                "\n"
                "if TYPE_CHECKING:\n"
                "    from decimal import Decimal\n"
                "    from fractions import Fraction\n"
                "\n"
                "\n"
                "def f():\n"
                "    import json\n"
                "\n"
                "\n"
                "def g():\n"
                "    import json; return 1\n"
            ),
        },
        {"a.py": "def f():\n    pass\n\n\ndef g():\n    return 1\n"},
    ),
    Case(
        "a name that is shadowed is another's",
        IMPORTS,
        {"a.py": "import json\nimport re\n\n\ndef f(json):\n    return json, [re for re in json]\n"},
        {"a.py": "def f(json):\n    return json, [re for re in json]\n"},
    ),
    Case(
        "line ends, tabs and a byte order mark stay",
        IMPORTS,
        {"a.py": "\ufeffimport json\r\nimport re\r\n\r\nif re:\r\n\tprint('ä')\r\n"},
        {"a.py": "\ufeffimport re\r\n\r\nif re:\r\n\tprint('ä')\r\n"},
    ),
    Case(
        "variables: a constant goes, a call stays",
        VARIABLES,
        {
            "a.py": (
                "def f(x):\n"
                "    a = 1  # nothing\n"
                "    b = x.run()\n"
                "    c: int = (\n"
                "        x.run()\n"
                "    )\n"
                "    d = e = x.run()\n"
                "    return e\n"
                "\n"
                "\n"
                "async def g(x):\n"
                "    a = await x.run()\n"
                "    b = yield\n"
                "    c = \\\n"
                "        x.run()\n"
            ),
        },
        {
            "a.py": (
                "def f(x):\n"
                "    x.run()\n"
                "    (\n"
                "        x.run()\n"
                "    )\n"
                "    e = x.run()\n"
                "    return e\n"
                "\n"
                "\n"
                "async def g(x):\n"
                "    await x.run()\n"
                "    yield\n"
                "    x.run()\n"
            ),
        },
    ),
    Case(
        "names of exceptions and of managers; a block that would be empty",
        VARIABLES,
        {
            "a.py": (
                "def f(path):\n"
                "    try:\n"
                "        with open(path) as file:\n"
                "            value = None\n"
                "    except (OSError, ValueError) as error:\n"
                "        value = []; count = 0\n"
                "    with (path) as file, path.lock() as held:\n"
                "        pass\n"
                "\n"
                "\n"
                "def g():\n"
                "    try:\n"
                "        x = lambda: 1\n"
                "    finally:\n"
                "        y = {}; print(y)\n"
            ),
        },
        {
            "a.py": (
                "def f(path):\n"
                "    try:\n"
                "        with open(path):\n"
                "            pass\n"
                "    except (OSError, ValueError):\n"
                "        pass\n"
                "    with (path), path.lock():\n"
                "        pass\n"
                "\n"
                "\n"
                "def g():\n"
                "    try:\n"
                "        pass\n"
                "    finally:\n"
                "        y = {}; print(y)\n"
            ),
        },
    ),
    Case(
        "private definitions, and what only they used",
        {},
        {
            "a.py": (
                "import json\n"
                "from typing import TypeVar\n"
                "\n"
                '_T = TypeVar("_T")\n'
                "_LIMIT = 3\n"
                "\n"
                "\n"
                "# Counts.\n"
                "def _count(items):\n"
                '    """Calls _count itself."""\n'
                "    return _count(json.dumps(items)) + _LIMIT\n"
                "\n"
                "\n"
                "class A:\n"
                "    def used(self):\n"
                "        return 1\n"
                "\n"
                "    def _unused(self):\n"
                "        return _count([])\n"
                "\n"
                "    @staticmethod\n"
                "    def __mangled():\n"
                "        return 2\n"
                "\n"
                "\n"
                "class _B:\n"
                '    """Alone."""\n'
            ),
        },
        {"a.py": "class A:\n    def used(self):\n        return 1\n"},
    ),
    Case(
        "a method that is all of its class",
        DEFINITIONS,
        {"a.py": "class A:\n    def _only(self):\n        return 1\n"},
        {"a.py": "class A:\n    pass\n"},
    ),
)
