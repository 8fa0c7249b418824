"""Our bare mirror of a repository: the only git directory that git ever runs in with an untrusted tree.

Work trees that came from elsewhere bring no git directory along; commits are made by plumbing (SANDBOX.md).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import git

from overhaul.flows.errors import NoBase, NotARepository, RepositoryError, SigningError
from overhaul.flows.forges.accounts import git_environment
from overhaul.flows.hardened_git import (
    NO_OUTSIDE_CONFIGURATION,
    RECEIVE_PACK,
    UPLOAD_PACK,
    check_address,
    first_lines,
    run_git,
    said_by,
)
from overhaul.flows.settings import Settings

OUR_BRANCHES = "overhaul/"
_FORK = "overhaul.fork"
# A run may have a terminal that nobody looks at: what a key is locked with is asked for by agents only.
_NO_QUESTIONS = {"SSH_ASKPASS_REQUIRE": "force", "SSH_ASKPASS": os.environ.get("SSH_ASKPASS") or "false"}
_SIGNING_ADVICE = {
    "ssh": "Load it into your ssh agent (ssh-add KEY), or name another: git config --global user.signingkey FILE.pub.",
    "openpgp": "Unlock it (gpg --clearsign README.md), or name another: git config --global user.signingkey KEY.",
    "x509": "Unlock it (gpgsm --sign README.md), or name another: git config --global user.signingkey KEY.",
}


@dataclass(frozen=True, slots=True)
class Base:
    """What a run starts from: the branch's name and its commit."""

    branch: str
    commit: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a commit: the blob that is now at `path`, "" if it is gone; `old_path` if it stood elsewhere."""

    path: str
    blob: str
    old_path: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who a commit is by, and when, so that making it again gives the same commit.

    `signing` are the settings of git, NAME=VALUE, by which it is signed; it is not if there are none (`signing.py`).
    `for_whom` is its author where this is only who commits it.
    """

    name: str
    email: str
    timestamp: int
    signing: Sequence[str] = ()
    for_whom: Author | None = None


def identity_of(mirrors: Path) -> str:
    """What tells this folder of mirrors from those of other machines; it moves along with the folder."""
    file = mirrors / "identity"
    if not file.exists():
        mirrors.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=mirrors) as new:
            new.write(uuid4().hex)
            new.flush()
            with suppress(FileExistsError):  # of several processes the first one names it
                os.link(new.name, file)
    return file.read_text(encoding="ascii")


