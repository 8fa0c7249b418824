"""What comes out of a workspace after commands: contents of regular files, nothing ignored, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from overhaul.sandbox.harvest import Harvest, harvest, stamp
from tests.sandbox.conftest import Tier, python

FILES = {
    "same.py": "1\n",
    "changed.py": "1\n",
    "gone.py": "1\n",
    "deep/er/in.py": "1\n",
    "node_modules/kept.js": "1\n",
    ".gitignore": "*.log\n/out/\n",
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def after(tier: Tier, source: Path, code: str) -> Harvest:
    with tier.open(source) as workspace:
        since = stamp(workspace)
        outcome = workspace.run(python(code))
        assert outcome.exit_code == 0, outcome.output.decode()
        return harvest(workspace, since, list(FILES), {".gitignore": FILES[".gitignore"]})


def test_nothing_comes_of_a_command_that_changes_nothing(tier: Tier, source: Path) -> None:
    found = after(tier, source, "open('changed.py').read()")
    assert {
        path: content for path, content in found.contents.items() if content != FILES[path].encode()
    } == {}
    assert (found.gone, found.left_out) == ((), ())


def test_new_changed_and_removed_files_come_and_ignored_ones_do_not(tier: Tier, source: Path) -> None:
    code = """
import os, pathlib
for name in ("changed.py", "new.py", "deep/er/new.py", "x.log", "out/x.py", "__pycache__/x.py", "same.pyc"):
    path = pathlib.Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(name)
os.remove("gone.py")
"""
    found = after(tier, source, code)
    expected = {name: name.encode() for name in ("changed.py", "new.py", "deep/er/new.py")}
    assert {path: found.contents.get(path) for path in expected} == expected
    assert not {"x.log", "out/x.py", "__pycache__/x.py", "same.pyc"} & set(found.contents)
    assert found.gone == ("gone.py",)


def test_links_pipes_and_endless_files_are_not_followed(tier: Tier, source: Path) -> None:
    code = """
import os
os.symlink("/etc/passwd", "link.py")
os.symlink("/etc", "etc")
os.remove("changed.py")
os.symlink("/etc/passwd", "changed.py")
os.mkfifo("pipe.py")
with open("sparse.py", "wb") as file:
    file.truncate(1 << 30)
"""
    found = after(tier, source, code)
    assert not any(b"root:" in content for content in found.contents.values())
    assert (found.gone, found.left_out) == (("changed.py",), ("sparse.py",))
