"""What moves in part: the rest stays with setup.py and setup.cfg."""

from overhaul.refactors.recipe import Case

_BUILD = '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n'

PARTLY = (
    Case(
        "what pyproject.toml cannot say, or what is computed, stays; what only the moved part used goes",
        {},
        {
            "setup.py": '''import os
import sys
from setuptools import Extension, find_packages, setup

with open("README.md") as file:
    readme = file.read()

requires = ["attrs"]
if sys.version_info < (3, 8):
    requires.append("typing_extensions")

setup(
    name="acme",
    version=os.environ.get("VERSION", "0"),
    description="Anvils", packages=find_packages(),
    long_description=readme,
    long_description_content_type="text/markdown",
    install_requires=requires,
    ext_modules=[Extension("acme.fast", ["acme/fast.c"])],  # in C
)
''',
            "README.md": "# acme\n",
        },
        {
            "setup.py": '''import os
import sys
from setuptools import Extension, setup

requires = ["attrs"]
if sys.version_info < (3, 8):
    requires.append("typing_extensions")

setup(
    version=os.environ.get("VERSION", "0"),
    install_requires=requires,
    ext_modules=[Extension("acme.fast", ["acme/fast.c"])],  # in C
)
''',
            "pyproject.toml": _BUILD
            + '''
[project]
name = "acme"
description = "Anvils"
readme = "README.md"
dynamic = ["version", "dependencies"]

[tool.setuptools]
include-package-data = false

[tool.setuptools.packages.find]
namespaces = false
''',
        },
        unresolved=["setup.py:14", "setup.py:18", "setup.py:19"],
    ),
    Case(
        "a setup.py that imports a module beside it: no backend is named, so that it is found",
        {},
        {
            "setup.py": "import versioneer\nfrom setuptools import setup\n\nsetup(name='acme', "
            "version=versioneer.get_version(), cmdclass=versioneer.get_cmdclass())\n",
            "versioneer.py": "def get_version():\n    return '1'\n",
        },
        {
            "setup.py": "import versioneer\nfrom setuptools import setup\n\nsetup(version=versioneer.get_version(), "
            "cmdclass=versioneer.get_cmdclass())\n",
            "pyproject.toml": '''[build-system]
requires = ["setuptools>=61"]

[project]
name = "acme"
dynamic = ["version"]

[tool.setuptools]
include-package-data = false
''',
        },
        unresolved=["setup.py:4"],
    ),
    Case(
        "statements that do something: setup.py stays for them",
        {},
        {
            "setup.py": "import os\nimport sys\nfrom setuptools import setup\n\nif sys.argv[-1] == 'publish':\n"
            "    os.system('twine upload dist/*')\n    sys.exit()\n\nsetup(name='acme', version='1')\n",
        },
        {
            "setup.py": "import os\nimport sys\nfrom setuptools import setup\n\nif sys.argv[-1] == 'publish':\n"
            "    os.system('twine upload dist/*')\n    sys.exit()\n\nsetup()\n",
            "pyproject.toml": _BUILD + '\n[project]\nname = "acme"\nversion = "1"\n\n[tool.setuptools]\n'
            "include-package-data = false\n",
        },
        unresolved=["setup.py:5"],
    ),
    Case(
        "texts that are put together, lists that something else has in hand, names of no package, a description"
        " of no type, Pythons that are too old for it",
        {},
        {
            "setup.py": '''from setuptools import setup
import helpers

version = "1"
requires = ["attrs"]
helpers.extend(requires)
setup(
    name="acme",
    version=version,
    download_url="https://example.org/acme-%s.tar.gz" % version,
    long_description=open("README").read(),
    install_requires=requires,
    extras_require={":python_version < '3.8'": ["typing_extensions"]},
    entry_points="[console_scripts]\\nacme = acme:main",
    python_requires=">=3.6",
    author_email="Ada <ada@example.org>",
)
''',
            "README": "acme\n",
        },
        {
            "setup.py": '''from setuptools import setup
import helpers

version = "1"
requires = ["attrs"]
helpers.extend(requires)
setup(
    download_url="https://example.org/acme-%s.tar.gz" % version,
    long_description=open("README").read(),
    install_requires=requires,
    extras_require={":python_version < '3.8'": ["typing_extensions"]},
    author_email="Ada <ada@example.org>",
)
''',
            "pyproject.toml": _BUILD
            + '''
[project]
name = "acme"
version = "1"
requires-python = ">=3.6"
dynamic = ["readme", "authors", "dependencies", "urls", "optional-dependencies"]

[project.scripts]
acme = "acme:main"

[tool.setuptools]
include-package-data = false
''',
        },
        unresolved=["setup.py:10", "setup.py:11", "setup.py:12", "setup.py:13", "setup.py:15", "setup.py:16"],
    ),
    Case(
        "a version that setuptools-scm finds; options of setup.cfg that are not known",
        {},
        {
            "setup.py": "from setuptools import setup\n\n"
            "setup(use_scm_version=True, setup_requires=['setuptools_scm'])\n",
            "setup.cfg": "[metadata]\nname = acme\ndescription-file = README\n\n[options]\npackages = acme\n",
        },
        {
            "setup.py": "from setuptools import setup\n\nsetup(use_scm_version=True)\n",
            "setup.cfg": "[metadata]\ndescription-file = README\n",
            "pyproject.toml": '''[build-system]
requires = ["setuptools>=61", "setuptools_scm"]
build-backend = "setuptools.build_meta"

[project]
name = "acme"
dynamic = ["version"]

[tool.setuptools]
packages = ["acme"]
include-package-data = false
''',
        },
        unresolved=["setup.py:3", "setup.cfg:3"],
    ),
)  # fmt: skip
