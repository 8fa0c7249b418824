"""Who is asked to review a change."""

from __future__ import annotations

from pathlib import Path

from overhaul.flows.mirror import Mirror
from overhaul.flows.reviewers import reviewers_of
from tests.flows.repositories import commit_files, git, make_repository


def test_owners_of_the_changed_files_at_the_base_are_asked(tmp_path: Path) -> None:
    rules = "* ops@example.org\n/src/ @ada @acme/core\n/docs/ @bob\n"
    source = make_repository(
        tmp_path / "source", {"CODEOWNERS": rules, "src/a.py": "a = 1\n", "docs/a.md": "a\n"}
    )
    base = git(source, "rev-parse", "HEAD")
    head = commit_files(source, {"CODEOWNERS": "* @mallory\n", "src/a.py": "a = 2\n"}, "change")
    mirror = Mirror.of(str(source), tmp_path / "mirrors")
    mirror.fetch(None)
    assert reviewers_of(mirror, base, head, ()) == ()
    assert reviewers_of(mirror, base, head, ("@grace", "codeowners", "ada")) == ("grace", "ada", "acme/core")
