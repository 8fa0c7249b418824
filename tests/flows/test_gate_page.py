"""The page of a gate and the artifacts of a run, by the real command, and the page in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from overhaul.flows import server
from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul, rename
from tests.flows.repositories import commit_files

HOSTILE = "<script>alert(1)</script>```\n![x](https://evil.example/x.png)"


def artifacts_of(home: Settings, run_id: str) -> dict[str, list[str]]:
    """What the server keeps of a run, by name, each version of it."""
    running = server.ensure(home, lambda _: None)
    found: dict[str, list[str]] = {}
    with (
        temporary_settings({PREFECT_API_URL: running.api_url, PREFECT_API_AUTH_STRING: running.auth_string}),
        get_client(sync_client=True) as client,
    ):
        wanted = {"flow_runs": {"id": {"any_": [run_id]}}, "limit": 100}
        for row in client.request("POST", "/artifacts/filter", json=wanted).json():
            found.setdefault(row["key"].removeprefix(f"run-{run_id[:8]}-"), []).append(str(row["data"]))
    return found


def test_gate_has_a_page_that_stays_as_it_was_shown(overhaul: Overhaul, home: Settings, acme: Path) -> None:
    commit_files(
        acme,
        {"src/acme/hostile.py": f"from acme.api import fetch_user\nX = '''{HOSTILE}'''\nfetch_user(1)\n"},
        "more",
    )
    (run,) = overhaul("run", *rename(), "--json", acme).json["runs"]
    (gate,) = [each for each in overhaul("gates", "--json").json["gates"] if each["run_id"] == run["run_id"]]
    page = Path(gate["page"])
    assert page == home.run_folder(run["run_id"]) / "pages" / f"publish-{gate['hash'][:16]}.html"
    assert overhaul("show", run["run_id"], "--page").stdout.strip() == str(page)
    html = page.read_text()
    for words in ("Publish this change?", f"overhaul approve {run['run_id'][:8]}", gate["hash"], "No new failures",
                  "Batch 1 of 1", "<mark>", "<small>", "new test failures", "model tokens"):  # fmt: skip
        assert words in html, words
    assert "<script" not in html
    assert "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" in html
    assert "page" in overhaul("show", run["run_id"]).stdout

    before = artifacts_of(home, run["run_id"])
    assert set(before) == {"summary", "tests", "sites", "diff", "page"}
    assert before["diff"][0].startswith("````diff\n"), "the fence is longer than any in the repository's text"
    assert "https://evil.example" not in before["sites"][0] + before["summary"][0]
    assert re.search(
        rf"\]\(http://127\.0\.0\.1:\d+/[\w-]+/runs/{run['run_id']}/pages/publish-", before["page"][0]
    )
    assert overhaul("resume", run["run_id"]).exit_code == 0
    assert artifacts_of(home, run["run_id"]) == before, "what was shown is not shown anew"
    assert page.read_text() == html

    (done,) = overhaul("approve", run["run_id"], "--json").json["runs"]
    assert len(artifacts_of(home, run["run_id"])["summary"]) == 2
    published = Path(done["pull_request"].removeprefix("file://")).read_text()
    assert "How to answer" not in published
    assert overhaul("show", run["run_id"], "--page").stdout.strip() == done["pull_request"].removeprefix(
        "file://"
    )


def test_plan_gate_shows_what_is_planned(overhaul: Overhaul, acme: Path) -> None:
    (run,) = overhaul("run", *rename(), "--gate", "plan=ask", "--json", acme).json["runs"]
    html = Path(overhaul("show", run["run_id"], "--json").json["page"]).read_text()
    for words in ("Carry out this plan?", "All that is planned", "tests pass at base", "<mark>"):
        assert words in html, words
    assert "What a reviewer should know" not in html


@pytest.mark.parametrize("option", ["--page"])
def test_run_that_asked_nobody_has_no_page(overhaul: Overhaul, acme: Path, option: str) -> None:
    (run,) = overhaul("run", *rename(), "--mode", "read-only", "--json", acme).json["runs"]
    done = overhaul("show", run["run_id"], option)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no page yet" in done.stderr
