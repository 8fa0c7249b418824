"""What the moved lines need in their new module."""

from overhaul.refactors.recipe import Case

FETCH = {"symbol": "acme.api.fetch", "to": "acme.net"}
INIT = {"acme/__init__.py": ""}

NEED_CASES = (
    Case(
        "imports are copied, relative ones too, and dropped where nothing else uses them",
        {"symbol": "acme.api.fetch", "to": "acme.web.net"},
        {
            **INIT,
            "acme/api.py": "import os.path\nimport numpy as np\nfrom . import config\n"
            "from .model import User as U, Role\n\n\n"
            "def fetch(u: U):\n    return os.path.join(config.ROOT), np\n\n\nrole = Role\n",
            "acme/config.py": "ROOT = ''\n",
            "acme/model.py": "class User: ...\n\n\nclass Role: ...\n",
            "acme/web/__init__.py": "",
        },
        {
            "acme/api.py": "from .model import Role\n\n\nrole = Role\n",
            "acme/web/net.py": "import os.path\n\nimport numpy as np\n\nfrom .. import config\n"
            "from ..model import User as U\n\n\n"
            "def fetch(u: U):\n    return os.path.join(config.ROOT), np\n",
        },
    ),
    Case(
        "relative imports inside the code lead to the same modules from another package",
        {"symbol": "acme.api.fetch", "to": "acme.web.net"},
        {
            **INIT,
            "acme/api.py": "def fetch():\n    from . import config as c\n    from .config import ROOT\n\n"
            "    return c, ROOT\n",
            "acme/config.py": "ROOT = ''\n",
            "acme/web/__init__.py": "",
        },
        {
            "acme/api.py": "",
            "acme/web/net.py": "def fetch():\n    from .. import config as c\n    from ..config import ROOT\n\n"
            "    return c, ROOT\n",
        },
    ),
    Case(
        "what the old module defines is imported back; a variable that changes is read through the module",
        FETCH,
        {
            **INIT,
            "acme/api.py": "LIMIT = 3\ncurrent = None\n\n\ndef start():\n    global current\n    current = 1\n\n\n"
            "def fetch():\n    return current, LIMIT\n",
        },
        {
            "acme/api.py": "LIMIT = 3\ncurrent = None\n\n\ndef start():\n    global current\n    current = 1\n",
            "acme/net.py": "from acme import api\nfrom acme.api import LIMIT\n\n\n"
            "def fetch():\n    return api.current, LIMIT\n",
        },
    ),
    Case(
        "imports that the new module has already, under the same name or with another meaning",
        FETCH,
        {
            **INIT,
            "acme/api.py": "import json\nfrom os import path\n\n\ndef fetch():\n"
            "    return json, path.sep, f'{path.sep}'\n",
            "acme/net.py": "import json\n\npath = json\n",
        },
        {
            "acme/api.py": "",
            "acme/net.py": "import json\nfrom os import path as os_path\n\npath = json\n\n\n"
            "def fetch():\n    return json, os_path.sep, f'{os_path.sep}'\n",
        },
    ),
    Case(
        "names of the new module are used by their plain names",
        FETCH,
        {
            **INIT,
            "acme/api.py": "import acme.net\nfrom acme.net import LIMIT as L\n\n\ndef fetch():\n"
            "    return acme.net.ROOT, L\n",
            "acme/net.py": "LIMIT = 1\nROOT = ''\n",
        },
        {
            "acme/api.py": "",
            "acme/net.py": "LIMIT = 1\nROOT = ''\n\n\ndef fetch():\n    return ROOT, LIMIT\n",
        },
    ),
    Case(
        "types stay imported for type checkers only; the future import is taken along",
        FETCH,
        {
            **INIT,
            "acme/api.py": "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
            "if TYPE_CHECKING:\n"
            "    from acme.model import User\n\n\ndef fetch(u: User | None): ...\n\n\ndef other(u: User): ...\n",
            "acme/net.py": '"""Net."""\n\nLIMIT = 1\n',
        },
        {
            "acme/api.py": "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
            "if TYPE_CHECKING:\n"
            "    from acme.model import User\n\n\ndef other(u: User): ...\n",
            "acme/net.py": '"""Net."""\n\nfrom __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n'
            "if TYPE_CHECKING:\n    from acme.model import User\n\nLIMIT = 1\n\n\ndef fetch(u: User | None): ...\n",
        },
    ),
    Case(
        "an annotation alone does not make a circle: its class is imported for type checkers",
        FETCH,
        {
            **INIT,
            "acme/api.py": "class User: ...\n\n\ndef fetch(u: 'User'): ...\n\n\nfetch(User())\n",
        },
        {
            "acme/api.py": "from acme.net import fetch\n\n\nclass User: ...\n\n\nfetch(User())\n",
            "acme/net.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from acme.api import User\n\n\n"
            "def fetch(u: 'User'): ...\n",
        },
    ),
    Case(
        "names that star imports bring",
        FETCH,
        {
            **INIT,
            "acme/api.py": "from acme.model import *\n\n\ndef fetch():\n    return User\n",
            "acme/model.py": "class User: ...\n",
        },
        {
            "acme/api.py": "from acme.model import *\n",
            "acme/net.py": "from acme.model import User\n\n\ndef fetch():\n    return User\n",
        },
    ),
    Case(
        "tests that replace a name in the old module which the code now looks up in the new one",
        FETCH,
        {
            **INIT,
            "acme/api.py": "import time\n\n\ndef fetch():\n    return time.time()\n\n\ndef other():\n"
            "    return time\n",
            "test_api.py": "from unittest import mock\n\n\n@mock.patch('acme.api.time')\ndef test(time): ...\n",
        },
        {
            "acme/api.py": "import time\n\n\ndef other():\n    return time\n",
            "acme/net.py": "import time\n\n\ndef fetch():\n    return time.time()\n",
        },
        unresolved=("test_api.py:4",),
    ),
)
