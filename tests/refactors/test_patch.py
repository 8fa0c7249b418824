"""Patches are what git takes, and give exactly the new bytes."""

import random
import subprocess

import pytest

from overhaul.refactors.patch import unified_diff
from overhaul.refactors.recipe import Edit, content_hash

from .conftest import write_files

MANY = b"".join(b"line %d\n" % number for number in range(400))
CHANGES = {
    "one line": (b"a\nb\nc\n", b"a\nx\nc\n"),
    "windows line ends": (b"a\r\nb\r\nc\r\n", b"a\r\nx\r\nc\r\n"),
    "old mac line ends": (b"a\rb\rc\r", b"a\rx\rc\r"),
    "no final newline": (b"a\nb", b"a\nx"),
    "final newline added": (b"a\nb", b"a\nb\n"),
    "final newline removed": (b"a\nb\n", b"a\nb"),
    "latin-1": ("é = 1\nà = 2\n".encode("latin-1"), "é = 1\nù = 2\n".encode("latin-1")),
    "utf-8 with a byte order mark": (b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfx\nb\n"),
    "form feed and other separators": (b"a\x0cb\x85\x1c\nc\n", b"a\x0cx\x85\x1c\nc\n"),
    "from empty": (b"", b"a\n"),
    "to empty": (b"a\n", b""),
    "far apart": (MANY, MANY.replace(b"line 5\n", b"x\n").replace(b"line 390\n", b"y\nz\n")),
    "first and last line": (MANY, b"x\n" + MANY + b"y\n"),
    "repeated lines": (b"a\n" * 9, b"a\n" * 7),
}


def edit_of(old: bytes, new: bytes, path: str, new_path: str | None = None) -> Edit:
    return Edit(path, content_hash(old), new, 1, new_path)


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("path", ["pkg/a.py", "a b/c d.py", 'q"u\\o\tt\ne.py', "café.py"])
def test_git_applies_the_patch_and_gets_the_new_bytes(make_repository, git, old, new, path):
    folder = make_repository({path: old, "other.py": b"stays\n"})
    git(folder, "apply", "--index", "-", given=unified_diff(old, edit_of(old, new, path)))
    assert (folder / path).read_bytes() == new


@pytest.mark.parametrize("new", [MANY, MANY.replace(b"line 7\n", b"x\n")], ids=["moved", "moved and changed"])
def test_git_applies_a_move(make_repository, git, new):
    folder = make_repository({"pkg/old.py": MANY})
    patch = unified_diff(MANY, edit_of(MANY, new, "pkg/old.py", "lib/n e w.py"))
    git(folder, "apply", "--index", "-", given=patch)
    assert (folder / "lib/n e w.py").read_bytes() == new
    assert not (folder / "pkg/old.py").exists()


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_hunks_are_those_of_git(git, tmp_path, old, new):
    write_files(tmp_path, {"old": old, "new": new})
    result = subprocess.run(
        ["git", "diff", "--no-index", "--no-color", "--text", "old", "new"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    theirs = result.stdout[result.stdout.index(b"@@") :]
    ours = unified_diff(old, edit_of(old, new, "old"))
    strip = [
        line if not line.startswith(b"@@") else line[: line.index(b"@@", 2) + 2]
        for line in theirs.split(b"\n")
    ]
    assert ours[ours.index(b"@@") :] == b"\n".join(strip)


def test_no_change_gives_no_patch():
    assert unified_diff(b"a\n", edit_of(b"a\n", b"a\n", "a.py")) == b""


def test_long_file_changed_at_both_ends_gives_two_small_hunks():
    old = b"".join(b"x%d = 1\n\n" % number for number in range(50_000))
    patch = unified_diff(old, edit_of(old, b"first\n" + old + b"last\n", "a.py"))
    assert patch.count(b"\n@@ ") == 2
    assert patch.count(b"\n") == 3 + 2 * (1 + 3 + 1)


@pytest.mark.parametrize(
    "content", [MANY, b"a\r\nb", b""], ids=["text", "windows, no final newline", "empty"]
)
@pytest.mark.parametrize("path", ["new folder/a.py", 'q"é.py'])
def test_git_applies_a_new_file(make_repository, git, content, path):
    folder = make_repository({"other.py": b"stays\n"})
    git(folder, "apply", "--index", "-", given=unified_diff(b"", Edit(path, None, content, 0)))
    assert (folder / path).read_bytes() == content
    assert (folder / "other.py").read_bytes() == b"stays\n"


def test_git_applies_patches_of_long_files_with_many_equal_lines(make_repository, git):
    folder = make_repository({"f.py": b""})
    choose = random.Random(3)
    usual = [
        b"",
        b"    x = 1",
        b"    return",
        b"def f():",
        b"    assert result.exit_code == 0",
        b"    result = run()",
    ]
    for size in (1, 3, 40, 300, 800) * 12:
        old = [
            choose.choice(usual) + b" %d" % choose.randrange(40) * choose.randrange(2) for _ in range(size)
        ]
        new = list(old)
        for _ in range(choose.randrange(1, 12)):
            place = choose.randrange(len(new) + 1)
            lines = [choose.choice(usual) for _ in range(choose.choice([0, 1, 2, 5, 250]))]
            new[place : place + choose.choice([0, 1, 2, 5, 250])] = lines
        before = b"\n".join(old) + choose.choice([b"", b"\n"])
        after = b"\n".join(new) + choose.choice([b"", b"\n"])
        (folder / "f.py").write_bytes(before)
        patch = unified_diff(before, Edit("f.py", content_hash(before), after, 1))
        if before != after:
            git(folder, "apply", "-", given=patch)
        assert (folder / "f.py").read_bytes() == after


def test_usual_lines_of_a_long_file_are_not_shown_as_changed():
    function = b"def t%d():\n    old_fn(%d)\n\n    result = run()\n    assert result.exit_code == 0\n\n\n"
    old = b"".join(function % (number, number) for number in range(60))
    patch = unified_diff(old, Edit("m.py", content_hash(old), old.replace(b"old_fn", b"new_fn"), 60))
    assert patch.count(b"\n-") == patch.count(b"\n+") == 60 + 1  # and the lines with the file's name


@pytest.mark.parametrize("content", [b"", b"one\ntwo\n", b"no end", b"a\r\nb\r\n"])
def test_git_applies_a_removal(make_repository, git, content):
    repository = make_repository({"pkg/old name.py": content, "pkg/b.py": b"b"})
    removal = Edit("pkg/old name.py", content_hash(content), b"", 1, is_removal=True)
    git(repository, "apply", "-", given=unified_diff(content, removal))
    assert [path.name for path in (repository / "pkg").iterdir()] == ["b.py"]
