"""Steps that are not taken."""

from overhaul.refactors.cases import CaseWriter
from overhaul.refactors.errors import SymbolNotFound
from overhaul.refactors.recipe import Case

case = CaseWriter("m.py")

_ONE_STEP = """\
name: new-home
steps:
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
"""

UNCHANGED = (
    case(
        "a name that is spelt like one of its recipes' and is another stays",
        {"definition": _ONE_STEP},
        "from other import mock\n\nvalue = 'mock'\n\n\ndef load():\n    return __import__('mock')\n",
        unresolved=["7"],
    ),
    case(
        "an unproved place stays, with what the step says of it",
        {"definition": _ONE_STEP},
        "from mock import *\n",
        unresolved=["1"],
    ),
    case(
        "a step whose precondition is not true is not taken; the others are",
        {
            "definition": """\
name: two-homes
steps:
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
    preconditions:
      - files: "**/*.py"
        contain: from mock import Mock
  - recipe: replace-call
    with: {pattern: "print($X)", template: "str($X)"}
"""
        },
        "import mock\n\nprint(mock, 1)\n",
    ),
    Case(
        "what is for another version of a dependency",
        {
            "definition": """\
name: new-home
preconditions:
  - dependency: acme
    version: "<2"
steps:
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
"""
        },
        {"requirements.txt": "acme>=2.1\n", "m.py": "import mock\n"},
        raises=SymbolNotFound,
    ),
    Case(
        "what is for no other versions of a dependency, where others are allowed",
        {
            "definition": """\
name: new-home
preconditions:
  - dependency: acme
    within: ">=2"
steps:
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
"""
        },
        {"requirements.txt": "acme>=1.5\n", "m.py": "import mock\n"},
        raises=SymbolNotFound,
    ),
    Case(
        "what is for Pythons that the project does not ask for",
        {
            "definition": """\
name: new-home
preconditions:
  - requires-python: ">=3.11"
steps:
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
"""
        },
        {"pyproject.toml": '[project]\nname = "a"\nrequires-python = ">=3.9"\n', "m.py": "import mock\n"},
        raises=SymbolNotFound,
    ),
    Case(
        "where another recipe finds nothing",
        {
            "definition": """\
name: new-home
preconditions:
  - recipe: replace-import
    with: {old: six, new: seven}
steps:
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
"""
        },
        {"m.py": "import mock\n"},
        raises=SymbolNotFound,
    ),
)
