"""Cases where nothing may change: refused, or every use reported."""

from overhaul.refactors.errors import SymbolNotFound
from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.inline_symbol.cases.writing import case, refused

UNCHANGED: tuple[Case, ...] = (
    refused("a name that is not there", "m.Y", "X = 1\n", SymbolNotFound),
    refused("what nothing uses: a test, for one", "m.test_a", "def test_a():\n    assert a\n"),
    refused("a special name", "m.__version__", "__version__ = '1'\nprint(__version__)\n"),
    refused("a variable that is bound twice", "m.X", "X = 1\nX = 2\nprint(X)\n"),
    refused(
        "one that is bound anew from outside",
        "m.X",
        {"m.py": "X = 1\n", "n.py": "import m\nm.X = 2\nprint(m.X)\n"},
    ),
    refused("a value that uses the name itself", "m.list", "list = list\nprint(list)\n"),
    refused("one of several targets", "m.X", "X, Y = 1, 2\nprint(X)\n"),
    refused("a loop's variable", "m.py:1:5", "for x in y:\n    print(x)\n"),
    refused("an attribute of instances", "m.C.x", "class C:\n    def __init__(self):\n        self.x = 1\n"),
    refused("a parameter", "m.f(a)", "def f(a=1):\n    return a\n"),
    refused("a class", "m.C", "class C: ...\nC()\n"),
    refused("a generator", "m.f", "def f():\n    yield 1\n\nfor x in f(): ...\n"),
    refused("any number of arguments", "m.f", "def f(*a):\n    return a\n\nf(1)\n"),
    refused("a decorated function", "m.f", "import d\n\n@d.wrap\ndef f():\n    return 1\n\nf()\n"),
    refused("a function that calls itself", "m.f", "def f(n):\n    return n and f(n - 1)\n\nf(1)\n"),
    refused("a global is bound", "m.f", "def f():\n    global x\n    x = 1\n\nf()\n"),
    refused("locals()", "m.f", "def f(a):\n    return locals()\n\nf(1)\n"),
    refused("super()", "m.B.f", "class B(A):\n    def f(self):\n        return super().g()\n\nB().f()\n"),
    refused(
        "a method that a subclass overrides",
        "m.A.f",
        "class A:\n    def f(self):\n        return 1\n\nclass B(A):\n    def f(self):\n        return 2\n\nA().f()\n",
    ),
    refused("a special method", "m.A.__len__", "class A:\n    def __len__(self):\n        return 1\n"),
    refused(
        "a member of an enumeration",
        "m.A.X",
        "import enum\n\nclass A(enum.Enum):\n    X = 1\n\nprint(A.X)\n",
    ),
    case(
        "a value that is made anew each time",
        "m.X",
        "X = []\n\ndef f():\n    X.append(1)\n    return X\n",
        unresolved=["4", "5"],
    ),
    case(
        "an attribute of a module that is set elsewhere, or by a test",
        "m.X",
        {
            "m.py": "import n\n\nX = n.f\nY = n.g\nprint(X, X)\n",
            "n.py": "def f(): ...\n",
            "t.py": "import n\nn.f = 1\n",
        },
        unresolved=["5"],
    ),
    case(
        "a call that is not in the next statement",
        "m.py:2:5",
        "def f(a):\n    x = a.pop()\n    a.sort()\n    return x\n",
        unresolved=["4"],
    ),
    case(
        "a call that would come after another",
        "m.py:2:5",
        "def f(a):\n    x = a.pop()\n    return a.items.get(x)\n",
        unresolved=["3"],
    ),
    case(
        "a call that might not be evaluated",
        "m.py:2:5",
        "def f(a):\n    x = a.pop()\n    return a and x\n",
        unresolved=["3"],
    ),
    case(
        "a value whose variable is bound anew in between",
        "m.py:2:5",
        "def f(a):\n    x = a\n    a = 1\n    return x\n",
        unresolved=["4"],
    ),
    case("a function without a call", "m.f", "def f():\n    return 1\n\nmap(f, x)\n", unresolved=["4"]),
    case("arguments that are unpacked", "m.f", "def f(a):\n    return a\n\nf(*x)\n", unresolved=["4"]),
    case(
        "an argument with effects that would be evaluated twice",
        "m.f",
        "def f(a):\n    return a + a\n\nprint(f(g()))\n",
        unresolved=["4"],
    ),
    case(
        "a default that was evaluated once",
        "m.f",
        "def f(a=[]):\n    return a\n\nprint(f())\n",
        unresolved=["4"],
    ),
    case(
        "a name that means something else where the call is",
        "m.f",
        "import os\n\ndef f():\n    return os.sep\n\ndef g(os):\n    return f()\n",
        unresolved=["7"],
    ),
    case(
        "returns in several places",
        "m.f",
        "def f(a):\n    if a:\n        return 1\n    return 2\n\nx = f(y)\n",
        unresolved=["6"],
    ),
    case(
        "statements, and the call is a part of an expression",
        "m.f",
        "def f(a):\n    print(a)\n    return a\n\nx = f(1) + 1\n",
        unresolved=["5"],
    ),
    case(
        "a coroutine that is not awaited",
        "m.f",
        "async def f():\n    return 1\n\nx = f()\n",
        unresolved=["4"],
    ),
    case(
        "a receiver of unknown type",
        "m.A.f",
        "class A:\n    def f(self):\n        return 1\n\ndef g(x):\n    return x.f()\n",
        unresolved=["6"],
    ),
)
