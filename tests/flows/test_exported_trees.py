"""A commit's files as the steps of a run read them on this machine."""

from __future__ import annotations

from pathlib import Path

from overhaul.flows.mirror import Mirror
from overhaul.flows.testing import exported
from overhaul.sandbox.environment import detect
from tests.flows.repositories import commit_files, git, make_repository

SECRET = "hunter2"


def test_links_of_a_repository_lead_to_no_file_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"password {SECRET}!\n", encoding="utf-8")
    source = make_repository(tmp_path / "source", {"tests/test_a.py": "def test_a(): pass\n"})
    (source / "Aptfile").symlink_to(tmp_path / "secret")
    (source / "pyproject.toml").symlink_to("/dev/zero")
    (source / "folder").symlink_to("../..")
    (source / "again.py").symlink_to("tests/test_a.py")
    git(source, "add", "--all")
    commit = commit_files(source, {}, "links")
    mirror = Mirror.of(str(source), tmp_path / "mirrors")
    mirror.fetch(None)
    with exported(mirror, commit, tmp_path / "tree") as folder:
        plan = detect(folder)
        assert sorted(path.name for path in folder.iterdir()) == ["again.py", "tests"]
    assert not plan.system_packages
    assert SECRET not in " ".join(plan.reasons)
