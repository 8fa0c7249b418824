"""Code that cannot become a function as it is."""

from overhaul.refactors.errors import NameTaken, SymbolNotFound
from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.extract_function.cases.writing import case

REFUSED: tuple[Case, ...] = (
    Case(
        "a file that does not parse is a failure",
        {"name": "g", "lines": "m.py:2"},
        {"m.py": "def f(:\n    pass\n"},
    ),
    Case(
        "a file that is not there",
        {"name": "g", "lines": "other.py:2"},
        {"m.py": "x = 1\n"},
        raises=SymbolNotFound,
    ),
    Case(
        "a name that is taken",
        {"name": "g", "lines": "m.py:2"},
        {"m.py": "def f(a):\n    print(a)\n\n\ndef g(): ...\n"},
        raises=NameTaken,
    ),
    Case(
        "a method's name that a subclass has",
        {"name": "g", "lines": "m.py:3"},
        {"m.py": "class A:\n    def f(self):\n        print(self)\n\n\nclass B(A):\n    def g(self): ...\n"},
        raises=NameTaken,
    ),
    case("a part of a statement", "a)\n    b", "def f(a, b):\n    g(a)\n    b()\n", None),
    case("a part of an expression", "b + c", "def f(a, b, c):\n    return a + b + c\n", None),
    case(
        "the loop of a break is outside",
        "if i:\n            break",
        "def f(xs):\n    for i in xs:\n        if i:\n            break\n",
        None,
    ),
    case("a yield", "yield a", "def f(a):\n    yield a\n", None),
    case(
        "a return on one way only",
        "if a:\n        return 1",
        "def f(a):\n    if a:\n        return 1\n    return 2\n",
        None,
    ),
    case(
        "a variable that is bound on one way only",
        "if a:\n        b = 1",
        "def f(a):\n    if a:\n        b = 1\n    print(b)\n",
        None,
    ),
    case(
        "a handler reads what an exception here would leave bound",
        "b = g(a)\n        h(b)",
        "def f(a):\n    b = 0\n    try:\n        b = g(a)\n        h(b)\n    except E:\n        print(b)\n",
        None,
    ),
    case(
        "inner functions that share a loop's variable",
        "found.append(lambda: i)",
        "def f(xs, found):\n    for i in xs:\n        found.append(lambda: i)\n",
        None,
    ),
    case(
        "an inner function that reads what is bound here while it is bound",
        "b = 1\n    show()\n    b = 2",
        "def f(a):\n    b = 0\n    def show():\n        print(b)\n    b = 1\n    show()\n    b = 2\n",
        None,
    ),
    case(
        "a nonlocal variable",
        "a = 1",
        "def f():\n    a = 0\n    def g():\n        nonlocal a\n        a = 1\n    return g\n",
        None,
    ),
    case("locals()", "return locals()", "def f(a):\n    return locals()\n", None),
    case("eval", "eval('a')", "def f(a):\n    return eval('a')\n", None),
    case(
        "a walrus that is read outside",
        "(b := a)",
        "def f(a):\n    if (b := a) > 1:\n        return b\n",
        None,
    ),
    case(
        "the name of a variable in a pattern",
        "b",
        "def f(a):\n    match a:\n        case b:\n            pass\n",
        None,
    ),
    case("a deleted parameter", "del a", "def f(a):\n    del a\n", None),
    case("a class's own statements", "x = 1", "class A:\n    x = 1\n    y = x\n", None),
    case("an annotated variable of a module", "x: int = 1", "x: int = 1\n", None),
    case(
        "a private name as a function of the module",
        "self.__x",
        "class A:\n    def f(self):\n        return self.__x\n",
        None,
        kind="function",
    ),
    case(
        "super() as a function of the module",
        "super().f()",
        "class A(B):\n    def f(self):\n        return super().f()\n",
        None,
        kind="function",
    ),
    case("a docstring", '"""Doc."""', 'def f():\n    """Doc."""\n    return 1\n', None),
    case(
        "self in a static method",
        "self.x",
        "class A:\n    def f(self):\n        return self.x\n",
        None,
        kind="static",
    ),
    case("an expression in an f-string", "a + 1", "def f(a):\n    return f'{a + 1}'\n", None),
    case("a statement that shares its line", "g(a)", "def f(a):\n    g(a); h(a)\n", None),
    case("an import that is used outside", "import os", "def f():\n    import os\n    return os.sep\n", None),
)
