"""Findings by rule on a finished change, and how risky it is. Pure: bytes and numbers in, findings out.

The shape of a finding is that of Codex's review schema, so that other tools can read ours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from overhaul.refactors.public_names import is_public_module, is_test_path, public_names
from overhaul.refactors.reviewing.changed_lines import Side

Risk = Literal["low", "medium", "high"]

LARGE_FILES, LARGE_LINES = 40, 1_000
_PACKAGING = (
    "pyproject.toml", "setup.py", "setup.cfg", "MANIFEST.in", "tox.ini", "uv.lock", "poetry.lock", "Pipfile",
    "Dockerfile", "requirements",
)  # fmt: skip
_WORKFLOWS = (
    ".github/workflows/", ".github/actions/", ".github/scripts/", ".github/dependabot", ".github/CODEOWNERS",
    ".gitlab-ci", ".gitlab/", ".circleci/", ".gitea/", ".forgejo/", ".buildkite/", "azure-pipelines", ".azure",
    "Jenkinsfile", ".travis.yml", ".woodpecker", ".drone", ".cirrus", ".appveyor", "appveyor.yml",
    "bitbucket-pipelines", "buildspec", "cloudbuild", ".semaphore/", ".teamcity/", ".ci/", ".pre-commit-config.yaml",
)  # fmt: skip
ON_WORKFLOWS = "CI configuration changes"
ON_TEST_FILES = "Tests change"
ON_REMOVED_TESTS = "Tests are removed"
ON_PUBLIC_MODULES = "Public module is gone"
ON_PUBLIC_NAMES = "Public name is gone"


@dataclass(frozen=True, slots=True)
class Change:
    """A changed file: None before if it is new, None after if it is gone; `new_path` if it moved."""

    path: str
    old: bytes | None
    new: bytes | None
    new_path: str | None = None


@dataclass(frozen=True, slots=True)
class SuiteCounts:
    """How many tests ran at the base and at the head, and how many of them fail only at the head.

    `cut_short` says why the run at the head did not come to its end, if it did not; where none ran, that at the base.
    """

    base: int
    head: int
    new_failures: int
    cut_short: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """`priority` 0 blocks, 1 is urgent, 2 normal, 3 for information; `path` is relative to the repository.

    `side` says whether the lines are of the change's result, or of what it takes away. `proved_by` is "" for a claim
    that nothing has proved; `proof` says in a sentence what shows it, or why nothing does; `test` is the content of a
    test that is to show it.
    """

    title: str
    body: str
    priority: Literal[0, 1, 2, 3]
    path: str = "."
    first_line: int = 1
    last_line: int = 1
    confidence_score: float = 1.0
    side: Side = "head"
    source: Literal["rule", "model"] = "rule"
    proved_by: Literal["", "rule", "test"] = ""
    proof: str = ""
    test: str = ""

    def to_json(self, folder: str = "") -> dict[str, Any]:
        """Return it in Codex's shape; `folder` is where the repository is, if it is a folder of this machine."""
        return {
            "title": self.title,
            "body": self.body,
            "confidence_score": self.confidence_score,
            "priority": self.priority,
            "code_location": {
                "absolute_file_path": f"{folder}/{self.path}" if folder else self.path,
                "line_range": {"start": self.first_line, "end": self.last_line},
            },
            "path": self.path,
            "side": self.side,
            "source": self.source,
            "proof": {"by": self.proved_by or None, "detail": self.proof, "test": self.test or None},
        }


@dataclass(frozen=True, slots=True)
class Review:
    """Findings, most urgent first; `reasons` are the titles that make the risk what it is."""

    findings: tuple[Finding, ...]
    risk: Risk
    reasons: tuple[str, ...]

    @property
    def on_workflows(self) -> tuple[Finding, ...]:
        """Findings on files that decide what runs with the project's secrets: only a person may let these out."""
        return tuple(finding for finding in self.findings if finding.title == ON_WORKFLOWS)

    def to_json(self) -> dict[str, Any]:
        """Return it in Codex's shape, with our risk and its reasons."""
        blocked = any(finding.priority == 0 for finding in self.findings)
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "overall_correctness": "patch is incorrect" if blocked else "patch is correct",
            "overall_explanation": "; ".join(self.reasons) or "no rule found anything",
            "overall_confidence_score": 1.0 if blocked else 0.5,
            "risk": self.risk,
            "reasons": list(self.reasons),
        }


def review_change(
    changes: Sequence[Change], unresolved: int, tests: SuiteCounts | None, proved: Sequence[Finding] = ()
) -> Review:
    """Apply every rule; `tests` is None where none were found, `unresolved` counts sites left as they are.

    `proved` is what the rules on whole trees have found (see `reviewing`).
    """
    findings = [*proved, *_on_tests(tests), *_on_size(changes), *_on_unresolved(unresolved)]
    rules = (_on_kind_of_file, _on_syntax, _on_public_names, _on_lost_tests)
    for change in sorted(changes, key=lambda each: each.path):
        known = {(each.title, each.path) for each in proved}
        found = (finding for rule in rules for finding in rule(change))
        findings += [each for each in found if (each.title, each.path) not in known]
    findings.sort(key=lambda each: (each.priority, each.path, each.first_line, each.title))
    worst = min((finding.priority for finding in findings), default=3)
    risk: Risk = "high" if worst <= 1 else "medium" if worst == 2 else "low"
    reasons = dict.fromkeys(each.title for each in findings if each.priority == worst and worst < 3)
    return Review(tuple(findings), risk, tuple(reasons))


