"""Functions whose body is one expression."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.inline_symbol.cases.writing import case

FUNCTIONS: tuple[Case, ...] = (
    case(
        "arguments by position, by keyword and by default",
        "m.f",
        "def f(a, b=2, *, c=3):\n    return a + b * c\n\n\nprint(f(x), f(x, c=y), f(b=x + 1, a=z) ** 2)\n",
        "print(x + 2 * 3, x + 2 * y, (z + (x + 1) * 3) ** 2)\n",
    ),
    case(
        "with effects: once and in order",
        "m.f",
        "def f(a, b):\n    return g(a, b)\n\n\nprint(f(h(), i()))\n",
        "print(g(h(), i()))\n",
    ),
    case(
        "out of order: a variable first, where the call is a whole value",
        "m.f",
        "def f(a, b):\n    return b - a\n\n\ndef k(a):\n    x = f(h(), i(a))\n    return x\n",
        "def k(a):\n    a_1 = h()\n    x = i(a) - a_1\n    return x\n",
    ),
    case(
        "an argument that would be dropped",
        "m.f",
        "def f(a, b):\n    return b\n\n\ndef k():\n    return f(h(), 1)\n",
        "def k():\n    h()\n    return 1\n",
    ),
    case(
        "a name that the body binds itself",
        "m.f",
        "def f(xs, k):\n    return [x + k for x in xs]\n\n\ndef g(x, ys):\n    return f(ys, x)\n",
        "def g(x, ys):\n    k = x\n    return [x + k for x in ys]\n",
    ),
    case(
        "calls in the arguments of calls",
        "m.f",
        "def f(a):\n    return a + 1\n\n\nprint(f(f(f(1))))\n",
        "print(1 + 1 + 1 + 1)\n",
    ),
    case(
        "in another file, with the imports",
        "m.f",
        {
            "m.py": "from os import path\n\n\ndef helper(x): ...\n\n\ndef f(a):\n    return path.join(helper(a), a)\n",
            "n.py": "from m import f\n\n\ndef g(a):\n    return f(a)\n",
        },
        {
            "m.py": "def helper(x): ...\n",
            "n.py": "from os import path\n\nfrom m import helper\n\n\ndef g(a):\n    return path.join(helper(a), a)\n",
        },
    ),
    case(
        "a module that only the function's own file imports is imported by the others",
        "p.m.f",
        {
            "p/__init__.py": "",
            "p/data.py": "x = 1\n",
            "p/m.py": "from . import data\n\n\ndef f():\n    return data.x\n",
            "n.py": "import p.m\n\nprint(p.m.f())\n",
        },
        {"p/m.py": "", "n.py": "from p import data\n\nprint(data.x)\n"},
    ),
    case(
        "a use through a submodule that a star import has loaded",
        "p.m.f",
        {
            "p/__init__.py": "from .m import *\n\nm.f()\n",
            "p/m.py": "__all__ = []\n\n\ndef f():\n    print(1)\n",
        },
        {"p/__init__.py": "from .m import *\n\nprint(1)\n", "p/m.py": "__all__ = []\n"},
    ),
    case(
        "a coroutine that is awaited",
        "m.f",
        "async def f(a):\n    return await a.get()\n\n\nasync def g(a):\n    return (await f(a)).text\n",
        "async def g(a):\n    return (await a.get()).text\n",
    ),
    case(
        "a callback keeps the definition",
        "m.f",
        "def f(a):\n    return a + 1\n\n\nprint(f(2), map(f, x))\n",
        "def f(a):\n    return a + 1\n\n\nprint(2 + 1, map(f, x))\n",
        ["5"],
    ),
    case(
        "comments above the function go, other code stays",
        "m.f",
        "import os\n\n\n# of f\ndef f():\n    return 1\n\n\n# of g\ndef g():\n    return f()\n",
        "import os\n\n\n# of g\ndef g():\n    return 1\n",
    ),
    case(
        "an inner function",
        "m.py:2:9",
        "def g(a):\n    def f(b):\n        return a + b\n\n    return f(1) * f(2)\n",
        "def g(a):\n    return (a + 1) * (a + 2)\n",
    ),
)
