"""Cases where a method stays that calls the function."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.method_to_function.cases.writing import GREET, case

_BEFORE = "class User:\n    def greet(self, loud=False, *rest, end='', **more):\n        return 1\n"
_AFTER = (
    "class User:\n"
    "    def greet(self, loud=False, *rest, end='', **more):\n"
    "        return greet(self, loud, *rest, end=end, **more)\n"
    "\n"
    "\n"
    "def greet(self, loud=False, *rest, end='', **more):\n"
    "    return 1\n"
)


def _stays(name: str, use: str, *lines: str, new_use: str = "") -> Case:
    return case(name, GREET, f"{_BEFORE}\n\n{use}", f"{_AFTER}\n\n{new_use or use}", lines)


STAYING: tuple[Case, ...] = (
    case("always, if asked for", {**GREET, "keep": "yes"}, _BEFORE, _AFTER),
    case(
        "never, if asked for: what may call the method is only reported",
        {**GREET, "keep": "no"},
        "class User:\n    def greet(self): ...\n\n\ndef f(user):\n    user.greet()\n",
        "class User:\n    pass\n\n\ndef greet(self): ...\n\n\ndef f(user):\n    user.greet()\n",
        ["6"],
    ),
    case(
        "a coroutine's result is awaited",
        {**GREET, "keep": "yes"},
        "class User:\n    async def greet(self):\n        return 1\n",
        "class User:\n"
        "    async def greet(self):\n"
        "        return await greet(self)\n"
        "\n"
        "\n"
        "async def greet(self):\n"
        "    return 1\n",
    ),
    _stays("where a receiver has no known type", "def f(user):\n    user.greet()\n", "7"),
    _stays("where a bound method is a value", "callback = User().greet\n", "6"),
    _stays(
        "where super() calls it",
        "class Admin(User):\n    def hi(self):\n        return super().greet()\n",
        "8",
    ),
    _stays("where getattr names it", "getattr(User(), 'greet')()\n", "6"),
    _stays("inside f-strings", "f'{User().greet()}'\n", "6"),
    _stays(
        "where the name means something else",
        "def f(greet, user: User):\n    return user.greet(greet)\n",
        "7",
    ),
    _stays(
        "where the error of a missing method is caught",
        "try:\n    User().greet()\nexcept AttributeError:\n    pass\n",
        "7",
    ),
    case(
        "where an import would make a cycle",
        GREET,
        {
            "users.py": "import views\n\n\nclass User:\n    def greet(self): ...\n",
            "views.py": "from typing import TYPE_CHECKING\n"
            "\n"
            "if TYPE_CHECKING:\n"
            "    from users import User\n"
            "\n"
            "\n"
            "def show(user: 'User'):\n"
            "    return user.greet()\n",
        },
        {
            "users.py": "import views\n"
            "\n"
            "\n"
            "class User:\n"
            "    def greet(self):\n"
            "        return greet(self)\n"
            "\n"
            "\n"
            "def greet(self): ...\n",
        },
        ["views.py:8"],
    ),
)
