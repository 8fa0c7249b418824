"""Statements and expressions of functions and modules."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.extract_function.cases.writing import case

CHANGED: tuple[Case, ...] = (
    case(
        "statements with their comments; parameters keep their annotations",
        "# both at once\n    total = price + tax\n    total *= 2  # doubled\n",
        "def f(price: int, tax):\n    # both at once\n    total = price + tax\n    total *= 2  # doubled\n"
        "    return total\n",
        "def f(price: int, tax):\n    total = extracted(price, tax)\n    return total\n\n\n"
        "def extracted(price: int, tax):\n    # both at once\n    total = price + tax\n"
        "    total *= 2  # doubled\n    return total\n",
    ),
    case(
        "the value of a last assignment is returned at once",
        "b = a + 1",
        "def f(a):\n    b = a + 1\n    print(b)\n",
        "def f(a):\n    b = extracted(a)\n    print(b)\n\n\ndef extracted(a):\n    return a + 1\n",
    ),
    case(
        "only what is read later comes out, in order",
        "x = a\n    y = x + b\n    z = y * x",
        "def f(a, b):\n    x = a\n    y = x + b\n    z = y * x\n    return z, x\n",
        "def f(a, b):\n    x, z = extracted(a, b)\n    return z, x\n\n\n"
        "def extracted(a, b):\n    x = a\n    y = x + b\n    z = y * x\n    return x, z\n",
    ),
    case(
        "a variable bound under a condition goes in as well",
        "if a:\n        b = 1",
        "def f(a):\n    b = 0\n    if a:\n        b = 1\n    print(b)\n",
        "def f(a):\n    b = 0\n    b = extracted(a, b)\n    print(b)\n\n\n"
        "def extracted(a, b):\n    if a:\n        b = 1\n    return b\n",
    ),
    case(
        "a loop reads its variables again in the next round",
        "total += x\n        count = total",
        "def f(xs):\n    total = 0\n    for x in xs:\n        total += x\n        count = total\n    return total\n",
        "def f(xs):\n    total = 0\n    for x in xs:\n        total = extracted(total, x)\n    return total\n\n\n"
        "def extracted(total, x):\n    total += x\n    count = total\n    return total\n",
    ),
    case(
        "returns on every way",
        "if a:\n        return 1\n    raise E",
        "def f(a) -> int:\n    print(a)\n    if a:\n        return 1\n    raise E\n",
        "def f(a) -> int:\n    print(a)\n    return extracted(a)\n\n\n"
        "def extracted(a) -> int:\n    if a:\n        return 1\n    raise E\n",
    ),
    case(
        "returns at the end of the function",
        "if a:\n        return 1",
        "def f(a):\n    print(a)\n    if a:\n        return 1\n",
        "def f(a):\n    print(a)\n    return extracted(a)\n\n\ndef extracted(a):\n    if a:\n        return 1\n",
    ),
    case(
        "an expression in a comprehension takes the comprehension's variable",
        "x * k",
        "def f(xs, k):\n    return [x * k for x in xs]\n",
        "def f(xs, k):\n    return [extracted(x, k) for x in xs]\n\n\ndef extracted(x, k):\n    return x * k\n",
    ),
    case(
        "a generator that was in its call's parentheses",
        "x for x in xs",
        "def f(xs):\n    return sum(x for x in xs)\n",
        "def f(xs):\n    return sum(extracted(xs))\n\n\ndef extracted(xs):\n    return (x for x in xs)\n",
    ),
    case(
        "an expression of several lines",
        "a +\n            b",
        "def f(a, b):\n    return g(a +\n            b)\n",
        "def f(a, b):\n    return g(extracted(a, b))\n\n\ndef extracted(a, b):\n    return (a +\n            b)\n",
    ),
    case(
        "what awaits becomes async; strings of several lines keep theirs",
        'data = await g(a, """\n  x\n""")',
        'async def f(a):\n    if a:\n        data = await g(a, """\n  x\n""")\n        return data\n',
        "async def f(a):\n    if a:\n        data = await extracted(a)\n        return data\n\n\n"
        'async def extracted(a):\n    return await g(a, """\n  x\n""")\n',
    ),
    case(
        "an exception's variable",
        "log(e)",
        "def f():\n    try:\n        g()\n    except E as e:\n        log(e)\n        raise\n",
        "def f():\n    try:\n        g()\n    except E as e:\n        extracted(e)\n        raise\n\n\n"
        "def extracted(e):\n    log(e)\n",
    ),
    case(
        "a global that is bound stays one",
        "count += 1",
        "count = 0\n\n\ndef f():\n    global count\n    count += 1\n",
        "count = 0\n\n\ndef f():\n    global count\n    extracted()\n\n\n"
        "def extracted():\n    global count\n    count += 1\n",
    ),
    case(
        "also by an expression",
        "count := 1",
        "count = 0\n\n\ndef f():\n    global count\n    print(count := 1)\n",
        "count = 0\n\n\ndef f():\n    global count\n    print(extracted())\n\n\n"
        "def extracted():\n    global count\n    return (count := 1)\n",
    ),
    case(
        "code of a module: the function stands before it",
        "for x in data:\n    total += x",
        "data = load()\ntotal = 0\nfor x in data:\n    total += x\nprint(total)\n",
        "data = load()\ntotal = 0\n\n\n"
        "def extracted(total):\n    for x in data:\n        total += x\n    return total\n\n\n"
        "total = extracted(total)\nprint(total)\n",
    ),
    case(
        "an inner function's code takes the variables of the functions around",
        "print(a, b)",
        "def f(a):\n    def g(b):\n        print(a, b)\n    return g\n",
        "def f(a):\n    def g(b):\n        extracted(a, b)\n    return g\n\n\ndef extracted(a, b):\n    print(a, b)\n",
    ),
    case(
        "before the function, tabs and Windows line ends",
        "y = x",
        "import os\r\n\r\n\r\n# of f\r\ndef f(x):\r\n\tif x:\r\n\t\ty = x\r\n\t\tg(y)\r\n",
        "import os\r\n\r\n\r\ndef extracted(x):\r\n\treturn x\r\n\r\n\r\n"
        "# of f\r\ndef f(x):\r\n\tif x:\r\n\t\ty = extracted(x)\r\n\t\tg(y)\r\n",
        place="before",
    ),
    case(
        "equal code becomes a call as well, also under other names",
        "y = x * 2\n    print(y)",
        "def f(x):\n    y = x * 2\n    print(y)\n\n\ndef g(p):\n    q = p * 2\n    print(q)\n    return q\n\n\n"
        "def h(p):\n    q = p * 2\n    print(q)\n",
        "def f(x):\n    extracted(x)\n\n\ndef extracted(x):\n    y = x * 2\n    print(y)\n\n\n"
        "def g(p):\n    q = p * 2\n    print(q)\n    return q\n\n\ndef h(p):\n    extracted(p)\n",
        unresolved=("m.py:7",),
        similar="yes",
    ),
)
