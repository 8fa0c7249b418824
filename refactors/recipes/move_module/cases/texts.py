"""Settings, strings and documents that name the module, and what it says of itself."""

from overhaul.refactors.recipe import Case

MOVE = {"module": "acme.web.mail", "to": "acme.core"}
PACKAGES = {"acme/__init__.py": "", "acme/web/__init__.py": "", "acme/core/__init__.py": ""}

TEXT_CASES = (
    Case(
        "entry points and other settings whose meaning is known; comments and unknown settings are reported",
        MOVE,
        {
            **PACKAGES,
            "acme/web/mail.py": "",
            "pyproject.toml": "[project.scripts]\n# starts acme.web.mail\n"
            "mail = 'acme.web.mail:main'  # here\n"
            "[tool.hatch.version]\npath = \"acme/web/mail.py\"\n[tool.acme]\nmodule = 'acme.web.mail'\n"
            "[[tool.mypy.overrides]]\nmodule = [\n  'acme.web.mail',\n  'acme.web.mailing',\n]\n",
            "setup.cfg": "[options.entry_points]\nconsole_scripts =\n    mail = acme.web.mail:main\n\n"
            "[mypy-acme.web.mail]\n"
            "ignore_errors = True\n",
        },
        {
            "acme/core/mail.py": "",
            "pyproject.toml": "[project.scripts]\n# starts acme.web.mail\n"
            "mail = 'acme.core.mail:main'  # here\n"
            "[tool.hatch.version]\npath = \"acme/core/mail.py\"\n[tool.acme]\nmodule = 'acme.web.mail'\n"
            "[[tool.mypy.overrides]]\nmodule = [\n  'acme.core.mail',\n  'acme.web.mailing',\n]\n",
            "setup.cfg": "[options.entry_points]\nconsole_scripts =\n    mail = acme.core.mail:main\n\n"
            "[mypy-acme.core.mail]\n"
            "ignore_errors = True\n",
        },
        unresolved=("pyproject.toml:2", "pyproject.toml:7"),
    ),
    Case(
        "the package lists and entry points of setup()",
        {"module": "acme.web", "to": "acme.core"},
        {
            "acme/__init__.py": "",
            "acme/web/__init__.py": "",
            "acme/core/__init__.py": "",
            "setup.py": "from setuptools import setup\n\nsetup(\n    name='acme.web',\n"
            "    packages=['acme', 'acme.web'],\n"
            "    entry_points={'console_scripts': ['web = acme.web.app:main']},\n)\n",
        },
        {
            "acme/core/web/__init__.py": "",
            "setup.py": "from setuptools import setup\n\nsetup(\n    name='acme.web',\n"
            "    packages=['acme', 'acme.core.web'],\n"
            "    entry_points={'console_scripts': ['web = acme.core.web.app:main']},\n)\n",
        },
        unresolved=("setup.py:4",),
    ),
    Case(
        "strings, documents, workflows and notebooks are reported",
        MOVE,
        {
            **PACKAGES,
            "acme/web/mail.py": "import logging\n\nlog = logging.getLogger(__name__)\n",
            "tests/test_mail.py": "from unittest import mock\nimport importlib\n\n"
            "mock.patch('acme.web.mail.send')\n"
            "importlib.import_module('.mail', 'acme.web')\nprint('see acme.web.mail')\n",
            "docs/index.rst": ".. automodule:: acme.web.mail\n\nacme/web/mail.py\n",
            "CHANGES.md": "- new: `acme.web.mail`\n",
            ".github/workflows/ci.yml": "run: python -m acme.web.mail\n",
            ".github/CODEOWNERS": "/acme/web/mail.py @post\n",
            "tour.ipynb": '{"cells": ["from acme.web import mail"]}\n',
        },
        {"acme/core/mail.py": "import logging\n\nlog = logging.getLogger(__name__)\n"},
        unresolved=(
            "acme/web/mail.py:3",
            "tests/test_mail.py:1",
            "tests/test_mail.py:4",
            "tests/test_mail.py:5",
            "tests/test_mail.py:6",
            "docs/index.rst:1",
            "docs/index.rst:3",
            "CHANGES.md:1",
            ".github/workflows/ci.yml:1",
            ".github/CODEOWNERS:1",
            "tour.ipynb:1",
        ),
    ),
    Case(
        "strings and documents by option",
        {**MOVE, "strings": "yes", "docs": "yes"},
        {
            **PACKAGES,
            "acme/web/mail.py": '"""Mail.\n\n>>> import acme.web.mail\n>>> acme.web.mail.send()\n"""\n',
            "tests/app.py": "from unittest import mock\n\nmock.patch('acme.web.mail.send')\n"
            "APPS = ['acme.web.mail']\n",
            "docs/index.md": "Use `acme.web.mail.send`, not acme.web.mailing.\n",
        },
        {
            "acme/core/mail.py": '"""Mail.\n\n>>> import acme.core.mail\n>>> acme.core.mail.send()\n"""\n',
            "tests/app.py": "from unittest import mock\n\nmock.patch('acme.core.mail.send')\n"
            "APPS = ['acme.core.mail']\n",
            "docs/index.md": "Use `acme.core.mail.send`, not acme.web.mailing.\n",
        },
    ),
    Case(
        "imports by computed names that may be the module's",
        {"module": "acme.plugins.csv", "to": "acme"},
        {
            "acme/__init__.py": "",
            "acme/plugins/__init__.py": "",
            "acme/plugins/csv.py": "",
            "acme/load.py": "from importlib import import_module\n\n\ndef load(name, package):\n"
            '    import_module("acme.plugins." + name)\n    import_module(f"{package}.csv")\n'
            '    import_module(f"acme.other.{name}")\n    import_module(name)\n',
        },
        {"acme/csv.py": ""},
        unresolved=("acme/load.py:5", "acme/load.py:6"),
    ),
)
