"""What is not the flag, what is only reported, and what is refused."""

from overhaul.refactors.errors import ParameterError, SymbolNotFound
from overhaul.refactors.recipe import Case

ON = {"flag": "flags.NEW", "value": "on"}
OFF = {"flag": "flags.NEW", "value": "off"}
CALL_ON = {"flag": "flags.is_enabled('new-checkout')", "value": "on"}
CALL_OFF = {"flag": "flags.is_enabled('new-checkout')", "value": "off"}
FLAGS = "def is_enabled(name, user=None):\n    return name in ('new-checkout', user)\n"

UNCHANGED_CASES = (
    Case(
        "an effect comes before the flag; an f-string; a test that sets it",
        ON,
        {
            "flags.py": "NEW = False\n",
            "a.py": "import flags\n\nif load() or flags.NEW:\n    run()\nprint(f'{flags.NEW}')\n",
            "tests/test_a.py": (
                "import flags\n"
                "\n"
                "\n"
                "def test_a(monkeypatch):\n"
                "    monkeypatch.setattr(flags, 'NEW', True)\n"
                "    flags.NEW = True\n"
            ),
        },
        unresolved=("a.py:3", "a.py:5", "tests/test_a.py:5", "tests/test_a.py:6", "flags.py:1"),
    ),
    Case(
        "the dead branch has the only `yield`, or a declaration for all of the function",
        OFF,
        {
            "flags.py": "NEW = False\n",
            "a.py": (
                "from flags import NEW\n"
                "\n"
                "\n"
                "def f():\n"
                "    if NEW:\n"
                "        yield 1\n"
                "    return\n"
                "\n"
                "\n"
                "def g():\n"
                "    if NEW:\n"
                "        global x\n"
                "    x = 1\n"
            ),
        },
        unresolved=("a.py:5", "a.py:11", "flags.py:1"),
    ),
    Case(
        "the same key elsewhere, another key, another function of the name, and an argument with an effect",
        CALL_ON,
        {
            "flags.py": FLAGS,
            "a.py": (
                "import flags\n"
                "from other import is_enabled\n"
                "\n"
                "if flags.is_enabled('old'):\n"
                "    run()\n"
                "if is_enabled('new-checkout'):\n"
                "    run()\n"
                "KEY = 'new-checkout'\n"
            ),
        },
        unresolved=("a.py:6", "a.py:8", "flags.py:2"),
    ),
    Case("no such flag", ON, {"flags.py": "OLD = True\n"}, raises=SymbolNotFound),
    Case("no flag at all", {"flag": "not a flag", "value": "on"}, {"flags.py": ""}, raises=ParameterError),
)
