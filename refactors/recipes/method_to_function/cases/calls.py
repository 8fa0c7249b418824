"""Uses of the method in all their forms."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.method_to_function.cases.writing import GREET, case

CALLS: tuple[Case, ...] = (
    case(
        "calls on instances, on self and on the class",
        GREET,
        "class User:\n"
        "    name = ''\n"
        "\n"
        "    def greet(self, other):\n"
        "        return f'{self.name}, {other}'\n"
        "\n"
        "    def twice(self):\n"
        "        return self.greet(1) + self.greet(2)\n"
        "\n"
        "\n"
        "user = User()\n"
        "user.greet(user)\n"
        "User().greet(User.greet(user, 1))\n",
        "class User:\n"
        "    name = ''\n"
        "\n"
        "    def twice(self):\n"
        "        return greet(self, 1) + greet(self, 2)\n"
        "\n"
        "\n"
        "def greet(self, other):\n"
        "    return f'{self.name}, {other}'\n"
        "\n"
        "\n"
        "user = User()\n"
        "greet(user, user)\n"
        "greet(User(), greet(user, 1))\n",
    ),
    case(
        "other modules import the function, each in its own way",
        {"method": "acme.users.User.greet"},
        {
            "acme/__init__.py": "",
            "acme/users.py": "class User:\n    name = ''\n\n    def greet(self):\n        return self.name\n",
            "acme/first.py": "from .users import User\n\nUser().greet()\n",
            "acme/second.py": "from acme import users\n\nusers.User().greet()\n",
            "acme/third.py": "from acme.users import (\n    User,\n)\n\ngreet = 1\nUser().greet()\n",
            "acme/fourth.py": "import sys\n\nfrom acme.first import User\n\nUser().greet(), sys\n",
        },
        {
            "acme/users.py": "class User:\n    name = ''\n\n\ndef greet(self):\n    return self.name\n",
            "acme/first.py": "from .users import User, greet\n\ngreet(User())\n",
            "acme/second.py": "from acme import users\n\nusers.greet(users.User())\n",
            "acme/third.py": "from acme.users import (\n"
            "    User,\n"
            "    greet as users_greet,\n"
            ")\n"
            "\n"
            "greet = 1\n"
            "users_greet(User())\n",
            "acme/fourth.py": "import sys\n"
            "\n"
            "from acme.first import User\n"
            "from acme.users import greet\n"
            "\n"
            "greet(User()), sys\n",
        },
    ),
    case(
        "line breaks, comments and parentheses",
        GREET,
        "class User:\n"
        "    def greet(self, *others): ...\n"
        "    def hi(self): ...\n"
        "\n"
        "\n"
        "def f(user: User, all):\n"
        "    user.greet(\n"
        "        1,  # one\n"
        "        2,\n"
        "    )\n"
        "    (user).greet(x for x in all)\n"
        "    return(user).greet(*all) or (\n"
        "        user\n"
        "        .greet()\n"
        "    )\n",
        "class User:\n"
        "    def hi(self): ...\n"
        "\n"
        "\n"
        "def greet(self, *others): ...\n"
        "\n"
        "\n"
        "def f(user: User, all):\n"
        "    greet(\n"
        "        user,\n"
        "        1,  # one\n"
        "        2,\n"
        "    )\n"
        "    greet(user, (x for x in all))\n"
        "    return greet(user, *all) or (\n"
        "        greet(user)\n"
        "    )\n",
    ),
    case(
        "a method of the class gets the class, a static one nothing",
        {"method": "users.User.make", "name": "make_user"},
        "class User:\n"
        "    @classmethod\n"
        "    def make(cls, name):\n"
        "        return cls(name)\n"
        "\n"
        "    def copy(self):\n"
        "        return self.make('copy')\n"
        "\n"
        "\n"
        "User.make('a')\n",
        "class User:\n"
        "    def copy(self):\n"
        "        return make_user(type(self), 'copy')\n"
        "\n"
        "\n"
        "def make_user(cls, name):\n"
        "    return cls(name)\n"
        "\n"
        "\n"
        "make_user(User, 'a')\n",
    ),
    case(
        "a static method",
        GREET,
        "class User:\n"
        "    @staticmethod\n"
        "    def greet(name): ...\n"
        "\n"
        "    def hi(self):\n"
        "        return self.greet(1), User.greet(2)\n",
        "class User:\n    def hi(self):\n        return greet(1), greet(2)\n\n\ndef greet(name): ...\n",
    ),
    case(
        "the class's plain function is the function; a bound method is a partial, if asked for",
        {**GREET, "references": "partial"},
        "class User:\n"
        "    name = ''\n"
        "\n"
        "    def greet(self): ...\n"
        "\n"
        "\n"
        "def f(users, user: User):\n"
        "    return map(User.greet, users), user.greet\n",
        "import functools\n"
        "\n"
        "\n"
        "class User:\n"
        "    name = ''\n"
        "\n"
        "\n"
        "def greet(self): ...\n"
        "\n"
        "\n"
        "def f(users, user: User):\n"
        "    return map(greet, users), functools.partial(greet, user)\n",
    ),
)
