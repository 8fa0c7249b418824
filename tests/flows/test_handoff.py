"""A run in a person's hands and back: the real command, server, git and tests, with a scripted model over real HTTP."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient

from overhaul.flows import handoff
from overhaul.flows.errors import HandoffError
from overhaul.flows.gate_rules import Decision, Given
from overhaul.flows.mirror import Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.results import AgentResult, RunResult
from overhaul.flows.run_file import RunFile, read_run_file
from overhaul.flows.runs import Request, create_run, describe, execute, find_run, gate_of, pull_request_of
from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul
from tests.flows.repositories import commit_files, git, make_repository, plant
from tests.flows.test_agent_runs import (
    SWAP,
    WORKFLOW,
    answered,
    at_home,
    model,
    patch,
    shop,
    swap,
)
from tests.refactors.agent.model_server import Say

__all__ = ["at_home", "shop"]

ADA = ("-c", "user.name=Ada <b>", "-c", "user.email=ada@localhost")


def commit_as_ada(folder: Path, path: str, content: str, message: str = "mine") -> str:
    (folder / path).write_text(content)
    git(folder, "add", "--all")
    git(folder, *ADA, "commit", "--quiet", "--author=Ada <ada@localhost>", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def checked_out(client: SyncPrefectClient, home: Settings, run_id: str, folder: Path) -> RunFile:
    """A checkout, made in this process."""
    flow_run = find_run(client, run_id)
    run = handoff.run_file_of(client, flow_run, home)
    handoff.check_out(run, str(flow_run.parameters["repository"]), folder, home)
    return run


def returned(client: SyncPrefectClient, home: Settings, folder: Path, comment: str = "") -> RunResult:
    """The run after what is committed in a checkout was handed back."""
    checkout = handoff.open_checkout(folder)
    gate = handoff.gate_for(client, find_run(client, str(checkout.run.run_id)))
    commit = handoff.take_commit(checkout, Mirror.of(gate.question.repository, home.mirrors), None)
    handoff.hand_back(client, gate, checkout, commit, Given(Decision.revise, comment, "ada"))
    return execute(gate.run_id, home)


def test_persons_commits_come_back_and_stand_apart(
    overhaul: Overhaul,
    at_home: Callable[..., None],
    home: Settings,
    client: SyncPrefectClient,
    new_acme: Path,
    tmp_path: Path,
) -> None:
    at_home({})
    wanted = {"old": "acme.api.fetch_user", "new": "get_user"}
    options = RunOptions(sandbox="process", python=sys.executable)
    run_id = create_run(Request(str(new_acme), "rename-symbol", wanted, options))
    shown = gate_of(client, execute(run_id, home).run_id).question
    taken = overhaul("checkout", run_id[:8], "--json", cwd=tmp_path).json
    folder = tmp_path / f"acme-{run_id[:8]}"
    assert (taken["folder"], taken["gate"]) == (str(folder), "publish")
    assert git(folder, "status", "--porcelain", "--branch") == f"## {taken['branch']}"
    assert git(folder, "remote", "get-url", "origin") == str(new_acme)
    readme = (folder / "README.md").read_text().replace("acme.api.fetch_user(7)", "acme.api.get_user(7)")
    mine = commit_as_ada(folder, "README.md", readme)
    (back,) = overhaul("return", run_id[:8], "--json", cwd=folder).json["runs"]
    assert (back["status"], back["head"], back["unresolved"]) == ("waiting", mine, 0), back["message"]
    assert [(each["by"], each["author"]) for each in back["batches"]] == [("recipe", ""), ("person", "Ada")]
    described = describe(client, find_run(client, run_id), home)
    *_, first, last = described["gates"]
    assert (first["decision"], first["via"], last["decision"]) == ("revise", "return", None)
    assert first["hash"] == shown.hash != last["hash"], "it is asked again"
    assert "Edited by a person" in Path(last["page"]).read_text()
    done = answered(client, home, run_id, Given(Decision.approve))
    assert (done.status, git(new_acme, "rev-parse", str(done.branch))) == ("published", mine)
    body = (pull_request_of(done) or {})["body"]
    assert "each proved by the recipe `rename-symbol`." in body
    section = body.partition("### Edited by a person")[2]
    assert f"1 file, not proved by a recipe. One commit:\n- `{mine[:12]}` by `Ada`: `README.md`" in section
    assert "- `README.md:3:11`" in section
    with pytest.raises(HandoffError, match="It has ended: push your commits with git"):
        returned(client, home, folder)


def test_agent_goes_on_from_the_persons_tree(
    at_home: Callable[..., None], home: Settings, client: SyncPrefectClient, shop: Path, tmp_path: Path
) -> None:
    script = [
        Say("", (SWAP,)),
        Say("Done."),
        Say("", (patch("y = 1", "y = 2", "more.py"),)),
        Say("Two."),
    ]
    with model(*script) as (server, variables):
        at_home(variables)
        run = swap(shop, home)
        folder = tmp_path / "mine"
        taken = checked_out(client, home, run.run_id, folder)
        assert taken.agent is not None
        assert (taken.agent.message, taken.commits[0].by) == ("Done.", "agent")
        mine = commit_as_ada(folder, "more.py", "y = 1\n")
        quiet = returned(client, home, folder)
        assert (quiet.status, quiet.tokens, len(server.requests)) == ("waiting", 220, 2), "nothing is asked"
        assert [each.by for each in quiet.batches] == ["agent", "person"]
        again = tmp_path / "again"
        checked_out(client, home, run.run_id, again)
        more = commit_as_ada(again, "more.py", "y = 1\n\n")
        back = returned(client, home, again, "now two, please")
        assert (back.status, back.tokens) == ("waiting", 440), back.message
        told = json.dumps(server.bodies[2])
        assert "changed files: more.py" in told
        assert "ada: now two, please" in told
    done = answered(client, home, run.run_id, Given(Decision.approve))
    assert (done.status, done.agent and done.agent.files) == ("published", ["shop.py", "more.py"]), (
        done.message
    )
    assert [each.by for each in done.batches] == ["agent", "person", "person", "agent"]
    assert [each.commit for each in done.batches[1:3]] == [mine, more]
    assert git(shop, "show", f"{done.branch}:more.py") == "y = 2"
    body = (pull_request_of(done) or {})["body"]
    assert "2 files in 2 commits of their own, **not proved by a recipe**" in body
    assert "### Edited by a person" in body


def test_person_takes_over_where_the_agent_asks_leave(
    at_home: Callable[..., None], home: Settings, client: SyncPrefectClient, shop: Path, tmp_path: Path
) -> None:
    evil = patch("on: push", "on: [push, pull_request]", WORKFLOW)
    script = [
        Say("", (SWAP, evil)),
        Say("", (patch("on: workflow_dispatch", "on: push", WORKFLOW),)),
        Say("Done."),
    ]
    with model(*script) as (server, variables):
        at_home(variables)
        run = swap(shop, home)
        assert run.message == f"the model asks leave (CI files): {WORKFLOW}"
        folder = tmp_path / "mine"
        checked_out(client, home, run.run_id, folder)
        assert "return 1 + x" in (folder / "shop.py").read_text(), "what it did before it asked is there"
        assert (folder / WORKFLOW).read_text() == "on: push\n"
        mine = commit_as_ada(folder, "note.txt", "by hand\n")
        back = returned(client, home, folder, "leave CI alone")
        assert "leave CI alone" in json.dumps(server.bodies[1])
        assert back.status == "waiting"
    assert [each.by for each in back.batches] == ["agent", "person"]
    assert (back.batches[1].commit, back.head) == (mine, mine)
    assert back.agent is not None
    assert (back.agent.files, back.agent.status) == (["shop.py"], "done")


def test_what_breaks_tests_is_shown_and_what_is_set_aside_is_put_back(
    at_home: Callable[..., None], home: Settings, client: SyncPrefectClient, shop: Path, tmp_path: Path
) -> None:
    with model(Say("", (SWAP,)), Say("Done.")) as (_, variables):
        at_home(variables)
        run = swap(shop, home)
        folder = tmp_path / "mine"
        checked_out(client, home, run.run_id, folder)
        commit_as_ada(folder, "test_shop.py", "def test_price():\n    assert 0\n")
        broken = returned(client, home, folder)
        assert (broken.status, broken.tests.new_failures) == ("waiting", 1)
        assert "**New failures: 1**" in gate_of(client, run.run_id).question.summary
        given = Given(Decision.approve, "not the test", "ada", ("test_shop.py",))
        whole = answered(client, home, run.run_id, given)
        assert (whole.status, whole.tests.new_failures, whole.set_aside) == ("waiting", 0, ["test_shop.py"])
        done = answered(client, home, run.run_id, Given(Decision.approve))
    assert (done.status, len(done.batches)) == ("published", 3)
    assert git(shop, "diff", "--name-only", "main", str(done.branch)) == "shop.py"


@pytest.mark.parametrize(
    ("status", "head", "shown"),
    [
        ("working", "r", "a"),
        ("model failed", "r", "a"),
        ("done", "r", "r"),
        ("steps", "r", "r"),
        ("done", None, "a"),
    ],
)
def test_head_of_a_run_is_what_the_agent_has_done_while_it_works(
    status: str, head: str | None, shown: str
) -> None:
    agent = AgentResult("scripted", status, commit="a")
    assert handoff.head_of(RunResult("x", "1", "waiting", head=head, agent=agent)) == shown


@pytest.fixture
def taken(tmp_path: Path) -> tuple[Path, Mirror, Settings]:
    """A checkout of a run that no server knows: one commit on top of base."""
    settings = Settings(tmp_path / "home")
    source = make_repository(tmp_path / "source", {"a.py": "a = 1\n", ".gitignore": "*.log\n"})
    mirror = Mirror.of(str(source), settings.mirrors)
    base = mirror.fetch(None)
    commit_files(source, {"a.py": "a = 2\n"}, "second")
    head = mirror.fetch(None).commit
    run = RunFile(
        run_id="0a1b2c3d-0000-4000-8000-000000000000", name="source: x", repository=str(source),  # type: ignore[arg-type]
        base_branch="main", base=base.commit, branch="overhaul/x", head=head, status="waiting", gate="publish",
        hash="f", recipe="rename-symbol", parameters={}, options={}, commits=(), agent=None,
    )  # fmt: skip
    mirror.keep(f"bases/{run.run_id}", base.commit)
    folder = tmp_path / "checkout"
    handoff.check_out(run, str(source), folder, settings)
    return folder, mirror, settings


def test_uncommitted_changes_are_committed_by_this_person_on_demand(
    taken: tuple[Path, Mirror, Settings],
) -> None:
    folder, mirror, _ = taken
    git(folder, "config", "user.name", "Grace")
    (folder / "a.py").write_text("a = 3\n")
    (folder / "new.py").write_text("b = 1\n")
    (folder / "out.log").write_text("ignored")
    checkout = handoff.open_checkout(folder)
    with pytest.raises(HandoffError, match=r"not committed: a\.py, new\.py"):
        handoff.take_commit(checkout, mirror, None)
    commit = handoff.take_commit(checkout, mirror, "by hand")
    assert git(folder, "log", "-1", "--format=%H %an %s") == f"{commit} Grace by hand"
    assert git(folder, "status", "--porcelain") == ""
    assert [each.path for each in mirror.changes(checkout.run.head, commit)] == ["a.py", "new.py"]


def test_nothing_that_a_checkout_names_runs(taken: tuple[Path, Mirror, Settings], tmp_path: Path) -> None:
    folder, mirror, _ = taken
    canary = tmp_path / "canary"
    script = plant(tmp_path / "evil.sh", canary)
    for name in ("filter.evil.clean", "filter.evil.smudge", "core.fsmonitor", "uploadpack.packObjectsHook"):
        git(folder, "config", name, str(script))
    hooks = folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-index-change", "reference-transaction", "post-checkout"):
        plant(hooks / name, canary)
    (folder / ".gitattributes").write_text("* filter=evil\n")
    handoff.take_commit(handoff.open_checkout(folder), mirror, "by hand")
    assert not canary.exists()


def test_checkout_leaves_what_is_there_alone(taken: tuple[Path, Mirror, Settings]) -> None:
    folder, _, settings = taken
    run = handoff.open_checkout(folder).run
    with pytest.raises(HandoffError, match="not empty"):
        handoff.check_out(run, run.repository, folder, settings)
    assert (folder / "a.py").read_text() == "a = 2\n"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"head": "../../etc"}, "head"),
        ({"base": "--upload-pack=x"}, "base"),
        ({"run_id": "x"}, "run_id"),
        ({"grant": True}, "grant"),
        ({"version": 2}, "version"),
    ],
)
def test_file_of_a_run_is_checked(
    taken: tuple[Path, Mirror, Settings], change: dict[str, Any], why: str
) -> None:
    path = taken[0] / ".git" / "overhaul" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(HandoffError, match=rf"is no run of overhaul \({why}"):
        read_run_file(path)
