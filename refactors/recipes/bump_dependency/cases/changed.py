"""What is bumped."""

from overhaul.refactors.cases import CaseWriter
from overhaul.refactors.recipe import Case

case = CaseWriter("requirements.txt")
TO_2_1 = {"name": "requests", "to": "2.1"}

CHANGED = (
    case(
        "the lower bound is raised, and the rest stays as it is written",
        TO_2_1,
        "requests>=1\nrequests >= 1.0, < 3 # comment\nrequests<3,>1,!=2.2\nrequests (>=1.0)\n"
        "requests[socks,x] >=1,<=2.9\n"
        "requests\nrequests  # any\nrequests[socks]\nrequests<3\nrequests < 3, != 2.2\n",
        "requests>=2.1\nrequests >= 2.1, < 3 # comment\nrequests<3,>=2.1,!=2.2\nrequests (>=2.1)\n"
        "requests[socks,x] >=2.1,<=2.9\nrequests>=2.1\nrequests>=2.1  # any\nrequests[socks]>=2.1\nrequests>=2.1,<3\n"
        "requests >= 2.1, < 3, != 2.2\n",
    ),
    case(
        "a pin is raised as a pin; other forms end where they did",
        {"name": "requests", "to": "2.1.3"},
        "requests==1.5\nrequests == 2.0\nrequests~=2.0\nrequests~=2.1.0\nrequests==2.*\n",
        "requests==2.1.3\nrequests == 2.1.3\nrequests>=2.1.3,~=2.0\nrequests~=2.1.3\nrequests>=2.1.3,==2.*\n",
    ),
    case(
        "a range brings its upper bound along; versions that are not to be used stay so",
        {"name": "requests", "to": ">=2,<3"},
        "requests>=1,<2,!=1.5,!=2.2\nrequests>=1\nrequests\n",
        "requests>=2,<3,!=1.5,!=2.2\nrequests>=2,<3\nrequests>=2,<3\n",
    ),
    case(
        "pinned to one version",
        {**TO_2_1, "how": "pin"},
        "requests>=1,<2\nrequests == 1.5\nrequests\nrequests==2.1\n",
        "requests==2.1\nrequests == 2.1\nrequests==2.1\nrequests==2.1\n",
    ),
    case(
        "replaced: a version takes the place of the one in a single comparison",
        {**TO_2_1, "how": "replace"},
        "requests>=1,<2\nrequests~=1.4\nrequests~=1.4.2\nrequests==1.5\nrequests >= 1\nrequests\n",
        "requests>=2.1\nrequests~=2.1\nrequests~=2.1.0\nrequests==2.1\nrequests >= 2.1\nrequests>=2.1\n",
    ),
    case(
        "replaced by a range",
        {"name": "requests", "to": ">=2,<4", "how": "replace"},
        "requests>=1,<2,!=1.5\n",
        "requests>=2,<4\n",
    ),
    case(
        "line ends, continuations, options and a byte order mark stay",
        TO_2_1,
        "\ufeff# all\r\nrequests \\\r\n  >=1 \\\r\n  --config-settings=x=y\r\n\r\nidna\\\r\n  >=1\r\nRequests>=1",
        "\ufeff# all\r\nrequests \\\r\n  >=2.1 \\\r\n  --config-settings=x=y\r\n\r\nidna\\\r\n  >=1\r\nRequests>=2.1",
    ),
    Case(
        "any spelling of a name",
        {"name": "Flask_SQLAlchemy", "to": "3"},
        {
            "requirements.txt": "flask-sqlalchemy>=2\nFlask.SQLAlchemy>=2\nflask__sqlalchemy>=2\n"
            "flask-sqlalchemy-x>=2\n"
        },
        {
            "requirements.txt": "flask-sqlalchemy>=3\nFlask.SQLAlchemy>=3\nflask__sqlalchemy>=3\n"
            "flask-sqlalchemy-x>=2\n"
        },
    ),
    case(
        "under an environment marker, if that is asked for",
        {**TO_2_1, "markers": "yes"},
        "requests>=1 ; python_version < '3.9'  # old\n",
        "requests>=2.1 ; python_version < '3.9'  # old\n",
    ),
    Case(
        "pyproject.toml: dependencies, extras and groups",
        TO_2_1,
        {
            "pyproject.toml": """\
[build-system]
requires = ["hatchling"]

[project]  # the library
name = "acme"
dependencies = [
  # HTTP
  'requests >= 1',   # for now
  "idna", "Requests[socks]"
]

[project.optional-dependencies]
all = ["requests>=1,<3"]

[dependency-groups]
test = ["requests>=1", {include-group = "lint"}]
lint = []

[tool.uv]
constraint-dependencies = ["requests<3"]

[tool.pdm.dev-dependencies]
x = ["requests"]

[tool.hatch.envs.docs]
dependencies = ["requests>=1"]
"""
        },
        {
            "pyproject.toml": """\
[build-system]
requires = ["hatchling"]

[project]  # the library
name = "acme"
dependencies = [
  # HTTP
  'requests >= 2.1',   # for now
  "idna", "Requests[socks]>=2.1"
]

[project.optional-dependencies]
all = ["requests>=2.1,<3"]

[dependency-groups]
test = ["requests>=2.1", {include-group = "lint"}]
lint = []

[tool.uv]
constraint-dependencies = ["requests>=2.1,<3"]

[tool.pdm.dev-dependencies]
x = ["requests>=2.1"]

[tool.hatch.envs.docs]
dependencies = ["requests>=2.1"]
"""
        },
    ),
    Case(
        "pyproject.toml with CRLF; what the build needs, if that is asked for",
        {"name": "setuptools", "to": "77", "build": "yes"},
        {"pyproject.toml": '[build-system]\r\nrequires = [\r\n\t"setuptools>=61", # x\r\n]\r\n'},
        {"pyproject.toml": '[build-system]\r\nrequires = [\r\n\t"setuptools>=77", # x\r\n]\r\n'},
    ),
    Case(
        "Poetry's forms end where they did",
        {"name": "requests", "to": "2.5"},
        {
            "a/pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.9"\nrequests = "^2.1"  # x\n\n'
            "[tool.other]\n\n"
            '[tool.poetry.group.dev.dependencies]\nRequests = {version = ">=2.1,<3", extras = ["socks"]}\n',
            "b/pyproject.toml": "[tool.poetry.dev-dependencies]\nrequests = '~2'\n",
            "c/pyproject.toml": '[tool.poetry.dependencies.requests]\nversion = "*"\noptional = true\n',
            "d/pyproject.toml": '[tool.poetry.dependencies]\nrequests = "2.1"\n',
            "e/pyproject.toml": '[tool.poetry.dependencies]\nrequests = "2.*"\n',
        },
        {
            "a/pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.9"\nrequests = "^2.5"  # x\n\n'
            "[tool.other]\n\n"
            '[tool.poetry.group.dev.dependencies]\nRequests = {version = ">=2.5,<3", extras = ["socks"]}\n',
            "b/pyproject.toml": "[tool.poetry.dev-dependencies]\nrequests = '>=2.5,<3'\n",
            "c/pyproject.toml": '[tool.poetry.dependencies.requests]\nversion = ">=2.5"\noptional = true\n',
            "d/pyproject.toml": '[tool.poetry.dependencies]\nrequests = "2.5"\n',
            "e/pyproject.toml": '[tool.poetry.dependencies]\nrequests = ">=2.5,2.*"\n',
        },
    ),
    Case(
        "Poetry and Pipfile: replaced in the form that there is",
        {**TO_2_1, "how": "replace"},
        {
            "pyproject.toml": '[tool.poetry.dependencies]\nrequests = "^1.4"\n',
            "b/Pipfile": '[packages]\nrequests = "==1.5"\n\n[dev-packages]\nrequests = {version = "~=1.4"}\n',
        },
        {
            "pyproject.toml": '[tool.poetry.dependencies]\nrequests = "^2.1"\n',
            "b/Pipfile": '[packages]\nrequests = "==2.1"\n\n[dev-packages]\nrequests = {version = "~=2.1"}\n',
        },
    ),
    Case(
        "setup.cfg and setup.py, with what is literal there",
        TO_2_1,
        {
            "setup.cfg": "[options]\ninstall_requires =\n    # HTTP\n    requests>=1\n    idna\n\n"
            "[options.extras_require]\nx = requests >=1, <3\n",
            "setup.py": "from setuptools import find_packages, setup\n\nBASE = ['idna', 'requests>=1']\n\nsetup(\n"
            "    name='acme',\n    install_requires=BASE + [\n        \"requests\",  # any\n    ],\n"
            "    extras_require={'x': ['requests<3'], 'y': BASE},\n    packages=find_packages(),\n)\n",
        },
        {
            "setup.cfg": "[options]\ninstall_requires =\n    # HTTP\n    requests>=2.1\n    idna\n\n"
            "[options.extras_require]\nx = requests >=2.1, <3\n",
            "setup.py": "from setuptools import find_packages, setup\n\nBASE = ['idna', 'requests>=2.1']\n\nsetup(\n"
            "    name='acme',\n    install_requires=BASE + [\n        \"requests>=2.1\",  # any\n    ],\n"
            "    extras_require={'x': ['requests>=2.1,<3'], 'y': BASE},\n    packages=find_packages(),\n)\n",
        },
    ),
    Case(
        "files that are named in others; constraints are raised as well",
        TO_2_1,
        {
            "pyproject.toml": '[project]\nname = "acme"\ndynamic = ["dependencies"]\n\n'
            '[tool.setuptools.dynamic]\ndependencies = {file = ["deps/run.in"]}\n',
            "deps/run.in": "-r more.lst\nrequests>=1\n",
            "deps/more.lst": "requests\n",
            "dev-requirements.txt": "-c constraints.txt\nrequests>=1\n",
            "constraints.txt": "requests==1.5\n",
        },
        {
            "deps/run.in": "-r more.lst\nrequests>=2.1\n",
            "deps/more.lst": "requests>=2.1\n",
            "dev-requirements.txt": "-c constraints.txt\nrequests>=2.1\n",
            "constraints.txt": "requests==2.1\n",
        },
    ),
    Case(
        "projects beside each other do not stand in each other's way",
        TO_2_1,
        {"a/requirements.txt": "requests>=1\n", "b/requirements.txt": "requests<2\n"},
        {"a/requirements.txt": "requests>=2.1\n"},
        unresolved=["b/requirements.txt:1"],
    ),
)
