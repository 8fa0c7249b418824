"""Names in strings, packaging files and documentation: reported, or edited on request."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.rename_symbol.cases.unchanged import API, FETCH

_STRINGS = {
    "acme/__init__.py": "",
    "acme/api.py": API,
    "app.py": "from unittest import mock\nimport acme.api\n\n"
    'getattr(acme.api, "fetch_user")\nmock.patch("acme.api.fetch_user")\nprint("fetch_user")\n',
    "pyproject.toml": '[project.scripts]\nfetch = "acme.api:fetch_user"\n',
}
_DOCUMENTS = {
    "acme/__init__.py": "",
    "acme/api.py": 'def fetch_user(key):\n    """Give a user.\n\n'
    '    >>> fetch_user(1)\n    1\n    """\n    return key\n',
    "docs/index.rst": "Call :func:`acme.api.fetch_user` to fetch_user.\n",
    "README.md": "```python\nfrom acme.api import fetch_user\n```\n",
    "notes.ipynb": '{"source": ["fetch_user(1)"]}\n',
}


def _new(files: dict[str, str], *paths: str) -> dict[str, str]:
    return {path: files[path].replace("fetch_user", "get_user") for path in paths}


TEXT_CASES = (
    Case(
        "names in strings are reported",
        FETCH,
        _STRINGS,
        _new(_STRINGS, "acme/api.py"),
        unresolved=("app.py:4", "app.py:5", "pyproject.toml:2"),
    ),
    Case(
        "names in strings are edited on request; an ordinary string stays",
        FETCH | {"strings": "yes"},
        _STRINGS,
        _new(_STRINGS, "acme/api.py", "pyproject.toml")
        | {"app.py": _STRINGS["app.py"].replace("fetch_user", "get_user", 2)},
    ),
    Case(
        "documentation is reported",
        FETCH,
        _DOCUMENTS,
        {"acme/api.py": _DOCUMENTS["acme/api.py"].replace("fetch_user", "get_user", 1)},
        unresolved=("acme/api.py:4", "docs/index.rst:1", "README.md:2", "notes.ipynb:1"),
    ),
    Case(
        "documentation is edited on request; prose stays",
        FETCH | {"docs": "yes"},
        _DOCUMENTS,
        _new(_DOCUMENTS, "acme/api.py", "README.md")
        | {"docs/index.rst": "Call :func:`acme.api.get_user` to fetch_user.\n"},
        unresolved=("notes.ipynb:1",),
    ),
    Case(
        "a parameter's field in a docstring",
        {"old": "acme.load(key)", "new": "name", "docs": "yes"},
        {"acme.py": 'def load(key):\n    """Load.\n\n    :param key: the key\n    """\n    return key\n'},
        {"acme.py": 'def load(name):\n    """Load.\n\n    :param name: the key\n    """\n    return name\n'},
    ),
    Case(
        "code that is put together from strings, and the names that it is given",
        {"old": "acme.EMPTY", "new": "NOTHING"},
        {
            "acme.py": "EMPTY = object()\n\n\ndef make(names):\n"
            '    lines = [f"if {name} is EMPTY: {name} = 1" for name in names]\n'
            '    lines.append("return [" + ", ".join(names) + ", EMPTY]")\n'
            '    if not names: raise ValueError("names are EMPTY, give some")\n'
            '    message = "EMPTY names make no function, an EMPTY one: <EMPTY(1)>"\n'
            '    exec(compile("\\n".join(lines), message, "exec"), {"EMPTY": EMPTY})\n'
        },
        {
            "acme.py": "NOTHING = object()\n\n\ndef make(names):\n"
            '    lines = [f"if {name} is EMPTY: {name} = 1" for name in names]\n'
            '    lines.append("return [" + ", ".join(names) + ", EMPTY]")\n'
            '    if not names: raise ValueError("names are EMPTY, give some")\n'
            '    message = "EMPTY names make no function, an EMPTY one: <EMPTY(1)>"\n'
            '    exec(compile("\\n".join(lines), message, "exec"), {"EMPTY": NOTHING})\n'
        },
        unresolved=("acme.py:5", "acme.py:6", "acme.py:9"),
    ),
    Case(
        "a field that code made of strings reads",
        {"old": "acme.Field.default", "new": "value"},
        {
            "acme.py": "class Field:\n    default: object = None\n\n\ndef make(name):\n"
            '    code = f"{name}=fields[\'{name}\'].default"\n    kinds = {"default": 1}\n'
            '    return eval(f"lambda {code}: {name}", {"fields": kinds}), "no default"\n'
        },
        {
            "acme.py": "class Field:\n    value: object = None\n\n\ndef make(name):\n"
            '    code = f"{name}=fields[\'{name}\'].default"\n    kinds = {"default": 1}\n'
            '    return eval(f"lambda {code}: {name}", {"fields": kinds}), "no default"\n'
        },
        unresolved=("acme.py:6",),
    ),
)
