"""The definition on its way into the class."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.function_to_method.cases.writing import GREET, case

DEFINITIONS: tuple[Case, ...] = (
    case(
        "comments and decorators move, the depth changes, strings stay, types of the class are quoted",
        {**GREET, "name": "hello"},
        "from functools import cache\n"
        "\n"
        "\n"
        "class User:\n"
        '    """A user."""\n'
        "\n"
        "    pass\n"
        "\n"
        "\n"
        "# Cached, since users are many.\n"
        "@cache\n"
        "def greet(user: User, other: User) -> str:\n"
        '    """Say hello.\n'
        "\n"
        "    To another one.\n"
        '    """\n'
        '    text = """\n'
        "    hello\n"
        '    """\n'
        "    return text + user.name\n"
        "    # That is all.\n",
        "from functools import cache\n"
        "\n"
        "\n"
        "class User:\n"
        '    """A user."""\n'
        "\n"
        "    # Cached, since users are many.\n"
        "    @cache\n"
        '    def hello(self, other: "User") -> str:\n'
        '        """Say hello.\n'
        "\n"
        "        To another one.\n"
        '        """\n'
        '        text = """\n'
        "    hello\n"
        '    """\n'
        "        return text + self.name\n"
        "        # That is all.\n",
    ),
    case(
        "another parameter becomes self",
        {**GREET, "parameter": "user"},
        "class User: ...\n"
        "\n"
        "\n"
        "def greet(text, user: User, *, end=''):\n"
        "    return user, text, end\n"
        "\n"
        "\n"
        "greet('hello', User(), end='!')\n",
        "class User:\n"
        "    def greet(self, text, *, end=''):\n"
        "        return self, text, end\n"
        "\n"
        "\n"
        "User().greet('hello', end='!')\n",
    ),
    case(
        "a parameter that is passed by keyword only",
        {**GREET, "parameter": "user"},
        "class User:\n    name = ''\n\n\ndef greet(text, *, user):\n"
        "    return user, text\n\n\ngreet(1, user=User())\n",
        "class User:\n    name = ''\n\n    def greet(self, text):\n"
        "        return self, text\n\n\nUser().greet(1)\n",
    ),
    case(
        "from another module, with the imports that it needs",
        {**GREET, "function": "greetings.greet"},
        {
            "users.py": '"""Users."""\n\n\nclass User:\n    name = ""\n',
            "greetings.py": "import os\nimport sys\n"
            "\n"
            "from users import User\n"
            "\n"
            "\n"
            "def greet(user: User):\n"
            "    return os.sep\n"
            "\n"
            "\n"
            "def wave():\n"
            "    return greet(User()), sys\n",
            "views.py": "from greetings import greet\nfrom users import User\n\n\n"
            "def show(user: User):\n    greet(user)\n",
        },
        {
            "users.py": '"""Users."""\n\nimport os\n\n\nclass User:\n    name = ""\n\n'
            "    def greet(self):\n        return os.sep\n",
            "greetings.py": "import sys\n\nfrom users import User\n\n\ndef wave():\n"
            "    return User().greet(), sys\n",
            "views.py": "from users import User\n\n\ndef show(user: User):\n    user.greet()\n",
        },
    ),
)
