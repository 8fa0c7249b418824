"""Moves that are refused: the place is taken, is none, or would hide another module."""

from overhaul.refactors.errors import NameTaken, ParameterError, SymbolNotFound
from overhaul.refactors.recipe import Case

MOVE = {"module": "acme.web.mail", "to": "acme.core"}
PACKAGES = {"acme/__init__.py": "", "acme/web/__init__.py": "", "acme/core/__init__.py": ""}

UNCHANGED_CASES = (
    Case(
        "a module of that name is in the new package",
        MOVE,
        {**PACKAGES, "acme/web/mail.py": "", "acme/core/mail.py": ""},
        raises=NameTaken,
    ),
    Case(
        "the new package binds the name",
        MOVE,
        {**PACKAGES, "acme/web/mail.py": "", "acme/core/__init__.py": "def mail(): ...\n"},
        raises=NameTaken,
    ),
    Case(
        "a file whose name differs in case only is there",
        MOVE,
        {**PACKAGES, "acme/web/mail.py": "", "acme/core/Mail.py": ""},
        raises=NameTaken,
    ),
    Case("there is no such module", MOVE, PACKAGES, raises=SymbolNotFound),
    Case("there is no such package", MOVE, {"acme/web/mail.py": ""}, raises=ParameterError),
    Case(
        "the target is a module",
        {"module": "acme.web.mail", "to": "acme.core"},
        {"acme/__init__.py": "", "acme/web/mail.py": "", "acme/core.py": ""},
        raises=ParameterError,
    ),
    Case(
        "a package cannot be moved into itself",
        {"module": "acme.web", "to": "acme.web.inner"},
        {"acme/__init__.py": "", "acme/web/__init__.py": "", "acme/web/inner/__init__.py": ""},
        raises=ParameterError,
    ),
    Case(
        "the module is there already",
        {"module": "acme.web.mail", "to": "acme.web"},
        {**PACKAGES, "acme/web/mail.py": ""},
        raises=ParameterError,
    ),
    Case(
        "at the top of a source root it would hide a module of the standard library",
        {"module": "acme.json", "to": "./"},
        {"acme/__init__.py": "", "acme/json.py": ""},
        raises=ParameterError,
    ),
    Case(
        "at the top it would hide a library that the tree imports",
        {"module": "acme.requests", "to": "./"},
        {"acme/__init__.py": "", "acme/requests.py": "", "app.py": "import requests\n"},
        raises=NameTaken,
    ),
    Case(
        "the name is that of another variable where the dotted name would be used",
        {"module": "acme.web.mail", "to": "core"},
        {
            "acme/__init__.py": "",
            "acme/web/__init__.py": "",
            "acme/web/mail.py": "",
            "core/__init__.py": "",
            "app.py": "import acme.web.mail\n\n\ndef f(core):\n    return acme.web.mail.send(core)\n",
        },
        raises=NameTaken,
    ),
    Case(
        "a package has no alias: its modules would be loaded twice",
        {"module": "acme.web", "to": "core", "alias": "yes"},
        {"acme/__init__.py": "", "acme/web/__init__.py": "", "core/__init__.py": ""},
        raises=ParameterError,
    ),
    Case(
        "python -m finds __main__ by its name and place",
        {"module": "acme.__main__", "to": "./"},
        {"acme/__init__.py": "", "acme/__main__.py": ""},
        raises=ParameterError,
    ),
)
