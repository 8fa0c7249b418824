"""Edits of hostile names and contents, in thousands: nothing is written outside of the folder or into a git folder.

The cases are random with a seed that a failure prints.
"""

from __future__ import annotations

import ctypes
import os
import random
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.patch import unified_diff
from overhaul.refactors.placement import apply_edits
from overhaul.refactors.recipe import Edit, content_hash

SEED = int(os.environ.get("OVERHAUL_FUZZ_SEED", "4711"))
NAMES = 7_000
PATCHES = 2_000
GIT_NAMES = (
    ".git", ".GIT", ".Git", "git~1", "GIT~2", ".g\u200cit", ".\u200dgit\ufeff", ".git ", ".git.", ".git . .", ".git::$INDEX_ALLOCATION",
    ".git:x",
)  # fmt: skip
ODD_NAMES = (
    "", ".", "..", "...", "a", "A", "pkg", "link", "fifo", "-rf", "--exec=x", "a\nb", "a\tb", 'a"b', "a\\b", "..\\..", "\x00",
    "a\x00b", "\x1b[2J", "x" * 255, "x" * 256, "x" * 5000, "\udc80\udcff", "\ud800", "é", "e\u0301", "~", "$HOME", "%2e%2e",
    "..%2f", "file.py", "CON", "NUL", "*", "?", " ", "\u202e", "\U0001f600" * 64,
)  # fmt: skip


def snapshot(folder: Path) -> dict[str, object]:
    """Return what is in a folder, by name: contents of files, targets of links, and that the rest is there."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path)] = path.readlink()
        else:
            found[str(path)] = path.read_bytes() if path.is_file() else "there"
    return found


def hostile_path(numbers: random.Random) -> str:
    parts = [
        numbers.choice(GIT_NAMES if numbers.random() < 0.25 else ODD_NAMES)
        for _ in range(numbers.choice((1, 1, 2, 2, 3, 40)))
    ]
    return ("/" if numbers.random() < 0.05 else "") + "/".join(parts)


def test_hostile_names_are_written_below_the_folder_or_refused(tmp_path: Path) -> None:
    print("seed:", SEED)
    numbers = random.Random(SEED)
    outside, root = tmp_path / "outside", tmp_path / "root"
    (outside / "inner").mkdir(parents=True)
    (outside / "file.py").write_text("canary")
    for place in (root / ".git/hooks", root / "pkg/.git"):
        place.mkdir(parents=True)
        (place / "config").write_text("canary")
    old = b"x = 1\n"
    files = ("file.py", "pkg/a", "a\nb", "-rf")
    for name in files:
        (root / name).write_bytes(old)
    (root / "link").symlink_to(outside)
    (root / "pkg/link").symlink_to(outside / "file.py")
    os.mkfifo(root / "fifo")
    kept = snapshot(outside), snapshot(root / ".git"), snapshot(root / "pkg/.git")
    written = refused = 0
    for number in range(NAMES):
        path, kind = hostile_path(numbers), numbers.random()
        if kind < 0.6:
            edit = Edit(path, None, b"new\n", 1)  # a new file
        elif kind < 0.8:
            edit = Edit(path, content_hash(old), b"new\n", 1)
        else:
            edit = Edit(
                numbers.choice(files), content_hash(old), b"new\n", 1, new_path=path
            )  # a file that moves
        try:
            apply_edits(root, [edit])
            written += 1
        except RefactorError:
            refused += 1
        else:
            # Back to where it was, so that the next one finds the same.
            (root / (edit.new_path or edit.path)).unlink()
            if not edit.is_new:
                (root / edit.path).parent.mkdir(exist_ok=True)
                (root / edit.path).write_bytes(old)
        if number % 500 == 0:
            assert (snapshot(outside), snapshot(root / ".git"), snapshot(root / "pkg/.git")) == kept, edit
    assert (snapshot(outside), snapshot(root / ".git"), snapshot(root / "pkg/.git")) == kept
    assert sorted(each.name for each in tmp_path.iterdir()) == ["outside", "root"]
    assert written > NAMES // 50
    assert refused > NAMES // 50
    meant = {path for path in snapshot(root) if any(part in GIT_NAMES[1:] for part in Path(path).parts)}
    assert not meant


def test_patches_of_odd_names_and_contents_give_git_the_new_bytes(tmp_path: Path) -> None:
    print("seed:", SEED)
    numbers = random.Random(SEED)
    root = tmp_path / "root"
    root.mkdir()
    names = [name for name in ODD_NAMES if is_a_name(name)]
    patches, expected = [], {}
    for number in range(PATCHES):
        path = f"d{number}/{numbers.choice(names)}/{numbers.choice(names)}"
        old = odd_content(numbers)
        edit = Edit(path, content_hash(old), odd_content(numbers), 1)
        if old == edit.content:
            continue
        (root / path).parent.mkdir(parents=True)
        (root / path).write_bytes(old)
        patches.append(unified_diff(old, edit))
        expected[path] = edit.content
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=root,
        input=b"".join(patches),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert {path: (root / path).read_bytes() for path in expected} == expected


@pytest.mark.parametrize(
    "path", ["../outside/file.py", ".git/hooks/post-checkout", "link/file.py", "/etc/overhaul-canary"]
)
def test_patch_that_leads_elsewhere_is_refused_by_git(path: str, tmp_path: Path) -> None:
    """What we print is at most what an edit names: git, unlike patch(1), takes no such patch."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / ".git/hooks").mkdir(parents=True)
    outside.mkdir()
    (outside / "file.py").write_text("canary\n")
    (root / "link").symlink_to(outside)
    before = snapshot(tmp_path)
    patch = unified_diff(b"canary\n", Edit(path, content_hash(b"canary\n"), b"escaped\n", 1))
    done = subprocess.run(["git", "apply", "-"], cwd=root, input=patch, capture_output=True, check=False)
    assert done.returncode != 0
    assert snapshot(tmp_path) == before


