"""An analysis that is remembered is the one that would be made now, whatever has happened to the files."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from overhaul.refactors.analysis import analyse
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.registry import find_recipe
from overhaul.refactors.remembered import Memory
from overhaul.refactors.source import FolderTree

from .conftest import write_files

FILES = {
    "pkg/__init__.py": b"from pkg.api import fetch_user\n",
    "pkg/api.py": b"def fetch_user():\n    return 1\n",
    "pkg/use.py": b"from pkg import fetch_user\nprint(fetch_user())\n",
    "pkg/other.py": b"x = 1\n",
    "docs/index.md": b"`fetch_user`\n",
    "picture.png": b"\x89PNG\0",
}
RENAME = {"old": "pkg.api.fetch_user", "new": "get_user"}


class Remembering:
    """Asks for the same analysis again and again, and compares with what is true."""

    def __init__(self, root: Path, place: Path) -> None:
        self.root = root
        self.memory = Memory(place, worth=-1, settled=0)

    def ask(self, **parameters: str) -> bool:
        """Return whether it was remembered, having made sure that it is true."""
        recipe = find_recipe("rename-symbol").bind({**RENAME, **parameters})
        request = repr(sorted({**RENAME, **parameters}.items()))
        found, is_remembered = self.memory.analyse(self.root, request, lambda tree: analyse(recipe, tree))
        assert parts(found) == parts(analyse(recipe, FolderTree(self.root)))
        return is_remembered


def parts(analysis: Analysis) -> list[object]:
    return [
        analysis.parameters, analysis.files_scanned, list(analysis.sites), list(analysis.edits),
        list(analysis.failures), dict(analysis.renamed),
    ]  # fmt: skip


@pytest.fixture
def asked(make_repository, tmp_path) -> Remembering:
    remembering = Remembering(make_repository(FILES), tmp_path / "index.sqlite")
    assert not remembering.ask()
    assert remembering.ask()
    return remembering


def test_other_parameters_and_other_folders_are_asked_anew(asked, tmp_path):
    assert not asked.ask(new="load_user")
    assert asked.ask(new="load_user")
    shutil.copytree(asked.root, tmp_path / "another")
    assert not Remembering(tmp_path / "another", asked.memory.place).ask()


@pytest.mark.parametrize(
    ("path", "content", "is_remembered"),
    [
        ("pkg/other.py", b"x = 2\n", True),
        ("picture.png", b"\x89PNG\0\0", True),
        ("notes.txt", b"fetch_user\n", True),
        ("pkg/other.py", b"fetch_user = 2\n", False),
        ("pkg/other.py", b"x\0 = 2\n", False),
        ("pkg/use.py", b"from pkg import fetch_user\n\nprint(fetch_user())\n", False),
        ("docs/index.md", b"nothing\n", False),
        ("pkg/new.py", b"x = 1\n", False),
    ],
)
def test_what_matters_is_worked_out_again(asked, path, content, is_remembered):
    write_files(asked.root, {path: content})
    assert asked.ask() is is_remembered
    subprocess.run(["git", "add", "-A"], cwd=asked.root, check=True)
    subprocess.run(["git", "commit", "-qm", "change"], cwd=asked.root, check=True)
    assert asked.ask(), "committing changes no file"


def test_deleted_linked_and_moved_files_count(asked, tmp_path):
    (asked.root / "pkg/other.py").unlink()
    assert not asked.ask()
    asked.ask()
    (asked.root / "pkg/use.py").rename(asked.root / "pkg/used.py")
    assert not asked.ask()
    outside = write_files(tmp_path / "outside", {"api.py": FILES["pkg/api.py"]})
    (asked.root / "pkg/api.py").unlink()
    (asked.root / "pkg/api.py").symlink_to(outside / "api.py")
    with pytest.raises(Exception, match=r"pkg\.api"):
        asked.ask()


def test_link_that_leads_elsewhere_counts(asked, tmp_path):
    link = asked.root / "pkg/link.py"
    link.symlink_to("other.py")
    asked.ask()
    link.unlink()
    link.symlink_to("/etc/passwd")
    assert not asked.ask()
    link.unlink()
    link.symlink_to("use.py")
    assert not asked.ask()


def test_settings_that_make_git_overlook_changes_are_not_followed(make_repository, tmp_path, git):
    root = make_repository(FILES)
    git(root, "config", "core.trustctime", "false")
    git(root, "config", "core.checkStat", "minimal")
    git(root, "update-index", "--refresh")
    asked = Remembering(root, tmp_path / "index.sqlite")
    asked.ask()
    before = (root / "pkg/use.py").stat()
    write_files(root, {"pkg/use.py": FILES["pkg/use.py"].replace(b"print", b"prinz")})
    os.utime(root / "pkg/use.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not asked.ask()


def test_files_that_git_was_told_not_to_look_at_are_looked_at(asked):
    subprocess.run(["git", "update-index", "--assume-unchanged", "pkg/use.py"], cwd=asked.root, check=True)
    assert asked.ask()
    write_files(asked.root, {"pkg/use.py": b"import pkg\npkg.fetch_user()\n"})
    assert not asked.ask()


def test_what_git_stores_otherwise_is_not_kept(make_repository, tmp_path):
    root = make_repository(FILES)
    subprocess.run(["git", "config", "core.autocrlf", "true"], cwd=root, check=True)
    (root / "pkg/use.py").unlink()
    subprocess.run(["git", "checkout", "-q", "."], cwd=root, check=True)
    assert b"\r\n" in (root / "pkg/use.py").read_bytes()
    asked = Remembering(root, tmp_path / "index.sqlite")
    assert [asked.ask(), asked.ask()] == [False, False]


def test_folder_without_git_has_no_memory(tmp_path):
    asked = Remembering(write_files(tmp_path / "plain", FILES), tmp_path / "index.sqlite")
    assert [asked.ask(), asked.ask()] == [False, False]


def test_short_analyses_and_fresh_files_are_not_kept(make_repository, tmp_path):
    asked = Remembering(make_repository(FILES), tmp_path / "index.sqlite")
    asked.memory = Memory(tmp_path / "index.sqlite", worth=60, settled=0)
    assert [asked.ask(), asked.ask()] == [False, False]
    asked.memory = Memory(tmp_path / "index.sqlite", worth=-1, settled=3600)
    assert [asked.ask(), asked.ask()] == [False, False]


def test_damaged_memory_is_made_anew(asked):
    content = bytearray(asked.memory.place.read_bytes())
    middle = content.rindex(b"get_user") if b"get_user" in content else len(content) - 400
    content[middle : middle + 4] = b"XXXX"
    asked.memory.place.write_bytes(content)
    assert not asked.ask()
    assert asked.ask()
    asked.memory.place.write_bytes(b"no database")
    assert not asked.ask()
    asked.memory.forget()
    assert not asked.ask()


def test_any_history_of_a_folder_gives_what_is_true_at_each_moment(make_repository, tmp_path):
    asked = Remembering(make_repository(FILES), tmp_path / "index.sqlite")
    choose = random.Random(7)
    contents = [*FILES.values(), b"y = 2\n", b"import pkg.api\npkg.api.fetch_user()\n", b"fetch_user\xff\n"]
    names = [*FILES, "pkg/more.py", "tests/test_it.py", "README.rst", "pkg/data.bin"]
    remembered = 0
    for _ in range(60):
        path = choose.choice([name for name in names if name != "pkg/api.py"])
        if choose.random() < 0.2 and (asked.root / path).exists():
            (asked.root / path).unlink()
        else:
            write_files(asked.root, {path: choose.choice(contents)})
        if choose.random() < 0.3:
            subprocess.run(["git", "add", "-A"], cwd=asked.root, check=True)
        remembered += asked.ask()
    assert 5 < remembered < 55


def test_a_link_is_worked_out_anew(asked, git):
    (asked.root / "compat.py").symlink_to("pkg/api.py")
    assert not asked.ask()
    assert asked.ask()
    git(asked.root, "add", "-A")
    write_files(asked.root, {"pkg/other.py": b"import compat, fetch_user\n"})
    assert not asked.ask()
    (asked.root / "compat.py").unlink()
    (asked.root / "compat.py").symlink_to("pkg/use.py")
    assert not asked.ask()
    (asked.root / "away.py").symlink_to("../away.py")
    assert not asked.ask()
    assert not asked.ask()  # what is behind it may change without a sign


def test_a_file_in_utf_16_matters(asked):
    write_files(asked.root, {"pkg/other.py": "\ufefffetch_user()\n".encode("utf-16-le")})
    assert not asked.ask()
    assert asked.ask()
    write_files(asked.root, {"pkg/other.py": "\ufeffget_user()\n".encode("utf-16-le")})
    assert not asked.ask()
