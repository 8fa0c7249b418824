"""A file that an edit creates or removes: analysed in the mirror, planned, committed, reviewed, with real git."""

from dataclasses import asdict
from pathlib import Path

import pytest

from overhaul.flows.analysis import AnalysisRecord, analyse_commit, plan_edits, restore
from overhaul.flows.evidence import changes_between
from overhaul.flows.mirror import Author, Mirror
from overhaul.refactors.review import review_change
from tests.flows.repositories import make_repository

AUTHOR = Author("Ada", "ada@localhost", 1_700_000_000)
RECIPE, PARAMETERS = "move-symbol", {"symbol": "acme.api.fetch", "to": "acme.net.http"}
NEW = ["acme/net/__init__.py", "acme/net/http.py"]


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    files = {
        "acme/__init__.py": "from .api import fetch\n",
        "acme/api.py": "import json\n\n\ndef fetch(url):\n    return json.dumps(url)\n",
    }
    return Mirror.of(str(make_repository(tmp_path / "source", files)), tmp_path / "mirrors")


def test_created_files_are_planned_committed_and_reviewed(mirror: Mirror) -> None:
    base = mirror.fetch(None).commit
    record = AnalysisRecord(**asdict(analyse_commit(mirror, base, RECIPE, PARAMETERS)))
    assert [edit["path"] for edit in record.edits if edit["old_hash"] is None] == NEW
    plan = plan_edits(mirror, base, record, RECIPE, PARAMETERS, 50)
    assert plan.batches == (("acme/__init__.py", "acme/api.py", *NEW),)
    assert [edit.path for edit in plan.edits if edit.old_hash is None] == NEW
    assert [edit.path for edit in restore(mirror, record, RECIPE, PARAMETERS).edits if edit.is_new] == NEW
    tree = mirror.change_tree(base, record.changes())
    head = mirror.commit_tree(tree, base, "move", AUTHOR)
    assert mirror.text("diff-tree", "-r", "--name-status", base, head).split("\n") == [
        "M\tacme/__init__.py", "M\tacme/api.py", *(f"A\t{path}" for path in NEW),
    ]  # fmt: skip
    assert mirror.git("show", f"{head}:acme/net/http.py").startswith(b"import json\n\n\ndef fetch")
    changes = changes_between(mirror, base, head, record, plan.batches[0])
    assert [change.path for change in changes if change.old is None] == NEW
    review = review_change(changes, record.unresolved, None)
    assert not any(finding.path in NEW for finding in review.findings)


def test_part_of_the_edits_may_create_a_file_alone(mirror: Mirror) -> None:
    base = mirror.fetch(None).commit
    record = analyse_commit(mirror, base, RECIPE, PARAMETERS)
    tree = mirror.change_tree(base, record.changes({NEW[1]}))
    assert NEW[1] in mirror.text("ls-tree", "-r", "--name-only", tree).split()


def test_removed_files_are_planned_committed_and_reviewed(tmp_path: Path) -> None:
    files = {
        "setup.py": "from setuptools import setup\n\nsetup(name='acme', version='1')\n",
        "setup.cfg": "[egg_info]\ntag_build =\n",
        "acme.py": "",
    }
    mirror = Mirror.of(str(make_repository(tmp_path / "source", files)), tmp_path / "mirrors")
    base = mirror.fetch(None).commit
    record = AnalysisRecord(**asdict(analyse_commit(mirror, base, "migrate-config", {})))
    assert [edit["path"] for edit in record.edits if not edit["blob"]] == ["setup.cfg", "setup.py"]
    restored = restore(mirror, record, "migrate-config", {})
    assert [edit.path for edit in restored.edits if edit.is_removal] == ["setup.cfg", "setup.py"]
    plan = plan_edits(mirror, base, record, "migrate-config", {}, 50)
    assert [edit.path for edit in plan.edits if not edit.new_hash] == ["setup.cfg", "setup.py"]
    formatted = record.formatted({"pyproject.toml": mirror.write_blobs([b"[project]\n"])[0]})
    tree = mirror.change_tree(base, formatted.changes())
    assert mirror.text("ls-tree", "-r", "--name-only", tree).split() == ["acme.py", "pyproject.toml"]
    head = mirror.commit_tree(tree, base, "migrate", AUTHOR)
    changes = changes_between(mirror, base, head, record, plan.batches[0])
    assert [change.path for change in changes if change.new is None] == ["setup.cfg", "setup.py"]
    assert review_change(changes, record.unresolved, None).findings
