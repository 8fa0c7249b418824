"""Functions, classes, variables and modules, through imports of every form."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.rename_symbol.cases.unchanged import API, FETCH

NEW_API = API.replace("fetch_user", "get_user")

IMPORT_CASES = (
    Case(
        "absolute, relative, aliased and module imports, also of a file in another encoding",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": f"{API}\n\ndef main():\n    return fetch_user(1)\n",
            "acme/near.py": "from .api import fetch_user\nfrom . import api\n\nfetch_user(1), api.fetch_user(2)\n",
            "app.py": "from acme.api import fetch_user as fetch\nimport acme.api\nimport acme.api as m\n\n"
            "fetch(1), acme.api.fetch_user(2), m.fetch_user(3)\n",
        },
        {
            "acme/api.py": f"{NEW_API}\n\ndef main():\n    return get_user(1)\n",
            "acme/near.py": "from .api import get_user\nfrom . import api\n\nget_user(1), api.get_user(2)\n",
            "app.py": "from acme.api import get_user as fetch\nimport acme.api\nimport acme.api as m\n\n"
            "fetch(1), acme.api.get_user(2), m.get_user(3)\n",
        },
    ),
    Case(
        "re-exports: a package's own name, __all__, star imports through a file without the name",
        FETCH,
        {
            "acme/__init__.py": 'from .api import fetch_user\n\n__all__ = ["fetch_user"]\n',
            "acme/api.py": API,
            "acme/facade.py": "from acme import *\n",
            "app.py": "import acme\nfrom acme.facade import fetch_user\n\nacme.fetch_user(fetch_user(1))\n",
            "star.py": "from acme.facade import *\n\nfetch_user(2)\n",
        },
        {
            "acme/__init__.py": 'from .api import get_user\n\n__all__ = ["get_user"]\n',
            "acme/api.py": NEW_API,
            "app.py": "import acme\nfrom acme.facade import get_user\n\nacme.get_user(get_user(1))\n",
            "star.py": "from acme.facade import *\n\nget_user(2)\n",
        },
    ),
    Case(
        "conditional imports: the variable is renamed, another import is bound to it",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": API,
            "one.py": "try:\n    from acme.api import fetch_user\nexcept ImportError:\n    fetch_user = None\n",
            "two.py": "try:\n    from acme.api import fetch_user\nexcept ImportError:\n"
            "    from legacy import fetch_user\n\nfetch_user(1)\n",
        },
        {
            "acme/api.py": NEW_API,
            "one.py": "try:\n    from acme.api import get_user\nexcept ImportError:\n    get_user = None\n",
            "two.py": "try:\n    from acme.api import get_user\nexcept ImportError:\n"
            "    from legacy import fetch_user as get_user\n\nget_user(1)\n",
        },
    ),
    Case(
        "a class in annotations, strings, type comments, bases, patterns and except clauses",
        {"old": "acme.errors.Missing", "new": "NotThere"},
        {
            "acme/__init__.py": "",
            "acme/errors.py": "class Missing(Exception):\n    pass\n\n\nclass Lost(Missing):\n    pass\n",
            "app.py": "from __future__ import annotations\nfrom typing import TYPE_CHECKING, cast\n\n"
            "if TYPE_CHECKING:\n    from acme.errors import Missing\n\n\n"
            'def f(a: "Missing | None", b: list["Missing"]) -> Missing:\n'
            '    c = cast("Missing", a)  # type: Missing\n    return c\n',
            "use.py": "from acme import errors\n\ntry:\n    pass\nexcept (OSError, errors.Missing) as error:\n"
            "    match error:\n        case errors.Missing():\n            pass\n",
        },
        {
            "acme/errors.py": "class NotThere(Exception):\n    pass\n\n\nclass Lost(NotThere):\n    pass\n",
            "app.py": "from __future__ import annotations\nfrom typing import TYPE_CHECKING, cast\n\n"
            "if TYPE_CHECKING:\n    from acme.errors import NotThere\n\n\n"
            'def f(a: "NotThere | None", b: list["NotThere"]) -> NotThere:\n'
            '    c = cast("NotThere", a)  # type: NotThere\n    return c\n',
            "use.py": "from acme import errors\n\ntry:\n    pass\nexcept (OSError, errors.NotThere) as error:\n"
            "    match error:\n        case errors.NotThere():\n            pass\n",
        },
    ),
    Case(
        "shadowed names, ordinary strings, other modules' symbols and a file that does not parse",
        FETCH,
        {
            "acme/__init__.py": "",
            "acme/api.py": f"{API}\n\ndef shadowed(fetch_user):\n    return fetch_user\n",
            "app.py": 'import other\n\nprint("fetch_user")\nother.fetch_user()\n',
            "other.py": "def fetch_user(): ...\n",
            "template.py": "from acme.api import fetch_user\n{{ broken }\n",
        },
        {"acme/api.py": f"{NEW_API}\n\ndef shadowed(fetch_user):\n    return fetch_user\n"},
    ),
    Case(
        "global declarations and a stub beside the module",
        {"old": "acme.state.current", "new": "active"},
        {
            "acme/__init__.py": "",
            "acme/state.py": "current = None\n\n\ndef switch(value):\n    global current\n    current = value\n"
            "    del value\n    return [current for _ in range(2)]\n",
            "acme/state.pyi": "current: object\n",
        },
        {
            "acme/state.py": "active = None\n\n\ndef switch(value):\n    global active\n    active = value\n"
            "    del value\n    return [active for _ in range(2)]\n",
            "acme/state.pyi": "active: object\n",
        },
    ),
    Case(
        "a local variable by its place, with the class attribute and the global of the same name untouched",
        {"old": "acme.py:5:5", "new": "total"},
        {
            "acme.py": "count = 1\n\n\ndef f(items):\n    count = 0\n    def g():\n        nonlocal count\n"
            '        count += 1\n    return f"{count} {[count for _ in items]}"\n'
        },
        {
            "acme.py": "count = 1\n\n\ndef f(items):\n    total = 0\n    def g():\n        nonlocal total\n"
            '        total += 1\n    return f"{total} {[total for _ in items]}"\n'
        },
    ),
    Case(
        "a class whose name members of other classes have: their annotations, defaults and bases still mean it",
        {"old": "acme.Day", "new": "Date"},
        {
            "acme.py": "class Day: ...\nclass Event:\n    first: Day = Day(); last = Day\n"
            "    def Day(self, other: Day = Day()) -> Day: ...\n    alias = Day\n"
            "class Week:\n    class Day(Day): ...\n    days = [Day]\n"
        },
        {
            "acme.py": "class Date: ...\nclass Event:\n    first: Date = Date(); last = Date\n"
            "    def Day(self, other: Date = Date()) -> Date: ...\n    alias = Day\n"
            "class Week:\n    class Day(Date): ...\n    days = [Day]\n"
        },
    ),
    Case(
        "a module: its file moves, imports and dotted uses follow",
        {"old": "acme.api", "new": "client"},
        {
            "acme/__init__.py": "from .api import load\nfrom . import api\n",
            "acme/api.py": "from . import other\n\n\ndef load(api=None):\n    return api\n",
            "acme/other.py": "",
            "app.py": "import acme.api\nimport acme.api as m\nfrom acme import api\nfrom acme.api import load\n\n"
            "acme.api.load(api=api), m.load(), load()\n",
        },
        {
            "acme/__init__.py": "from .client import load\nfrom . import client\n",
            "acme/client.py": "from . import other\n\n\ndef load(api=None):\n    return api\n",
            "app.py": "import acme.client\nimport acme.client as m\nfrom acme import client\n"
            "from acme.client import load\n\nacme.client.load(api=client), m.load(), load()\n",
        },
    ),
    Case(
        "a library's function in a repository that uses it",
        FETCH,
        {
            "app.py": "from acme.api import fetch_user\nimport acme.api as m\n\nfetch_user(m.fetch_user(1))\n",
            "other.py": "from acme import fetch_user\n",
        },
        {"app.py": "from acme.api import get_user\nimport acme.api as m\n\nget_user(m.get_user(1))\n"},
        unresolved=("other.py:1",),
    ),
)
