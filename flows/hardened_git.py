"""Git as we run it: nothing that a repository, its remote or a planted configuration names runs on the host."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import git

from overhaul.flows.errors import DiskFull, NotARepository, RepositoryError

_HARDENING = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.alternateRefsCommand", ":"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("receive.autogc", "false"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
)
_OUR_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file:https:http:ssh",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "LC_ALL": "C.UTF-8",
}
NO_OUTSIDE_CONFIGURATION = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
# The other side of a transfer from a repository on this machine is a git, too.
_FLAGS = " ".join(f"-c {key}={value}" for key, value in _HARDENING)
UPLOAD_PACK = f"--upload-pack=git {_FLAGS} upload-pack"
RECEIVE_PACK = f"--receive-pack=git {_FLAGS} receive-pack"


def run_git(
    arguments: Sequence[str],
    *,
    git_dir: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
) -> bytes:
    """Run git hardened and return its standard output. Raises git.GitCommandError, or DiskFull."""
    command = ["git", *(part for key, value in _HARDENING for part in ("-c", f"{key}={value}"))]
    if git_dir is not None:
        command.append(f"--git-dir={git_dir}")
    with tempfile.TemporaryFile() as source:
        if stdin is not None:
            source.write(stdin)
            source.seek(0)
        try:
            status, output, error = git.Git(os.sep).execute(
                [*command, *arguments],
                istream=source,
                env={**_OUR_ENVIRONMENT, **(environment or {})},
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        except git.GitCommandNotFound as missing:
            raise RepositoryError(
                "git is not installed here. Install it and run: overhaul doctor"
            ) from missing
    message = error if isinstance(error, str) else bytes(error).decode(errors="replace")
    if status:
        if "No space left on device" in message:
            raise DiskFull(
                f"git found no space left on the device ({git_dir}). Make room, then: overhaul resume RUN"
            )
        raise git.GitCommandError(["git", *arguments], status, message)
    return output if isinstance(output, bytes) else str(output).encode()


def check_address(source: str) -> None:
    """Refuse what git would take for an option or for a command to run (`ext::`, `--upload-pack=...`)."""
    if source.startswith("-") or "::" in source or any(ord(character) < 32 for character in source):
        raise NotARepository(f"{source!r} is no path and no https, ssh or file address of a git repository.")
    if "://" in source and source.split("://", 1)[0] not in {"file", "https", "http", "ssh"}:
        raise NotARepository(f"{source!r}: only https, ssh and file addresses are read.")
    if re.match(r"https?://([^/@:]*:[^/@]*|[^/@]{30,})@", source):
        raise NotARepository(
            "the address holds a password or a token, which would be kept with the run. Leave it out: git finds it by"
            " your credential helper, and a forge's token is in the environment or the keyring (docs/forges.md)."
        )


def said_by(error: git.GitCommandError) -> str:
    """What git itself said."""
    return str(error.stderr).strip().removeprefix("stderr: ").removeprefix("'").removesuffix("'").strip()


def first_lines(message: str) -> str:
    """The first two lines of a message of git's, for one of ours."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return "; ".join(lines[:2]) if lines else "no reason given"
