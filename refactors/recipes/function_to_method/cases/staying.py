"""Cases where a function stays that calls the method."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.function_to_method.cases.writing import GREET, case

_USER = "class User:\n    name = ''\n"
_BEFORE = f"{_USER}\n\ndef greet(user, *rest, end='', **more):\n    return user.name\n"
_AFTER = (
    f"{_USER}\n"
    "    def greet(self, *rest, end='', **more):\n"
    "        return self.name\n"
    "\n"
    "\n"
    "def greet(user, *rest, end='', **more):\n"
    "    return User.greet(user, *rest, end=end, **more)\n"
)


def _stays(name: str, use: str, *lines: str) -> Case:
    return case(name, GREET, f"{_BEFORE}\n\n{use}", f"{_AFTER}\n\n{use}", lines)


STAYING: tuple[Case, ...] = (
    case(
        "always, if asked for, and with a warning",
        {**GREET, "keep": "yes", "warn": True},
        f"{_USER}\n\ndef greet(user):\n    return user.name\n",
        f"import warnings\n\n\n{_USER}\n"
        "    def greet(self):\n"
        "        return self.name\n"
        "\n"
        "\n"
        "def greet(user):\n"
        '    warnings.warn("greet() is deprecated; call the method User.greet()", DeprecationWarning, stacklevel=2)\n'
        "    return User.greet(user)\n",
    ),
    case(
        "never, if asked for: what may call the function is only reported",
        {**GREET, "keep": "no"},
        f"{_USER}\n\ndef greet(user):\n    return user.name\n\n\ndef f(x):\n    greet(x)\n",
        f"{_USER}\n    def greet(self):\n        return self.name\n\n\ndef f(x):\n    greet(x)\n",
        ["10"],
    ),
    _stays("where the instance has no known type", "def f(x):\n    greet(x)\n", "10"),
    _stays("where it may be None", "def f(x: User | None):\n    greet(x)\n", "10"),
    _stays("where it may be of another class", "def f(x: User | str):\n    greet(x)\n", "10"),
    _stays("where it is unpacked", "def f(x: list[User]):\n    greet(*x)\n", "10"),
    _stays("where the function is a value", "hello = greet\n", "9"),
    _stays("where it is exported", "__all__ = ['greet']\n", "9"),
    _stays("inside f-strings", "f'{greet(User())}'\n", "9"),
    _stays("where a comment would be lost", "greet(\n    User(),  # the first\n    1,\n)\n", "9"),
    case(
        "where arguments would be evaluated in another order",
        {**GREET, "parameter": "user"},
        "class User: ...\n\n\ndef greet(text, user): ...\n\n\ngreet(input(), User())\n",
        "class User:\n"
        "    def greet(self, text): ...\n"
        "\n"
        "\n"
        "def greet(text, user):\n"
        "    return User.greet(user, text)\n"
        "\n"
        "\n"
        "greet(input(), User())\n",
        ["7"],
    ),
    case(
        "where a package re-exports it",
        {"function": "acme.users.greet", "owner": "acme.users.User"},
        {
            "acme/__init__.py": "from acme.users import User, greet\n",
            "acme/users.py": f"{_USER}\n\ndef greet(user):\n    return user.name\n",
        },
        {
            "acme/users.py": f"{_USER}\n"
            "    def greet(self):\n"
            "        return self.name\n"
            "\n"
            "\n"
            "def greet(user):\n"
            "    return User.greet(user)\n",
        },
        ["acme/__init__.py:1"],
    ),
    case(
        "what gives values one by one is handed on",
        {**GREET, "keep": "yes"},
        f"{_USER}\n\nasync def greet(user):\n    yield user\n",
        f"{_USER}\n    async def greet(self):\n        yield self\n\n\ndef greet(user):\n    return User.greet(user)\n",
    ),
)
