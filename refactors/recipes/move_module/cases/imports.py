"""Imports of the module elsewhere, the relative ones inside it, and its uses by dotted names."""

from overhaul.refactors.recipe import Case

MOVE = {"module": "acme.web.mail", "to": "acme.core"}
PACKAGES = {"acme/__init__.py": "", "acme/web/__init__.py": "", "acme/core/__init__.py": ""}
MAIL = {"acme/web/mail.py": "def send(): ...\n"}
MOVED = {"acme/core/mail.py": "def send(): ...\n"}

IMPORT_CASES = (
    Case(
        "imports of every form",
        MOVE,
        {
            **PACKAGES,
            **MAIL,
            "app.py": "import acme.web.mail\nimport acme.web.mail as m\nfrom acme.web import mail\n"
            "from acme.web import mail as post\nfrom acme.web.mail import send\n"
            "from acme.web.mail import *\n\n"
            "acme.web.mail.send(m.send(mail.send(post.send(send()))))\n",
        },
        {
            **MOVED,
            "app.py": "import acme.core.mail\nimport acme.core.mail as m\nfrom acme.core import mail\n"
            "from acme.core import mail as post\nfrom acme.core.mail import send\n"
            "from acme.core.mail import *\n\n"
            "acme.core.mail.send(m.send(mail.send(post.send(send()))))\n",
        },
    ),
    Case(
        "relative imports inside the module and of it",
        MOVE,
        {
            **PACKAGES,
            "acme/web/mail.py": "from . import forms\nfrom .forms import Form\nfrom .. import log\n"
            "from ..core import db\n"
            "from ..core.db import connect\n",
            "acme/web/forms.py": "class Form: ...\n\n\ndef f():\n    from .mail import connect\n"
            "    from . import mail\n",
            "acme/log.py": "from .web.mail import connect\n",
            "acme/core/db.py": "def connect(): ...\n\n\ndef f():\n    from ..web import mail\n",
        },
        {
            "acme/core/mail.py": "from ..web import forms\nfrom ..web.forms import Form\n"
            "from .. import log\nfrom . import db\n"
            "from .db import connect\n",
            "acme/web/forms.py": "class Form: ...\n\n\ndef f():\n    from ..core.mail import connect\n"
            "    from ..core import mail\n",
            "acme/log.py": "from .core.mail import connect\n",
            "acme/core/db.py": "def connect(): ...\n\n\ndef f():\n    from . import mail\n",
        },
    ),
    Case(
        "a from-import that the module shares with other names is split",
        MOVE,
        {
            **PACKAGES,
            **MAIL,
            "acme/web/forms.py": "",
            "app.py": "from acme.web import (\n    forms,\n    mail,  # sends\n)\n\n\ndef f():\n"
            "    from acme.web import forms, mail as m\n",
            "acme/app.py": "from .web import forms, mail\n",
        },
        {
            **MOVED,
            "app.py": "from acme.core import mail\nfrom acme.web import (\n    forms,\n)\n\n\ndef f():\n"
            "    from acme.core import mail as m\n    from acme.web import forms\n",
            "acme/app.py": "from .core import mail\nfrom .web import forms\n",
        },
    ),
    Case(
        "what import a.b.c loads beside c stays loaded",
        {"module": "acme.web.mail", "to": "core"},
        {
            "acme/__init__.py": "name = 'acme'\n",
            "acme/web/__init__.py": "title = 'web'\n",
            **MAIL,
            "core/__init__.py": "",
            "one.py": "import acme.web.mail\n\nprint(acme.web.mail.send, acme.web.title)\n",
            "two.py": "import acme.web.mail\n\nprint(acme.web.mail.send, acme.name)\n",
            "three.py": "import acme\nimport acme.web.mail\n\nprint(acme.web.mail.send, acme.name)\n",
        },
        {
            "core/mail.py": "def send(): ...\n",
            "one.py": "import acme.web\nimport core.mail\n\nprint(core.mail.send, acme.web.title)\n",
            "two.py": "import acme\nimport core.mail\n\nprint(core.mail.send, acme.name)\n",
            "three.py": "import acme\nimport core.mail\n\nprint(core.mail.send, acme.name)\n",
        },
    ),
    Case(
        "a submodule that is an attribute only because its package imports from it",
        {"module": "acme.web.mail", "to": "core"},
        {
            "acme/__init__.py": "",
            "acme/web/__init__.py": "from .mail import send\n",
            **MAIL,
            "core/__init__.py": "",
            "one.py": "import acme.web\n\nacme.web.mail.send()\n",
            "two.py": "from acme import web\n\nweb.mail.send()\nweb.send()\n",
        },
        {
            "acme/web/__init__.py": "from core.mail import send\n",
            "core/mail.py": "def send(): ...\n",
            "one.py": "import acme.web\nimport core.mail\n\ncore.mail.send()\n",
            "two.py": "from acme import web\nfrom core import mail\n\nmail.send()\nweb.send()\n",
        },
    ),
    Case(
        "a package that imports the module by name keeps it as an attribute, also in __all__",
        MOVE,
        {
            **PACKAGES,
            "acme/web/__init__.py": 'from . import mail\n\n__all__ = ["mail"]\n',
            **MAIL,
            "app.py": "from acme import web\n\nweb.mail.send()\n",
        },
        {"acme/web/__init__.py": 'from ..core import mail\n\n__all__ = ["mail"]\n', **MOVED},
    ),
    Case(
        "conditional imports, imports for types, a stub beside the module",
        MOVE,
        {
            **PACKAGES,
            **MAIL,
            "acme/web/mail.pyi": "from . import forms\ndef send() -> forms.Form: ...\n",
            "acme/web/forms.py": "class Form: ...\n",
            "app.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
            "    from acme.web import mail\ntry:\n"
            "    from acme.web.mail import send\nexcept ImportError:\n    send = None\n\n\n"
            "def f(x: 'mail.Message'): ...\n",
        },
        {
            **MOVED,
            "acme/core/mail.pyi": "from ..web import forms\ndef send() -> forms.Form: ...\n",
            "app.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
            "    from acme.core import mail\ntry:\n"
            "    from acme.core.mail import send\nexcept ImportError:\n    send = None\n\n\n"
            "def f(x: 'mail.Message'): ...\n",
        },
    ),
    Case(
        "a function of the module's name, other modules of that name and shadowed names stay",
        MOVE,
        {
            **PACKAGES,
            "acme/web/__init__.py": "from .mail import mail\n",
            "acme/web/mail.py": "def mail(): ...\n",
            "other/__init__.py": "",
            "other/mail.py": "",
            "app.py": "from acme.web import mail\nfrom other import mail as m\nimport other.mail\n"
            "import acme.web\n\nmail()\n"
            "acme.web.mail()\n\n\ndef f(acme):\n    return acme.web.mail\n",
        },
        {
            "acme/web/__init__.py": "from ..core.mail import mail\n",
            "acme/core/mail.py": "def mail(): ...\n",
        },
    ),
    Case(
        "a package that may be a variable's value is reported",
        MOVE,
        {
            **PACKAGES,
            **MAIL,
            "app.py": "from acme import web\n\n\ndef f(package):\n    return package.mail\n\n\nf(web)\n",
        },
        {**MOVED},
        unresolved=("app.py:5",),
    ),
)
