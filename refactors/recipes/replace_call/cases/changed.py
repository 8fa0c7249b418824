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
)
