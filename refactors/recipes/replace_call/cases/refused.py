"""Parameters that are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.replace_call.cases.writing import JOIN


def _refused(name: str, parameters: Mapping[str, Any]) -> Case:
    return Case(name, parameters, {"a.py": "import os\nos.path.join(a, b)\n"}, raises=ParameterError)


REFUSED: tuple[Case, ...] = (
    _refused(
        "a template that the pattern matches again",
        {"pattern": "os.path.join($A, $B)", "template": "os.path.join($B, $A)"},
    ),
    Case(
        "a template that only names the function otherwise",
        {"pattern": "acme.api.load($X)", "template": "acme.app.load($X)"},
        {
            "acme/__init__.py": "",
            "acme/api.py": "def load(x):\n    return x\n",
            "acme/app.py": "from acme.api import load\n\nload(1)\n",
        },
        raises=ParameterError,
    ),
    _refused(
        "a pattern that is no call",
        {"pattern": "os.path", "template": "x"},
    ),
    _refused(
        "a pattern that does not parse",
        {"pattern": "os.path.join(", "template": "x"},
    ),
    _refused(
        "a metavariable that the pattern has not",
        {"pattern": "os.path.join($A, $B)", "template": "f($C)"},
    ),
    _refused(
        "a name that nothing imports",
        {"pattern": "os.path.join($A, $B)", "template": "unknown.f($A)"},
    ),
    _refused(
        "an import that is none",
        JOIN | {"imports": ["pathlib"]},
    ),
    _refused(
        "the class of a receiver where there is none",
        JOIN | {"receiver": "os.PathLike"},
    ),
    _refused(
        "two names for many arguments of a kind",
        {"pattern": "os.path.join($*A, $*B)", "template": "x($*A)"},
    ),
)
