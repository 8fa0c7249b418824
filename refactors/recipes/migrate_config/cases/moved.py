"""What moves as a whole."""

from overhaul.refactors.recipe import Case

_BUILD = '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n'

MOVED = (
    Case(
        "literal arguments; comments go along",
        {},
        {
            "setup.py": '''"""The build of acme."""
from setuptools import find_packages, setup

setup(
    name="acme",
    version="1.2",
    # one line
    description="What coyotes "
    "buy",
    author="Ada, Ben",
    author_email="ada@example.org",
    url="https://example.org/acme",
    project_urls={"Source": "https://example.org/acme/src"},
    license="MIT",
    python_requires=">=3.9",
    keywords="anvils, rockets",
    classifiers=["Development Status :: 4 - Beta", "Typing :: Typed"],
    install_requires=[
        "attrs>=20",  # frozen
        # not 2.0
        "requests!=2.0; python_version < '3.12'",
    ],
    extras_require={"all": ["rich"]},
    entry_points={"console_scripts": ["acme = acme.cli:main"], "acme.plugins": "anvil = acme.anvil"},
    packages=find_packages("src", exclude=["tests"]),
    package_dir={"": "src"},
    package_data={"acme": ["py.typed"], "": ["*.txt"]},
    zip_safe=False,
)
''',
            "MANIFEST.in": "include setup.py\n",
        },
        {
            "pyproject.toml": _BUILD
            + '''
[project]
name = "acme"
version = "1.2"
# one line
description = "What coyotes buy"
requires-python = ">=3.9"
license = {text = "MIT"}
authors = [
    {name = "Ada"},
    {name = "Ben"},
    {email = "ada@example.org"},
]
keywords = ["anvils", "rockets"]
classifiers = ["Development Status :: 4 - Beta", "Typing :: Typed"]
dependencies = [
    # frozen
    "attrs>=20",
    # not 2.0
    "requests!=2.0; python_version < '3.12'",
]

[project.urls]
Homepage = "https://example.org/acme"
Source = "https://example.org/acme/src"

[project.optional-dependencies]
all = ["rich"]

[project.scripts]
acme = "acme.cli:main"

[project.entry-points."acme.plugins"]
anvil = "acme.anvil"

[tool.setuptools]
zip-safe = false
package-dir = {"" = "src"}
include-package-data = false

[tool.setuptools.packages.find]
where = ["src"]
exclude = ["tests"]
namespaces = false

[tool.setuptools.package-data]
acme = ["py.typed"]
"*" = ["*.txt"]
'''
        },
        removed=["setup.py"],
    ),
    Case(
        "what is read from files: the readme, a version by a function with a regular expression, requirements",
        {},
        {
            "setup.py": '''import os
import re

from setuptools import setup

here = os.path.abspath(os.path.dirname(__file__))


def read(*names):
    with open(os.path.join(here, *names), encoding="utf-8") as file:
        return file.read()


def find_version():
    for line in read("acme", "__init__.py").splitlines():
        match = re.match(r"""__version__ = ['"](.*)['"]""", line)
        if match:
            return match.group(1)
    raise RuntimeError("no version")


with open("requirements.txt") as listed:
    needed = [line.strip() for line in listed if not line.startswith("#")]

if __name__ == "__main__":
    setup(
        name="acme",
        version=find_version(),
        long_description=read("README.md"),
        long_description_content_type="text/markdown",
        install_requires=needed,
        packages=["acme"],
        include_package_data=True,
    )
''',
            "acme/__init__.py": '"""Anvils."""\n\n__version__ = "1.2"\n',
            "README.md": "# acme\n",
            "requirements.txt": "# frozen\nattrs>=20\nrequests\n",
        },
        {
            "pyproject.toml": _BUILD
            + '''
[project]
name = "acme"
readme = "README.md"
dynamic = ["version", "dependencies"]

[tool.setuptools]
include-package-data = true
packages = ["acme"]

[tool.setuptools.dynamic]
version = {attr = "acme.__version__"}
dependencies = {file = ["requirements.txt"]}
'''
        },
        removed=["setup.py"],
    ),
    Case(
        "setup.cfg, with a pyproject.toml that is there; settings that no tool of ours reads stay",
        {},
        {
            "setup.py": "import setuptools\n\nsetuptools.setup()\n",
            "setup.cfg": '''[metadata]
name = acme
version = attr: acme.__version__
long_description = file: README.rst, CHANGES.rst
# the people
author = Ada
license_files = LICENSE
classifiers =
    Typing :: Typed
    # not yet
    Development Status :: 4 - Beta

[options]
packages = find:
python_requires = >=3.9
install_requires =
    attrs>=20
    requests; python_version < "3.12"

[options.packages.find]
include = acme*

[options.entry_points]
console_scripts =
    acme = acme.cli:main

[flake8]
max-line-length = 100

[egg_info]
tag_build =
tag_date = 0
''',
            "pyproject.toml": """# build
[build-system]
requires = ["setuptools>=42", "wheel"]  # both

[tool.black]
line-length = 100
""",
            "acme/__init__.py": '__version__ = "1"\n',
            "README.rst": "acme\n",
            "CHANGES.rst": "1: first\n",
        },
        {
            "pyproject.toml": '''# build
[build-system]
requires = ["setuptools>=61", "wheel"]  # both
build-backend = "setuptools.build_meta"

[project]
name = "acme"
requires-python = ">=3.9"
# the people
authors = [{name = "Ada"}]
classifiers = [
    "Typing :: Typed",
    # not yet
    "Development Status :: 4 - Beta",
]
dynamic = ["version", "readme"]
dependencies = ["attrs>=20", 'requests; python_version < "3.12"']

[project.scripts]
acme = "acme.cli:main"

[tool.black]
line-length = 100

[tool.setuptools]
license-files = ["LICENSE"]
include-package-data = false

[tool.setuptools.packages.find]
include = ["acme*"]
namespaces = false

[tool.setuptools.dynamic]
version = {attr = "acme.__version__"}
readme = {file = ["README.rst", "CHANGES.rst"], content-type = "text/x-rst"}
''',
            "setup.cfg": "[flake8]\nmax-line-length = 100\n",
        },
        removed=["setup.py"],
    ),
    Case(
        "a setup.py that only calls setup(), if it is wanted; nothing is left of setup.cfg",
        {"setup_py": "shim", "tools": True},
        {
            "setup.py": "from setuptools import setup\n\nsetup(name='acme', version='1', py_modules=['acme'])\n",
            "setup.cfg": "[tool:pytest]\naddopts =\n    -ra\n    -q\ntestpaths = tests\n\n[coverage:run]\n"
            "branch = true\nsource =\n    acme\n\n[coverage:report]\nfail_under = 90\nexclude_lines =\n"
            "    pragma: no cover, ever\n\n"
            "[isort]\nprofile = black\nknown_first_party =\n    acme\n    more\nforce_sort_within_sections = true\n",
        },
        {
            "setup.py": "from setuptools import setup\n\nsetup()\n",
            "pyproject.toml": _BUILD
            + '''
[project]
name = "acme"
version = "1"

[tool.setuptools]
py-modules = ["acme"]
include-package-data = false

[tool.pytest.ini_options]
addopts = "-ra -q"
testpaths = "tests"

[tool.coverage.run]
branch = true
source = ["acme"]

[tool.coverage.report]
fail_under = 90
exclude_lines = ["pragma: no cover, ever"]

[tool.isort]
profile = "black"
known_first_party = ["acme", "more"]
force_sort_within_sections = true
'''
        },
        removed=["setup.cfg"],
    ),
    Case(
        "what nothing reads any more, if it may go; what says nothing; files that name setup.py are reported",
        {"obsolete": "remove"},
        {
            "setup.py": "from setuptools import setup\n\nsetup(\n    name='acme',\n    version='1',\n    packages=[],\n"
            "    tests_require=['pytest'],\n    test_suite='tests',\n    ext_modules=[],\n    author='',\n)\n",
            "Makefile": "dist:\n\tpython setup.py sdist\n",
        },
        {
            "pyproject.toml": _BUILD
            + '''
[project]
name = "acme"
version = "1"

[tool.setuptools]
packages = []
include-package-data = false
'''
        },
        unresolved=["Makefile:2"],
        removed=["setup.py"],
    ),
)  # fmt: skip
