"""`scan`, `preview`, `apply` and `graph` on folders with files that are not as they should be: messages and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.refactors.odd_files import FILES, RENAME

WORDS = [
    "rename-symbol",
    *(word for key, value in RENAME.parameters.items() for word in ("-p", f"{key}={value}")),
]
USE = FILES["pkg/use.py"].decode()


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("overhaul")), *words],
        cwd=folder,
        env={**os.environ, "OVERHAUL_HOME": str(folder.parent / "home"), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one file that is edited among several that are not."""
    folder = tmp_path / "folder"
    files = {
        **FILES,
        "pkg/wide.py": ("\ufeff# é\n" + USE).encode("utf-16-le"),
        "pkg/old.py": (USE + "print 'x'\n").encode(),
        "pkg/latin.py": ("# coding: latin-1\nname = 'é'\n" + USE).encode("latin-1"),
        "pkg/null.py": USE.encode() + b"\0",
        os.fsdecode(b"pkg/odd\xff\n.py"): USE.encode(),
    }
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "away.py").symlink_to("../away.py")
    (tmp_path / "away.py").write_text(USE)
    os.mkfifo(folder / "pkg" / "pipe.py")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.py") if path.is_file()}


def test_scan_names_what_it_cannot_change(folder: Path) -> None:
    before = contents(folder)
    done = run(folder, "scan", *WORDS)
    assert done.returncode == 0
    said = [*done.stdout.decode().splitlines(), *done.stderr.decode().splitlines()]
    reason = "is in UTF-16, which Python does not read; convert it to UTF-8"
    assert f"pkg/wide.py:2:21: unresolved pkg.api.fetch_user: the name stands in a file that {reason}" in said
    assert f"not understood: pkg/wide.py: {reason}" in said
    assert any(
        line.startswith("pkg/old.py:3:8: unresolved") and "line 4: Missing paren" in line for line in said
    )
    assert any(
        line.startswith("away.py:1:1: unresolved") and "out of the tree, to ../away.py" in line
        for line in said
    )
    assert any(line.startswith("not understood: pkg/null.py: does not parse") for line in said)
    assert said[-1].endswith("7 unresolved, 7 files read, 3 not understood")
    assert contents(folder) == before


def test_preview_is_a_patch_and_apply_does_the_same(folder: Path) -> None:
    before = contents(folder)
    patch = run(folder, "preview", *WORDS)
    assert patch.returncode == 0
    assert contents(folder) == before
    done = run(folder, "apply", *WORDS)
    assert done.returncode == 0
    after = contents(folder)
    changed = {name for name, content in after.items() if content != before[name]}
    assert changed == {"api.py", "use.py", "latin.py", os.fsdecode(b"odd\xff\n.py")}
    assert after["latin.py"] == before["latin.py"].replace(b"fetch_user", b"get_user")
    assert (folder.parent / "away.py").read_text() == USE
    assert (folder / "away.py").is_symlink()
    # The patch leads back from what was applied.
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "apply", "--reverse", "-"], cwd=folder, input=patch.stdout, check=True)
    assert contents(folder) == before


def test_a_second_apply_changes_nothing_and_is_not_sure_of_it(folder: Path) -> None:
    run(folder, "apply", *WORDS)
    after = contents(folder)
    done = run(folder, "apply", *WORDS)
    assert done.returncode == 1
    assert b"has no name 'fetch_user'" in done.stderr or b"fetch_user" in done.stderr
    assert contents(folder) == after


def test_a_name_that_only_unread_files_may_have_is_unknown(folder: Path) -> None:
    (folder / "away.py").unlink()
    done = run(folder, "scan", "replace-call", "-p", "pattern=print($A)", "-p", "template=repr($A)")
    assert done.returncode == 0
    assert b"pkg/old.py" in done.stderr
    assert (
        done.stderr.decode().splitlines()[-1]
        == "unknown: no site was found, but some files were not understood"
    )


def test_json_has_every_report(folder: Path) -> None:
    document = json.loads(run(folder, "scan", "--json", *WORDS).stdout)
    assert {failure["path"] for failure in document["failures"]} == {
        "pkg/wide.py",
        "pkg/old.py",
        "pkg/null.py",
    }
    unresolved = {site["path"] for site in document["sites"] if site["status"] == "unresolved"}
    assert unresolved == {"pkg/wide.py", "pkg/old.py", "pkg/null.py", "away.py"}


def test_a_link_to_a_file_is_that_file(folder: Path) -> None:
    (folder / "same.py").symlink_to("pkg/use.py")
    done = run(folder, "scan", *WORDS, "same.py")
    assert done.returncode == 0
    assert b"use.py:1:21: resolved" in done.stdout


def test_the_graph_names_what_is_not_in_it(folder: Path) -> None:
    done = run(folder, "graph", "--json")
    assert done.returncode == 0
    (graph,) = json.loads(done.stdout)["graphs"]
    assert {each["path"] for each in graph["failures"]} == {"pkg/wide.py", "pkg/old.py", "pkg/null.py"}
    assert {each["path"] for each in graph["unsupported"]} == {"away.py"}
