"""What stays as it is, and is reported or not."""

from overhaul.refactors.recipe import Case

_SETUP = 'from setuptools import setup\n\nsetup(name="acme", version="1")\n'
_CONFIGURED = "[metadata]\nname = acme\nversion = 1\n"

UNCHANGED = (
    Case("no project at all", {}, {"setup.cfg": "[flake8]\nmax-line-length = 100\n", "a.py": "setup = 1\n"}),
    Case(
        "a [project] table that is there, and [tool.setuptools]",
        {},
        {
            "a/setup.py": _SETUP,
            "a/pyproject.toml": '[build-system]\nrequires = ["setuptools>=61"]\n\n[project]\nname = "acme"\n',
            "b/setup.cfg": _CONFIGURED,
            "b/pyproject.toml": '[tool.setuptools]\npackages = ["acme"]\n',
        },
        unresolved=["a/pyproject.toml:4", "b/pyproject.toml:1"],
    ),
    Case(
        "another build backend, Poetry, and a setuptools that is too old for it",
        {},
        {
            "a/setup.py": _SETUP,
            "a/pyproject.toml": '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n',
            "b/setup.py": _SETUP,
            "b/pyproject.toml": '[tool.poetry]\nname = "acme"\n',
            "c/setup.py": _SETUP,
            "c/pyproject.toml": '[build-system]\nrequires = ["setuptools<60"]\n',
        },
        unresolved=["a/pyproject.toml:3", "b/pyproject.toml:1", "c/pyproject.toml:2"],
    ),
    Case(
        "setup() that is not told: several calls, in a function, under a condition, with computed keywords",
        {},
        {
            "a/setup.py": "from setuptools import setup\n\nsetup(name='a')\nsetup(name='b')\n",
            "b/setup.py": "from setuptools import setup\n\n\ndef main():\n    setup(name='a')\n\n\nmain()\n",
            "c/setup.py": "import sys\nfrom setuptools import setup\n\nif sys.argv[1:]:\n    setup(name='a')\n",
            "d/setup.py": "from setuptools import setup\n\nsettings = {'name': 'a'}\nsetup(**settings)\n",
            "e/setup.py": "from numpy.distutils.core import setup\n\nsetup(name='a')\n",
            "f/setup.py": "def setup(name):\n    print(name)\n\n\nsetup(name='a')\n",
        },
        unresolved=[
            "a/setup.py:3", "b/setup.py:5", "c/setup.py:5", "d/setup.py:4", "e/setup.py:3", "f/setup.py:5",
        ],
    ),
    Case(
        "no literal name, what adds to the metadata in its own way, and what both files say",
        {},
        {
            "a/setup.py": "import os\nfrom setuptools import setup\n\nsetup(name=os.environ['NAME'], version='1')\n",
            "b/setup.py": "from setuptools import setup\n\nsetup(setup_requires=['pbr'], pbr=True)\n",
            "b/setup.cfg": _CONFIGURED,
            "c/setup.py": "from setuptools import setup\n\nsetup(name='acme')\n",
            "c/setup.cfg": _CONFIGURED,
        },
        unresolved=["a/setup.py:4", "b/setup.cfg:2", "c/setup.py:3"],
    ),
    Case(
        "fixtures, and other projects' code",
        {},
        {"tests/data/acme/setup.py": _SETUP, "vendor/acme/setup.cfg": _CONFIGURED},
        unresolved=["tests/data/acme/setup.py:1", "vendor/acme/setup.cfg:1"],
    ),
    Case(
        "settings of tools, unless they are asked for",
        {},
        {"setup.cfg": "[tool:pytest]\naddopts = -ra\n\n[coverage:run]\nbranch = true\n"},
    ),
    Case(
        "settings of tools that would mean something else, or are read from elsewhere",
        {"tools": True},
        {
            "setup.cfg": "[tool:pytest]\naddopts = -ra  # all\n\n[coverage:run]\nmagic = 1\n\n[isort]\n"
            "profile = black\n\n[flake8]\nmax-line-length = 100\n",
            "pyproject.toml": "[tool.isort]\nprofile = 'black'\n",
            "a/setup.cfg": "[tool:pytest]\naddopts = -ra\n",
            "a/tox.ini": "[pytest]\naddopts = -q\n",
        },
        unresolved=["setup.cfg:2", "setup.cfg:5", "setup.cfg:8", "a/setup.cfg:2"],
    ),
)  # fmt: skip
