"""The agent's workspace: trees in the mirror, commands in the sandbox. Git objects never enter the sandbox.

A tree's identity is git's own. Each command runs on an export of the present tree; what it changes comes back as
contents of regular files and becomes the next tree. A workspace stays open between commands as long as it holds the
present tree.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count
from pathlib import Path

from overhaul.flows.mirror import Author, FileChange
from overhaul.flows.screenshots import picture_commit
from overhaul.flows.settings import Settings
from overhaul.flows.testing import Checkout, Testing, test_commit
from overhaul.refactors.agent.pictures import Page
from overhaul.refactors.agent.symbols import describe_symbol
from overhaul.refactors.agent.workspace import CommandOutcome
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.index import Index
from overhaul.sandbox.comparison import compare
from overhaul.sandbox.harvest import harvest, stamp
from overhaul.sandbox.provider import Command, Limits, Outcome, Workspace
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.report import TestReport
from overhaul.sandbox.screenshots import Screenshot, load
from overhaul.sandbox.system_packages import SCREENSHOTS_FILE

SHOWN_FAILURES = 20
SHOWN_ERRORS, LONGEST_ERROR = 5, 300


@dataclass
class _Open:
    """A workspace that is open, with the tree that it holds."""

    workspace: Workspace
    tree: str
    stack: ExitStack


@dataclass
class GitWorkspace:
    """Satisfies `refactors.agent.workspace.Workspace`. `checkout` is where it starts, `baseline` how its tests went.

    Close it, or use it as a context manager, to end what it holds open.
    """

    checkout: Checkout
    author: Author
    run_folder: Path
    baseline: TestReport
    test_seconds: float = 1800.0
    tree: str = field(init=False)
    _open: _Open | None = field(init=False, default=None)
    _names: count[int] = field(init=False, default_factory=count)

    def __post_init__(self) -> None:
        self._mirror = self.checkout.mirror
        self._redactor = Redactor(os.environ)
        self.tree = self._mirror.tree_of(self.checkout.commit)
        self._listing = lru_cache(maxsize=8)(self._list)

    def __enter__(self) -> GitWorkspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the sandbox; the trees stay in the mirror."""
        if self._open is not None:
            self._open.stack.close()
            self._open = None

    def go_to(self, tree: str) -> None:
        self.tree = tree

    def changed_since(self, tree: str) -> Sequence[tuple[str, bool]]:
        return [(each.path, not each.blob) for each in self._mirror.changes(tree, self.tree)]

    def paths(self) -> Sequence[str]:
        return sorted(self._listing(self.tree))

    def read(self, path: str) -> bytes | None:
        blob = self._listing(self.tree).get(path)
        return None if blob is None else self._mirror.read_blob(blob)

    def write(self, contents: Mapping[str, bytes | None]) -> None:
        kept = {path: content for path, content in contents.items() if content is not None}
        blobs = dict(zip(kept, self._mirror.write_blobs(list(kept.values())), strict=True))
        self.tree = self._mirror.change_tree(
            self.tree, [FileChange(path, blobs.get(path, "")) for path in contents]
        )

    def run(self, command: str, timeout_seconds: float) -> CommandOutcome:
        opened = self._opened()
        before = self._listing(self.tree)
        since = stamp(opened.workspace)
        limits = Limits(wall_seconds=timeout_seconds)
        outcome = opened.workspace.run(Command(("/bin/sh", "-c", command), limits=limits))
        found = harvest(opened.workspace, since, before, self._ignore_files())
        new = {path: content for path, content in found.contents.items() if content != self.read(path)}
        self.write({**new, **dict.fromkeys(found.gone)})
        opened.tree = self.tree
        notes = [f"[{path} is too large to be kept]" for path in found.left_out]
        text = self._redactor.text(outcome.output.decode(errors="replace"))
        return CommandOutcome(outcome.exit_code, "\n".join([text, *notes]), _why_it_ended(outcome))

    def symbols(self, name: str) -> str:
        facts = Settings.from_environment().facts_index
        with Index(facts) as index, CommitTree(self._mirror.folder, self.commit("symbols")) as tree:
            return describe_symbol(RepositoryGraph(tree, index), name)

    def run_tests(self) -> str:
        testing = Testing(f"agent tests {next(self._names)}", self.test_seconds, since=self.checkout.commit)
        at = replace(self.checkout, commit=self.commit("tested"))
        report = test_commit(at, testing, self.run_folder, None)
        return self._redactor.text(_told(self.baseline, report))

    def asks_for_pictures(self) -> bool:
        """Whether the repository says how its pages are served, where the agent starts."""
        return SCREENSHOTS_FILE in self._listing(self._mirror.tree_of(self.checkout.commit))

    def pages(self) -> Sequence[Page]:
        """The project's pages as they look now. Raises ValueError if no pictures can be taken."""
        at = replace(self.checkout, commit=self.commit("pictured"))
        folder, reason = picture_commit(at, self.run_folder, f"agent pictures {next(self._names)}")
        if not folder:
            raise ValueError(self._redactor.text(reason or f"{SCREENSHOTS_FILE} is gone"))
        return [Page(each.page, _looks(each), each.picture) for each in load(Path(folder))]

    def commit(self, message: str) -> str:
        """The present tree as a commit on top of the start."""
        unsigned = replace(self.author, signing=())
        return self._mirror.commit_tree(self.tree, self.checkout.commit, message, unsigned)

    def _opened(self) -> _Open:
        if self._open is not None and self._open.tree == self.tree:
            return self._open
        self.close()
        at = replace(self.checkout, commit=self.commit("workspace"))
        with ExitStack() as stack:
            folder, siblings = stack.enter_context(at.exported(self.run_folder / "trees" / "agent"))
            opened = stack.enter_context(at.provider.open(folder, at.environment, siblings))
            self._open = _Open(opened, self.tree, stack.pop_all())
        return self._open

    def _list(self, tree: str) -> dict[str, str]:
        """Blobs of the regular files of a tree by path."""
        rows = self._mirror.git("ls-tree", "-rz", "--full-tree", tree).decode("utf-8", "surrogateescape")
        entries = (row.split("\t", 1) for row in rows.split("\0") if row)
        return {path: details.split()[2] for details, path in entries if details.startswith("100")}

    def _ignore_files(self) -> dict[str, str]:
        found = [path for path in self._listing(self.tree) if path.rpartition("/")[2] == ".gitignore"]
        return {path: (self.read(path) or b"").decode(errors="replace") for path in found}


def _looks(shot: Screenshot) -> str:
    errors = "".join(f"; script error: {each[:LONGEST_ERROR]}" for each in shot.errors[:SHOWN_ERRORS])
    return f"HTTP {shot.status}{errors}"


def _why_it_ended(outcome: Outcome) -> str:
    return "" if outcome.status == "exited" else outcome.status.replace("_", " ")


def _told(baseline: TestReport, report: TestReport) -> str:
    """What came of a test run against the one at base, in a few lines."""
    compared = compare(baseline, report)
    counts = ", ".join(f"{number} {outcome}" for outcome, number in report.counts.items()) or "no tests found"
    lines = [counts if report.complete else f"{counts}; the run broke: {report.reason or report.status}"]
    messages = {result.id: result.excerpt for result in report.results}
    for failure in compared.new_failures[:SHOWN_FAILURES]:
        lines += [f"new failure: {failure.id}", messages.get(failure.id, "")]
    if left := len(compared.new_failures) - SHOWN_FAILURES:
        lines += [f"and {left} more"] if left > 0 else []
    if not compared.new_failures:
        lines.append("no new failures.")
    return "\n".join(line for line in lines if line)
