"""Methods that cannot become functions."""

from __future__ import annotations

from overhaul.refactors.errors import NameTaken, ParameterError, SymbolNotFound
from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.method_to_function.cases.writing import GREET

_GREET = "class User:\n    def greet(self): ...\n"


def _refused(name: str, text: str, error: type[Exception] = ParameterError, /, **more: str) -> Case:
    return Case(name, {**GREET, **more}, {"users.py": text}, raises=error)


REFUSED: tuple[Case, ...] = (
    _refused("a subclass has its own", f"{_GREET}class Admin(User):\n    def greet(self): ...\n"),
    _refused(
        "a base has its own",
        "class Base:\n    def greet(self): ...\nclass User(Base):\n    def greet(self): ...\n",
    ),
    _refused(
        "a base outside the tree has it",
        "from cmd import Cmd\nclass User(Cmd):\n    def greet(self): ...\n    def cmdloop(self): ...\n",
        method="users.User.cmdloop",
    ),
    _refused(
        "a base outside the tree may have it",
        "from lib import Base\nclass User(Base):\n    def greet(self): ...\n",
    ),
    _refused(
        "a protocol declares it",
        "from typing import Protocol\nclass User(Protocol):\n    def greet(self): ...\n",
    ),
    _refused("something else is assigned to it", f"{_GREET}User.greet = print\n"),
    _refused("a property", "class User:\n    @property\n    def greet(self): ...\n"),
    _refused(
        "an abstract method",
        "from abc import abstractmethod\nclass User:\n    @abstractmethod\n    def greet(self): ...\n",
    ),
    _refused(
        "an unknown decorator",
        "from lib import route\nclass User:\n    @route('/')\n    def greet(self): ...\n",
    ),
    _refused(
        "overloads",
        "from typing import overload\nclass User:\n    @overload\n"
        "    def greet(self, a: int): ...\n    def greet(self, a): ...\n",
    ),
    _refused("super() in the body", "class User(dict):\n    def greet(self): return super().keys()\n"),
    _refused(
        "a name of the class's block", "class User:\n    LOUD = 1\n    def greet(self, loud=LOUD): ...\n"
    ),
    _refused(
        "a special method", "class User:\n    def __len__(self): return 1\n", method="users.User.__len__"
    ),
    _refused(
        "a class inside a function",
        "def make():\n    class User:\n        def greet(self): ...\n",
        SymbolNotFound,
        method="users.make.User.greet",
    ),
    _refused(
        "an attribute of the bound method",
        "from functools import cache\nclass User:\n    @cache\n"
        "    def greet(self): ...\nUser().greet.cache_clear()\n",
    ),
    _refused("no such method", _GREET, SymbolNotFound, method="users.User.greets"),
    _refused("no method", "def greet(): ...\n", method="users.greet"),
    _refused("the name is taken in the module", f"{_GREET}def greet(): ...\n", NameTaken),
    _refused("the name is a builtin that the module uses", f"{_GREET}print(1)\n", NameTaken, name="print"),
    _refused("the name is a keyword", _GREET, name="class"),
    _refused("the name is private to a class", _GREET, name="__greet"),
    _refused(
        "the new name of self is taken", "class User:\n    def greet(self, user): ...\n", self_name="user"
    ),
    _refused("no such module", _GREET, SymbolNotFound, to="acme.greetings"),
    Case(
        "names of its module, which would import the function back",
        {**GREET, "to": "greetings"},
        {
            "users.py": "LOUD = 1\nclass User:\n    def greet(self): return LOUD\nUser().greet()\n",
            "greetings.py": "x = 1\n",
        },
        raises=ParameterError,
    ),
)
