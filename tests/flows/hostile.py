"""A repository that attacks whoever works on it: each way leaves a canary of its own if it succeeds."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.flows.repositories import IDENTITY, commit_files, git

HOOKS = (
    "applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-checkout", "post-commit", "post-index-change",
    "post-merge", "post-receive", "post-rewrite", "post-update", "pre-auto-gc", "pre-commit", "pre-push",
    "pre-receive", "prepare-commit-msg", "proc-receive", "push-to-checkout", "reference-transaction", "update",
)  # fmt: skip
# Settings of a repository that name a program.
PROGRAMS = (
    "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy",
    "core.alternateRefsCommand", "credential.helper", "diff.external", "diff.x.command", "diff.x.textconv",
    "filter.x.clean", "filter.x.smudge", "filter.a=b.clean", "filter.a=b.process", "merge.x.driver", "gpg.program", "gpg.ssh.program",
    "uploadpack.packObjectsHook", "sequence.editor", "interactive.diffFilter", "trailer.x.command",
)  # fmt: skip
ALIASES = (
    "rev-parse",
    "ls-files",
    "grep",
    "cat-file",
    "diff-tree",
    "config",
    "status",
    "upload-pack",
    "fetch",
)


@dataclass(frozen=True)
class Canaries:
    """A folder that anybody may write to; what is in it got there by an attack."""

    folder: Path

    def script(self, name: str) -> str:
        """Return the path of a program that leaves the canary NAME."""
        script = self.folder.with_name("programs") / name.replace("/", "-")
        script.parent.mkdir(exist_ok=True)
        script.write_text(f"#!/bin/sh\ntouch '{self.folder / script.name}'\n")
        script.chmod(0o755)
        return str(script)

    @property
    def sung(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


def make_canaries(folder: Path) -> Canaries:
    (folder / "canaries").mkdir(parents=True)
    (folder / "canaries").chmod(0o777)
    return Canaries(folder / "canaries")


def plant_settings(git_folder: Path, canaries: Canaries, prefix: str) -> None:
    """Attacks 1 to 4 and 7: settings and hooks of a git folder, some in a file that its configuration includes."""
    hooks = git_folder / "evil-hooks"
    for folder in (git_folder / "hooks", hooks):
        folder.mkdir(exist_ok=True)
        for hook in HOOKS:
            (folder / hook).unlink(missing_ok=True)
            (folder / hook).symlink_to(canaries.script(f"{prefix}-hook-{hook}"))
    config = git_folder / "config"

    def configure(file: Path, key: str, value: str) -> None:
        git(Path("/"), "config", "--file", str(file), "--add", key, value)

    for key in PROGRAMS:
        configure(config, key, canaries.script(f"{prefix}-{key}"))
    for key, value in (
        ("filter.x.required", "true"), ("commit.gpgSign", "true"), ("protocol.ext.allow", "always"),
        ("submodule.recurse", "true"), ("fetch.recurseSubmodules", "true"), ("gc.auto", "1"), ("core.hooksPath", str(hooks)),
        ("include.path", "evil-include"), ("includeIf.gitdir:**.path", "evil-include"),
    ):  # fmt: skip
        configure(config, key, value)
    for alias in ALIASES:
        configure(
            git_folder / "evil-include", f"alias.{alias}", f"!{canaries.script(f'{prefix}-alias-{alias}')}"
        )
    for key in ("core.fsmonitor", "diff.external", "filter.x.smudge"):
        configure(git_folder / "evil-include", key, canaries.script(f"{prefix}-included-{key}"))


def plant_everything(repository: Path, canaries: Canaries) -> None:
    """Attacks 1 to 7, 9 and 10 in one repository, committed where that is possible."""
    _add_gitlinks(repository, canaries)
    commit_files(
        repository,
        {
            ".gitattributes": "* filter=x diff=x merge=x\n*.md filter=a=b\n",
            # 6: a bare repository among the files.
            "fixtures/bare.git/HEAD": "ref: refs/heads/main\n",
            "fixtures/bare.git/refs/keep": "",
            "fixtures/bare.git/objects/keep": "",
            "fixtures/bare.git/src/acme_user.py": "from acme.api import fetch_user\n",
            "fixtures/bare.git/config": (
                "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n"
                f"\tfsmonitor = {canaries.script('bare-fsmonitor')}\n\tpager = {canaries.script('bare-pager')}\n"
            ),
        },
        "attributes and a bare repository",
    )
    # 10: links to what is outside, a file and a folder.
    outside = canaries.folder.with_name("outside")
    (outside / "inner").mkdir(parents=True)
    for path in (outside / "secret.py", outside / "inner/secret.py"):
        path.write_text("from acme.api import fetch_user\nSECRET = 'canary-4711', fetch_user\n")
    (repository / "src/acme/leak.py").symlink_to(outside / "secret.py")
    (repository / "leaks").symlink_to(outside / "inner")
    (repository / "relative").symlink_to(os.path.relpath(outside, repository))
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "links")
    for folder, prefix in ((repository, "repository"), (repository / "nested", "nested")):
        plant_settings(folder / ".git", canaries, prefix)


def _add_gitlinks(repository: Path, canaries: Canaries) -> None:
    """5: a nested repository with settings of its own; 9: a submodule whose address is a command."""
    nested = repository / "nested"
    nested.mkdir()
    git(nested, "init", "--quiet")
    commit_files(nested, {"n.py": "from acme.api import fetch_user\n"}, "nested")
    address = f"ext::{canaries.script('submodule-ext')}"
    (repository / ".gitmodules").write_text(
        f'[submodule "evil"]\n\tpath = evil\n\turl = {address}\n\tupdate = !{canaries.script("submodule-update")}\n'
        f'[submodule "nested"]\n\tpath = nested\n\turl = {address}\n'
    )
    git(repository, "-c", "advice.addEmbeddedRepo=false", "add", "nested", ".gitmodules")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{git(nested, 'rev-parse', 'HEAD')},evil")
    git(repository, "commit", "--quiet", "-m", "submodules")
    git(repository, "config", "submodule.evil.url", address)
    git(repository, "config", "submodule.evil.active", "true")


def commit_raw_tree(repository: Path, path: bytes, content: bytes) -> str:
    """Commit a tree as no git command would make it: `path` may have any components. Return the commit."""

    def store(kind: str, data: bytes) -> bytes:
        command = ["git", "-C", str(repository), "hash-object", "-w", "--literally", "-t", kind, "--stdin"]
        done = subprocess.run(command, input=data, capture_output=True, check=True)
        return done.stdout.strip()

    identity = store("blob", content)
    mode = b"100755"
    for name in reversed(path.split(b"/")):
        identity = store("tree", mode + b" " + name + b"\0" + bytes.fromhex(identity.decode()))
        mode = b"40000"
    who = b"Tester <tester@localhost> 1700000000 +0000"
    commit = store("commit", b"tree %s\nauthor %s\ncommitter %s\n\nraw\n" % (identity, who, who)).decode()
    subprocess.run(
        ["git", "-C", str(repository), "update-ref", "refs/heads/main", commit],
        env={**os.environ, **IDENTITY},
        check=True,
    )
    return commit
