"""Reading through git in a folder that nobody vouches for: its configuration must run nothing."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

from overhaul.refactors.wide_files import MARK

# A repository's own configuration can name programs (file system monitor, hooks, pagers, text converters,
# transports for a lazy fetch) and change what a command prints; each is switched off by name.
_OPTIONS = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.pager=cat",
    "-c", "core.untrackedCache=false",
    # By weaker signs it would take a changed file for an unchanged one.
    "-c", "core.trustctime=true",
    "-c", "core.checkStat=default",
    "-c", "protocol.allow=never",
    "-c", "submodule.recurse=false",
    # A folder with the files of a bare repository, committed like any other, would be one with settings of its own.
    "-c", "safe.bareRepository=explicit",
    "-c", "grep.fullName=false",
    "-c", "grep.fallbackToNoIndex=false",
    "--no-pager",
)  # fmt: skip
_NOTHING = "OVERHAUL_NOTHING"  # a variable with no value
_OCCURRENCE = re.compile(rb"([^\0]+)\0(\w+|\xff)\n")
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
        _NOTHING: "",
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


def without_filters(folder: Path) -> list[str]:
    """Return options that go before a command so that it runs none of the filters configured for a folder.

    Raises OSError.
    """
    listed = run_git(["config", "-z", "--name-only", "--get-regexp", r"^filter\."], folder)
    # Not by `-c`: there, an equals sign in a filter's name would end it.
    return [
        f"--config-env={driver}.{key}={_NOTHING}"
        for driver in sorted({name.rpartition(".")[0] for name in null_separated(listed.stdout)})
        for key in ("clean", "smudge", "process", "required")
    ]


def is_plain_work_tree(folder: Path) -> bool:
    """Tell whether git can only take the folder's own files for those of its work tree.

    With `core.worktree` set, some commands read the files of another folder under the names of this one's.
    """
    above = folder.absolute()
    repository = next((each / ".git" for each in (above, *above.parents) if (each / ".git").exists()), None)
    if repository is None or not repository.is_dir():
        return False
    try:
        settings = (repository / "config").read_bytes().lower()
    except OSError:
        return False
    return b"worktree" not in settings and b"include" not in settings


def null_separated(output: bytes) -> list[str]:
    """Split the output of a `-z` command into names; bytes that are no UTF-8 survive as surrogates."""
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def grep_arguments(
    suffixes: Collection[str], commit: str | None = None, with_untracked: bool = True
) -> list[str]:
    """Return `git grep` for the words on standard input: names of the files, binary-looking ones too.

    It looks in a commit, or in the work tree, there with its untracked files if asked to.
    """
    return _grep("-l", suffixes, commit, with_untracked)


def grep_each_arguments(
    suffixes: Collection[str], commit: str | None = None, with_untracked: bool = True
) -> list[str]:
    """As `grep_arguments`, with each word that is found: `occurrences` reads the output."""
    return _grep("-o", suffixes, commit, with_untracked)


def occurrences(output: bytes, prefix: str = "") -> tuple[dict[str, set[str]], set[str]]:
    """Return the files by word of what `grep_each_arguments` gave, and those that have the mark of `wide_files`.

    `prefix` is taken off their names. The words have to be ASCII identifiers: such do not overlap, so that none
    hides another.
    """
    found: dict[bytes, set[str]] = {}
    for path, word in set(_OCCURRENCE.findall(output)):
        found.setdefault(word, set()).add(os.fsdecode(path).removeprefix(prefix))
    marked = found.pop(MARK, set())
    return {word.decode(): paths for word, paths in found.items()}, marked


def _grep(output: str, suffixes: Collection[str], commit: str | None, with_untracked: bool) -> list[str]:
    where = [commit] if commit else ["--untracked", "--exclude-standard"] if with_untracked else []
    patterns = [
        "*" + "".join(f"\\{each}" if each in "*?[\\" else each for each in suffix) for suffix in suffixes
    ]
    return [
        # Reading is most of the work: two threads take 1.4 times the processor's time of one, and no less of ours.
        "grep", "--threads=1", output, "-z", "-w", "-F", "-a",
        "--no-color", "--no-textconv", "--no-recurse-submodules",
        "--no-line-number", "--no-column", "--no-heading", "--no-break",
        "-f", "-", *where, "--", *patterns,
    ]  # fmt: skip
