"""Reading through git in a folder that nobody vouches for: its configuration must run nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

# A repository's own configuration can name programs (file system monitor, hooks, pagers, text converters,
# transports for a lazy fetch) and change what a command prints; each is switched off by name.
_OPTIONS = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.pager=cat",
    "-c", "core.untrackedCache=false",
    "-c", "protocol.allow=never",
    "-c", "submodule.recurse=false",
    "-c", "grep.fullName=false",
    "-c", "grep.fallbackToNoIndex=false",
    "--no-pager",
)  # fmt: skip
_KEPT_VARIABLES = (
    "GIT_CONFIG_",
    "GIT_CEILING_DIRECTORIES",
    "GIT_EXEC_PATH",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
)


def git_command(*arguments: str) -> list[str]:
    """Return the command line of a git command that only reads."""
    return ["git", *_OPTIONS, *arguments]


def git_environment() -> dict[str, str]:
    """Return the environment for it: a caller's GIT_DIR, GIT_INDEX_FILE and the like do not reach it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT_VARIABLES)
    }
    return kept | {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def run_git(
    arguments: Sequence[str], folder: Path, given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder and return what it gave; the caller judges the exit code.

    Raises FileNotFoundError if there is no git.
    """
    return subprocess.run(
        git_command(*arguments),
        cwd=folder,
        env=git_environment(),
        input=given if given is not None else b"",
        capture_output=True,
        check=False,
    )


def null_separated(output: bytes) -> list[str]:
    """Split the output of a `-z` command into names; bytes that are no UTF-8 survive as surrogates."""
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def grep_arguments(suffixes: Collection[str], commit: str | None = None) -> list[str]:
    """Return `git grep` for the words on standard input: names of the files, binary-looking ones too.

    It looks in a commit, or in the work tree with its untracked files.
    """
    where = [commit] if commit else ["--untracked", "--exclude-standard"]
    patterns = [
        "*" + "".join(f"\\{each}" if each in "*?[\\" else each for each in suffix) for suffix in suffixes
    ]
    return [
        "grep", "-l", "-z", "-w", "-F", "-a",
        "--no-color", "--no-textconv", "--no-recurse-submodules",
        "-f", "-", *where, "--", *patterns,
    ]  # fmt: skip
