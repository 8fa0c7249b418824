"""Moves and renames of modules beyond their cases: exact bytes, there and back, the alias as Python runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.placement import apply_edits
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.registry import find_recipe
from overhaul.refactors.source import FolderTree

PACKAGES = {"acme/__init__.py": "", "acme/web/__init__.py": "", "acme/core/__init__.py": ""}
MAIL = {**PACKAGES, "acme/web/mail.py": "class Mail: ...\n\n\n_sent = []\n"}
MOVE = {"module": "acme.web.mail", "to": "acme.core"}


def analyse(recipe: str, parameters: dict[str, str], files: dict[str, str | bytes]) -> Analysis:
    return find_recipe(recipe).bind(parameters).analyse(MemoryTree(files))


def applied(recipe: str, parameters: dict[str, str], files: dict[str, str | bytes]) -> dict[str, str | bytes]:
    result = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    edits = analyse(recipe, parameters, files).edits
    for edit in edits:
        result.pop(edit.path, None)
    return {**result, **{edit.new_path or edit.path: edit.content for edit in edits}}


def moved(files: dict[str, str | bytes]) -> dict[str, str | bytes]:
    return applied("move-module", MOVE, {**MAIL, **files})


def reasons(analysis: Analysis, path: str) -> list[str]:
    return [site.reason for site in analysis.sites if site.path == path and site.status == "unresolved"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"from acme.web import mail\r\nmail\r\n", b"from acme.core import mail\r\nmail\r\n"),
        (b"\xef\xbb\xbffrom acme.web import mail\n", b"\xef\xbb\xbffrom acme.core import mail\n"),
        (
            b"# coding: latin-1\nx = '\xe9'; import acme.web.mail; acme.web.mail.Mail('\xe9')\n",
            b"# coding: latin-1\nx = '\xe9'; import acme.core.mail; acme.core.mail.Mail('\xe9')\n",
        ),
        (
            b"if True:\r\n\tfrom acme.web import forms, mail\r\n",
            b"if True:\r\n\tfrom acme.core import mail\r\n\tfrom acme.web import forms\r\n",
        ),
        (
            b"import acme.web.mail\nf'{acme.web.mail.Mail}'\n",
            b"import acme.core.mail\nf'{acme.core.mail.Mail}'\n",
        ),
        (b"from acme . web import mail\n", b"from acme.core import mail\n"),
        (b"from acme.web \\\n    import mail\n", b"from acme.core \\\n    import mail\n"),
        (b"from acme.web import (mail)\n", b"from acme.core import (mail)\n"),
        (b"from acme.web import mail, forms\n", b"from acme.core import mail\nfrom acme.web import forms\n"),
        (
            b"from acme.web import (forms, mail,)\n",
            b"from acme.core import mail\nfrom acme.web import (forms,)\n",
        ),
        (
            b"from acme.web import (\n    forms,\n    mail\n)\n",
            b"from acme.core import mail\nfrom acme.web import (\n    forms,\n)\n",
        ),
        (
            b"from acme.web import (\n    forms, mail,\n    views,\n)\n",
            b"from acme.core import mail\nfrom acme.web import (\n    forms,\n    views,\n)\n",
        ),
        (
            b"from acme import web\nweb.mail.Mail()\n",
            b"from acme import web\nfrom acme.core import mail\nmail.Mail()\n",
        ),
    ],
)
def test_bytes_around_an_import_stay(before: bytes, after: bytes) -> None:
    assert moved({"app.py": before})["app.py"] == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from.forms import Form\n", "from ..web.forms import Form\n"),
        ("from . forms import Form\n", "from ..web.forms import Form\n"),
        ("from.import forms\n", "from ..web import forms\n"),
        ("from .import mail\n", "from .import mail\n"),
        ("from ..core import(db)\n", "from . import(db)\n"),
        ("from ... import outside\n", "from ... import outside\n"),
    ],
)
def test_relative_imports_inside_the_module(before: str, after: str) -> None:
    assert moved({"acme/web/mail.py": before})["acme/core/mail.py"] == after.encode()


def test_there_and_back_is_the_identity() -> None:
    files: dict[str, str | bytes] = {
        **PACKAGES,
        "acme/web/mail.py": "from . import forms\nfrom .. import log\nfrom ..core import db\n",
        "acme/web/forms.py": "from .mail import Mail\n",
        "acme/core/db.py": "from ..web.mail import Mail\nfrom acme.web import mail\n",
        "acme/log.py": "import acme.web.mail\n\nacme.web.mail.Mail()\n",
        "pyproject.toml": '[project.scripts]\nmail = "acme.web.mail:main"\n',
    }
    there = applied("move-module", MOVE, files)
    assert there["acme/log.py"] == b"import acme.core.mail\n\nacme.core.mail.Mail()\n"
    back = applied("move-module", {"module": "acme.core.mail", "to": "acme.web"}, there)
    assert back == {path: str(text).encode() for path, text in files.items()}


def test_rename_there_and_back_is_the_identity() -> None:
    files: dict[str, str | bytes] = {
        "src/acme/__init__.py": "from . import mail\nfrom .mail import Mail\n",
        "src/acme/mail.py": "class Mail: ...\n",
        "tests/test_acme.py": "import acme.mail\nfrom acme import mail as m\n\nacme.mail.Mail(m)\n",
        "setup.cfg": "[options]\npackages =\n    acme\n    acme.mail\n",
    }
    there = applied("rename-module", {"old": "acme.mail", "new": "post"}, files)
    assert there["setup.cfg"] == b"[options]\npackages =\n    acme\n    acme.post\n"
    assert applied("rename-module", {"old": "acme.post", "new": "mail"}, there) == {
        path: str(text).encode() for path, text in files.items()
    }


@pytest.mark.parametrize("alias", ["yes", "warn"])
def test_alias_is_the_moved_module_itself(tmp_path: Path, alias: str) -> None:
    for path, text in MAIL.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    analysis = find_recipe("move-module").bind({**MOVE, "alias": alias}).analyse(FolderTree(tmp_path))
    apply_edits(tmp_path, analysis.edits)
    (tmp_path / "use.py").write_text(
        "import warnings\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    import acme.web.mail\n"
        "    from acme.web import mail\n"
        "    from acme.web.mail import Mail, _sent\n"
        "import acme.core.mail as new\n"
        "assert acme.web.mail is new and mail is new and Mail is new.Mail and _sent is new._sent\n"
        "print([(each.category.__name__, each.lineno) for each in caught])\n"
    )
    done = subprocess.run(
        [sys.executable, "use.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == {"yes": "[]", "warn": "[('DeprecationWarning', 4)]"}[alias]


def test_circle_that_was_there_before_is_not_reported() -> None:
    files = {
        **PACKAGES,
        "acme/web/mail.py": "from acme.core import db\n",
        "acme/core/__init__.py": "from . import db\n",
        "acme/core/db.py": "from acme.web import mail\n",
    }
    assert not [site for site in analyse("move-module", MOVE, files).sites if "circle" in site.reason]


def test_circle_through_the_package_that_it_leaves_is_reported() -> None:
    files = {
        **PACKAGES,
        "acme/web/__init__.py": "from acme.web import mail\n",
        "acme/web/mail.py": "from . import forms\n",
        "acme/web/forms.py": "",
    }
    circles = [site for site in analyse("move-module", MOVE, files).sites if "circle" in site.reason]
    assert [(each.path, each.line) for each in circles] == [("acme/web/mail.py", 1)]


def test_circle_only_in_functions_and_for_types_is_none() -> None:
    files = {
        **PACKAGES,
        "acme/web/mail.py": "",
        "acme/core/__init__.py": "from acme.web import forms\n",
        "acme/web/forms.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from acme.web import mail\n\n\n"
        "def f():\n    from acme.web import mail\n",
    }
    assert not [site for site in analyse("move-module", MOVE, files).sites if "circle" in site.reason]


def test_package_never_used_as_a_value_is_no_variable_of_unknown_type() -> None:
    files = {**MAIL, "app.py": "from acme import web\n\n\ndef f(page):\n    return page.mail, web.mail\n"}
    assert reasons(analyse("move-module", MOVE, files), "app.py") == []
    files["other.py"] = "from acme import web\n\nkept = [web]\n"
    assert "may be the package" in reasons(analyse("move-module", MOVE, files), "app.py")[0]


def test_exported_submodule_that_leaves_its_package_is_reported() -> None:
    files = {**MAIL, "acme/web/__init__.py": '__all__ = ["mail"]\n'}
    assert reasons(analyse("move-module", MOVE, files), "acme/web/__init__.py") == [
        "__all__ lists the module, which leaves the package"
    ]


def test_assignment_to_the_modules_attribute_is_reported() -> None:
    files = {**MAIL, "app.py": "import acme.web\n\nacme.web.mail = None\n"}
    assert reasons(analyse("move-module", MOVE, files), "app.py")


def test_resources_beside_a_moved_module_are_reported() -> None:
    files = {
        **PACKAGES,
        "acme/web/mail.py": "from importlib import resources\n\nresources.files('acme.web').joinpath('x')\n",
    }
    assert (
        "resources are looked up by package"
        in reasons(analyse("move-module", MOVE, files), "acme/web/mail.py")[0]
    )


def test_name_that_is_no_submodule_stays_when_the_module_moves_out_of_a_cython_build() -> None:
    files = {
        **PACKAGES,
        "acme/web/mail/__init__.py": "from ._fast import send\n",
        "app.py": "from acme.web.mail._fast import send\n",
    }
    result = applied("move-module", MOVE, files)
    assert result["acme/core/mail/__init__.py"] == b"from ._fast import send\n"
    assert result["app.py"] == b"from acme.core.mail._fast import send\n"


def test_tests_are_the_same_under_the_new_name() -> None:
    assert analyse("move-module", MOVE, MAIL).renamed == {
        "acme.web.mail": "acme.core.mail",
        "acme/web/mail": "acme/core/mail",
    }


def test_name_that_a_star_import_brings_is_reported() -> None:
    star = "from acme.web import *\n\nmail.Mail()\n"
    files = {**MAIL, "acme/web/__init__.py": "from .mail import Mail\n", "app.py": star}
    assert "star import" in reasons(analyse("move-module", MOVE, files), "app.py")[0]
    files["acme/web/__init__.py"] = "from . import mail\n"
    assert reasons(analyse("move-module", MOVE, files), "app.py") == []
    rename = {"old": "acme.web.mail", "new": "post"}
    assert "star import" in reasons(analyse("rename-module", rename, files), "app.py")[0]


def test_imports_of_a_package_that_is_left_empty_are_reported() -> None:
    files = {"acme/__init__.py": "", "acme/web/mail.py": "", "acme/core/__init__.py": ""}
    files["app.py"] = "from acme import web\nimport acme.web\n\nweb.mail\n"
    found = reasons(analyse("move-module", MOVE, files), "app.py")
    assert [reason for reason in found if "gone" in reason] == found
    assert len(found) == 2
