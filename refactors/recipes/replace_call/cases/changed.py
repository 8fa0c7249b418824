"""Cases that change."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.replace_call.cases.writing import FETCH, HAS_KEY, JOIN, JOIN_FROM, KEEP, case

CHANGED: tuple[Case, ...] = (
    case(
        "a qualified call",
        KEEP,
        "import os\n\nx = os.path.join(a, b)\n",
        "import os\nimport pathlib\n\nx = pathlib.Path(a) / b\n",
    ),
    case(
        "through aliases of module and function",
        KEEP,
        "import os.path as p\nfrom os.path import join as j\n\np.join(a, b)\nj(a, b)\n",
        "import os.path as p\n"
        "import pathlib\n"
        "from os.path import join as j\n"
        "\n"
        "pathlib.Path(a) / b\n"
        "pathlib.Path(a) / b\n",
    ),
    case(
        "an import that is left unused is removed",
        JOIN,
        "import os\nimport sys\n\nprint(os.path.join(a, b), sys)\n",
        "import pathlib\nimport sys\n\nprint(pathlib.Path(a) / b, sys)\n",
    ),
    case(
        "only that name of a from-import is removed",
        JOIN_FROM,
        "from os.path import exists, join\n\nexists(join(a, b))\n",
        "from os.path import exists\nfrom pathlib import Path\n\nexists(Path(a) / b)\n",
    ),
    case(
        "an import that the module exports stays",
        JOIN,
        "from os.path import join\n\n__all__ = ['join']\nx = join(a, b)\n",
        "import pathlib\nfrom os.path import join\n\n__all__ = ['join']\nx = pathlib.Path(a) / b\n",
    ),
    case(
        "an import that another file takes from here stays",
        JOIN,
        {"a.py": "import os\nx = os.path.join(p, q)\n", "b.py": "from a import os\n"},
        {"a.py": "import os\nimport pathlib\nx = pathlib.Path(p) / q\n"},
    ),
    case(
        "an import stays through which the template's module has what takes the call's place",
        {"pattern": "acme.api.load($A)", "template": "acme.app.api.read($A)"},
        {
            "acme/__init__.py": "",
            "acme/api.py": "def load(a):\n    return a\n\n\ndef read(a):\n    return a\n",
            "acme/app.py": "from acme import api\n\nx = api.load(1)\n",
        },
        {"acme/app.py": "from acme import api\n\nx = api.read(1)\n"},
    ),
    case(
        "a neighbour is called as the function was",
        {"pattern": "os.path.abspath($A)", "template": "os.path.realpath($A)"},
        "import os\nimport os.path as p\n\nos.path.abspath(a)\np.abspath(b)\n",
        "import os\nimport os.path as p\n\nos.path.realpath(a)\np.realpath(b)\n",
    ),
    case(
        "an import that is there already is used",
        JOIN,
        "from pathlib import Path as P\nimport os\n\nos.path.join(a, b)\nos\n",
        "from pathlib import Path as P\nimport os\n\nP(a) / b\nos\n",
    ),
    case(
        "imports for type checkers only do not count",
        JOIN_FROM,
        "from typing import TYPE_CHECKING\n"
        "import os\n"
        "\n"
        "if TYPE_CHECKING:\n"
        "    from pathlib import Path\n"
        "\n"
        "os.path.join(a, b), os\n",
        "from pathlib import Path\n"
        "from typing import TYPE_CHECKING\n"
        "import os\n"
        "\n"
        "if TYPE_CHECKING:\n"
        "    from pathlib import Path\n"
        "\n"
        "Path(a) / b, os\n",
    ),
    case(
        "a name joins the import from its module",
        {"pattern": "m.f($X)", "template": "g($X)", "imports": ["from n import g"]},
        "import m\nfrom n import a, z\n\nm.f(a), m, z\n",
        "import m\nfrom n import a, g, z\n\ng(a), m, z\n",
    ),
    case(
        "the first import goes below docstring and future imports",
        {"pattern": "open($X)", "template": "io.open($X)"},
        '"""Docs."""\n\nfrom __future__ import annotations\n\nopen(x)\n',
        '"""Docs."""\n\nfrom __future__ import annotations\n\nimport io\n\nio.open(x)\n',
    ),
    case(
        "or below the opening comments",
        {"pattern": "open($X)", "template": "io.open($X)"},
        "#!/usr/bin/env python\n# Licence.\n\nopen(x)\n",
        "#!/usr/bin/env python\n# Licence.\n\nimport io\n\nio.open(x)\n",
    ),
    case(
        "parentheses around the result where its place asks for them",
        KEEP,
        "import os, pathlib\n"
        "os.path.join(a, b).upper()\n"
        "x = [os.path.join(a, b)]\n"
        "y = -os.path.join(a, b) ** 2\n"
        "z = os.path.join(a, b) / c\n",
        "import os, pathlib\n"
        "(pathlib.Path(a) / b).upper()\n"
        "x = [pathlib.Path(a) / b]\n"
        "y = -(pathlib.Path(a) / b) ** 2\n"
        "z = pathlib.Path(a) / b / c\n",
    ),
    case(
        "parentheses around arguments where the template asks for them",
        KEEP,
        "import os, pathlib\nos.path.join(a or b, c if d else e)\nos.path.join(lambda: a, (b))\n",
        "import os, pathlib\npathlib.Path(a or b) / (c if d else e)\npathlib.Path(lambda: a) / b\n",
    ),
    case(
        "arguments keep their text, line breaks and comments",
        KEEP,
        "import os, pathlib\nx = os.path.join(\n    call(a,  # first\n         'b'  'c'), d)\n",
        "import os, pathlib\nx = pathlib.Path(call(a,  # first\n         'b'  'c')) / d\n",
    ),
    case(
        "a result of several lines is put in parentheses",
        KEEP,
        "import os, pathlib\nx = os.path.join(a, b\n    .c)\n",
        "import os, pathlib\nx = (pathlib.Path(a) / b\n    .c)\n",
    ),
    case(
        "calls inside calls",
        KEEP | {"template": "pathlib.PurePath($A, $B)"},
        "import os, pathlib\nos.path.join(os.path.join(a, b), f(os.path.join(c, d)))\n",
        "import os, pathlib\npathlib.PurePath(pathlib.PurePath(a, b), f(pathlib.PurePath(c, d)))\n",
    ),
    case(
        "keywords in any order, and all other arguments",
        {
            "pattern": "requests.get($URL, timeout=$T, $$$REST)",
            "template": "http.get($URL, $$$REST, limit=$T)",
            "imports": ["import http"],
        },
        "import requests\n"
        "\n"
        "requests.get(u, headers=h, timeout=3, stream=True)\n"
        "requests.get(u, timeout=t)\n"
        "requests.get(u, x)\n"
        "requests.get(u, **more)\n"
        "requests.get(u)\n",
        "import http\n"
        "\n"
        "import requests\n"
        "\n"
        "http.get(u, headers=h, stream=True, limit=3)\n"
        "http.get(u, limit=t)\n"
        "requests.get(u, x)\n"
        "requests.get(u, **more)\n"
        "requests.get(u)\n",
        ["5", "6"],
    ),
    case(
        "a method of any receiver, if asked for",
        HAS_KEY,
        "if not d.has_key(k) and self.d.has_key('x'):\n    pass\n",
        "if not k in d and 'x' in self.d:\n    pass\n",
    ),
    case(
        "the argument instead of the call",
        {"pattern": "six.text_type($X)", "template": "str($X)"},
        "import six\n\nx = six.text_type(y)\n",
        "x = str(y)\n",
    ),
    case(
        "awaited and decorating calls",
        {"pattern": "m.run($X)", "template": "m.start($X)", "imports": ["import m"]},
        "import m\n\n\n@m.run(1)\nasync def f():\n    await m.run(x)\n",
        "import m\n\n\n@m.start(1)\nasync def f():\n    await m.start(x)\n",
    ),
    case(
        "through a re-export",
        FETCH,
        {
            "acme/__init__.py": "from acme.api import fetch\n",
            "acme/api.py": "def fetch(x): ...\n\n\ndef get(x, y): ...\n\n\nfetch(1)\n",
            "user.py": "import acme\n\nacme.fetch(1)\n",
        },
        {
            "acme/api.py": "def fetch(x): ...\n\n\ndef get(x, y): ...\n\n\nget(1, None)\n",
            "user.py": "import acme.api\n\nacme.api.get(1, None)\n",
        },
    ),
    case(
        "through several modules that import the function, what it is in, or all names",
        {"pattern": "os.path.join($A, $B)", "template": "os.path.normpath($A, $B)", "unused_imports": "keep"},
        {
            "compat.py": "from os.path import join\nfrom os import path as paths\n",
            "more.py": "from compat import join as joined, paths\n",
            "pkg/__init__.py": "from more import joined\n",
            "pkg/inside.py": "import os.path\nfrom . import joined\n\nx = joined(a, b)\n",
            "user.py": "import os\nfrom more import paths\n\nx = paths.join(a, b)\n",
            "lines.py": "from more import texts\n\nx = ','.join(texts)\n",
        },
        {
            "pkg/inside.py": "import os.path\nfrom . import joined\n\nx = os.path.normpath(a, b)\n",
            "user.py": "import os\nfrom more import paths\n\nx = paths.normpath(a, b)\n",
        },
    ),
    case(
        "Windows line ends, a BOM and tabs stay",
        KEEP,
        "\ufeffimport os\r\nif x:\r\n\ty = os.path.join(a,\tb)\r\n",
        "\ufeffimport os\r\nimport pathlib\r\nif x:\r\n\ty = pathlib.Path(a) / b\r\n",
    ),
    case(
        "a keyword right behind the call",
        {"pattern": "m.f($X)", "template": "$X"},
        "import m\ny = m.f(a)if b else m.f(c)\n",
        "y = (a)if b else c\n",
    ),
    case(
        "a method of a known class and its subclasses; what has no known type is reported",
        {"pattern": "$P.joinpath($X)", "template": "$P / $X", "receiver": "pathlib.Path"},
        "from pathlib import Path\n"
        "\n"
        "\n"
        "def f(path: Path, text: str, unknown):\n"
        "    path.joinpath(text).open()\n"
        "    text.joinpath(1)\n"
        "    unknown.joinpath(2)\n"
        "    return Path(text).joinpath(3)\n",
        "from pathlib import Path\n"
        "\n"
        "\n"
        "def f(path: Path, text: str, unknown):\n"
        "    (path / text).open()\n"
        "    text.joinpath(1)\n"
        "    unknown.joinpath(2)\n"
        "    return Path(text) / 3\n",
        ["7"],
    ),
    case(
        "a method of what a call gives",
        {"pattern": "asyncio.get_event_loop().run_until_complete($X)", "template": "asyncio.run($X)"},
        "import asyncio\n\nasyncio.get_event_loop().run_until_complete(main())\n",
        "import asyncio\n\nasyncio.run(main())\n",
    ),
    case(
        "a chain of calls",
        {
            "pattern": "$Q.filter($$$TESTS).first()",
            "template": "$Q.find($$$TESTS)",
            "unknown_receivers": "replace",
        },
        "users.filter(name=n, age=3).first().filter(x).all()\n",
        "users.find(name=n, age=3).filter(x).all()\n",
    ),
    case(
        "arguments by position and by keyword apart",
        {
            "pattern": "m.log($TEXT, $*VALUES, $**MORE)",
            "template": "m.write($TEXT, [$*VALUES], $**MORE)",
            "imports": ["import m"],
        },
        "import m\n\nm.log('a', 1, 2, end='')\nm.log('a')\n",
        "import m\n\nm.write('a', [1, 2], end='')\nm.write('a', [])\n",
    ),
    case(
        "by position or keyword, where the tree has the function",
        {"pattern": "m.f($A, $B)", "template": "m.g($B, $A)"},
        {
            "m.py": "def f(a, b): ...\n\n\ndef g(b, a): ...\n",
            "n.py": "import m\n\nm.f(1, b=2)\nm.f(b=2, a=1)\n",
        },
        {"n.py": "import m\n\nm.g(2, 1)\nm.g(2, 1)\n"},
    ),
    case(
        "awaited in coroutines",
        {"pattern": "m.f($X)", "template": "await m.g($X)", "imports": ["import m"]},
        "import m\n\n\nasync def f(x):\n    m.f(x).y\n    return [m.f(y) for y in x]\n",
        "import m\n\n\nasync def f(x):\n    (await m.g(x)).y\n    return [await m.g(y) for y in x]\n",
    ),
    case(
        "unpacked into a display or a call",
        {"pattern": "m.f($X)", "template": "$X or {}"},
        "import m\n\nx = {**m.f(a)}, [*m.f(b)], g(**m.f(c))\n",
        "x = {**(a or {})}, [*(b or {})], g(**c or {})\n",
    ),
    case(
        "a pattern of two calls takes the outer ones; what is inside is reported",
        {"pattern": "m.f(m.f($X))", "template": "m.twice($X)", "imports": ["import m"]},
        "import m\n\nm.f(m.f(m.f(1)))\nm.f(m.f([m.f(m.f(2))]))\n",
        "import m\n\nm.twice(m.f(1))\nm.twice([m.twice(2)])\n",
        ["3"],
    ),
    case(
        "the same call with its arguments by keyword",
        {"pattern": "m.f($A, $B)", "template": "m.f(a=$A, b=$B)"},
        {
            "m.py": "def f(a, b): ...\n\n\nf(1, 2)\n",
            "n.py": "import m\n\nm.f(1, b=2)\nm.f(a=1, b=2)\nm.f(1, 2)\n",
        },
        {
            "m.py": "def f(a, b): ...\n\n\nf(a=1, b=2)\n",
            "n.py": "import m\n\nm.f(1, b=2)\nm.f(a=1, b=2)\nm.f(a=1, b=2)\n",
        },
        ["n.py:3"],
    ),
    case(
        "a name out of a module whose own name is taken here",
        {
            "pattern": "datetime.datetime.utcnow()",
            "template": "datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)",
        },
        "from datetime import datetime\n\nprint(datetime.utcnow())\n",
        "from datetime import datetime, timezone\n\nprint(datetime.now(timezone.utc).replace(tzinfo=None))\n",
    ),
    case(
        "an import takes the place of the one that goes from the same module",
        {
            "pattern": "acme.old($X)",
            "template": "new($X)",
            "imports": ["from acme import new"],
        },
        "from acme import first, old\n\nfirst(old(1))\n",
        "from acme import first, new\n\nfirst(new(1))\n",
    ),
)
