"""With which key commits are signed: as the user's own git configuration says, never as a repository's does."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import git

from overhaul.flows.errors import SigningError
from overhaul.flows.hardened_git import run_git
from overhaul.flows.mirror import Author, Mirror
from overhaul.flows.worktree import author_of

FORMATS = ("openpgp", "ssh", "x509")
# What git takes from its configuration when it signs.
_SETTINGS = (
    "user.signingkey",
    "gpg.program",
    "gpg.openpgp.program",
    "gpg.x509.program",
    "gpg.ssh.program",
    "gpg.ssh.defaultKeyCommand",
)


def signed(author: Author, wanted: bool | None) -> Author:
    """The author with the settings that sign, where that is wanted; None: as `commit.gpgsign` says.

    Raises SigningError if the configuration names no way of signing that git knows.
    """
    if not (_asked("--type=bool", "commit.gpgsign") == "true" if wanted is None else wanted):
        return author
    form = _asked("gpg.format") or "openpgp"
    if form not in FORMATS:
        raise SigningError(
            f"git signs as {', '.join(FORMATS)}, and gpg.format is '{form}'. Set it:"
            " git config --global gpg.format ssh"
        )
    found = [f"{name}={value}" for name in _SETTINGS if (value := _asked(name))]
    return replace(author, signing=(f"gpg.format={form}", *found))


def try_to_sign(mirror: Mirror, author: Author) -> None:
    """Sign something that nobody sees, before any work is done. Raises SigningError."""
    if author.signing:
        mirror.sign(
            mirror.text("hash-object", "-t", "tree", "-w", os.devnull), "", "overhaul signs\n", author
        )


def signing_here() -> str | None:
    """How commits are signed on this machine, in words; None if they are not. Raises SigningError if they cannot be."""
    author = signed(author_of(os.sep, int(time.time())), None)
    if not author.signing:
        return None
    with tempfile.TemporaryDirectory() as folder:
        try_to_sign(Mirror.of(folder, Path(folder)), author)
    settings = dict(setting.split("=", 1) for setting in author.signing)
    return f"{settings['gpg.format']} key {settings.get('user.signingkey') or 'of the committer'}"


def _asked(*question: str) -> str:
    """What the user's and the machine's configuration say; with no git directory there is no repository's."""
    try:
        return run_git(["config", "--get", *question], git_dir=Path(os.devnull)).decode().strip()
    except git.GitCommandError:
        return ""
