"""Before and after, for what a rename of a module must get right or report beside the name itself."""

from overhaul.refactors.errors import NameTaken, ParameterError, SymbolNotFound
from overhaul.refactors.recipe import Case

RENAME = {"old": "acme.mail", "new": "post"}

CASES = (
    Case(
        "a module of that name is there",
        RENAME,
        {"acme/__init__.py": "", "acme/mail.py": "", "acme/post.py": ""},
        raises=NameTaken,
    ),
    Case(
        "the package binds the name",
        RENAME,
        {"acme/__init__.py": "post = 1\n", "acme/mail.py": ""},
        raises=NameTaken,
    ),
    Case("there is no such module", RENAME, {"acme/__init__.py": ""}, raises=SymbolNotFound),
    Case(
        "two source roots have the module",
        RENAME,
        {
            "one/acme/__init__.py": "",
            "one/acme/mail.py": "",
            "two/acme/__init__.py": "",
            "two/acme/mail.py": "",
        },
        raises=ParameterError,
    ),
    Case(
        "the new name would hide a module of the standard library",
        {"old": "mail", "new": "email"},
        {"mail.py": "", "app.py": "import mail\n"},
        raises=ParameterError,
    ),
    Case(
        "a new parent is a move",
        {"old": "acme.mail", "new": "core.mail"},
        {"acme/__init__.py": "", "acme/mail.py": ""},
        raises=ParameterError,
    ),
    Case(
        "a file that does not parse keeps its text; the module is known by its path",
        {"old": "acme/mail.py", "new": "post"},
        {
            "acme/__init__.py": "from . import mail\n",
            "acme/mail.py": "",
            "broken.py": "from acme import mail\nprint 1\n",
        },
        {"acme/__init__.py": "from . import post\n", "acme/post.py": ""},
    ),
    Case(
        "imports of every form, dotted uses, __all__, a stub beside the module",
        RENAME,
        {
            "acme/__init__.py": 'from . import mail\nfrom .mail import send\n\n__all__ = ["mail", "send"]\n',
            "acme/mail.py": "from . import log\n\n\ndef send(mail=None): ...\n",
            "acme/mail.pyi": "def send(mail: str = ...) -> None: ...\n",
            "acme/log.py": "",
            "app.py": "import acme.mail\nimport acme.mail as m\nfrom acme import log, mail\n"
            "from acme.mail import *\n\n"
            "acme.mail.send(mail=mail.send())\nprint(m, log)\n",
        },
        {
            "acme/__init__.py": 'from . import post\nfrom .post import send\n\n__all__ = ["post", "send"]\n',
            "acme/post.py": "from . import log\n\n\ndef send(mail=None): ...\n",
            "acme/post.pyi": "def send(mail: str = ...) -> None: ...\n",
            "app.py": "import acme.post\nimport acme.post as m\nfrom acme import log, post\n"
            "from acme.post import *\n\n"
            "acme.post.send(mail=post.send())\nprint(m, log)\n",
        },
    ),
    Case(
        "a package: its folder, its data and its settings",
        {"old": "acme", "new": "ajax"},
        {
            "src/acme/__init__.py": "from .mail import send\n",
            "src/acme/mail.py": "def send(): ...\n",
            "src/acme/data/words.txt": "hello\n",
            "tests/test_app.py": "import acme\nfrom acme import send\nfrom acme.mail import send as s\n\n"
            "acme.send()\n",
            "pyproject.toml": '[project]\nname = "acme"\n\n[project.scripts]\nacme = "acme.mail:send"\n\n'
            "[tool.setuptools]\n"
            'packages = ["acme"]\n\n[tool.setuptools.package-data]\nacme = ["data/*.txt"]\n\n'
            "[tool.coverage.run]\n"
            'source = ["acme"]\nomit = ["src/acme/data/*"]\n',
            "MANIFEST.in": "graft src/acme/data\n",
        },
        {
            "src/ajax/__init__.py": "from .mail import send\n",
            "src/ajax/mail.py": "def send(): ...\n",
            "src/ajax/data/words.txt": "hello\n",
            "tests/test_app.py": "import ajax\nfrom ajax import send\nfrom ajax.mail import send as s\n\n"
            "ajax.send()\n",
            "pyproject.toml": '[project]\nname = "acme"\n\n[project.scripts]\nacme = "ajax.mail:send"\n\n'
            "[tool.setuptools]\n"
            'packages = ["ajax"]\n\n[tool.setuptools.package-data]\najax = ["data/*.txt"]\n\n'
            "[tool.coverage.run]\n"
            'source = ["ajax"]\nomit = ["src/ajax/data/*"]\n',
        },
        unresolved=("MANIFEST.in:1",),
    ),
    Case(
        "names relative to a package, lazy imports, what the module says of itself, its test file",
        RENAME,
        {
            "acme/__init__.py": 'import importlib\n\n_LAZY = {"mail"}\n\n\ndef __getattr__(name):\n'
            "    if name in _LAZY:\n"
            '        return importlib.import_module(f".{name}", __name__)\n',
            "acme/mail.py": "print(__name__, __file__)\n",
            "app.py": 'import importlib\n\nimportlib.import_module(".mail", "acme")\n',
            "tests/test_mail.py": "import acme\n\nprint(acme.mail)\n",
            ".github/workflows/ci.yml": "run: python -m acme.mail\n",
        },
        {
            "acme/post.py": "print(__name__, __file__)\n",
            "tests/test_mail.py": "import acme\n\nprint(acme.post)\n",
        },
        unresolved=(
            "acme/__init__.py:3",
            "acme/mail.py:1",
            "app.py:3",
            "tests/test_mail.py:1",
            ".github/workflows/ci.yml:1",
        ),
    ),
    Case(
        "a module is left under the old name that is the same one",
        {**RENAME, "alias": "yes"},
        {
            "acme/__init__.py": "",
            "acme/mail.py": "def send(): ...\n",
            "app.py": "from acme import mail\n\nmail.send()\n",
        },
        {
            "acme/post.py": "def send(): ...\n",
            "acme/mail.py": '"""Kept for compatibility: acme.mail is acme.post now."""\n\nimport sys\n\n'
            'from acme.post import *  # noqa: F403\n\nsys.modules[__name__] = sys.modules["acme.post"]\n',
            "app.py": "from acme import post\n\npost.send()\n",
        },
    ),
    Case(
        "imports by computed names that may be the module's",
        {"old": "acme.plugins.csv", "new": "table"},
        {
            "acme/__init__.py": "",
            "acme/plugins/__init__.py": "",
            "acme/plugins/csv.py": "",
            "acme/load.py": 'def load(name, package):\n    path = "acme.plugins.%s" % name\n'
            '    __import__(path)\n    __import__(package, {}, {}, ["csv"])\n    __import__(package)\n',
        },
        {"acme/plugins/table.py": ""},
        unresolved=("acme/load.py:3", "acme/load.py:4"),
    ),
)
