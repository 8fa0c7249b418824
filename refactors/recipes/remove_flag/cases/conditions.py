"""The flag inside expressions."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.remove_flag.cases.unchanged import CALL_ON, FLAGS, OFF, ON

HEAD = "from flags import NEW\n\n"

CONDITION_CASES = (
    Case(
        "`and`, `or` and `not`, with brackets and line ends",
        ON,
        {
            "flags.py": "NEW = True\n",
            "a.py": HEAD
            + (
                "if NEW and (a or b):\n"
                "    f()\n"
                "if (a and NEW):\n"
                "    g()\n"
                "if not NEW or a:\n"
                "    h()\n"
                "while not (NEW and a):\n"
                "    i()\n"
                "if (\n"
                "    a  # first\n"
                "    and b\n"
                "    and NEW\n"
                "):\n"
                "    j()\n"
                "x = NEW and a\n"
                "y = a and NEW\n"
                "z = not NEW\n"
            ),
        },
        {
            "flags.py": "",
            "a.py": (
                "if (a or b):\n"
                "    f()\n"
                "if a:\n"
                "    g()\n"
                "if a:\n"
                "    h()\n"
                "while not a:\n"
                "    i()\n"
                "if (\n"
                "    a  # first\n"
                "    and b\n"
                "):\n"
                "    j()\n"
                "x = a\n"
                "y = a and True\n"
                "z = False\n"
            ),
        },
    ),
    Case(
        "conditional expressions, comprehensions, comparisons, assertions, arguments",
        ON,
        {
            "flags.py": "NEW = bool(1)\n",
            "a.py": HEAD
            + (
                "x = a if NEW else b\n"
                "y = (a if not NEW else b).c\n"
                "z = [i for i in items if NEW if i]\n"
                "w = [i for i in items if NEW and i.ok]\n"
                "assert NEW, 'on'\n"
                "f(NEW, key=NEW is not True)\n"
                "NEW and run()\n"
                "NEW or run()\n"
                "v = a if b and NEW else c\n"
            ),
        },
        {
            "flags.py": "",
            "a.py": (
                "x = a\n"
                "y = b.c\n"
                "z = [i for i in items if i]\n"
                "w = [i for i in items if i.ok]\n"
                "f(True, key=False)\n"
                "run()\n"
                "v = a if b else c\n"
            ),
        },
    ),
    Case(
        "an attribute of a class, and of a module under another name",
        {"flag": "conf.Settings.NEW", "value": "off"},
        {
            "conf.py": "class Settings:\n    NEW = False\n",
            "a.py": "import conf as c\n\nif c.Settings.NEW:\n    f()\nelse:\n    g()\n",
        },
        {"conf.py": "class Settings:\n    pass\n", "a.py": "g()\n"},
    ),
    Case(
        "local variables that hold the flag",
        CALL_ON,
        {
            "flags.py": FLAGS.replace("('new-checkout', user)", "user"),
            "a.py": (
                "from flags import is_enabled\n"
                "\n"
                "\n"
                "def f(user):\n"
                "    new = is_enabled('new-checkout')\n"
                "    old = not new\n"
                "    if new and user:\n"
                "        g()\n"
                "    if old:\n"
                "        return 1\n"
                "    return 2 if old else 3\n"
            ),
        },
        {
            "a.py": "def f(user):\n    if user:\n        g()\n    return 3\n",
        },
    ),
    Case(
        "short circuits keep their order where the value counts",
        OFF,
        {
            "flags.py": "NEW = False\n",
            "a.py": HEAD
            + "x = a() and NEW and b()\ny = NEW or a()\nif a and NEW:\n    f()\nelif b:\n    g()\n",
        },
        {"flags.py": "", "a.py": "x = a() and False\ny = a()\nif b:\n    g()\n"},
    ),
)
