"""What is proved of a change without a model: real commits in, findings on lines that the change touches out."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from overhaul.flows.changed_sides import changed_sides
from overhaul.flows.mirror import Author, FileChange, Mirror
from overhaul.flows.review_rules import findings_by_rule
from tests.flows.repositories import make_repository

API = """\
import os


def fetch_user(name, timeout=1):
    return os.path.join(name, str(timeout))


class Client:
    def __init__(self, url):
        self.url = url

    def get(self, key):
        return key
"""
FILES = {
    "acme/__init__.py": "",
    "acme/api.py": API,
    "acme/cli.py": "from acme.api import fetch_user\n\n\ndef main():\n    return fetch_user('a', timeout=2)\n",
    "acme/web.py": (
        "import acme.api\nfrom acme.api import Client\n\n\ndef page(client: Client):\n"
        "    return client.get('a'), acme.api.os\n\n\ndef make():\n    return Client('u')\n"
    ),
    "tests/test_api.py": (
        "import pytest\nfrom acme.api import Client, fetch_user\n\n\ndef test_fetch():\n    assert fetch_user('a')\n\n\n"
        "def test_client():\n    with pytest.raises(TypeError):\n        Client()\n"
    ),
}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    """A mirror of a repository that has FILES."""
    folder = tmp_path_factory.mktemp("rules")
    made = Mirror.of(str(make_repository(folder / "source", FILES)), folder / "mirrors")
    made.fetch(None)
    return made


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERHAUL_HOME", str(tmp_path_factory.getbasetemp() / "home-of-rules"))


def changed(mirror: Mirror, parent: str, changes: Mapping[str, str | None]) -> str:
    """A commit with these files; None deletes one."""
    kept = {path: text.encode() for path, text in changes.items() if text is not None}
    blobs = dict(zip(kept, mirror.write_blobs(list(kept.values())), strict=True))
    tree = mirror.change_tree(parent, [FileChange(path, blobs.get(path, "")) for path in changes])
    return mirror.commit_tree(tree, parent, "change", Author("A", "a@localhost", 1_700_000_000))


def found(mirror: Mirror, changes: Mapping[str, str | None]) -> list[str]:
    """`PRIORITY path:line side title` of each finding on a change to FILES."""
    base = mirror.text("rev-parse", "refs/remotes/origin/main")
    head = changed(mirror, base, changes)
    lines = changed_sides(mirror.diff(base, head))
    rows = []
    for each in findings_by_rule(mirror, base, head):
        assert each.proved_by == "rule"
        assert lines.cite(each.path, each.first_line, each.last_line, each.side) is not None
        rows.append(f"P{each.priority} {each.path}:{each.first_line} {each.side} {each.title}")
    return rows


def api(old: str, new: str) -> str:
    assert old in API
    return API.replace(old, new)


WEB = FILES["acme/web.py"]
TESTS = FILES["tests/test_api.py"]


@pytest.mark.parametrize(
    "changes",
    [
        {"acme/api.py": api("timeout=1", "timeout=1, retries=3")},
        {"acme/api.py": api("def fetch_user", "def load_user") + "\n\nfetch_user = load_user\n"},
        {"acme/api.py": api("def fetch_user", "def load_user") + "\n\ndef __getattr__(name):\n    return name\n"},
        {"acme/api.py": api("import os\n", "import os\n\ntry:\n    from acme.fast import x\nexcept ImportError:\n    x = 1\n")},
        {"acme/new.py": "from acme._speedups import fast\nfrom acme import _native\n"},
        {"acme/new.py": "import pytest\nfrom acme.api import Client\n\nwith pytest.raises(TypeError):\n    Client(1, 2)\n"},
        {"acme/new.py": "import acme\n\n\ndef f(*a, **k):\n    return acme.api.fetch_user(*a, **k)\n"},
        {"acme/api.py": api("key):\n        return key", "key):\n        return key\n\n    def put(self):\n        return _('x')")},
        {"tests/test_api.py": None, "tests/test_all.py": TESTS},
        {"tests/test_api.py": TESTS.replace("test_fetch", "test_fetch_of_user")},
        {"acme/broken.py": "def f():\n    return 1\n", "notes.txt": "def ("},
        {"acme/new.py": "def f(self, a): ...\n\n\nclass A:\n    g = f\n\n\nA().g(1)\n"},
        {"acme/new.py": "class A:\n    def __new__(cls, a):\n        return super().__new__(cls)\n\n\nclass B(A):\n    def __new__(cls, a):\n        return super().__new__(cls, a)\n"},
        {"acme/new.py": "import sys\n\nif sys.version_info < (3,):\n    print(unicode)\n"},
        {"acme/new.py": "import abc\n\n\nclass A:\n    once = abc.abstractmethod\n\n    @once\n    def f(self): ...\n"},
        {"acme/api.py": api("    def get(self, key):\n        return key\n", "\n    def __getattr__(self, name):\n        return name\n")},
    ],
    ids=[
        "optional parameter", "alias", "module getattr", "guarded import", "perhaps compiled", "expected error",
        "stars", "gettext", "moved test", "renamed test", "new file", "function as attribute", "new", "old Python",
        "decorator of the class", "class getattr",
    ],
)  # fmt: skip
def test_nothing_is_found_where_nothing_is_proved(mirror: Mirror, changes: dict[str, str | None]) -> None:
    assert found(mirror, changes) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"acme/api.py": api("fetch_user", "load_user")},
            ["P0 acme/api.py:4 base `acme.api.fetch_user` is imported but does not exist"],
        ),
        (
            {"acme/cli.py": "def main():\n    from acme.api import fetch_usr\n\n    return fetch_usr\n"},
            ["P1 acme/cli.py:2 head `acme.api.fetch_usr` is imported but does not exist"],
        ),
        (
            {"acme/api.py": None, "acme/web.py": "", "tests/test_api.py": None},
            ["P0 acme/api.py:1 base `acme.api` is imported but does not exist"],
        ),
        (
            {"acme/api.py": api("import os\n", "").replace("os.path.join(name, ", "(")},
            ["P1 acme/api.py:1 base `acme.api.os` is gone but still used"],
        ),
        (
            {"acme/api.py": api("import os\n", "")},
            [
                "P1 acme/api.py:1 base `acme.api.os` is gone but still used",
                "P1 acme/api.py:1 base `os` is used but nothing defines it",
            ],
        ),
        (
            {"acme/api.py": api("    def get(self, key):\n        return key\n", "")},
            ["P1 acme/api.py:12 base `Client.get` is gone but still used"],
        ),
        (
            {"acme/api.py": api("(self, url)", "(self, url, token)")},
            ["P1 acme/api.py:9 head `acme.api.Client.__init__` changed, but 1 call did not"],
        ),
        (
            {"acme/api.py": api("timeout=1", "limit=1").replace("str(timeout)", "str(limit)")},
            ["P1 acme/api.py:4 head `acme.api.fetch_user` changed, but 1 call did not"],
        ),
        (
            {"acme/web.py": WEB.replace("Client('u')", "Client('u', 1)")},
            ["P1 acme/web.py:10 head Call does not fit `acme.api.Client.__init__`"],
        ),
        (
            {"acme/web.py": WEB.replace("return Client", "return Clint")},
            ["P1 acme/web.py:10 head `Clint` is used but nothing defines it"],
        ),
        ({"acme/cli.py": "def main(:\n    pass\n"}, ["P0 acme/cli.py:1 head File no longer parses"]),
        (
            {"tests/test_api.py": TESTS.partition("def test_fetch")[0] + "def test_client" + TESTS.partition("def test_client")[2]},
            ["P1 tests/test_api.py:5 base Test `test_fetch` is deleted"],
        ),
        (
            {"tests/test_api.py": TESTS.replace("def test_fetch", "@pytest.mark.skip\ndef test_fetch")},
            ["P2 tests/test_api.py:5 head Test `test_fetch` is switched off"],
        ),
    ],
    ids=[
        "name gone", "typo in import", "module gone", "attribute of module", "name in its own file", "method",
        "constructor", "parameter", "new call", "typo", "syntax", "test", "skip",
    ],
)  # fmt: skip
def test_what_breaks_is_found_at_a_changed_line(
    mirror: Mirror, changes: dict[str, str | None], expected: list[str]
) -> None:
    assert found(mirror, changes) == expected


def test_what_was_broken_before_is_no_finding(mirror: Mirror) -> None:
    old = "from acme.api import gone\nprint(nothing)\n"
    base = changed(mirror, mirror.text("rev-parse", "refs/remotes/origin/main"), {"acme/old.py": old})
    head = changed(mirror, base, {"acme/old.py": f"# moved down\n{old}"})
    assert findings_by_rule(mirror, base, head) == []
