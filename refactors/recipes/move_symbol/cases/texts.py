"""Strings, documentation and packaging files that name it by its module."""

from overhaul.refactors.recipe import Case

FETCH = {"symbol": "acme.api.fetch", "to": "acme.net"}
FILES = {
    "acme/__init__.py": "",
    "acme/api.py": 'def fetch():\n    """Ask.\n\n    >>> fetch()\n    """\n\n\ndef other():\n'
    '    """Like :func:`fetch`."""\n',
    "docs/use.rst": "Call :func:`acme.api.fetch`.\n\n>>> from acme.api import fetch\n>>> fetch()\n",
    "pyproject.toml": '[project.scripts]\nfetch = "acme.api:fetch"\n',
    "test_api.py": "from unittest import mock\n\n\n@mock.patch('acme.api.fetch')\ndef test(fetch): ...\n",
}
CODE = {
    "acme/api.py": 'def other():\n    """Like :func:`fetch`."""\n',
    "acme/net.py": 'def fetch():\n    """Ask.\n\n    >>> fetch()\n    """\n',
}

TEXT_CASES = (
    Case(
        "strings and documentation are reported",
        FETCH,
        FILES,
        CODE,
        unresolved=("acme/api.py:9", "docs/use.rst:1", "docs/use.rst:3", "pyproject.toml:2", "test_api.py:4"),
    ),
    Case(
        "strings and documentation are edited by option; what names no module is reported",
        {**FETCH, "docs": "yes", "strings": "yes"},
        FILES,
        {
            **CODE,
            "docs/use.rst": "Call :func:`acme.net.fetch`.\n\n>>> from acme.net import fetch\n>>> fetch()\n",
            "pyproject.toml": '[project.scripts]\nfetch = "acme.net:fetch"\n',
            "test_api.py": "from unittest import mock\n\n\n@mock.patch('acme.net.fetch')\ndef test(fetch): ...\n",
        },
        unresolved=("acme/api.py:9",),
    ),
    Case(
        "documentation in the moved code itself",
        {**FETCH, "docs": "yes"},
        {"acme/__init__.py": "", "acme/api.py": 'def fetch():\n    """Like :func:`acme.api.fetch`."""\n'},
        {"acme/api.py": "", "acme/net.py": 'def fetch():\n    """Like :func:`acme.net.fetch`."""\n'},
    ),
)