class Mirror:
    """A bare repository of ours that follows one repository of somebody else."""

    def __init__(self, folder: Path, source: str) -> None:
        self.folder = folder
        self.source = source

    @classmethod
    def of(cls, source: str, mirrors: Path) -> Mirror:
        """The mirror of a path or an address, made if it is not there yet. Fetches nothing."""
        check_address(source)
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", source.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git"))
        folder = mirrors / f"{name or 'repository'}-{hashlib.sha256(source.encode()).hexdigest()[:10]}.git"
        if not (folder / "HEAD").exists():
            folder.mkdir(parents=True, exist_ok=True)
            run_git(
                ["init", "--quiet", "--bare", "--template=", "--", str(folder)],
                environment=NO_OUTSIDE_CONFIGURATION,
            )
        return cls(folder, source)

    def git(
        self, *arguments: str, stdin: bytes | None = None, environment: Mapping[str, str] | None = None
    ) -> bytes:
        """Run git in the mirror, blind to configuration outside it."""
        return run_git(
            arguments,
            git_dir=self.folder,
            stdin=stdin,
            environment={**NO_OUTSIDE_CONFIGURATION, **(environment or {})},
        )

    def text(self, *arguments: str) -> str:
        return self.git(*arguments).decode(errors="replace").strip()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs on this machine from fetching into the mirror or publishing from it meanwhile."""
        with (self.folder / "overhaul.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def fork(self) -> str:
        """The address of our fork, to which our branches go; empty if they go into the repository itself."""
        file = self.folder / _FORK
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def use_fork(self, address: str) -> None:
        """Have our branches go to a fork from now on, or to the repository itself if the address is empty."""
        check_address(address)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as new:
            new.write(address)
        Path(new.name).replace(self.folder / _FORK)

    def _place_of(self, branch: str) -> str:
        """The address of the repository that has a branch."""
        return (self.fork if branch.startswith(OUR_BRANCHES) else "") or self.source

    def fetch(self, branch: str | None) -> Base:
        """Bring the mirror up to date and return the commit of a branch, or of the branch that HEAD names.

        Raises NotARepository or NoBase.
        """
        with self.locked():
            default = self.default_branch()
            self._transfer(
                "fetch", "--quiet", "--no-tags", "--prune", "--force",
                "--update-shallow", UPLOAD_PACK,
                "--", self.source, "+refs/heads/*:refs/remotes/origin/*",
            )  # fmt: skip
            if fork := self.fork:
                ours = f"refs/heads/{OUR_BRANCHES}*:refs/remotes/origin/{OUR_BRANCHES}*"
                self._transfer("fetch", "--quiet", "--no-tags", UPLOAD_PACK, "--", fork, f"+{ours}", at=fork)
        branches = self.text("for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin").split()
        if not branches:
            raise NoBase(
                f"{self.source} has no commits yet; there is nothing to refactor. Commit something first."
            )
        wanted = branch or default
        if wanted is None:
            raise NoBase(
                f"HEAD of {self.source} is detached, so the branch to start from is unknown."
                f" Name one with --base: {', '.join(branches[:8])}"
            )
        if wanted not in branches:
            raise NoBase(f"{self.source} has no branch '{wanted}'. It has: {', '.join(branches[:8])}")
        if "overhaul" in branches:
            raise RepositoryError(
                f"{self.source} has a branch named 'overhaul', beside which git cannot make the run's own branch,"
                " overhaul/... Rename it first: git branch -m overhaul another-name"
            )
        return Base(wanted, self.text("rev-parse", "--verify", f"refs/remotes/origin/{wanted}^{{commit}}"))

    def remote_head(self, branch: str) -> str | None:
        """Ask the repository itself where a branch of it stands."""
        place = self._place_of(branch)
        output = self._transfer("ls-remote", UPLOAD_PACK, "--", place, f"refs/heads/{branch}", at=place)
        return output.split()[0].decode() if output else None

    def bring(self, commit: str, branch: str) -> None:
        """Fetch a commit of a branch if it is not here yet; no reference moves, so whoever holds the lock may do it."""
        try:
            self.git("cat-file", "-e", f"{commit}^{{commit}}")
        except git.GitCommandError:
            place = self._place_of(branch)
            self._transfer(
                "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", UPLOAD_PACK,
                "--", place, f"refs/heads/{branch}", at=place,
            )  # fmt: skip

    def push(self, commit: str, branch: str, expected: str | None) -> None:
        """Set a branch of the repository to a commit, if it still stands where it was expected."""
        place = self._place_of(branch)
        self._transfer(
            "push", "--quiet", "--no-verify", RECEIVE_PACK, f"--force-with-lease=refs/heads/{branch}:{expected or ''}",
            "--", place, f"{commit}:refs/heads/{branch}", at=place,
        )  # fmt: skip

    def delete_branch(self, branch: str, expected: str) -> None:
        """Delete a branch of the repository, if it still stands where it was expected."""
        place = self._place_of(branch)
        self._transfer(
            "push", "--quiet", "--no-verify", RECEIVE_PACK, f"--force-with-lease=refs/heads/{branch}:{expected}",
            "--", place, f":refs/heads/{branch}", at=place,
        )  # fmt: skip

    def blob_of(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    def write_blobs(self, contents: Sequence[bytes]) -> list[str]:
        """Store contents, in one git process, and return their blob ids in order."""
        if not contents:
            return []
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            paths = []
            for number, content in enumerate(contents):
                path = Path(folder) / str(number)
                path.write_bytes(content)
                paths.append(str(path))
            listing = "\n".join(paths).encode() + b"\n"
            return (
                self.git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=listing).decode().split()
            )

    def read_blob(self, blob: str) -> bytes:
        return self.git("cat-file", "blob", blob)

    def read_blobs(self, blobs: Sequence[str]) -> list[bytes]:
        """Read contents, in one git process, in order."""
        if not blobs:
            return []
        output = memoryview(self.git("cat-file", "--batch", stdin="\n".join(blobs).encode() + b"\n"))
        contents, position = [], 0
        for blob in blobs:
            end_of_header = position + bytes(output[position : position + 100]).index(b"\n")
            header = bytes(output[position:end_of_header]).split()
            if len(header) != 3:
                raise RepositoryError(
                    f"the mirror {self.folder} has lost blob {blob}. Run it again from the start."
                )
            start = end_of_header + 1
            position = start + int(header[2]) + 1
            contents.append(bytes(output[start : position - 1]))
        return contents

    def has(self, commit: str, path: str) -> bool:
        """Whether there is something at a path of a commit."""
        return bool(self.git("ls-tree", "--full-tree", commit, "--", path))

    def tree_of(self, commit: str) -> str:
        return self.text("rev-parse", "--verify", f"{commit}^{{tree}}")

    def change_tree(self, parent: str, changes: Iterable[FileChange]) -> str:
        """Return the tree of `parent` with these files changed; modes stay as they are."""
        modes = self._modes(parent)
        lines = []
        for change in changes:
            old = change.old_path or change.path
            if change.old_path is not None:
                lines.append(f"0 {'0' * 40}\t{change.old_path}\0")
            entry = f"{modes.get(old, '100644')} {change.blob}" if change.blob else f"0 {'0' * 40}"
            lines.append(f"{entry}\t{change.path}\0")
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._read_tree(parent, index)
            listing = "".join(lines).encode("utf-8", "surrogateescape")
            self.git("update-index", "-z", "--index-info", stdin=listing, environment=index)
            return self.git("write-tree", environment=index).decode().strip()

    def changes(self, before: str, after: str) -> list[FileChange]:
        """The files that differ from one tree to another, as they are in the other; moves are not looked for."""
        rows = self.git("diff-tree", "-r", "-z", "--no-renames", "--raw", before, after)
        words = rows.decode("utf-8", "surrogateescape").split("\0")[:-1]
        return [
            FileChange(path, "" if meta.endswith("D") else meta.split()[3])
            for meta, path in zip(words[::2], words[1::2], strict=True)
        ]

    def commit_tree(self, tree: str, parent: str, message: str, author: Author) -> str:
        """Make a commit. The same arguments give the same commit id. Raises SigningError.

        As a signature tells the time, a signed commit is kept under the id that it has without one.
        """
        commit = self._commit(tree, parent, message, author, ())
        if not author.signing:
            return commit
        settings = hashlib.sha256("\0".join(author.signing).encode()).hexdigest()[:8]
        name = f"signed/{commit}-{settings}"
        try:
            return self.text("rev-parse", "--verify", "--quiet", f"refs/overhaul/{name}")
        except git.GitCommandError:
            signed = self.sign(tree, parent, message, author)
        self.keep(name, signed)
        return signed

    def sign(self, tree: str, parent: str, message: str, author: Author) -> str:
        """Make a signed commit, each time another one; without a parent if that is empty. Raises SigningError."""
        settings = [word for setting in author.signing for word in ("-c", setting)]
        try:
            return self._commit(tree, parent, message, author, settings)
        except git.GitCommandError as error:
            used = dict(setting.split("=", 1) for setting in author.signing)
            key = used.get("user.signingkey") or f"of {author.email}"
            raise SigningError(
                f"git cannot sign with the {used['gpg.format']} key {key}: {first_lines(said_by(error))}."
                f" {_SIGNING_ADVICE[used['gpg.format']]} Or leave commits unsigned: --no-sign"
            ) from error

    def _commit(self, tree: str, parent: str, message: str, author: Author, signing: Sequence[str]) -> str:
        roles = {"AUTHOR": author.for_whom or author, "COMMITTER": author}
        who = {
            name: value
            for role, each in roles.items()
            for name, value in (
                (f"GIT_{role}_NAME", each.name),
                (f"GIT_{role}_EMAIL", each.email),
                (f"GIT_{role}_DATE", f"{each.timestamp} +0000"),
            )
        }
        parents = ("-p", parent) if parent else ()
        sign = ("-S",) if signing else ()
        words = (*signing, "commit-tree", *sign, tree, *parents, "-F", "-")
        return self.git(*words, stdin=message.encode(), environment=who | _NO_QUESTIONS).decode().strip()

    def take_from(self, source: Path, reference: str, name: str) -> str:
        """Take a commit from a git folder of this machine, blind to configuration outside it; keep and return it."""
        ours = f"refs/overhaul/{name}"
        self.git(
            "fetch", "--quiet", "--no-tags", "--force", "--update-shallow", UPLOAD_PACK,
            "--", str(source), f"{reference}:{ours}",
        )  # fmt: skip
        return self.text("rev-parse", "--verify", f"{ours}^{{commit}}")

    def keep(self, name: str, commit: str) -> None:
        """Point a reference of ours at a commit, so that it is not collected and can be fetched."""
        self.git("update-ref", f"refs/overhaul/{name}", commit)

    def export(self, commit: str, folder: Path) -> None:
        """Write a commit's files into an empty folder, as a checkout would, without a git directory."""
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            self._read_tree(commit, index)
            try:
                self.git("--work-tree", str(folder), "checkout-index", "--all", "--force", environment=index)
            except git.GitCommandError as error:
                reason = first_lines(said_by(error))
                raise RepositoryError(
                    f"the files of {self.source} at {commit[:12]} cannot be written here: {reason}"
                ) from error

    def diff(self, base: str, head: str, *options: str) -> bytes:
        """The textual difference of two commits; no external program or text conversion takes part."""
        return self.git(
            "diff-tree",
            "-p",
            "-r",
            "-M",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--full-index",
            *options,
            base,
            head,
        )

    def diff_stat(self, base: str, head: str) -> str:
        """The changed files with their numbers of lines, as git shows them."""
        return self.git("diff-tree", "-r", "-M", "--stat", "--no-color", base, head).decode(errors="replace")

    def _read_tree(self, commit: str, index: Mapping[str, str]) -> None:
        """Fill an index. Raises RepositoryError where the tree has paths that lead out of it or into a git folder."""
        try:
            self.git("read-tree", commit, environment=index)
        except git.GitCommandError as error:
            reason = first_lines(said_by(error))
            raise RepositoryError(
                f"git refuses the files of {self.source} at {commit[:12]}: {reason}."
                " No honest repository has such files"
            ) from error

    def _modes(self, commit: str) -> dict[str, str]:
        listing = self.git("ls-tree", "-rz", "--full-tree", commit).decode("utf-8", "surrogateescape")
        entries = (line.split("\t", 1) for line in listing.split("\0") if line)
        return {path: details.split(" ", 1)[0] for details, path in entries}

    def default_branch(self) -> str | None:
        """Ask the repository itself which branch its HEAD names; None if that is on none."""
        output = self._transfer("ls-remote", "--symref", UPLOAD_PACK, "--", self.source, "HEAD")
        for line in output.decode(errors="replace").splitlines():
            if line.startswith("ref: refs/heads/"):
                return line.removeprefix("ref: refs/heads/").split("\t")[0]
        return None

    def _transfer(self, *arguments: str, at: str = "") -> bytes:
        """Talk to the repository, or to our fork `at` that address.

        The user's own git configuration counts here: it holds credentials and proxies. At a forge for which there is a
        token, that one counts before its credentials.
        """
        place = at or self.source
        try:
            login = git_environment(place, Settings.from_environment())
            if place.startswith(("https://", "http://")):
                # No git of ours is on the other side, and git warns of such options before it says what is wrong.
                arguments = tuple(word for word in arguments if word not in {UPLOAD_PACK, RECEIVE_PACK})
            return run_git(arguments, git_dir=self.folder, environment=login)
        except git.GitCommandError as error:
            message = said_by(error)
            if "dubious ownership" in message:
                raise NotARepository(
                    f"{place} belongs to another user, and git refuses to read it."
                    f" If you trust it: git config --global --add safe.directory {place}"
                ) from error
            if arguments[0] == "push":
                raise
            raise NotARepository(f"git cannot read the repository {place}: {first_lines(message)}") from error
