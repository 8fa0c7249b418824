"""Every way in which other files reach what moves."""

from overhaul.refactors.recipe import Case

FETCH = {"symbol": "acme.api.fetch", "to": "acme.net"}
API = "def fetch(): ...\n\n\ndef other(): ...\n"
REST = {"acme/api.py": "def other(): ...\n", "acme/net.py": "def fetch(): ...\n"}

IMPORTER_CASES = (
    Case(
        "from-imports: alone, among other names, under another name, relative, in a function, re-exported",
        FETCH,
        {
            "acme/__init__.py": "from .api import fetch, other\n",
            "acme/api.py": API,
            "acme/near.py": "def f():\n    from .api import fetch as load, other\n\n    return load, other\n",
            "app.py": "from acme.api import fetch  # noqa: F401\nfrom acme import fetch as again\n",
            "use.py": "from acme.api import (\n    fetch,\n    other,\n)\n\nfetch(other)\n",
        },
        {
            **REST,
            "acme/__init__.py": "from .api import other\nfrom .net import fetch\n",
            "acme/near.py": "def f():\n    from .net import fetch as load\n    from .api import other\n\n"
            "    return load, other\n",
            "app.py": "from acme.net import fetch  # noqa: F401\nfrom acme import fetch as again\n",
            "use.py": "from acme.api import (\n    other,\n)\nfrom acme.net import fetch\n\nfetch(other)\n",
        },
    ),
    Case(
        "dotted uses through every form of import; the old import goes where nothing else needs it",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": API,
            "a.py": "import acme.api\n\nacme.api.fetch()\n",
            "b.py": "import acme.api\n\nacme.api.fetch(acme.api.other)\n",
            "c.py": "from acme import api\n\napi.fetch()\n",
            "d.py": "import acme.api as m\n\n\ndef f():\n    return m.fetch, m.other\n",
            "e.py": "def f():\n    import acme.api\n\n    return f'{acme.api.fetch()}'\n",
        },
        {
            **REST,
            "a.py": "import acme.net\n\nacme.net.fetch()\n",
            "b.py": "import acme.api\nimport acme.net\n\nacme.net.fetch(acme.api.other)\n",
            "c.py": "from acme import net\n\nnet.fetch()\n",
            "d.py": "import acme.api as m\nfrom acme import net\n\n\ndef f():\n    return net.fetch, m.other\n",
            "e.py": "def f():\n    import acme.net\n\n    return f'{acme.net.fetch()}'\n",
        },
    ),
    Case(
        "dotted uses in another style, also in the old module itself",
        {**FETCH, "imports": "from-package"},
        {
            "acme/__init__.py": "",
            "acme/api.py": "def fetch(): ...\n\n\nx = fetch()\n",
            "a.py": "import acme.api\n\nacme.api.fetch(acme.api.x)\n",
        },
        {
            "acme/api.py": "from acme import net\n\n\nx = net.fetch()\n",
            "acme/net.py": "def fetch(): ...\n",
            "a.py": "import acme.api\nfrom acme import net\n\nnet.fetch(acme.api.x)\n",
        },
    ),
    Case(
        "conditional imports and types: TYPE_CHECKING, try, strings, comments",
        {"symbol": "acme.api.User", "to": "acme.model"},
        {
            "acme/__init__.py": "",
            "acme/api.py": "class User: ...\n",
            "a.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import acme.api\n"
            "    from acme.api import User\n\n\n"
            "def f(a: 'User', b: 'list[acme.api.User]'):\n    c = a  # type: User\n    return c\n",
            "b.py": "try:\n    from acme.api import User\nexcept ImportError:\n    User = None\n",
        },
        {
            "acme/api.py": "",
            "acme/model.py": "class User: ...\n",
            "a.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import acme.model\n"
            "    import acme.api\n"
            "    from acme.model import User\n\n\n"
            "def f(a: 'User', b: 'list[acme.model.User]'):\n    c = a  # type: User\n    return c\n",
            "b.py": "try:\n    from acme.model import User\nexcept ImportError:\n    User = None\n",
        },
    ),
    Case(
        "star imports that brought it: used there, or re-exported by a package",
        FETCH,
        {
            "acme/__init__.py": "from .api import *\n",
            "acme/api.py": API,
            "a.py": "from acme.api import *\n\nfetch()\n",
            "b.py": "from acme.api import *\n\nother()\n",
            "c.py": "from acme import fetch\n",
        },
        {
            **REST,
            "acme/__init__.py": "from .api import *\nfrom .net import fetch as fetch\n",
            "a.py": "from acme.api import *\nfrom acme.net import fetch\n\nfetch()\n",
        },
    ),
    Case(
        "the new module itself: its imports of it go, other names and dotted uses become the plain name",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": API,
            "acme/net.py": "import acme.api\nfrom acme.api import fetch as load, other\n\n\n"
            "def f():\n    return load(acme.api.fetch, other)\n",
        },
        {
            "acme/api.py": "def other(): ...\n",
            "acme/net.py": "from acme.api import other\n\n\ndef f():\n    return fetch(fetch, other)\n\n\n"
            "def fetch(): ...\n",
        },
    ),
    Case(
        "what the old module goes on using it imports",
        FETCH,
        {"acme/__init__.py": "", "acme/api.py": "import os\n\n\ndef fetch(): ...\n\n\ntable = {fetch: os}\n"},
        {
            "acme/api.py": "import os\n\nfrom acme.net import fetch\n\n\ntable = {fetch: os}\n",
            "acme/net.py": "def fetch(): ...\n",
        },
    ),
    Case(
        "uses that nothing proves: set from outside, by a name in a string, on an unknown object, in a notebook",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": API,
            "a.py": "import acme.api\n\nacme.api.fetch = None\ngetattr(acme.api, 'fetch')\n\n\n"
            "def f(m):\n    return m.fetch()\n",
            "b.ipynb": '{"cells": [{"source": ["from acme.api import fetch"]}]}\n',
        },
        REST,
        unresolved=("a.py:3", "a.py:4", "a.py:8", "b.ipynb:1"),
    ),
    Case(
        "line ends, encodings and tabs of each file stay its own",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": "import os\r\n\r\n\r\ndef fetch():\r\n\treturn os\r\n",
            "acme/net.py": "LIMIT = 1\n",
            "app.py": "from acme.api import fetch\r\n",
        },
        {
            "acme/api.py": "",
            "acme/net.py": "import os\n\nLIMIT = 1\n\n\ndef fetch():\n\treturn os\n",
            "app.py": "from acme.net import fetch\r\n",
        },
    ),
)
