"""Runs and campaigns opened to be looked at, their notebooks and reports: against a real server, with hostile files."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from overhaul.flows import open_campaign, open_run, server
from overhaul.flows.errors import AnswerRefused, NothingToAnswer, UnknownCampaign, UnknownRun
from overhaul.flows.settings import Settings
from overhaul.flows.widgets.gate_form import GateForm
from tests.flows.conftest import Overhaul, rename, sample_repository
from tests.flows.repositories import commit_files

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
MARKUP = "<script>alert(1)</script>"
SECRET = "hunter2-<correct>&horse"


@dataclass(frozen=True)
class Looked:
    """Two runs of one campaign that wait at their gates; the second one's repository is full of markup."""

    acme: str
    hostile: str
    settings: Settings


@pytest.fixture(scope="module")
def looked(home: Settings, overhaul: Overhaul, tmp_path_factory: pytest.TempPathFactory) -> Looked:
    folder = tmp_path_factory.mktemp("looked")
    acme = sample_repository("acme", folder / "acme")
    hostile = sample_repository("acme", folder / "<img src=x onerror=alert(1)>")
    marked = f"from acme.api import fetch_user\n\n\ndef test_it() -> None:\n    print({MARKUP!r}, {SECRET!r})\n    assert fetch_user\n"
    commit_files(hostile, {"tests/test_<b>.py": marked, "unique.txt": "two"}, MARKUP)
    commit_files(acme, {"unique.txt": "one"}, "like no other")
    done = overhaul("run", *rename(), "--campaign", "looked", "--json", acme, hostile)
    ids = {Path(each["repository"]).name: each["run_id"] for each in done.json["runs"]}
    return Looked(ids["acme"], ids[hostile.name], home)


@pytest.fixture
def here(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> Iterator[Looked]:
    """This process asks the session's server, as a notebook's kernel would."""
    running = server.ensure(looked.settings, lambda _: None)
    monkeypatch.setenv("OVERHAUL_HOME", str(looked.settings.home))
    monkeypatch.setenv("PREFECT_API_URL", running.api_url)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", running.auth_string)
    monkeypatch.setenv("PREFECT_LOCAL_STORAGE_PATH", str(looked.settings.home / "results"))
    return looked


def papermill(
    settings: Settings, notebook: str, out: Path, *parameters: str
) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-P",
        "-m",
        "papermill",
        "--no-progress-bar",
        str(NOTEBOOKS / notebook),
        str(out),
        *parameters,
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=out.parent,
        env=environment | {"OVERHAUL_HOME": str(settings.home)},
    )  # fmt: skip


def outputs(notebook: Path) -> str:
    found = []
    for cell in json.loads(notebook.read_text())["cells"]:
        for output in cell.get("outputs", ()):
            found += output.get("data", {}).get("text/html") or output.get("text", [])
    return "".join(found)


def test_notebooks_of_runs_and_campaigns_are_executed_with_several_parameters(
    looked: Looked, tmp_path: Path
) -> None:
    wanted = [
        ("inspect_run.ipynb", "-r", "run_id", looked.acme),
        ("inspect_run.ipynb", "-r", "run_id", looked.hostile[:8], "-r", "search", "passed"),
        ("campaign_report.ipynb", "-r", "campaign", "looked"),
        ("campaign_report.ipynb", "-r", "campaign", "looked", "-r", "export_to", str(tmp_path / "kept")),
        ("inspect_run.ipynb", "-r", "run_id", "ffffffff"),
    ]

    def run(number: int) -> subprocess.CompletedProcess[str]:
        notebook, *words = wanted[number]
        return papermill(looked.settings, notebook, tmp_path / f"{number}.ipynb", *words)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run, range(len(wanted))))
    assert [each.returncode for each in done] == [0, 0, 0, 0, 1], [each.stderr[-2000:] for each in done]
    assert "Timeline: " in outputs(tmp_path / "0.ipynb")
    for number in range(4):
        shown = outputs(tmp_path / f"{number}.ipynb")
        assert "<script" not in shown
        assert "<img" not in shown
    assert "&lt;b&gt;.py" in outputs(tmp_path / "1.ipynb")
    assert "no run has the id or name 'ffffffff'" in done[4].stderr
    page = (tmp_path / "kept" / "campaign.html").read_text()
    assert "default-src 'none'" in page
    assert "&lt;img src=x" in page
    rows = list(csv.DictReader((tmp_path / "kept" / "campaign.csv").read_text().splitlines()))
    assert [(row["status"], row["new_failures"]) for row in rows] == [("waiting", "0")] * 2


def test_report_keeps_a_record_without_secrets(looked: Looked, overhaul: Overhaul) -> None:
    done = overhaul("report", "--run", looked.hostile[:8], "--json", ACME_TOKEN=SECRET)
    assert done.exit_code == 0, done.stderr
    kept = done.json["report"]
    page = Path(kept["page"]).read_text()
    assert "tests-at-base" in page
    for path in (kept["page"], kept["notebook"]):
        assert "hunter2" not in Path(path).read_text()
    assert "<script" not in page
    notebook = json.loads(Path(kept["notebook"]).read_text())
    assert notebook["metadata"]["papermill"]["parameters"] == {"run_id": looked.hostile}


def test_a_report_says_what_it_cannot_be_about(looked: Looked, overhaul: Overhaul) -> None:
    assert "no run belongs to a campaign 'lookd'. Did you mean 'looked'" in overhaul("report", "lookd").stderr
    assert overhaul("report").exit_code == 2


def test_opened_run_tells_of_steps_tests_logs_and_the_agent(here: Looked) -> None:
    run = open_run(here.acme[:8])
    steps = [each.step for each in run.record.attempts]
    assert steps[:2] == ["fetch", "analyse"]
    assert [each.gate for each in run.record.waits] == ["publish"]
    assert "head: {'passed': 6}" in run.tests().text
    assert "+def get_user(" in run.diff(1).text
    assert "6 passed" in run.logs("6 PASSED").text
    assert "No model took part" in run.agent().text
    assert "risk: " in run.findings().text
    with pytest.raises(UnknownRun, match="has no batch 2"):
        run.diff(2)


def test_opened_run_and_campaign_say_what_is_wrong_with_a_name(here: Looked) -> None:
    with pytest.raises(UnknownRun, match="run_id is 3; it takes a run's id"):
        open_run(3)  # type: ignore[arg-type]
    with pytest.raises(UnknownCampaign, match="campaign is None; it takes a campaign's name"):
        open_campaign(None)  # type: ignore[arg-type]


def test_gate_is_answered_from_a_notebook_once_and_the_run_goes_on(here: Looked) -> None:
    run, late = open_run(here.acme), open_run(here.acme)
    form = GateForm(run)
    assert [value for _, value in form.decision.options] == ["approve", "reject", "revise"]
    with pytest.raises(AnswerRefused, match="'perhaps' is no decision"):
        run.answer("perhaps")
    process = run.answer("approve", "looks right", "ada")
    assert process is not None
    with pytest.raises(NothingToAnswer):
        late.answer("reject", "too late", "bob")
    assert process.wait() == 0
    run.refresh()
    assert run.status == "published"
    assert "ada" in run.decisions().text
    assert GateForm(run).widget.children[1].layout.display == "none"
    campaign = open_campaign("looked")
    assert [row.status for row in campaign.rows if row.run_id == here.acme] == ["published"]
    assert "merge rate: 0%" in campaign.merged().text
