"""One repository end to end, by the real command, with a real Prefect server, git and tests."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul, rename, sample_repository
from tests.flows.repositories import commit_files, git, make_repository

FAILING_TEST = {"tests/test_broken.py": "def test_broken():\n    assert False\n"}


def only_run(done: object) -> dict:
    (run,) = done.json["runs"]  # type: ignore[attr-defined]
    return run


def test_run_ends_with_tested_commits_and_a_pull_request(overhaul: Overhaul, acme: Path) -> None:
    before = git(acme, "rev-parse", "HEAD")
    done = overhaul("run", *rename(), "--yes", "--json", acme)
    run = only_run(done)
    assert done.exit_code == 0, done.stderr
    assert (run["status"], run["edits"], run["tokens"]) == ("published", 3, 0)
    assert run["tests"] == {"base": 6, "head": 6, "new_failures": 0}
    assert run["impacted"] == {"files": 1, "tests": 6, "passed": 6}
    assert run["changed_lines"] == {"changed": 9, "executed": 9, "missed": [], "reason": ""}
    assert git(acme, "rev-parse", run["branch"]) == run["head"]
    assert git(acme, "rev-parse", f"{run['head']}~1") == before
    assert git(acme, "diff", "--name-only", before, run["head"]).split() == [
        "src/acme/__init__.py", "src/acme/api.py", "tests/test_api.py",
    ]  # fmt: skip
    assert "def fetch_user(self)" in git(acme, "show", f"{run['head']}:src/acme/api.py"), (
        "the method is another thing"
    )
    assert (git(acme, "rev-parse", "HEAD"), git(acme, "status", "--porcelain")) == (before, "")
    assert Path(run["pull_request"].removeprefix("file://")).read_text().startswith("<!doctype html>")
    reviewed = overhaul("review", run["run_id"], "--no-model", "--json", cwd=acme)
    assert (reviewed.exit_code, reviewed.json["head"], reviewed.json["findings"]) == (0, run["head"], [])


def test_composite_that_comes_with_overhaul_is_run_by_its_name(overhaul: Overhaul, tmp_path: Path) -> None:
    files = {
        "clock.py": "import datetime\n\n\ndef now():\n    return datetime.datetime.utcnow()\n",
        "test_clock.py": "import clock\n\n\ndef test_now():\n    assert clock.now().tzinfo is None\n",
    }
    repository = make_repository(tmp_path / "clock", files)
    run = only_run(overhaul("run", "deprecated-standard-library", "--yes", "--json", repository))
    assert (run["status"], run["edits"]) == ("published", 1), run["message"]
    assert "now(datetime.timezone.utc).replace(tzinfo=None)" in git(
        repository, "show", f"{run['head']}:clock.py"
    )
    page = Path(run["pull_request"].removeprefix("file://")).read_text()
    assert "overhaul run deprecated-standard-library" in page


def test_changed_line_that_no_test_executes_is_named_in_the_pull_request(
    overhaul: Overhaul, acme: Path
) -> None:
    unused = "from acme.api import fetch_user\n\n\ndef unused():\n    return fetch_user(7)\n"
    test = "def test_of_nothing_else():\n    import acme.unused\n"
    commit_files(acme, {"src/acme/unused.py": unused, "tests/test_unused.py": test}, "more")
    run = only_run(overhaul("run", *rename(), "--yes", "--json", acme))
    assert (run["impacted"]["files"], run["impacted"]["tests"]) == (2, 7)
    assert run["changed_lines"] == {
        "changed": 11,
        "executed": 10,
        "missed": ["src/acme/unused.py:5"],
        "reason": "",
    }
    page = Path(run["pull_request"].removeprefix("file://")).read_text()
    body = overhaul("show", run["run_id"], "--json").json["pull_request_record"]["body"]
    assert "Impacted tests: 7 passed of 7" in page
    assert "Changed lines: 10 of 11 executed by tests." in body
    assert "- not executed: `src/acme/unused.py:5`\n\nNo new failures" in body
    assert "not executed: <code>src/acme/unused.py:5</code>" in page


def test_second_run_changes_nothing(overhaul: Overhaul, acme: Path) -> None:
    first = only_run(overhaul("run", *rename(), "--yes", "--json", acme))
    second = only_run(overhaul("run", *rename(), "--yes", "--json", acme))
    assert (second["pull_request"], second["head"]) == (first["pull_request"], first["head"])
    assert git(acme, "rev-parse", first["branch"]) == first["head"]
    assert len(git(acme, "branch", "--list", "overhaul/*").split()) == 1


def test_run_without_a_terminal_waits_and_is_approved_later(overhaul: Overhaul, acme: Path) -> None:
    done = overhaul("run", *rename(), "--json", acme)
    run = only_run(done)
    assert (done.exit_code, run["status"], run["tests"]["new_failures"]) == (0, "waiting", 0)
    assert "overhaul/" not in git(acme, "branch", "--all")
    (gate,) = [each for each in overhaul("gates", "--json").json["gates"] if each["run_id"] == run["run_id"]]
    assert (gate["gate"], gate["repository"]) == ("publish", str(acme))
    assert "6 passed" in gate["summary"]
    approved = overhaul(
        "approve", run["run_id"], "--comment", "looks right", "--hash", gate["hash"], "--json"
    )
    assert only_run(approved)["status"] == "published"
    shown = overhaul("show", run["run_id"], "--json").json
    assert max(step["attempts"] for step in shown["steps"]) == 1, "no finished step is repeated"
    assert "looks right" in shown["pull_request_record"]["body"]


def test_rejected_gate_leaves_branch_unpushed(overhaul: Overhaul, acme: Path) -> None:
    run = only_run(overhaul("run", *rename(), "--json", acme))
    rejected = overhaul("reject", run["run_id"][:8], "--comment", "not now", "--json")
    assert (rejected.exit_code, only_run(rejected)["status"]) == (0, "rejected")
    assert "not now" in only_run(rejected)["message"]
    assert "overhaul/" not in git(acme, "branch", "--all")
    assert overhaul("approve", run["run_id"]).exit_code == 1, "a decision is made once"


def test_plan_gate_asks_before_anything_is_edited(overhaul: Overhaul, acme: Path) -> None:
    run = only_run(overhaul("run", *rename(), "--gate", "plan=ask", "--json", acme))
    shown = overhaul("show", run["run_id"], "--json").json
    assert (shown["waits_at"], shown["batches"]) == ("plan", [])
    assert "+def get_user(" in overhaul("show", run["run_id"], "--diff").stdout
    assert only_run(overhaul("approve", run["run_id"], "--json"))["status"] == "waiting", "at the next gate"


def test_read_only_mode_edits_nothing(overhaul: Overhaul, acme: Path) -> None:
    run = only_run(overhaul("run", *rename(), "--mode", "read-only", "--json", acme))
    assert (run["status"], run["edits"], run["branch"]) == ("planned", 3, None)


def test_failures_at_base_do_not_count(overhaul: Overhaul, acme: Path) -> None:
    commit_files(acme, FAILING_TEST, "a failing test")
    run = only_run(overhaul("run", *rename(), "--yes", "--json", acme))
    assert (run["status"], run["tests"]["new_failures"]) == ("published", 0)


def test_edits_that_break_tests_are_not_published(overhaul: Overhaul, acme: Path) -> None:
    by_name = 'import acme.api\ndef test_by_name():\n    assert vars(acme.api)["fetch" + "_user"]\n'
    commit_files(acme, {"tests/test_by_name.py": by_name}, "looked up by a made-up name")
    done = overhaul("run", *rename(), "--yes", "--json", acme)
    run = only_run(done)
    assert (done.exit_code, run["status"], run["tests"]["new_failures"]) == (1, "blocked", 1)
    assert "test_by_name" in run["message"]
    assert "overhaul/" not in git(acme, "branch", "--all")


def test_no_tests_needs_a_person_even_in_full_mode(overhaul: Overhaul, tmp_path: Path) -> None:
    bare = make_repository(tmp_path / "bare", {"tool.py": "def fetch_user():\n    return 1\n"})
    run = only_run(overhaul("run", *rename(old="tool.fetch_user"), "--mode", "full", "--json", bare))
    assert (run["status"], run["tests"]["base"]) == ("waiting", 0)
    (gate,) = [each for each in overhaul("gates", "--json").json["gates"] if each["run_id"] == run["run_id"]]
    assert "No tests were found" in gate["summary"]


def test_full_mode_asks_nothing(overhaul: Overhaul, acme: Path) -> None:
    assert only_run(overhaul("run", *rename(), "--mode", "full", "--json", acme))["status"] == "published"


def test_users_are_tested_against_the_changed_library(overhaul: Overhaul, tmp_path: Path) -> None:
    folders = [sample_repository(name, tmp_path / name) for name in ("directory", "billing", "acme")]
    done = overhaul("run", *rename(), "--yes", "--json", *folders)
    runs = done.json["runs"]
    assert Path(runs[0]["repository"]).name == "acme", "the library goes first"
    assert {run["status"] for run in runs} == {"published"}, runs
    heads = {Path(run["repository"]).name: run["head"] for run in runs}
    assert "map(acme.get_user, numbers)" in git(
        folders[0], "show", f"{heads['directory']}:src/directory/listing.py"
    )
    assert "user = get_user(number)" in git(folders[1], "show", f"{heads['billing']}:billing/invoices.py")


def test_one_bad_repository_does_not_stop_the_others(overhaul: Overhaul, acme: Path, tmp_path: Path) -> None:
    empty = make_repository(tmp_path / "empty", {})
    done = overhaul("run", *rename(), "--yes", "--json", empty, acme)
    assert {Path(run["repository"]).name: run["status"] for run in done.json["runs"]} == {
        "empty": "failed", "acme": "published",
    }  # fmt: skip
    assert done.exit_code == 1


def test_run_goes_on_from_head_with_a_dirty_tree_only_when_told(overhaul: Overhaul, acme: Path) -> None:
    (acme / "src/acme/api.py").write_text("broken(\n")
    refused = overhaul("run", *rename(), "--yes", acme)
    assert (refused.exit_code, "src/acme/api.py" in refused.stderr) == (1, True)
    assert (
        only_run(overhaul("run", *rename(), "--yes", "--allow-dirty", "--json", acme))["status"]
        == "published"
    )
    assert (acme / "src/acme/api.py").read_text() == "broken(\n"


def test_branch_of_somebody_else_is_left_alone(overhaul: Overhaul, acme: Path) -> None:
    run = only_run(overhaul("run", *rename(), "--json", acme))
    branch = overhaul("show", run["run_id"], "--json").json["branch"]
    git(acme, "branch", branch)
    done = overhaul("approve", run["run_id"], "--json")
    assert (done.exit_code, only_run(done)["status"]) == (1, "failed")
    assert "no run of ours" in only_run(done)["message"]
    git(acme, "branch", "-D", branch)
    assert only_run(overhaul("resume", run["run_id"], "--json"))["status"] == "published"


def test_repository_that_disappears_midway_can_be_resumed(
    overhaul: Overhaul, acme: Path, tmp_path: Path
) -> None:
    run = only_run(overhaul("run", *rename(), "--json", acme))
    acme.rename(tmp_path / "away")
    gone = overhaul("approve", run["run_id"], "--json")
    assert (gone.exit_code, only_run(gone)["status"]) == (1, "failed")
    (tmp_path / "away").rename(acme)
    assert only_run(overhaul("resume", run["run_id"], "--json"))["status"] == "published"


@pytest.mark.parametrize(
    "sign",
    [
        "lock",
        "trees/tests-at-base",
        "logs/tests-at-base.log",
        "trees/tests-batch-1-1",
        "logs/tests-batch-1-1.log",
    ],
)
def test_killed_run_is_resumed_without_repeating_a_finished_step(
    sign: str, overhaul: Overhaul, environment: dict[str, str], home: Settings, new_acme: Path
) -> None:
    known = set((home.home / "runs").glob("*"))
    command = [str(Path(sys.executable).with_name("overhaul")), "run", *rename(), "--yes", str(new_acme)]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: any((run / sign).exists() for run in set((home.home / "runs").glob("*")) - known))
    process.kill()
    assert process.wait() == -signal.SIGKILL
    (killed,) = [
        run for run in overhaul("status", "--json").json["runs"] if run["repository"] == str(new_acme)
    ]
    assert killed["status"] == "interrupted"
    assert only_run(overhaul("resume", killed["run_id"], "--json"))["status"] == "published"
    shown = overhaul("show", killed["run_id"], "--json").json
    assert {row["status"] for row in shown["steps"]} <= {"completed", "cached"}, json.dumps(shown["steps"])
    assert [row["completed"] for row in shown["steps"] if row["completed"] > 1] == [], shown["steps"]
    assert len(git(new_acme, "branch", "--list", "overhaul/*").split()) == 1
    assert shown["pull_request_record"]["number"] == 1


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


def test_edits_are_formatted_as_the_project_formats(overhaul: Overhaul, tmp_path: Path) -> None:
    line = "value = old_name(1) + old_name(2) + old_name(3) + old_name(4) + old_name(5)\n"
    untidy = "from tool import old_name\nx = [ old_name(1) ]\n"
    files = {
        "tool.py": "def old_name(number):\n    return number\n",
        "tidy.py": f"from tool import old_name\n\n{line}",
        "untidy.py": untidy,
        "test_tool.py": "import tidy\n\n\ndef test_tool():\n    assert tidy.value == 15\n",
        "pyproject.toml": "[tool.ruff.format]\n",
    }
    source = make_repository(tmp_path / "tool", files)
    run = only_run(
        overhaul("run", *rename(old="tool.old_name", new="a_longer_name"), "--yes", "--json", source)
    )
    assert run["status"] == "published", run["message"]
    tidy = git(source, "show", f"{run['head']}:tidy.py")
    assert max(map(len, tidy.splitlines())) <= 88, "the formatter has folded the line"
    assert git(source, "show", f"{run['head']}:untidy.py") + "\n" == untidy.replace(
        "old_name", "a_longer_name"
    )


EARLY_END = {"tests/test_zz.py": "import os\n\n\ndef test_zz():\n    os._exit(0)\n"}
NO_COLLECTION = {"tests/test_api.py": "import nosuch\n"}


@pytest.mark.parametrize(
    ("files", "said"), [(EARLY_END, "breaks off at base"), (NO_COLLECTION, "No test could be run")]
)
def test_tests_that_prove_nothing_at_base_need_a_person(
    files: dict[str, str], said: str, overhaul: Overhaul, acme: Path
) -> None:
    commit_files(acme, files, "tests that do not run")
    run = only_run(overhaul("run", *rename(), "--mode", "full", "--json", acme))
    assert run["status"] == "waiting", run["message"]
    (gate,) = [each for each in overhaul("gates", "--json").json["gates"] if each["run_id"] == run["run_id"]]
    assert said in gate["summary"]


def test_hostile_names_are_shown_as_escapes_at_the_gate(overhaul: Overhaul, acme: Path) -> None:
    hostile = "tests/z\x1b[31m\x07<img src=x>`|\u202e.py"
    commit_files(acme, {hostile: "from acme.api import fetch_user\nN = 'acme.api.fetch_user'\n"}, "hostile")
    run = only_run(overhaul("run", *rename(), "--json", acme))
    (gate,) = [each for each in overhaul("gates", "--json").json["gates"] if each["run_id"] == run["run_id"]]
    assert "tests/z\\x1b[31m\\x07" in gate["summary"]
    published = only_run(overhaul("approve", run["run_id"], "--json"))
    page = Path(published["pull_request"].removeprefix("file://")).read_text()
    assert "<img" not in page
    assert not {"\x1b", "\x07", "\u202e"} & set(page + gate["summary"])


def test_environment_pruned_while_a_run_waits_is_made_anew(overhaul: Overhaul, new_acme: Path) -> None:
    change = ["rename-symbol", "-p", "old=acme.api.fetch_user", "-p", "new=get_user", "--sandbox", "landlock"]
    run = only_run(overhaul("run", *change, "--gate", "plan=ask", "--json", new_acme))
    assert run["status"] == "waiting", run["message"]
    pruned = overhaul("environments", "prune", "--unused-for", "0", "--sandbox", "landlock")
    assert pruned.exit_code == 0, pruned.stderr
    approved = only_run(overhaul("approve", run["run_id"], "--json"))
    assert (approved["status"], approved["tests"]["new_failures"]) == ("waiting", 0), approved["message"]
