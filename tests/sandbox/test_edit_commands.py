"""Commands that go on with an edit: what they do counts in the edited files only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from overhaul.sandbox.choose import load
from overhaul.sandbox.edit_commands import run_edit_commands, split_command
from overhaul.sandbox.environment import given_interpreter
from overhaul.sandbox.errors import EditCommandFailed

APPEND = "import sys; [open(name, 'a').write('# seen\\n') for name in sys.argv[1:]]"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., dict[str, bytes]]:
    """Run commands on a tree with `a.py`, `b c.py` and `other.py`, of which the first two were edited."""
    head = tmp_path / "head"
    head.mkdir()
    for name in ("a.py", "b c.py", "other.py"):
        (head / name).write_text("x = 1\n")

    def commands(*lines: str, paths: Sequence[str] = ("a.py", "b c.py")) -> dict[str, bytes]:
        provider = load("process", tmp_path / "home")
        environment = provider.prepare(given_interpreter(sys.executable), head, tmp_path / "log")
        return run_edit_commands(provider, environment, lines, head, paths)

    return commands


def test_changed_files_stand_for_the_edited_ones(run: Callable[..., dict[str, bytes]]) -> None:
    assert run(f'{{python}} -c "{APPEND}" {{changed_files}}') == {
        "a.py": b"x = 1\n# seen\n",
        "b c.py": b"x = 1\n# seen\n",
    }


def test_other_files_stay_as_they_are(run: Callable[..., dict[str, bytes]]) -> None:
    assert run(f'{{python}} -c "{APPEND}" other.py', f'{{python}} -c "{APPEND}" a.py') == {
        "a.py": b"x = 1\n# seen\n"
    }


def test_command_that_fails_says_what_it_said(run: Callable[..., dict[str, bytes]]) -> None:
    with pytest.raises(EditCommandFailed, match=r"`\{python\} -c .*` failed \(exit code 3\): no such rule"):
        run("""{python} -c "import sys; print('no such rule'); sys.exit(3)" """.strip())
    with pytest.raises(EditCommandFailed, match="none-such"):
        run("none-such {changed_files}")


def test_file_that_a_command_deletes_stays(run: Callable[..., dict[str, bytes]]) -> None:
    assert run("rm a.py") == {}


def test_no_shell_takes_part(run: Callable[..., dict[str, bytes]]) -> None:
    assert split_command("a '$(b)' ; c") == ["a", "$(b)", ";", "c"]
    with pytest.raises(ValueError, match="empty"):
        split_command("  ")
    with pytest.raises(ValueError, match="closing quotation"):
        split_command("a 'b")
