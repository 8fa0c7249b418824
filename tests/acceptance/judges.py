"""What must be true of the commit that a refactor of a real project ends with, besides its tests."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.acceptance.real_projects import Refactor
from tests.flows.conftest import Overhaul
from tests.flows.repositories import git

BASE = "main"
Site = Mapping[str, Any]


@dataclass(frozen=True)
class Commits:
    """A repository at its base and at the head of a run."""

    source: Path
    head: str

    @cached_property
    def changed(self) -> list[tuple[str | None, str | None]]:
        """The paths of each changed file before and after; None for one that is new or gone."""
        pairs: list[tuple[str | None, str | None]] = []
        for line in git(self.source, "diff", "--name-status", "-M", BASE, self.head).splitlines():
            status, *paths = line.split("\t")
            pairs.append((None if status == "A" else paths[0], None if status == "D" else paths[-1]))
        return pairs

    def text(self, commit: str, path: str) -> str:
        """A file's text at a commit; empty where it is not there."""
        if not git(self.source, "ls-tree", "--name-only", commit, "--", path):
            return ""
        return git(self.source, "show", f"{commit}:{path}") + "\n"

    def texts(self, commit: str, word: str) -> dict[str, str]:
        """The Python files at a commit that have a word."""
        search = ["git", "-C", str(self.source), "grep", "--name-only", "--word-regexp", "-e", word, commit]
        found = subprocess.run([*search, "--", "*.py"], capture_output=True, text=True, check=False)
        assert found.returncode in (0, 1), found.stderr  # 1: none has it
        paths = [line.partition(":")[2] for line in found.stdout.splitlines()]
        return {path: self.text(commit, path) for path in paths}


def check(refactor: Refactor, commits: Commits, sites: Sequence[Site]) -> None:
    """Check a head by what is expected of it; `sites` are those of a scan of the base."""
    resolved = [site for site in sites if site["status"] == "resolved"]
    assert len(resolved) == refactor.sites, "proved sites"
    assert commits.changed
    for _, path in commits.changed:
        if path is not None and path.endswith(".py"):
            ast.parse(commits.text(commits.head, path))
    check_texts(refactor, commits)
    if refactor.is_rename:
        check_rename(refactor, commits, [site for site in sites if site["status"] != "resolved"])


def check_texts(refactor: Refactor, commits: Commits) -> None:
    for kind in ("there", "gone", "untouched"):
        for each in getattr(refactor, kind):
            path, _, text = each.partition(": ")
            before = commits.text(BASE, path).count(text)
            after = commits.text(commits.head, path).count(text)
            expected = {
                "there": after > 0 and before == 0,
                "gone": before > 0 and after == 0,
                "untouched": before == after > 0,
            }
            assert expected[kind], f"{kind}: {each} ({before} before, {after} after)"


def check_rename(refactor: Refactor, commits: Commits, unresolved: Sequence[Site]) -> None:
    """Nothing but the name has changed, and where the old one is left it is reported or known to be another's."""
    old, new = leaf(refactor.values["old"]), refactor.values["new"]
    for before, after in commits.changed:
        assert before is not None, f"{after} is new"
        assert after is not None, f"{before} is gone"
        texts = commits.text(BASE, before), commits.text(commits.head, after)
        assert plain(texts[1], after, new, old) == plain(texts[0], before, new, old), after
    left = sum(len(words(old, text)) for text in commits.texts(commits.head, old).values())
    base = commits.texts(BASE, old)
    reported = {(site["path"], site["line"]) for site in unresolved if site["path"] in base}
    has_word = [bool(words(old, base[path].splitlines()[line - 1])) for path, line in reported]
    assert left - sum(has_word) == refactor.same_named, "the old name is left, and not reported"


def check_again(refactor: Refactor, commits: Commits, overhaul: Overhaul, folder: Path) -> None:
    """A second run of the recipe finds nothing that it would change."""
    git(commits.source, "worktree", "add", "--quiet", "--detach", str(folder), commits.head)
    try:
        done = overhaul("scan", refactor.recipe, *options(refactor), "--json", folder)
    finally:
        git(commits.source, "worktree", "remove", "--force", str(folder))
    if done.exit_code:
        assert done.exit_code == 1, done.stderr
        assert done.stderr.startswith("error: "), done.stderr
    else:
        assert [site for site in done.json["sites"] if site["status"] == "resolved"] == []


def options(refactor: Refactor) -> list[str]:
    """The recipe's parameters as the command takes them."""
    return [word for each in refactor.parameters for word in ("-p", each)]


def leaf(symbol: str) -> str:
    """The name itself: `echo` of `click.utils.echo`, `err` of `click.utils.echo(err)`."""
    return re.split(r"[.(]", symbol.rstrip(")"))[-1]


def words(word: str, text: str) -> list[str]:
    return re.findall(rf"\b{word}\b", text)


def plain(text: str, path: str, new: str, old: str) -> str:
    """A file with the old name for the new one, and if it is Python without its formatting."""
    return re.sub(rf"\b{new}\b", old, ast.unparse(ast.parse(text)) if path.endswith(".py") else text)
