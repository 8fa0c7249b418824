"""The definition on its way out of the class."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.method_to_function.cases.writing import GREET, case

DEFINITIONS: tuple[Case, ...] = (
    case(
        "comments and decorators move, the depth changes, strings stay, types are completed",
        {**GREET, "self_name": "user"},
        "from functools import cache\n"
        "\n"
        "\n"
        "class User:\n"
        "    name: str\n"
        "\n"
        "    # Cached, since users are many.\n"
        "    @cache\n"
        "    def greet(self, loud: bool) -> str:\n"
        '        """Say hello.\n'
        "\n"
        "        Loudly, if asked to.\n"
        '        """\n'
        '        text = """\n'
        "        hello\n"
        '        """\n'
        "        return text + self.name\n"
        "        # That is all.\n",
        "from functools import cache\n"
        "\n"
        "\n"
        "class User:\n"
        "    name: str\n"
        "\n"
        "\n"
        "# Cached, since users are many.\n"
        "@cache\n"
        "def greet(user: User, loud: bool) -> str:\n"
        '    """Say hello.\n'
        "\n"
        "    Loudly, if asked to.\n"
        '    """\n'
        '    text = """\n'
        "        hello\n"
        '        """\n'
        "    return text + user.name\n"
        "    # That is all.\n",
    ),
    case(
        "private names are spelled out, as Python does it inside the class",
        {"method": "users.User.__greet"},
        "class User:\n"
        "    def __greet(self):\n"
        "        return self.__name\n"
        "\n"
        "    def hi(self):\n"
        "        return self.__greet()\n",
        "class User:\n"
        "    def hi(self):\n"
        "        return _greet(self)\n"
        "\n"
        "\n"
        "def _greet(self):\n"
        "    return self._User__name\n",
    ),
    case(
        "to another module, with the imports that it needs",
        {**GREET, "to": "greetings"},
        {
            "users.py": "import os\nimport sys\n\n\nclass User:\n    def greet(self):\n"
            "        return os.sep\n\n\nUser().greet(), sys\n",
            "greetings.py": '"""Greetings."""\n\nimport abc\n\n\ndef wave(): ...\n',
        },
        {
            "users.py": "import sys\n\nfrom greetings import greet\n\n\nclass User:\n"
            "    pass\n\n\ngreet(User()), sys\n",
            "greetings.py": '"""Greetings."""\n\nimport abc\nimport os\n\n\ndef wave(): ...\n\n\n'
            "def greet(self):\n    return os.sep\n",
        },
    ),
    case(
        "Windows line ends and tabs stay",
        GREET,
        "class User:\r\n\tname = ''\r\n\r\n\tdef greet(self):\r\n"
        "\t\treturn self.name\r\n\r\nUser().greet()\r\n",
        "class User:\r\n\tname = ''\r\n\r\n\r\ndef greet(self):\r\n"
        "\treturn self.name\r\n\r\n\r\ngreet(User())\r\n",
    ),
)
