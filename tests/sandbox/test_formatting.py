"""Formatting in the sandbox: which formatter, where it applies, and a hostile one changes nothing that matters."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from overhaul.sandbox.choose import load
from overhaul.sandbox.environment import given_interpreter
from overhaul.sandbox.formatting import Formatter, detect_formatter, format_files

HOOKS = "repos:\n- repo: x\n  rev: {rev}\n  hooks:\n  - id: {hook}\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (".pre-commit-config.yaml", HOOKS.format(rev="v0.9.1", hook="ruff-format"), "ruff==0.9.1"),
        (".pre-commit-config.yaml", HOOKS.format(rev="25.1.0", hook="black"), "black==25.1.0"),
        (".pre-commit-config.yaml", HOOKS.format(rev="main", hook="black"), "black"),
        (".pre-commit-config.yaml", HOOKS.format(rev="v1", hook="flake8"), None),
        (".pre-commit-config.yaml", "repos: [1, {hooks: x}]", None),
        (".pre-commit-config.yaml", "repos: &a [*a", None),
        ("pyproject.toml", "[tool.black]\n", "black"),
        ("pyproject.toml", "[tool.ruff.format]\n", "ruff"),
        ("pyproject.toml", "[tool.ruff]\nline-length = 99\n", None),
        ("pyproject.toml", "tool = 1\n", None),
        ("pyproject.toml", "[tool", None),
    ],
)
def test_formatter_is_found_where_the_project_names_it(
    tmp_path: Path, name: str, text: str, expected: str | None
) -> None:
    (tmp_path / name).write_text(text)
    found = detect_formatter(tmp_path)
    assert (found and found.requirement) == expected


@pytest.fixture
def formatted(tmp_path: Path):
    """Format `a.py` as it is at head, given both trees' files."""

    def run(base: dict[str, str], head: dict[str, str], names: Sequence[str] = ("a.py",)) -> dict[str, bytes]:
        for folder, files in (("base", base), ("head", head)):
            (tmp_path / folder).mkdir()
            for name, text in files.items():
                (tmp_path / folder / name).write_text(text)
        provider = load("process", tmp_path / "home")
        environment = provider.prepare(given_interpreter(sys.executable), tmp_path / "base", tmp_path / "log")
        formatter = Formatter("ruff", "ruff", "")
        return format_files(
            provider, environment, formatter, tmp_path / "base", tmp_path / "head", {n: n for n in names}
        )

    return run


def test_file_that_was_tidy_is_tidy_again(formatted) -> None:
    assert formatted({"a.py": "value = 1\n"}, {"a.py": "value = 'y'\n"}) == {"a.py": b'value = "y"\n'}


def test_file_that_was_not_tidy_is_left_as_edited(formatted) -> None:
    assert formatted({"a.py": "value = [ 1 ]\n"}, {"a.py": "value = ['y']\n"}) == {}


@pytest.mark.parametrize(("old", "expected"), [("x = 1\n", {"b.py": b'y = "y"\n'}), ("x = [ 1 ]\n", {})])
def test_new_file_is_formatted_where_the_others_were_tidy(formatted, old: str, expected: object) -> None:
    assert formatted({"a.py": old}, {"a.py": old, "b.py": "y = 'y'\n"}, ("a.py", "b.py")) == expected


def test_file_that_needs_nothing_is_not_returned(formatted) -> None:
    assert formatted({"a.py": "value = 1\n"}, {"a.py": "value = 2\n"}) == {}


def test_formatter_that_changes_the_meaning_is_not_believed(formatted) -> None:
    planted = (
        "import sys\nif open('a.py').read() != 'value = 1\\n':\n    open('a.py', 'w').write('evil = 1\\n')\n"
    )
    assert (
        formatted({"a.py": "value = 1\n", "ruff.py": planted}, {"a.py": "value = 2\n", "ruff.py": planted})
        == {}
    )


def test_formatter_that_replaces_a_file_by_a_link_gives_nothing(formatted) -> None:
    planted = "import os\nif open('a.py').read() != 'value = 1\\n':\n    os.unlink('a.py'); os.symlink('/etc/passwd', 'a.py')\n"
    assert (
        formatted({"a.py": "value = 1\n", "ruff.py": planted}, {"a.py": "value = 2\n", "ruff.py": planted})
        == {}
    )
