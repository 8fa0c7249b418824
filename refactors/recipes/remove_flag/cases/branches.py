"""Statements that the flag decides, and what goes with their dead branches."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.remove_flag.cases.conditions import HEAD
from overhaul.refactors.recipes.remove_flag.cases.unchanged import CALL_OFF, CALL_ON, FLAGS, OFF, ON

BRANCH_CASES = (
    Case(
        "the branch that stays is moved out with its comments; strings keep their lines",
        ON,
        {
            "flags.py": "NEW = True\n",
            "a.py": HEAD
            + (
                "\n"
                "def f(x):\n"
                "    # before\n"
                "    if NEW:  # for good\n"
                "        # inside\n"
                '        y = """\n'
                "  text\n"
                '"""\n'
                "\n"
                "        if x:\n"
                "            y = 1\n"
                "        # at the end\n"
                "    else:\n"
                "        # dead\n"
                "        y = old(x)\n"
                "    return y\n"
            ),
        },
        {
            "flags.py": "",
            "a.py": (
                "def f(x):\n"
                "    # before\n"
                "    # inside\n"
                '    y = """\n'
                "  text\n"
                '"""\n'
                "\n"
                "    if x:\n"
                "        y = 1\n"
                "    # at the end\n"
                "    return y\n"
            ),
        },
    ),
    Case(
        "chains: each arm may be the flag's",
        ON,
        {
            "flags.py": "NEW = True\n",
            "a.py": HEAD
            + (
                "if a:\n"
                "    f()\n"
                "elif NEW:\n"
                "    g()\n"
                "else:\n"
                "    h()\n"
                "\n"
                "if a:\n"
                "    f()\n"
                "elif not NEW:\n"
                "    g()\n"
                "# otherwise\n"
                "else:\n"
                "    h()\n"
                "\n"
                "if not NEW:\n"
                "    f()\n"
                "elif b:\n"
                "    g()\n"
                "else:\n"
                "    h()\n"
            ),
        },
        {
            "flags.py": "",
            "a.py": (
                "if a:\n"
                "    f()\n"
                "else:\n"
                "    g()\n"
                "\n"
                "if a:\n"
                "    f()\n"
                "# otherwise\n"
                "else:\n"
                "    h()\n"
                "\n"
                "if b:\n"
                "    g()\n"
                "else:\n"
                "    h()\n"
            ),
        },
    ),
    Case(
        "what follows a branch that always leaves; a block that would be empty; one line; nested flags",
        CALL_ON,
        {
            "flags.py": FLAGS.replace("('new-checkout', user)", "user"),
            "a.py": (
                "import flags\n"
                "\n"
                "\n"
                "def f(x):\n"
                "    if flags.is_enabled('new-checkout'):\n"
                "        return new(x)\n"
                "    y = old(x)\n"
                "    return y\n"
                "\n"
                "\n"
                "def g(x):\n"
                "    if not flags.is_enabled('new-checkout'):\n"
                "        old(x)\n"
                "\n"
                "\n"
                "def h(x):\n"
                "    for each in x:\n"
                "        if flags.is_enabled('new-checkout'): new(each)\n"
                "        else: old(each)\n"
                "\n"
                "\n"
                "def i(x):\n"
                "    if flags.is_enabled('new-checkout'):\n"
                "        if x and flags.is_enabled('new-checkout'):\n"
                "            new(x)\n"
                "    while not flags.is_enabled('new-checkout'):\n"
                "        wait()\n"
            ),
        },
        {
            "a.py": (
                "def f(x):\n"
                "    return new(x)\n"
                "\n"
                "\n"
                "def g(x):\n"
                "    pass\n"
                "\n"
                "\n"
                "def h(x):\n"
                "    for each in x:\n"
                "        new(each)\n"
                "\n"
                "\n"
                "def i(x):\n"
                "    if x:\n"
                "        new(x)\n"
            ),
        },
    ),
    Case(
        "what only the dead branch used goes as well; what was unused before stays",
        CALL_OFF,
        {
            "flags.py": FLAGS.replace("('new-checkout', user)", "user"),
            "a.py": (
                "import json\n"
                "import os\n"
                "\n"
                "from flags import is_enabled\n"
                "\n"
                "_LIMIT = 3\n"
                "\n"
                "\n"
                "def _prepare(x):\n"
                "    return x[:_LIMIT]\n"
                "\n"
                "\n"
                "def f(x):\n"
                "    first = 1\n"
                "    if is_enabled('new-checkout'):\n"
                "        return json.dumps([_prepare(x), first])\n"
                "    return x\n"
            ),
        },
        {
            "a.py": "import os\n\n\ndef f(x):\n    return x\n",
        },
    ),
    Case(
        "line ends and tabs stay",
        OFF,
        {
            "flags.py": "NEW = False\r\n",
            "a.py": (
                "import flags\r\n"
                "\r\n"
                "\r\n"
                "def f():\r\n"
                "\tif flags.NEW:\r\n"
                "\t\tg()\r\n"
                "\telse:\r\n"
                "\t\th()\r\n"
                "\t\tif x:\r\n"
                "\t\t\ti()\r\n"
            ),
        },
        {"flags.py": "", "a.py": "def f():\r\n\th()\r\n\tif x:\r\n\t\ti()\r\n"},
    ),
)
