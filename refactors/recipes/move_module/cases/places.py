"""Packages with their data, the top of a source root, other roots, the alias under the old name."""

from overhaul.refactors.recipe import Case

PLACE_CASES = (
    Case(
        "a package moves with all that is in its folder",
        {"module": "acme.web", "to": "acme.core"},
        {
            "acme/__init__.py": "from .web.mail import send\n",
            "acme/core/__init__.py": "",
            "acme/log.py": "",
            "acme/web/__init__.py": "from . import mail\n",
            "acme/web/mail.py": "from .. import log\nfrom . import forms\n"
            "from acme.web.forms import Form\n\n\ndef send(): ...\n",
            "acme/web/forms.py": "class Form: ...\n",
            "acme/web/templates/mail.txt": "Hello\n",
            "app.py": "import acme.web.mail\n\nacme.web.mail.send()\n",
        },
        {
            "acme/__init__.py": "from .core.web.mail import send\n",
            "acme/core/web/__init__.py": "from . import mail\n",
            "acme/core/web/mail.py": "from ... import log\nfrom . import forms\n"
            "from acme.core.web.forms import Form\n\n\n"
            "def send(): ...\n",
            "acme/core/web/forms.py": "class Form: ...\n",
            "acme/core/web/templates/mail.txt": "Hello\n",
            "app.py": "import acme.core.web.mail\n\nacme.core.web.mail.send()\n",
        },
    ),
    Case(
        "a module at the top moves into a package",
        {"module": "mail", "to": "acme"},
        {
            "mail.py": "import settings\n",
            "settings.py": "",
            "acme/__init__.py": "",
            "app.py": "import mail\nimport mail as m\nimport os, mail as p\nfrom mail import send\n\n"
            "mail.send()\n",
            "run.py": "import os, mail\n\nmail.send()\n",
        },
        {
            "acme/mail.py": "import settings\n",
            "app.py": "from acme import mail\nimport acme.mail as m\nimport os, acme.mail as p\n"
            "from acme.mail import send\n\n"
            "mail.send()\n",
            "run.py": "import os\nfrom acme import mail\n\nmail.send()\n",
        },
    ),
    Case(
        "a module moves out of its package to the top of the source root",
        {"module": "acme.web.mail", "to": "src/"},
        {
            "src/acme/__init__.py": "",
            "src/acme/web/__init__.py": "",
            "src/acme/web/mail.py": "from . import forms\nfrom .. import log\n",
            "src/acme/web/forms.py": "def f():\n    from . import mail\n    from . import mail as m, other\n",
            "src/acme/web/other.py": "",
            "src/acme/log.py": "",
            "tests/test_app.py": "import acme.web.mail\n\nacme.web.mail.send()\n",
        },
        {
            "src/mail.py": "from acme.web import forms\nfrom acme import log\n",
            "src/acme/web/forms.py": "def f():\n    import mail\n    import mail as m\n"
            "    from . import other\n",
            "tests/test_app.py": "import mail\n\nmail.send()\n",
        },
    ),
    Case(
        "a module moves from one source root to a package of another",
        {"module": "server/src/acme/mail.py", "to": "client"},
        {
            "server/src/acme/__init__.py": "",
            "server/src/acme/mail.py": "from . import log\n",
            "server/src/acme/log.py": "",
            "server/src/acme/app.py": "from .mail import send\n",
            "client/src/client/__init__.py": "",
        },
        {
            "client/src/client/mail.py": "from acme import log\n",
            "server/src/acme/app.py": "from client.mail import send\n",
        },
    ),
    Case(
        "a module in a namespace package",
        {"module": "acme.web.mail", "to": "acme.core"},
        {
            "acme/web/mail.py": "from .forms import Form\n",
            "acme/web/forms.py": "class Form: ...\n",
            "acme/core/db.py": "",
            "app.py": "from acme.web.mail import Form\n",
        },
        {
            "acme/core/mail.py": "from ..web.forms import Form\n",
            "app.py": "from acme.core.mail import Form\n",
        },
    ),
    Case(
        "a module is left under the old name that is the same one, and warns",
        {"module": "acme.web.mail", "to": "acme.core", "alias": "warn"},
        {
            "acme/__init__.py": "",
            "acme/web/__init__.py": "",
            "acme/core/__init__.py": "",
            "acme/web/mail.py": "def send(): ...\n",
            "app.py": "from acme.web.mail import send\n",
        },
        {
            "acme/core/mail.py": "def send(): ...\n",
            "acme/web/mail.py": '"""Kept for compatibility: acme.web.mail is acme.core.mail now."""\n\n'
            "import sys\n"
            "import warnings\n\nfrom acme.core.mail import *  # noqa: F403\n\n"
            'warnings.warn("acme.web.mail is acme.core.mail now", DeprecationWarning, stacklevel=2)\n'
            'sys.modules[__name__] = sys.modules["acme.core.mail"]\n',
            "app.py": "from acme.core.mail import send\n",
        },
    ),
    Case(
        "a circle of imports that the move makes is reported",
        {"module": "acme.web.mail", "to": "acme.core"},
        {
            "acme/__init__.py": "",
            "acme/web/__init__.py": "",
            "acme/web/mail.py": "",
            "acme/core/__init__.py": "from acme.web.forms import Form\n",
            "acme/web/forms.py": "from . import mail\n\n\nclass Form: ...\n",
        },
        {"acme/core/mail.py": "", "acme/web/forms.py": "from ..core import mail\n\n\nclass Form: ...\n"},
        unresolved=("acme/web/forms.py:1",),
    ),
)
