"""Variables and constants become their values."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.inline_symbol.cases.writing import case

VARIABLES: tuple[Case, ...] = (
    case("a constant, and its line goes", "m.X", "X = 10\nY = 2\nprint(X, Y)\n", "Y = 2\nprint(10, Y)\n"),
    case("kept by option", "m.X", "X = 10\nprint(X)\n", "X = 10\nprint(10)\n", keep="yes"),
    case(
        "parentheses where the value would be taken apart",
        "m.X",
        "X = 1 + 2\nprint(X, X * 2, -X, [X], X.real)\n",
        "print(1 + 2, (1 + 2) * 2, -(1 + 2), [1 + 2], (1 + 2).real)\n",
    ),
    case(
        "a tuple",
        "m.X",
        "X = 1, 2\nprint(X, x[X])\nfor y in X: ...\n",
        "print((1, 2), x[(1, 2)])\nfor y in (1, 2): ...\n",
    ),
    case(
        "a value of several lines",
        "m.X",
        "X = (1 +\n     2)\n\n\ndef f():\n    return X\n",
        "def f():\n    return (1 +\n         2)\n",
    ),
    case(
        "in f-strings with other quotes; what shows the name itself is reported",
        "m.X",
        "X = 'a'\nprint(f\"{X}\", f'{X:>{5}}', f'{X=}')\n",
        "X = 'a'\nprint(f\"{'a'}\", f'{\"a\":>{5}}', f'{X=}')\n",
        ["2"],
    ),
    case(
        "quotes that an f-string cannot hold before Python 3.12",
        "m.X",
        "X = 'a\"b'\nprint(X, f'{X}')\n",
        "X = 'a\"b'\nprint('a\"b', f'{X}')\n",
        ["2"],
    ),
    case(
        "in other files, with the imports that the value needs",
        "m.X",
        {
            "m.py": "import os\n\nX = os.sep\nY = os.curdir\n",
            "n.py": "from m import X, Y\n\nprint(X, Y)\n",
            "o.py": "import m\n\nprint(m.X)\n",
        },
        {
            "m.py": "import os\n\nY = os.curdir\n",
            "n.py": "import os\n\nfrom m import Y\n\nprint(os.sep, Y)\n",
            "o.py": "import os\n\nprint(os.sep)\n",
        },
    ),
    case(
        "under another name",
        "m.X",
        {"m.py": "X = 1\n", "n.py": "from m import X as Y\n\nprint(Y)\n"},
        {"m.py": "", "n.py": "print(1)\n"},
    ),
    case(
        "what __all__ lists stays",
        "m.X",
        "__all__ = ['X']\nX = 1\nprint(X)\n",
        "__all__ = ['X']\nX = 1\nprint(1)\n",
        ["1"],
    ),
    case(
        "what a package re-exports stays",
        "p.m.X",
        {"p/__init__.py": "from p.m import X\n", "p/m.py": "X = 1\nprint(X)\n"},
        {"p/m.py": "X = 1\nprint(1)\n"},
        ["p/__init__.py:1"],
    ),
    case(
        "a call moves into the next statement",
        "m.py:2:5",
        "def f(a):\n    x = g(a)  # noted\n    return x.b + 1\n",
        "def f(a):\n    return g(a).b + 1\n",
    ),
    case(
        "and is awaited there",
        "m.py:2:5",
        "async def f(a):\n    x = await g(a)\n    return x.b\n",
        "async def f(a):\n    return (await g(a)).b\n",
    ),
    case(
        "an alias, as long as nothing binds the name anew",
        "m.py:2:5",
        "def f(a):\n    x = a\n    print(x)\n    g(lambda: x)\n    return x\n",
        "def f(a):\n    print(a)\n    g(lambda: a)\n    return a\n",
    ),
    case(
        "one way only: the others are reported",
        "m.py:2:5",
        "def f(a, b):\n    x = a\n    print(x)\n    if b:\n        a = 1\n    return x\n",
        "def f(a, b):\n    x = a\n    print(a)\n    if b:\n        a = 1\n    return x\n",
        ["6"],
    ),
    case(
        "a class's constant",
        "m.C.LIMIT",
        "class C:\n    LIMIT = 3\n\n    def f(self):\n        return self.LIMIT * C.LIMIT\n",
        "class C:\n    def f(self):\n        return 3 * 3\n",
    ),
    case(
        "the last statement of a block",
        "m.py:3:9",
        "def f(a):\n    if a:\n        x = 1\n    else:\n        print(2)\n",
        "def f(a):\n    if a:\n        pass\n    else:\n        print(2)\n",
    ),
    case(
        "a shared line, Windows line ends, Latin-1",
        "m.py:3:12",
        "# coding: latin-1\r\ndef f():\r\n    y = 1; x = 'é'\r\n    return x, y\r\n",
        "# coding: latin-1\r\ndef f():\r\n    y = 1\r\n    return 'é', y\r\n",
    ),
    case(
        "its own comment goes with it",
        "m.X",
        "A = 1\n\n# how many\nX = 3\n\nprint(X, A)\n",
        "A = 1\n\nprint(3, A)\n",
    ),
)
