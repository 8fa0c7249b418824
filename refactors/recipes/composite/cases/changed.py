"""Steps that are taken."""

from overhaul.refactors.cases import CaseWriter
from overhaul.refactors.recipe import Case

case = CaseWriter("m.py")

CHANGED = (
    case(
        "two steps in one file make one edit",
        {
            "definition": """\
name: paths
steps:
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
  - recipe: replace-call
    with: {pattern: "os.path.exists($X)", template: "pathlib.Path($X).exists()"}
"""
        },
        """\
import os

from mock import Mock


def is_there(name, double=Mock()):
    return os.path.exists(name)
""",
        """\
import pathlib
from unittest.mock import Mock


def is_there(name, double=Mock()):
    return pathlib.Path(name).exists()
""",
    ),
    case(
        "a step goes on with what the one before has made",
        {
            "definition": """\
name: far
steps:
  - recipe: replace-import
    with: {old: acme.old, new: acme.middle}
  - recipe: replace-import
    with: {old: acme.middle, new: acme.new}
"""
        },
        "from acme.old import fetch\n",
        "from acme.new import fetch\n",
    ),
    case(
        "places are those of the file as it was, also where lines have been added before",
        {
            "definition": """\
name: both
steps:
  - recipe: replace-call
    with: {pattern: "acme.wait($X)", template: "time.sleep($X)"}
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
"""
        },
        "import acme\n\nacme.go()\nacme.wait(3)\nNAME = __import__('mock')\n",
        "import time\n\nimport acme\n\nacme.go()\ntime.sleep(3)\nNAME = __import__('mock')\n",
        unresolved=["5"],
    ),
    Case(
        "its own parameters stand in the steps as {name}",
        {
            "definition": """\
name: home
parameters:
  library: the distribution that goes
  home:
    description: where its names are from now on
    default: unittest.mock
steps:
  - recipe: replace-import
    with: {old: "{library}", new: "{home}"}
""",
            "values": ["library=mock"],
        },
        {"m.py": "import mock\n\nmock.Mock({'library': 1})\n"},
        {"m.py": "from unittest import mock\n\nmock.Mock({'library': 1})\n"},
    ),
    Case(
        "preconditions that are true, and a composite as a step of another",
        {
            "definition": """\
name: outer
parameters: {below: {default: "2"}}
preconditions:
  - dependency: acme
    version: "<{below}"
  - requires-python: ">=3.8"
  - files: "src/*.py"
    contain: mock
steps:
  - composite:
      name: inner
      parameters: {old: the old place}
      steps:
        - recipe: replace-import
          with: {old: "{old}", new: unittest.mock}
    with: {old: mock}
"""
        },
        {
            "pyproject.toml": """\
[tool.poetry.dependencies]
python = "^3.9"
acme = "^1.4"
""",
            "src/m.py": "from mock import Mock\n",
        },
        {"src/m.py": "from unittest.mock import Mock\n"},
    ),
    Case(
        "a file that one step moves is edited there by the next",
        {
            "definition": """\
name: away
steps:
  - recipe: rename-module
    with: {old: acme.old, new: new}
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
"""
        },
        {
            "acme/__init__.py": "",
            "acme/old.py": "from mock import Mock\n",
            "acme/use.py": "from acme import old\n",
        },
        {
            "acme/new.py": "from unittest.mock import Mock\n",
            "acme/use.py": "from acme import new\n",
        },
    ),
)
