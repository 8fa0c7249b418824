"""What is refused before anything is looked at."""

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case

_FILES = {"m.py": "import mock\n"}

REFUSED = (
    Case(
        "a key that there is not",
        {"definition": "name: a\nstep:\n  - recipe: replace-import\n"},
        _FILES,
        raises=ParameterError,
    ),
    Case(
        "a parameter that a step's recipe has not",
        {"definition": "name: a\nsteps:\n  - recipe: replace-import\n    with: {old: mock, to: b}\n"},
        _FILES,
        raises=ParameterError,
    ),
    Case(
        "a parameter of its own that has no value",
        {
            "definition": """\
name: a
parameters: {old: the old place}
steps:
  - recipe: replace-import
    with: {old: "{old}", new: b}
"""
        },
        _FILES,
        raises=ParameterError,
    ),
    Case(
        "a parameter that a step misspells",
        {
            "definition": """\
name: a
parameters: {library: {default: mock}}
steps:
  - recipe: replace-import
    with: {old: "{libary}", new: b}
"""
        },
        _FILES,
        raises=ParameterError,
    ),
)
