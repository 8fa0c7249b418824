"""Edits that change what is installed: the head is tested with that."""

from __future__ import annotations

from pathlib import Path

from tests.flows.conftest import Overhaul
from tests.flows.repositories import git, make_repository

PROJECT = '[project]\nname = "needy"\nversion = "1"\ndependencies = ["iniconfig==2.0.0"]\n'
TEST = """from importlib.metadata import version
from pathlib import Path


def test_what_is_asked_for_is_installed():
    assert f'"iniconfig=={version("iniconfig")}"' in Path("pyproject.toml").read_text()
"""


def bump(to: str) -> list[str]:
    named = ["-p", "name=iniconfig", "-p", f"to={to}", "-p", "how=pin"]
    return ["run", "bump-dependency", *named, "--sandbox", "landlock", "--yes", "--json"]


def test_new_release_is_what_the_head_is_tested_with(overhaul: Overhaul, tmp_path: Path) -> None:
    project = make_repository(tmp_path / "needy", {"pyproject.toml": PROJECT, "test_it.py": TEST})
    missing = overhaul(*bump("999"), project)
    (failed,) = missing.json["runs"]
    assert failed["status"] == "failed"
    assert "what the edited files ask for cannot be installed" in failed["message"]

    (run,) = overhaul(*bump("2.1.0"), project).json["runs"]
    assert (run["status"], run["tests"]) == ("published", {"base": 1, "head": 1, "new_failures": 0})
    assert "iniconfig==2.1.0" in git(project, "show", f"{run['head']}:pyproject.toml")
    page = Path(run["pull_request"].removeprefix("file://")).read_text()
    assert "what is needed has changed" in page
