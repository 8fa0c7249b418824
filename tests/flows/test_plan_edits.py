"""A commit's edits are planned in the order of its imports."""

from pathlib import Path

import pytest

from overhaul.flows.analysis import analyse_commit, plan_edits
from overhaul.flows.mirror import Mirror
from tests.flows.repositories import make_repository

PARAMETERS = {"pattern": "len($A)", "template": "id($A)"}


def test_imported_files_are_in_earlier_batches_and_cycles_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERHAUL_HOME", str(tmp_path / "home"))
    code = "len([1])\n"
    files = {"a.py": "import z\n", "b.py": "import c\n", "c.py": "import b\n", "z.py": "import b\n"}
    source = make_repository(tmp_path / "source", {path: text + code for path, text in files.items()})
    mirror = Mirror.of(str(source), tmp_path / "mirrors")
    commit = mirror.fetch(None).commit
    record = analyse_commit(mirror, commit, "replace-call", PARAMETERS)
    for _ in range(2):  # the second time from the index
        plan = plan_edits(mirror, commit, record, "replace-call", PARAMETERS, max_files=2)
        assert plan.batches == (("b.py", "c.py"), ("z.py", "a.py"))
    assert (tmp_path / "home" / "index" / "facts.sqlite").exists()
