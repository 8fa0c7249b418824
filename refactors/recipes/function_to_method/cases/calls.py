"""Calls and other uses of the function."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.function_to_method.cases.writing import GREET, case

_USER = "class User:\n    name = ''\n"
_METHOD = "\n    def greet(self, other=None):\n        return self.name\n"
_FUNCTION = "\n\ndef greet(user, other=None):\n    return user.name\n"

CALLS: tuple[Case, ...] = (
    case(
        "the instance is proved: made here, declared, tested, self",
        GREET,
        "class User:\n"
        "    name = ''\n"
        "\n"
        "    def hi(self):\n"
        "        return greet(self, greet(self))\n"
        "\n"
        "\n"
        "class Admin(User): ...\n"
        f"{_FUNCTION}\n\n"
        "def f(user: User, users: list[User], x):\n"
        "    greet(User(), 1)\n"
        "    greet(user)\n"
        "    greet(other=1, user=Admin())\n"
        "    if isinstance(x, User):\n"
        "        greet(x)\n"
        "    return [greet(each) for each in users]\n",
        "class User:\n"
        "    name = ''\n"
        "\n"
        "    def hi(self):\n"
        "        return self.greet(self.greet())\n"
        f"{_METHOD}\n\n"
        "class Admin(User): ...\n"
        "\n"
        "\n"
        "def f(user: User, users: list[User], x):\n"
        "    User().greet(1)\n"
        "    user.greet()\n"
        "    Admin().greet(other=1)\n"
        "    if isinstance(x, User):\n"
        "        x.greet()\n"
        "    return [each.greet() for each in users]\n",
    ),
    case(
        "an instance that is written as an operation gets parentheses",
        GREET,
        f"{_USER}{_FUNCTION}\n\n"
        "async def make() -> User: ...\n"
        "\n"
        "\n"
        "async def f(a: User, b: User):\n"
        "    greet(await make())\n"
        "    return greet(a if b else b), greet(a or b), greet(\n"
        "        a,\n"
        "        b,\n"
        "    )\n",
        f"{_USER}{_METHOD}\n\n"
        "async def make() -> User: ...\n"
        "\n"
        "\n"
        "async def f(a: User, b: User):\n"
        "    (await make()).greet()\n"
        "    return (a if b else b).greet(), (a or b).greet(), a.greet(\n"
        "        b,\n"
        "    )\n",
    ),
    case(
        "importers lose an import that nothing needs any more",
        GREET,
        {
            "users.py": _USER + _FUNCTION,
            "first.py": "from users import User, greet\n\ngreet(User())\n",
            "second.py": "from users import greet as hello\nimport users\n\nhello(users.User(), 1)\n",
            "third.py": "import users\n\nusers.greet(users.User())\n",
            "fourth.py": "import users\n\n\ndef f(user: 'users.User'):\n    return map(users.greet, [user])\n",
        },
        {
            "users.py": _USER + _METHOD,
            "first.py": "from users import User\n\nUser().greet()\n",
            "second.py": "import users\n\nusers.User().greet(1)\n",
            "third.py": "import users\n\nusers.User().greet()\n",
            "fourth.py": "import users\n\n\ndef f(user: 'users.User'):\n    return map(users.User.greet, [user])\n",
        },
    ),
)
