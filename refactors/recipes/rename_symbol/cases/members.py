"""Methods and attributes: the family of overrides, and receivers that are proved, unrelated or unknown."""

from overhaul.refactors.recipe import Case

CLIENT = (
    "class Client:\n    def fetch(self):\n        return self\n\n"
    "    def twice(self):\n        return self.fetch().fetch()\n"
)

MEMBER_CASES = (
    Case(
        "super() shows that a base outside the tree has the method",
        {"old": "acme.Client.fetch", "new": "get"},
        {
            "acme.py": "from lib import Base\n\n\nclass Client(Base):\n    def fetch(self):\n        super().fetch()\n"
        },
        unresolved=("acme.py:6",),
    ),
    Case(
        "keys of a TypedDict",
        {"old": "acme.User.name", "new": "title"},
        {
            "acme.py": "from typing import TypedDict\n\n\nclass User(TypedDict):\n    name: str\n\n\n"
            'u: User = {"name": "a"}\nprint(u["name"], u.get("name"), User(name="b"), {"name": 1})\n'
        },
        {
            "acme.py": "from typing import TypedDict\n\n\nclass User(TypedDict):\n    title: str\n\n\n"
            'u: User = {"title": "a"}\nprint(u["title"], u.get("title"), User(title="b"), {"name": 1})\n'
        },
    ),
    Case(
        "overrides with super() in other files, through a class that does not have the name",
        {"old": "acme.base.Client.fetch", "new": "get"},
        {
            "acme/__init__.py": "",
            "acme/base.py": CLIENT,
            "acme/middle.py": "from acme.base import Client as Base\n\n\nclass Middle(Base):\n    pass\n",
            "app.py": "from acme.middle import Middle\n\n\nclass Special(Middle):\n    def fetch(self):\n"
            "        return super().fetch()\n\n\nSpecial().fetch()\n",
        },
        {
            "acme/base.py": CLIENT.replace("fetch", "get"),
            "app.py": "from acme.middle import Middle\n\n\nclass Special(Middle):\n    def get(self):\n"
            "        return super().get()\n\n\nSpecial().get()\n",
        },
    ),
    Case(
        "receivers: annotated, built, returned, narrowed, entered; an unrelated class keeps its method",
        {"old": "acme.Client.fetch", "new": "get"},
        {
            "acme.py": CLIENT + "\n\nclass Cache:\n    def fetch(self): ...\n\n\ndef make() -> Client: ...\n",
            "app.py": "from acme import Cache, Client, make\n\n\n"
            "def f(a: Client | None, b: list[Client], c, d, e: Cache):\n    a.fetch()\n"
            "    for item in b:\n        item.fetch()\n    if isinstance(c, Client):\n        c.fetch()\n"
            "    make().fetch()\n    e.fetch()\n    Cache().fetch()\n    d.fetch()\n    return Client.fetch\n",
        },
        {
            "acme.py": CLIENT.replace("fetch", "get")
            + "\n\nclass Cache:\n    def fetch(self): ...\n\n\ndef make() -> Client: ...\n",
            "app.py": "from acme import Cache, Client, make\n\n\n"
            "def f(a: Client | None, b: list[Client], c, d, e: Cache):\n    a.get()\n"
            "    for item in b:\n        item.get()\n    if isinstance(c, Client):\n        c.get()\n"
            "    make().get()\n    e.fetch()\n    Cache().fetch()\n    d.fetch()\n    return Client.get\n",
        },
        unresolved=("app.py:13",),
    ),
    Case(
        "an unknown receiver of a name that nothing else has",
        {"old": "acme.Client.fetch_all", "new": "get_all", "unknown_receivers": "unique"},
        {
            "acme.py": "class Client:\n    def fetch_all(self): ...\n\n\ndef f(client):\n    client.fetch_all()\n"
        },
        {"acme.py": "class Client:\n    def get_all(self): ...\n\n\ndef f(client):\n    client.get_all()\n"},
    ),
    Case(
        "pytest fixtures give receivers their class",
        {"old": "acme.Client.fetch", "new": "get"},
        {
            "acme.py": CLIENT,
            "tests/conftest.py": "import pytest\nfrom acme import Client\n\n\n@pytest.fixture\ndef client():\n"
            "    yield Client()\n",
            "tests/test_client.py": "def test_fetch(client):\n    assert client.fetch()\n",
        },
        {
            "acme.py": CLIENT.replace("fetch", "get"),
            "tests/test_client.py": "def test_fetch(client):\n    assert client.get()\n",
        },
    ),
    Case(
        "a dataclass field: constructor keywords, patterns and slots",
        {"old": "acme.Point.x", "new": "left"},
        {
            "acme.py": "from dataclasses import dataclass, replace\n\n\n@dataclass\nclass Point:\n    x: int = 0\n\n\n"
            "p = Point(x=1)\nq = replace(p, x=2)\nx = p.x\nmatch p:\n    case Point(x=1):\n        pass\n"
        },
        {
            "acme.py": "from dataclasses import dataclass, replace\n\n\n"
            "@dataclass\nclass Point:\n    left: int = 0\n\n\n"
            "p = Point(left=1)\nq = replace(p, left=2)\nx = p.left\nmatch p:\n    case Point(left=1):\n        pass\n"
        },
    ),
    Case(
        "an attribute set in __init__, __slots__ and a private name",
        {"old": "acme.Client.__key", "new": "__token"},
        {
            "acme.py": 'class Client:\n    __slots__ = ("__key",)\n\n    def __init__(self, key):\n'
            "        self.__key = key\n\n\nclass Other:\n    def f(self):\n        return self.__key\n"
        },
        {
            "acme.py": 'class Client:\n    __slots__ = ("__token",)\n\n    def __init__(self, key):\n'
            "        self.__token = key\n\n\nclass Other:\n    def f(self):\n        return self.__key\n"
        },
    ),
)