def is_workflow_file(path: str) -> bool:
    """Whether a file decides what runs with the project's secrets."""
    return path.startswith(_WORKFLOWS)


def is_dependency_file(path: str) -> bool:
    """Whether a file decides what is installed and published."""
    return PurePosixPath(path).name.startswith(_PACKAGING)


def _on_tests(tests: SuiteCounts | None) -> Iterator[Finding]:
    if tests is None or tests.base == tests.head == 0:
        why = (tests and tests.cut_short) or "no tests were found"
        yield Finding("No tests ran", f"Nothing shows that this change works: {why}.", 1)
        return
    if tests.cut_short:
        body = f"Tests that did not run show nothing: {tests.cut_short}."
        yield Finding("The test run was cut short", body, 1)
    if tests.new_failures:
        body = f"{tests.new_failures} of {tests.head} tests fail that passed or did not exist before."
        yield Finding("New test failures", body, 0)
    if tests.head < tests.base:
        body = f"{tests.base} tests ran before the change and {tests.head} after it."
        yield Finding("Fewer tests run than before", body, 1)


def _on_size(changes: Sequence[Change]) -> Iterator[Finding]:
    lines = sum(_changed_lines(change) for change in changes)
    if len(changes) > LARGE_FILES or lines > LARGE_LINES:
        yield Finding(
            "Large change", f"{len(changes)} files and about {lines} lines change; consider a split.", 2
        )


def _on_unresolved(unresolved: int) -> Iterator[Finding]:
    if unresolved:
        places = "1 place" if unresolved == 1 else f"{unresolved} places"
        body = f"{places} may need the change as well; not proved, and left as they are."
        yield Finding("Unresolved sites are left", body, 2)


def _on_kind_of_file(change: Change) -> Iterator[Finding]:
    path = change.new_path or change.path
    if is_workflow_file(path) or is_workflow_file(change.path):
        yield Finding(ON_WORKFLOWS, f"{path} decides what runs with the project's secrets.", 1, path)
    elif is_dependency_file(path):
        yield Finding("Packaging changes", f"{path} decides what is installed and published.", 2, path)
    elif is_test_path(path):
        yield Finding(ON_TEST_FILES, f"{path} is edited together with the code that it tests.", 3, path)


def _on_syntax(change: Change) -> Iterator[Finding]:
    if not change.path.endswith(".py") or change.new is None or public_names(change.new) is not None:
        return
    if change.old is None or public_names(change.old) is not None:
        path = change.new_path or change.path
        yield Finding("File no longer parses", f"{path} is no valid Python after the change.", 0, path)


def _on_public_names(change: Change) -> Iterator[Finding]:
    if change.old is None or not is_public_module(change.path):
        return
    is_package = change.path.endswith("__init__.py")
    old = public_names(change.old, is_package) or {}
    if change.new is None or (change.new_path or change.path) != change.path:
        if old:
            body = f"Code elsewhere that imports {change.path} breaks unless a module of that name stays."
            yield Finding(ON_PUBLIC_MODULES, body, 1, change.new_path or change.path)
        return
    new = public_names(change.new, is_package)
    if new is None or "__getattr__" in _text(change.new):
        return
    last = change.new.count(b"\n") + 1
    for name, line in old.items():
        if name not in new and _owner_stays(name, new):
            body = f"`{name}` of {change.path} has no alias under its old name; users of it break."
            line = min(line, last)
            yield Finding(ON_PUBLIC_NAMES, body, 1, change.path, line, line, 0.8)


def _owner_stays(name: str, new: Collection[str]) -> bool:
    """Whether the class or function that a name belongs to is still there."""
    function, bracket, _ = name.partition("(")
    if bracket:
        # A function that is only an alias now lists no parameters, and takes those of what it stands for.
        return any(each.startswith(f"{function}(") for each in new)
    owner = name.rpartition(".")[0]
    return not owner or owner in new


def _on_lost_tests(change: Change) -> Iterator[Finding]:
    if change.old is None or not is_test_path(change.path):
        return
    lost = _tests(change.old) - _tests(change.new or b"")
    if lost > 0:
        path = change.new_path or change.path
        yield Finding(ON_REMOVED_TESTS, f"{path} has {lost} test functions less than before.", 1, path)


def _tests(source: bytes) -> int:
    names = public_names(source) or {}
    return sum(name.rpartition(".")[2].startswith("test") and "(" not in name for name in names)


def _text(source: bytes) -> str:
    return source.decode("utf-8", errors="replace")


def _changed_lines(change: Change) -> int:
    old, new = (change.old or b"").split(b"\n"), (change.new or b"").split(b"\n")
    if len(old) == len(new):
        return sum(before != after for before, after in zip(old, new, strict=True))
    kept = set(old) & set(new)
    return sum(line not in kept for line in old) + sum(line not in kept for line in new)
