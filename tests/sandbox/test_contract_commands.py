"""What every provider gives to one command: its words, its limits, its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.sandbox.provider import Command, Limits

Tree = Callable[[Mapping[str, str]], Path]


def test_exit_code_is_passed_on(tier):
    outcome = tier.python("raise SystemExit(7)")
    assert (outcome.status, outcome.exit_code) == ("exited", 7)


def test_command_that_does_not_exist_exits_with_127(tier):
    with tier.open() as workspace:
        outcome = workspace.run(Command(["no-such-command"]))
    assert (outcome.status, outcome.exit_code) == ("exited", 127)
    assert b"no-such-command" in outcome.output


def test_both_streams_come_in_the_order_of_writing(tier):
    outcome = tier.python("import os\nfor n in range(20): os.write(1 + n % 2, b'%d\\n' % n)")
    assert outcome.output.split() == [b"%d" % n for n in range(20)]


def test_long_output_is_capped_with_head_and_tail(tier):
    code = (
        "import os\nos.write(1, b'first')\n"
        "for _ in range(64): os.write(1, bytes(1 << 20))\n"
        "os.write(1, b'last')"
    )
    seen = 0

    def count(chunk: bytes) -> None:
        nonlocal seen
        seen += len(chunk)

    with tier.open() as workspace:
        command = Command(["{python}", "-c", code], limits=Limits(wall_seconds=60, output_bytes=1 << 20))
        outcome = workspace.run(command, count)
    assert outcome.exit_code == 0
    assert outcome.output.startswith(b"first")
    assert outcome.output.endswith(b"last")
    assert len(outcome.output) < (1 << 20) + 100
    assert seen == (64 << 20) + 9
    assert outcome.dropped_bytes == seen - (1 << 20)


def test_one_huge_line_is_capped(tier):
    outcome = tier.python("print('x' * (100 << 20))", limits=Limits(output_bytes=1000))
    assert outcome.exit_code == 0
    assert len(outcome.output) < 1100
    assert outcome.dropped_bytes == (100 << 20) + 1 - 1000


def test_binary_output_is_passed_on_as_it_is(tier):
    everything = bytes(range(256)) * 4
    assert tier.python("import os; os.write(1, bytes(range(256)) * 4)").output == everything


def test_standard_input_is_closed(tier):
    assert tier.python("import sys; print(repr(sys.stdin.read()))").output == b"''\n"


def test_command_runs_in_its_folder(tier, tree: Tree):
    with tier.open(tree({"inner/deep/file.txt": ""})) as workspace:
        outcome = workspace.run(Command(["ls"], folder="inner/deep"))
    assert outcome.output == b"file.txt\n"


def test_variables_of_the_command_are_added_to_a_minimal_environment(tier, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOST_SECRET_TOKEN", "canary-7f3a")
    monkeypatch.setenv("PYTHONPATH", "/canary-path")
    with tier.open() as workspace:
        outcome = workspace.run(Command(["env"], {"ADDED": "yes"}))
    assert b"ADDED=yes" in outcome.output
    assert b"canary" not in outcome.output
    names = {line.partition(b"=")[0] for line in outcome.output.splitlines()}
    own = {b"ADDED", b"OVERHAUL_WORKSPACE"}
    allowed = {
        b"PATH",
        b"HOME",
        b"TMPDIR",
        b"LANG",
        b"VIRTUAL_ENV",
        b"PWD",
        b"HOSTNAME",
        b"OLDPWD",
        b"SHLVL",
        b"_",
    }
    assert names <= own | allowed


def test_home_and_temporary_folder_are_private_and_writable(tier):
    code = (
        "import os, tempfile\n"
        "open(os.path.expanduser('~/file'), 'w').close(); tempfile.mkstemp(); print(os.path.expanduser('~'))"
    )
    outcome = tier.python(code)
    assert outcome.exit_code == 0, outcome.output
    assert outcome.output.decode().strip() != str(Path.home())


def test_file_names_of_any_script_arrive(tier, tree: Tree):
    names = {"naïve.txt": "1", "日本語/ファイル.txt": "2", "with space 'and' \"quotes\".txt": "3", "-rf": "4"}
    code = (
        "import os\n"
        "for place, _, files in sorted(os.walk('.')):\n"
        "    for f in sorted(files): print(ascii(os.path.join(place, f)[2:]))"
    )
    with tier.open(tree(names)) as workspace:
        outcome = workspace.run(Command(["{python}", "-c", code]))
    assert sorted(outcome.output.decode().split("\n")[:-1]) == sorted(ascii(name) for name in names)


def test_work_tree_is_a_copy_without_git_and_without_links_out_of_it(tier, tree: Tree, tmp_path: Path):
    outside = tmp_path / "outside.txt"
    outside.write_text("canary-outside")
    source = tree({"file.txt": "original", ".git/config": "[core]", "inner/other.txt": "x"})
    (source / "leak").symlink_to(outside)
    (source / "good").symlink_to("inner/other.txt")
    with tier.open(source) as workspace:
        code = "open('file.txt', 'w').write('changed'); open('good', 'w').write('changed'); import os; print(sorted(os.listdir()))"
        outcome = workspace.run(Command(["{python}", "-c", code]))
    assert outcome.output == b"['file.txt', 'good', 'inner']\n"
    assert (source / "file.txt").read_text() == "original"
    assert (source / "inner/other.txt").read_text() == "x"


def test_what_one_command_writes_the_next_one_finds(tier):
    with tier.open() as workspace:
        workspace.run(Command(["sh", "-c", "echo kept > note"]))
        assert workspace.run(Command(["cat", "note"])).output == b"kept\n"


def test_repositories_beside_are_next_to_the_tree(tier, tree: Tree):
    sibling = tree({"module.py": "NAME = 'sibling'"})
    with tier.open(tree({"a.txt": ""}), {"library": sibling}) as workspace:
        assert b"sibling" in workspace.run(Command(["cat", "../beside/library/module.py"])).output


def test_file_larger_than_the_limit_is_refused(tier):
    code = "f = open('big', 'wb')\nfor _ in range(64): f.write(bytes(1 << 20))"
    outcome = tier.python(code, limits=Limits(file_bytes=8 << 20))
    assert outcome.exit_code != 0
