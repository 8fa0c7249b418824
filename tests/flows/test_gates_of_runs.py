"""What people may say at the gates of real runs, and what comes of it: by command, by comment, by policy."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from overhaul.flows.forges.local import LocalForge
from overhaul.flows.ledger import Ledger
from overhaul.flows.mirror import Mirror
from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul, rename
from tests.flows.repositories import git, make_repository
from tests.flows.test_gate_page import artifacts_of

REPLACE = ["replace-call", "-p", "pattern=shop.old($A)", "-p", "template=shop.new($A)"]
HERE = ["--sandbox", "process", "--python", sys.executable]
TEST = "import shop.{0}\n\n\ndef test_{0}():\n    assert shop.{0}.price(1) == 2\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two modules whose edits stand by themselves, each with its test."""
    user = "import shop\n\n\ndef price(x):\n    return shop.old(x)\n"
    files = {
        "shop/__init__.py": "def old(x):\n    return x + 1\n\n\ndef new(x):\n    return x + 1\n",
        "shop/first.py": user, "shop/second.py": user,
        "tests/test_first.py": TEST.format("first"), "tests/test_second.py": TEST.format("second"),
        "conftest.py": "",
    }  # fmt: skip
    return make_repository(tmp_path / "shop", files)


def only_run(done: Any) -> dict[str, Any]:
    assert done.stdout, done.stderr
    (run,) = done.json["runs"]
    return dict(run)


def test_change_that_is_sent_back_is_planned_and_asked_about_again(overhaul: Overhaul, acme: Path) -> None:
    run_id = only_run(overhaul("run", *rename(), "--json", acme))["run_id"]
    empty = overhaul("revise", run_id, "--comment", " ")
    assert "a comment must say what shall change" in empty.stderr
    revised = only_run(overhaul("revise", run_id, "--comment", "is `get` the word?", "--json"))
    shown = overhaul("show", run_id, "--json").json
    assert (revised["status"], shown["waits_at"]) == ("waiting", "plan")
    (gate,) = [each for each in overhaul("gates", "--json").json["gates"] if each["run_id"] == run_id]
    assert "is `get` the word?" in gate["summary"]
    assert only_run(overhaul("approve", run_id, "--json"))["status"] == "waiting", "at the publish gate again"
    assert only_run(overhaul("approve", run_id, "--json"))["status"] == "published"
    decided = [(each["gate"], each["decision"]) for each in overhaul("show", run_id, "--json").json["gates"]]
    assert decided == [
        ("plan", "approve"), ("publish", "revise"), ("plan", "approve"), ("publish", "approve"),
    ]  # fmt: skip


def test_plan_is_shown_without_the_files_that_were_sent_back(
    overhaul: Overhaul, home: Settings, shop: Path
) -> None:
    run_id = only_run(overhaul("run", *REPLACE, *HERE, "--max-files", "1", "--json", shop))["run_id"]
    assert artifacts_of(home, run_id)["batches"] == ["100"], "of two batches, both are done"
    overhaul("revise", run_id, "--comment", "not that one", "--without", "shop/first.py")
    asked = overhaul("show", run_id, "--json").json["gates"]
    assert only_run(overhaul("resume", run_id, "--json"))["status"] == "waiting"
    assert overhaul("show", run_id, "--json").json["gates"] == asked, "the question stands"
    no_draft = overhaul("comment", run_id, "@overhaul approve")
    assert (no_draft.exit_code, "overhaul approve" in no_draft.stderr) == (1, True), no_draft.stderr
    diff = overhaul("show", run_id, "--diff").stdout
    assert ("shop/second.py" in diff, "shop/first.py" in diff) == (True, False)


def test_rest_of_an_approved_change_is_published_without_the_files_set_aside(
    overhaul: Overhaul, shop: Path
) -> None:
    run = only_run(overhaul("run", *REPLACE, *HERE, "--json", shop))
    assert (run["status"], run["edits"]) == ("waiting", 2)
    wrong = overhaul("approve", run["run_id"], "--without", "shop/third.py")
    assert (wrong.exit_code, "shop/third.py is not among the changed files" in wrong.stderr) == (1, True)
    ended = only_run(overhaul("approve", run["run_id"], "--without", "shop/first.py", "--json"))
    assert (ended["status"], ended["set_aside"]) == ("published", ["shop/first.py"])
    assert git(shop, "diff", "--name-only", "main", ended["branch"]) == "shop/second.py"
    body = overhaul("show", run["run_id"], "--json").json["pull_request_record"]["body"]
    assert "### Left out by a person\n\n- `shop/first.py`" in body


def test_files_that_belong_together_are_tested_and_asked_about_again(overhaul: Overhaul, acme: Path) -> None:
    run = only_run(overhaul("run", *rename(), "--json", acme))
    ended = only_run(overhaul("approve", run["run_id"], "--without", "src/acme/__init__.py", "--json"))
    assert (ended["status"], "break" in ended["message"]) == ("blocked", True)
    assert "overhaul/" not in git(acme, "branch", "--all")