def is_a_name(text: str) -> bool:
    return text.strip(".") != "" and not {"\0", "\ud800"} & set(text) and len(os.fsencode(text)) < 250


def odd_content(numbers: random.Random) -> bytes:
    lines = (
        b"x = 1\n",
        b"\n",
        b"\r\n",
        b"a\r",
        b"\\ No newline\n",
        b"--- a/x\n",
        b"+++ b/../y\n",
        b"@@ -1 +1 @@\n",
        b"\xff\xfe\n",
        b"\x0c\n",
        b"y",
    )
    return b"".join(numbers.choices(lines, k=numbers.randint(0, 8)))


def exchange(one: Path, other: Path) -> None:
    """Swap two paths in one step (renameat2(2)): the folder is never absent."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(-100, os.fsencode(one), -100, os.fsencode(other), 2) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def swap_until(stop: threading.Event, swap: Callable[[], None]) -> None:
    while not stop.is_set():
        swap()


def test_folder_swapped_for_a_link_during_the_write_leads_nowhere(tmp_path: Path) -> None:
    """Attack 14."""
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (outside / "file.py").write_bytes(b"x = 1\n")
    (root / "pkg").mkdir(parents=True)
    (root / "swap").symlink_to(outside)
    (root / "pkg/file.py").write_bytes(b"x = 1\n")
    inside = os.open(root / "pkg", os.O_RDONLY)  # wherever it is by now
    stop = threading.Event()
    swapper = threading.Thread(target=swap_until, args=(stop, lambda: exchange(root / "pkg", root / "swap")))
    swapper.start()
    written = refused = 0
    try:
        while min(written, refused) < 200:
            try:
                apply_edits(root, [Edit("pkg/file.py", content_hash(b"x = 1\n"), b"escaped\n", 1)])
            except RefactorError:
                refused += 1
            else:
                written += 1
                os.unlink("file.py", dir_fd=inside)
                file = os.open("file.py", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=inside)
                os.write(file, b"x = 1\n")
                os.close(file)
    finally:
        stop.set()
        swapper.join()
        os.close(inside)
    assert snapshot(outside) == {str(outside / "file.py"): b"x = 1\n"}
