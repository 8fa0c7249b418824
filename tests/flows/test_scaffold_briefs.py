"""Briefs that a model fills in: the real command, server, git and tests, with a scripted model over real HTTP."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient

from overhaul.flows.errors import ScaffoldError
from overhaul.flows.gate_rules import Decision, Given
from overhaul.flows.gates import answer
from overhaul.flows.options import Budget, RunOptions
from overhaul.flows.results import RunResult
from overhaul.flows.runs import execute, gate_of
from overhaul.flows.scaffold import Scaffold, Wanted, begun, make
from overhaul.flows.scaffold_run import take, with_run
from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul
from tests.flows.repositories import commit_files, git
from tests.flows.test_agent_runs import model
from tests.refactors.agent.model_server import Say

PICTURE = b"\x89PNG\r\n\x1a\n and so on"
BRIEF = "# Sell tea\n\nIt tells the price of tea.\n"


def add(path: str, *lines: str) -> tuple[str, str]:
    body = "".join(f"+{line}\n" for line in lines)
    return "apply_patch!", f"*** Begin Patch\n*** Add File: {path}\n{body}*** End Patch\n"


SOURCE = add(
    "src/shop/tea.py", '"""Tea."""', "", "", "def price() -> int:", '    """In cents."""', "    return 300"
)


def price_test(price: int) -> tuple[str, str]:
    return add(
        "tests/test_tea.py", '"""Tea."""', "", "from shop.tea import price", "", "",
        "def test_tea_has_a_price() -> None:", f"    assert price() == {price}",
    )  # fmt: skip


def test_brief_waits_for_a_model_and_becomes_a_second_commit(
    overhaul: Overhaul, home: Settings, tmp_path: Path
) -> None:
    del home
    folder, picture, brief = tmp_path / "shop", tmp_path / "tea.png", tmp_path / "tea.md"
    picture.write_bytes(PICTURE)
    brief.write_text(BRIEF)
    here = ("--sandbox", "process", "--python", sys.executable, "--json")
    kept = overhaul("new", folder, "--brief", brief, "--image", picture, *here, OVERHAUL_MODEL="")
    assert (kept.exit_code, kept.json["status"], kept.json["run"]) == (1, "kept", None), kept.stderr
    assert "OVERHAUL_MODEL" in kept.json["message"]
    assert f"overhaul new {folder}" in kept.json["message"]
    assert git(folder, "show", "HEAD:BRIEF.md") == BRIEF.strip()
    picture.unlink()
    with model(Say("", (SOURCE, price_test(300))), Say("Tea is sold.")) as (server, variables):
        filled = overhaul("new", folder, "--yes", *here, **variables)
    assert (filled.exit_code, filled.json["status"]) == (0, "filled"), filled.stderr
    first = json.dumps(server.bodies[0])
    assert ("It tells the price of tea." in first, "data:image/png;base64,iVBORw0KGg" in first) == (
        True,
        True,
    )
    assert filled.json["run"]["tests"] == {"base": 2, "head": 3, "new_failures": 0}
    assert git(folder, "log", "--format=%s").splitlines() == [
        "Sell tea", "Begin shop: a library from overhaul's template",
    ]  # fmt: skip
    assert "return 300" in (folder / "src" / "shop" / "tea.py").read_text()
    assert git(folder, "status", "--porcelain") == ""
    assert begun(folder) is None


@pytest.fixture
def project(
    home: Settings, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Scaffold:
    """A project with a brief, to be filled in within this process."""
    del client
    monkeypatch.setenv("OVERHAUL_HOME", str(home.home))
    return make(tmp_path / "shop", Wanted("library", f"{BRIEF}{tmp_path}"))


def fill_in(
    project: Scaffold,
    home: Settings,
    monkeypatch: pytest.MonkeyPatch,
    *steps: Say,
    budget: Budget | None = None,
) -> tuple[Scaffold, RunResult]:
    with model(*steps) as (_, variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        options = RunOptions(
            sandbox="process",
            python=sys.executable,
            mode="full",
            campaign="new shop",
            budget=budget or Budget(),
        )
        project = with_run(project, options)
        return project, execute(project.run, home)


def test_what_breaks_tests_is_not_taken_and_can_be_tried_again(
    project: Scaffold, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = [Say("", (SOURCE, price_test(1))), Say("Done."), Say("Still."), Say("Still.")]
    project, result = fill_in(project, home, monkeypatch, *wrong)
    take(project, result)
    assert result.status == "blocked"
    assert "tests/test_tea.py::test_tea_has_a_price" in result.message
    assert git(project.folder, "rev-list", "--count", "HEAD") == "1"
    there = begun(project.folder)
    assert there is not None
    assert there.run == ""


def test_unfinished_work_is_taken_once_a_person_has_approved_it(
    project: Scaffold, home: Settings, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [Say("", (SOURCE, price_test(300)))]
    project, result = fill_in(project, home, monkeypatch, *steps, budget=Budget(steps=1))
    take(project, result)
    assert result.status == "waiting"
    assert git(project.folder, "rev-list", "--count", "HEAD") == "1"
    assert begun(project.folder) == project
    answer(client, gate_of(client, project.run), Given(Decision.approve, "ada", ""))
    published = execute(project.run, home)
    commit_files(project.folder, {"own.txt": "mine"}, "meanwhile")
    with pytest.raises(ScaffoldError, match=r"has changed meanwhile.* merge overhaul/new-shop"):
        take(project, published)
    git(project.folder, "reset", "--quiet", "--hard", "HEAD~1")
    take(project, published)
    assert git(project.folder, "rev-list", "--count", "HEAD") == "2"
