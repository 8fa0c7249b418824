"""Commits signed with real keys, as the user's git configuration says."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from overhaul.flows.checkups import Checkup, checkups
from overhaul.flows.errors import SigningError
from overhaul.flows.mirror import Author, Mirror
from overhaul.flows.settings import Settings
from overhaul.flows.signing import signed, signing_here, try_to_sign
from tests.flows.conftest import Overhaul, rename
from tests.flows.repositories import git, make_repository

AUTHOR = Author("Ada", "ada@example.org", 1_700_000_000)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key of ssh, with the file of allowed signers that verifies it beside it."""
    return make_key(tmp_path / "key")


def make_key(path: Path, passphrase: str = "") -> Path:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "ada", "-f", str(path)]
    subprocess.run(command, check=True)
    path.with_suffix(".signers").write_text(f"* {path.with_suffix('.pub').read_text()}")
    return path


def configured(file: Path, *settings: str) -> Path:
    """A user's git configuration."""
    for setting in settings:
        name, _, value = setting.partition("=")
        subprocess.run(["git", "config", "--file", str(file), name, value], check=True)
    return file


def signing_with_ssh(folder: Path, key: Path) -> Path:
    settings = ("commit.gpgsign=true", "gpg.format=ssh", f"user.signingkey={key}")
    return configured(folder / "gitconfig", *settings)


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    made = Mirror.of(str(make_repository(tmp_path / "source", {"a.py": "a = 1\n"})), tmp_path / "mirrors")
    made.fetch(None)
    return made


def use(monkeypatch: pytest.MonkeyPatch, configuration: Path) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def commit_in(mirror: Mirror, author: Author) -> str:
    base = mirror.text("rev-parse", "refs/remotes/origin/main")
    return mirror.commit_tree(mirror.tree_of(base), base, "change\n", author)


def verify(folder: Path, commit: str, key: Path) -> None:
    """Raises AssertionError if the commit is not signed with this key."""
    git(folder, "-c", f"gpg.ssh.allowedSignersFile={key.with_suffix('.signers')}", "verify-commit", commit)


def test_nothing_is_signed_unless_the_user_says_so(
    mirror: Mirror, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, configured(tmp_path / "gitconfig", "gpg.format=ssh", f"user.signingkey={key}"))
    assert signed(AUTHOR, None) == AUTHOR
    assert signing_here() is None
    use(monkeypatch, signing_with_ssh(tmp_path, key))
    assert signed(AUTHOR, False) == AUTHOR
    assert "gpgsig" not in mirror.text("cat-file", "commit", commit_in(mirror, AUTHOR))


def test_commit_is_signed_with_the_users_key_and_is_the_same_when_made_again(
    mirror: Mirror, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, signing_with_ssh(tmp_path, key))
    author = signed(AUTHOR, None)
    commit = commit_in(mirror, author)
    assert commit == commit_in(mirror, author) != commit_in(mirror, AUTHOR)
    verify(mirror.folder, commit, key)
    other = make_key(tmp_path / "other")
    with pytest.raises(AssertionError):
        verify(mirror.folder, commit, other)
    verify(mirror.folder, commit_in(mirror, signed(AUTHOR, True)), key)
    assert signing_here() == f"ssh key {key}"
    use(monkeypatch, signing_with_ssh(tmp_path, other))
    verify(mirror.folder, commit_in(mirror, signed(AUTHOR, None)), other)


@pytest.fixture
def keyring(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home of GnuPG with a key; its agent ends with it. Its socket's path has to be short."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg is not installed")
    home = tmp_path_factory.mktemp("g")
    home.chmod(0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    new = [
        "gpg",
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-generate-key",
        f"Ada <{AUTHOR.email}>",
        "ed25519",
    ]
    subprocess.run(new, check=True, capture_output=True)
    yield
    subprocess.run(["gpgconf", "--kill", "all"], check=True)


@pytest.mark.usefixtures("keyring")
def test_commit_is_signed_with_the_committers_key_of_gnupg(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, configured(tmp_path / "gitconfig", "commit.gpgsign=true"))
    author = signed(AUTHOR, None)
    commit = commit_in(mirror, author)
    assert commit == commit_in(mirror, author)
    git(mirror.folder, "verify-commit", commit)
    with pytest.raises(SigningError, match=r"openpgp key of grace@.*gpg --clearsign"):
        try_to_sign(mirror, replace(author, email="grace@example.org"))


def test_key_that_cannot_sign_says_what_to_do(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    locked = make_key(tmp_path / "locked", "a passphrase")
    use(monkeypatch, signing_with_ssh(tmp_path, locked))
    with pytest.raises(SigningError, match=r"ssh key .*locked: .*ssh-add KEY.*--no-sign"):
        try_to_sign(mirror, signed(AUTHOR, None))
    use(monkeypatch, signing_with_ssh(tmp_path, tmp_path / "gone"))
    with pytest.raises(SigningError, match=r"gone.*user\.signingkey FILE\.pub"):
        try_to_sign(mirror, signed(AUTHOR, None))
    (row,) = [each for each in _rows(tmp_path) if each.name == "signed commits"]
    assert (row.status, "ssh-add" in row.advice) == ("unusable", True)
    use(monkeypatch, configured(tmp_path / "gitconfig", "gpg.format=pgp"))
    with pytest.raises(SigningError, match=r"openpgp, ssh, x509.*'pgp'"):
        signed(AUTHOR, True)


def _rows(folder: Path) -> list[Checkup]:
    rows = []
    for row in checkups(Settings(folder / "home"), lambda *_: None):
        rows.append(row)
        if row.name == "signed commits":
            break
    return rows


def test_configuration_of_the_repository_signs_nothing_and_runs_nothing(
    mirror: Mirror, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, canary = Path(mirror.source), tmp_path / "canary"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{canary}'\n")
    program.chmod(0o755)
    for name, value in {
        "commit.gpgsign": "true",
        "gpg.ssh.program": str(program),
        "gpg.program": str(program),
    }.items():
        git(source, "config", name, value)
    monkeypatch.chdir(source)
    use(monkeypatch, configured(tmp_path / "gitconfig", "gpg.format=ssh", f"user.signingkey={key}"))
    assert signed(AUTHOR, None) == AUTHOR
    verify(mirror.folder, commit_in(mirror, signed(AUTHOR, True)), key)
    assert not canary.exists()


def test_run_pushes_signed_commits_or_ends_before_it_does_anything(
    overhaul: Overhaul, acme: Path, key: Path, tmp_path: Path
) -> None:
    ours = {"GIT_CONFIG_NOSYSTEM": "1", "SSH_AUTH_SOCK": ""}
    broken = signing_with_ssh(tmp_path, make_key(tmp_path / "locked", "a passphrase"))
    failed = overhaul("run", *rename(), "--yes", "--json", acme, GIT_CONFIG_GLOBAL=str(broken), **ours)
    (run,) = failed.json["runs"]
    assert (failed.exit_code, run["status"], run["base"]) == (1, "failed", None)
    assert "ssh-add" in run["message"]
    good = configured(tmp_path / "good", "gpg.format=ssh", f"user.signingkey={key}")
    done = overhaul("run", *rename(), "--yes", "--sign", "--json", acme, GIT_CONFIG_GLOBAL=str(good), **ours)
    (run,) = done.json["runs"]
    assert run["status"] == "published", done.stdout + done.stderr
    for commit in git(acme, "rev-list", f"main..{run['branch']}").split():
        verify(acme, commit, key)
