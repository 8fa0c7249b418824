"""Functions whose body is statements, where the call is a whole statement or its value."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.inline_symbol.cases.writing import case

STATEMENTS: tuple[Case, ...] = (
    case(
        "comments stay, the docstring goes, variables get free names",
        "m.f",
        'def f(a, b):\n    """Add."""\n    # both\n    total = a + b\n    total *= 2  # doubled\n\n'
        "    return total  # done\n\n\ndef g(total, xs):\n    for x in xs:\n        y = f(x, h(total))\n    return y\n",
        "def g(total, xs):\n    for x in xs:\n        b = h(total)\n        # both\n        total_1 = x + b\n"
        "        total_1 *= 2  # doubled\n        y = total_1  # done\n    return y\n",
    ),
    case(
        "a statement that wants no result",
        "m.f",
        "def f(a):\n    if a:\n        print(a)\n    return None\n\n\nf(1)\nprint(2)\n",
        "if 1:\n    print(1)\nprint(2)\n",
    ),
    case(
        "no return: the result is None",
        "m.f",
        "def f(a):\n    print(a)\n    print(a)\n\n\ndef g(b):\n    x = f(b)\n    return f(b)\n",
        "def g(b):\n    print(b)\n    print(b)\n    x = None\n    print(b)\n    print(b)\n    return None\n",
    ),
    case(
        "a returned call takes all returns along",
        "m.f",
        "def f(a):\n    if a:\n        return 1\n    print(a)\n\n\ndef g(b):\n    return f(b)\n",
        "def g(b):\n    if b:\n        return 1\n    print(b)\n    return None\n",
    ),
    case(
        "a parameter that is bound anew is a variable",
        "m.f",
        "def f(a):\n    a += 1\n    return a\n\n\ndef g(a):\n    b = f(a)\n    return a, b\n",
        "def g(a):\n    a_1 = a\n    a_1 += 1\n    b = a_1\n    return a, b\n",
    ),
    case(
        "strings of several lines and tabs",
        "m.f",
        'def f():\n    x = """\n  a\n"""\n    print(x)\n\n\nclass C:\n\tdef g(self):\n\t\tif self:\n\t\t\tf()\n',
        'class C:\n\tdef g(self):\n\t\tif self:\n\t\t\tx = """\n  a\n"""\n\t\t\tprint(x)\n',
    ),
    case(
        "a body that does nothing",
        "m.f",
        'def f(a):\n    """Nothing."""\n\n\ndef g():\n    f(1)\n    f(h())\n    return 2\n',
        "def g():\n    h()\n    return 2\n",
    ),
    case(
        "imports that the arguments use stay",
        "m.f",
        {
            "m.py": "from k import A, B\n\n\ndef f(a, b=None):\n    a.x = A if b else B\n    return a\n",
            "n.py": "import datetime as dt\n\nfrom m import f\n\n\ndef g():\n    d = f(dt.now())\n    return d\n",
        },
        {
            "m.py": "",
            "n.py": "import datetime as dt\n\nfrom k import A, B\n\n\ndef g():\n    a = dt.now()\n"
            "    a.x = A if None else B\n"
            "    d = a\n    return d\n",
        },
    ),
    case(
        "with other calls left as they are",
        "m.f",
        "def f(a):\n    print(a)\n    return a\n\n\ndef g():\n    x = f(1)\n    return f(2) + 1\n",
        "def f(a):\n    print(a)\n    return a\n\n\ndef g():\n    print(1)\n    x = 1\n    return f(2) + 1\n",
        ["8"],
    ),
)
