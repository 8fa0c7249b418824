"""Functions that cannot become methods."""

from __future__ import annotations

from overhaul.refactors.errors import NameTaken, ParameterError, SymbolNotFound
from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.function_to_method.cases.writing import GREET

_USER = "class User:\n    name = ''\n"
_GREET = "def greet(user): ...\n"


def _refused(name: str, text: str, error: type[Exception] = ParameterError, /, **more: str) -> Case:
    return Case(name, {**GREET, **more}, {"users.py": text}, raises=error)


REFUSED: tuple[Case, ...] = (
    _refused("the class has the name", f"class User:\n    greet = 1\n{_GREET}", NameTaken),
    _refused(
        "a subclass has it", f"{_USER}class Admin(User):\n    def greet(self): ...\n{_GREET}", NameTaken
    ),
    _refused("a base outside the tree has it", f"class User(dict): ...\n{_GREET}", NameTaken, name="keys"),
    _refused("a base outside the tree may have it", f"from lib import Base\nclass User(Base): ...\n{_GREET}"),
    _refused("something sets it from outside", f"{_USER}{_GREET}User().greet = 1\n", NameTaken),
    _refused(
        "the class answers any name",
        f"class User:\n    def __getattr__(self, name): ...\n{_GREET}def f(x): x.greet()\n",
    ),
    _refused("a protocol", f"from typing import Protocol\nclass User(Protocol): ...\n{_GREET}"),
    _refused("a TypedDict", f"from typing import TypedDict\nclass User(TypedDict): ...\n{_GREET}"),
    _refused("no class", f"User = 1\n{_GREET}"),
    _refused("no function", f"{_USER}greet = print\n"),
    _refused("defined twice", f"{_USER}{_GREET}{_GREET}"),
    _refused("no such function", _USER, SymbolNotFound),
    _refused("no parameter", f"{_USER}def greet(): ...\n"),
    _refused("no such parameter", f"{_USER}{_GREET}", parameter="users"),
    _refused("the parameter is of another type", f"{_USER}def greet(user: int): ...\n"),
    _refused("the parameter has a default", f"{_USER}def greet(user=None): ...\n"),
    _refused("an unknown decorator", f"from lib import route\n{_USER}@route('/')\n{_GREET}"),
    _refused("names that Python changes inside a class", f"{_USER}def greet(user): return __name\n"),
    _refused("the parameter gets another value", f"{_USER}def greet(user): user = user or User()\n"),
    _refused("the name self is used", f"{_USER}def greet(user): return self\n"),
    _refused(
        "a name that the class's block has", "class User:\n    x = 1\nx = 2\ndef greet(user, y=x): ...\n"
    ),
    _refused(
        "a default that is defined below the class", f"{_USER}LOUD = 1\ndef greet(user, loud=LOUD): ...\n"
    ),
    Case(
        "a name of its module, which imports the class",
        {**GREET, "function": "greetings.greet"},
        {
            "users.py": _USER,
            "greetings.py": "from users import User\nLOUD = 1\ndef greet(user: User): return LOUD\n",
        },
        raises=ParameterError,
    ),
)
