"""Where nothing may change: refusals, and names that only look alike."""

from overhaul.refactors.errors import NameTaken, ParameterError, SymbolNotFound
from overhaul.refactors.recipe import Case

FETCH = {"old": "acme.api.fetch_user", "new": "get_user"}
API = "def fetch_user(key):\n    return key\n"

UNCHANGED_CASES = (
    Case(
        "the new name is bound in the module already",
        FETCH,
        {"acme/__init__.py": "", "acme/api.py": f"{API}\n\ndef get_user(key):\n    return None\n"},
        raises=NameTaken,
    ),
    Case(
        "a special method, which Python calls by its name",
        {"old": "acme.api.User.__init__", "new": "build"},
        {
            "acme/__init__.py": "",
            "acme/api.py": "class User:\n    def __init__(self, key):\n        self.key = key\n\n\nuser = User(1)\n",
        },
        raises=ParameterError,
    ),
    Case(
        "the new name is bound in a module that imports the symbol",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": API,
            "app.py": "from acme.api import fetch_user\n\nget_user = fetch_user(1)\n",
        },
        raises=NameTaken,
    ),
    Case(
        "a local variable would hide the new name where the old one is used",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": f"{API}\n\ndef main(get_user):\n    return fetch_user(get_user)\n",
        },
        raises=NameTaken,
    ),
    Case(
        "the new name is a builtin that the module uses",
        {"old": "acme.api.fetch_user", "new": "print"},
        {"acme/__init__.py": "", "acme/api.py": f"{API}\n\nprint(fetch_user(1))\n"},
        raises=NameTaken,
    ),
    Case(
        "a class of the family has the new name",
        {"old": "acme.Client.fetch", "new": "get"},
        {
            "acme.py": "class Client:\n    def fetch(self): ...\n\n\nclass Special(Client):\n    def get(self): ...\n"
        },
        raises=NameTaken,
    ),
    Case(
        "the function has a parameter of the new name",
        {"old": "acme.load(key)", "new": "strict"},
        {"acme.py": "def load(key, strict=False):\n    return key\n"},
        raises=NameTaken,
    ),
    Case(
        "the new name is a keyword",
        {"old": "acme.load", "new": "class"},
        {"acme.py": "def load(): ...\n"},
        raises=ParameterError,
    ),
    Case(
        "the symbol does not exist",
        {"old": "acme.api.fetch_usr", "new": "get_user"},
        {"acme/__init__.py": "", "acme/api.py": API},
        raises=SymbolNotFound,
    ),
    Case(
        "an override of a method of the standard library",
        {"old": "acme.Quiet.emit", "new": "send"},
        {"acme.py": "import logging\n\n\nclass Quiet(logging.Handler):\n    def emit(self, record): ...\n"},
        unresolved=("acme.py:5",),
    ),
)
