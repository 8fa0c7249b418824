"""Imports that come from the new place, and the uses that go through them."""

from overhaul.refactors.recipe import Case

MOCK = {"old": "mock", "new": "unittest.mock"}
MAPPING = {"old": "collections.Mapping", "new": "collections.abc.Mapping"}
JSON = {"old": "simplejson", "new": "json"}

CHANGED_CASES = (
    Case(
        "the last of a group goes, and a group of its own comes",
        {"old": "warnings", "new": "caveats.all"},
        {"a.py": "import os\nimport warnings\n\nfrom . import b\n\nwarnings.warn(os.sep, b)\n", "b.py": ""},
        {"a.py": "import os\n\nimport caveats.all\n\nfrom . import b\n\ncaveats.all.warn(os.sep, b)\n"},
    ),
    Case(
        "a module: every form of import, names and aliases stay",
        MOCK,
        {
            "a.py": "import os\n\nimport mock\nfrom mock import patch, call as c\n\nmock.patch(os, c)\n",
            "b.py": "def f():\n    import mock as m\n    from mock import patch\n\n    return m.call, patch\n",
            "c.py": "from mock import patch as patch  # re-export\n",
            "d.py": "try:\n    import mock\nexcept ImportError:\n    mock = None\n",
        },
        {
            "a.py": "import os\nfrom unittest import mock\nfrom unittest.mock import call as c, patch\n\n"
            "mock.patch(os, c)\n",
            "b.py": "def f():\n    import unittest.mock as m\n    from unittest.mock import patch\n\n"
            "    return m.call, patch\n",
            "c.py": "from unittest.mock import patch as patch  # re-export\n",
            "d.py": "try:\n    from unittest import mock\nexcept ImportError:\n    mock = None\n",
        },
    ),
    Case(
        "a module of another name: dotted uses follow, also in annotations that are strings",
        JSON,
        {
            "a.py": "import simplejson as json\n\njson.dumps(1)\n",
            "b.py": "import os\n\nimport simplejson\n\n\ndef f(a: 'simplejson.JSONEncoder'):\n"
            "    return simplejson.dumps(a), simplejson, os, f'{simplejson.loads(a)}'\n",
            "c.py": "import simplejson\n\n\ndef f(json):\n    return simplejson.dumps(json)\n",
        },
        {
            "a.py": "import json\n\njson.dumps(1)\n",
            "b.py": "import json\nimport os\n\n\ndef f(a: 'json.JSONEncoder'):\n"
            "    return json.dumps(a), json, os, f'{json.loads(a)}'\n",
            "c.py": "import json as simplejson\n\n\ndef f(json):\n    return simplejson.dumps(json)\n",
        },
    ),
    Case(
        "a name: split out of the import that it shares with others, and used through its module",
        MAPPING,
        {
            "a.py": "from collections import Mapping, OrderedDict\n\nMapping()\n",
            "b.py": "import collections\n\n\nclass A(collections.Mapping):\n    x = collections.OrderedDict\n",
            "c.py": "import collections\n\nisinstance(1, collections.Mapping)\n",
            "d.py": "import collections as c\n\nisinstance(1, c.Mapping)\n",
            "e.py": "from collections.abc import Mapping\n\nif 1:\n    from collections import Mapping as M\n",
        },
        {
            "a.py": "from collections import OrderedDict\nfrom collections.abc import Mapping\n\nMapping()\n",
            "b.py": "import collections\nimport collections.abc\n\n\nclass A(collections.abc.Mapping):\n"
            "    x = collections.OrderedDict\n",
            "c.py": "import collections.abc\n\nisinstance(1, collections.abc.Mapping)\n",
            "d.py": "import collections.abc\n\nisinstance(1, collections.abc.Mapping)\n",
            "e.py": "from collections.abc import Mapping\n\nif 1:\n    from collections.abc import Mapping as M\n",
        },
    ),
    Case(
        "a name below packages that only redirect",
        {"old": "six.moves.urllib.parse", "new": "urllib.parse"},
        {
            "a.py": "from six.moves.urllib.parse import quote\n\nquote('')\n",
            "b.py": "from six.moves import urllib\n\nurllib.parse.quote('')\n",
            "c.py": "import six\n\nsix.moves.urllib.parse.quote(six.PY3)\n",
            "d.py": "from six.moves.urllib import parse\n",
        },
        {
            "a.py": "from urllib.parse import quote\n\nquote('')\n",
            "b.py": "import urllib.parse\n\nurllib.parse.quote('')\n",
            "c.py": "import urllib.parse\n\nimport six\n\nurllib.parse.quote(six.PY3)\n",
            "d.py": "from urllib import parse\n",
        },
    ),
    Case(
        "a name of the tree, with relative imports; a duplicate goes",
        {"old": "acme.api.fetch", "new": "acme.net.fetch"},
        {
            "acme/__init__.py": "from .api import fetch, other\n",
            "acme/api.py": "from .net import fetch\n\n\ndef other(): ...\n",
            "acme/net.py": "def fetch(): ...\n",
            "acme/deep/__init__.py": "",
            "acme/deep/use.py": "from ..api import fetch as f\nfrom .. import api\n\nf(api.fetch, api.other)\n",
            "app.py": "from acme.api import fetch\nfrom acme.net import fetch\n",
        },
        {
            "acme/__init__.py": "from .api import other\nfrom .net import fetch\n",
            "acme/deep/use.py": "from ..net import fetch as f\nfrom .. import api, net\n\n"
            "f(net.fetch, api.other)\n",
            "app.py": "from acme.net import fetch\n",
        },
    ),
    Case(
        "a fallback becomes one import, by option",
        {**MOCK, "fallbacks": "collapse"},
        {
            "a.py": "try:\n    from unittest import mock\n    from unittest.mock import patch\nexcept ImportError:\n"
            "    import mock\n    from mock import patch\n\nmock.patch(patch)\n",
            "b.py": "def f():\n    try:\n        import mock\n    except (ImportError, AttributeError):\n"
            "        mock = None\n    return mock\n",
        },
        {
            "a.py": "from unittest import mock\nfrom unittest.mock import patch\n\nmock.patch(patch)\n",
            "b.py": "def f():\n    try:\n        from unittest import mock\n"
            "    except (ImportError, AttributeError):\n        mock = None\n    return mock\n",
        },
    ),
    Case(
        "strings and documentation, by option",
        {**MOCK, "docs": "yes", "strings": "yes"},
        {
            "a.py": '"""Uses it.\n\n>>> from mock import patch\n"""\n\nimport_module("mock")\npatch("mock.patch")\n',
            "docs/use.md": "Make it with `mock.Mock()`; a mock is a double.\n",
        },
        {
            "a.py": '"""Uses it.\n\n>>> from unittest.mock import patch\n"""\n\nimport_module("unittest.mock")\n'
            'patch("unittest.mock.patch")\n',
            "docs/use.md": "Make it with `unittest.mock.Mock()`; a mock is a double.\n",
        },
    ),
    Case(
        "a module beside it, in its own package",
        {"old": "a.core", "new": "a.kernel"},
        {
            "a/__init__.py": "from .core import f\n",
            "a/b.py": "from . import core\n",
            "a/kernel.py": "def f(): ...\n",
        },
        {
            "a/__init__.py": "from .kernel import f\n",
            "a/b.py": "from . import kernel as core\n",
            "a/kernel.py": "def f(): ...\n",
        },
    ),
)