def test_draft_is_answered_by_a_comment_of_somebody_who_may_write(
    overhaul: Overhaul, shop: Path, home: Settings
) -> None:
    run = only_run(overhaul("run", *REPLACE, *HERE, "--gate", "publish=draft", "--json", shop))
    assert run["status"] == "waiting"
    draft = overhaul("show", run["run_id"], "--json").json["pull_request_record"]
    assert draft["state"] == "draft"
    assert "This draft waits for a decision" in draft["body"]
    ledger = Ledger(home.ledger_url)
    forge = LocalForge(ledger, home.pull_requests, Mirror.of(str(shop), home.mirrors))
    forge.comment(str(shop), run["branch"], "mallory", "@overhaul approve", may_write=False)
    assert only_run(overhaul("comment", run["run_id"], "what is this?", "--json"))["status"] == "waiting"
    (reply,) = [body for who, body in forge.talk(str(shop), run["branch"]) if who == "overhaul"]
    assert "@mallory: only people with write access to the repository decide here" in reply
    ended = only_run(
        overhaul("comment", run["run_id"], "@overhaul approve without shop/first.py\nready", "--json")
    )
    assert (ended["status"], ended["set_aside"]) == ("published", ["shop/first.py"])
    shown = overhaul("show", run["run_id"], "--json").json
    assert (shown["pull_request_record"]["state"], shown["gates"][-1]["via"]) == ("open", "comment")
    assert shown["gates"][-1]["comment"] == "ready"
    ledger.close()


def test_rejected_draft_is_closed_with_the_reason(overhaul: Overhaul, shop: Path) -> None:
    run = only_run(overhaul("run", *REPLACE, *HERE, "--gate", "publish=draft", "--json", shop))
    ended = only_run(overhaul("comment", run["run_id"], "@overhaul reject: too early", "--json"))
    assert (ended["status"], "too early" in ended["message"]) == ("rejected", True)
    record = overhaul("show", run["run_id"], "--json").json["pull_request_record"]
    assert record["state"] == "closed"
    assert "too early" in record["comments"][-1]["body"]


def test_nobody_is_asked_within_the_limits_of_the_rule(overhaul: Overhaul, shop: Path) -> None:
    rule = "publish={auto_approve: {max_files: 2}, approvers: [ada]}"
    run = only_run(overhaul("run", *REPLACE, *HERE, "--gate", rule, "--json", shop))
    assert run["status"] == "published"
    gate = overhaul("show", run["run_id"], "--json").json["gates"][-1]
    assert (gate["approver"], gate["via"]) == ("policy: within the limits of auto_approve", "policy")


def test_limit_that_is_not_kept_is_named_at_the_gate(overhaul: Overhaul, shop: Path) -> None:
    rule = "publish={auto_approve: {max_files: 1}, approvers: [ada]}"
    run = only_run(overhaul("run", *REPLACE, *HERE, "--gate", rule, "--json", shop))
    assert run["status"] == "waiting"
    (gate,) = [each for each in overhaul("gates", "--json").json["gates"] if each["run_id"] == run["run_id"]]
    assert "- **not kept**: `2 files change (at most 1)`" in gate["summary"]
    assert "- kept: `0 changed lines are executed by no test (at most 0)`" in gate["summary"]
    wrong = overhaul("approve", run["run_id"], "--approver", "mallory")
    assert (wrong.exit_code, "only ada may decide" in wrong.stderr) == (1, True)


def test_uncovered_lines_pass_only_through_a_gate(overhaul: Overhaul, shop: Path) -> None:
    (shop / "tests" / "test_second.py").unlink()
    git(shop, "commit", "--quiet", "--all", "-m", "fewer tests")
    run = only_run(overhaul("run", *REPLACE, *HERE, "--mode", "full", "--json", shop))
    assert (run["status"], run["changed_lines"]["missed"]) == ("waiting", ["shop/second.py:5"])


@pytest.mark.parametrize(
    ("gate", "why"),
    [
        ("publish=maybe", "--gate publish"),
        ("publish={aprovers: [ada]}", "--gate publish.aprovers"),
        ("publish={approvers: [ada", "is no rule"),
        ("plan=draft", "--gate plan"),
        ("plan={needed: x}", "'x' is no whole number"),
        ("groups=ada", "'ada' is no table"),
        ("publish={approvers: ['group:core']}", "there is no group:core"),
    ],
)
def test_wrong_rule_says_what_is_wrong(overhaul: Overhaul, shop: Path, gate: str, why: str) -> None:
    done = overhaul("run", *REPLACE, *HERE, "--gate", gate, shop)
    assert (done.exit_code, why in done.stderr) == (2, True), done.stderr


def test_decision_of_named_people_is_kept_as_an_executed_notebook(
    overhaul: Overhaul, shop: Path, home: Settings
) -> None:
    rule = "publish={approvers: [ada]}"
    run = only_run(overhaul("run", *REPLACE, *HERE, "--gate", rule, "--json", shop))
    overhaul("approve", run["run_id"], "--approver", "ada", "--comment", "as agreed")
    page = home.reports / "runs" / run["run_id"] / "inspect_run.html"
    deadline = time.monotonic() + 120
    while not page.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "as agreed" in page.read_text(), (home.run_folder(run["run_id"]) / "carried-on.log").read_text()
