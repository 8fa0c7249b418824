"""A run from one machine to another and back: two homes with servers of their own, one scripted model over real HTTP."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient

from overhaul.flows import server
from overhaul.flows.errors import HandoffError, RunElsewhere
from overhaul.flows.gate_rules import Decision, Given
from overhaul.flows.gates import answer
from overhaul.flows.moving.arriving import Allowed, arrive
from overhaul.flows.moving.leaving import leave
from overhaul.flows.runs import execute, find_run, gate_of, list_open_gates
from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul
from tests.flows.repositories import commit_files, git
from tests.flows.test_agent_runs import (
    HERE,
    SWAP,
    WORKFLOW,
    answered,
    at_home,
    model,
    only_run,
    patch,
    shop,
    swap,
)  # fmt: skip
from tests.flows.test_handoff import checked_out, commit_as_ada, returned
from tests.refactors.agent.model_server import Say

__all__ = ["at_home", "shop"]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The home of another machine; its server starts with the first command there."""
    settings = Settings(tmp_path_factory.mktemp("elsewhere"))
    yield settings
    server.stop(settings)


def test_run_goes_on_elsewhere_and_comes_back_without_paying_twice(
    at_home: Callable[..., None],
    home: Settings,
    elsewhere: Settings,
    client: SyncPrefectClient,
    overhaul: Overhaul,
    shop: Path,
    tmp_path: Path,
) -> None:
    plan = json.dumps({"plan": [{"step": "swap", "status": "completed"}]})
    one, two, three = ("    return 1 + x", "    return 1 + x  # two", "    return 1 + x  # three")
    script = [
        Say("", (("update_plan", plan), SWAP, patch("on: push", "on: [push]", WORKFLOW))), Say("Done."),
        Say("", (patch(one, two),)), Say("Two."),
        Say("", (patch(two, three),)), Say("Three."),
    ]  # fmt: skip
    file, back = tmp_path / "run.bundle", tmp_path / "back.bundle"
    with model(*script) as (asked, variables):
        at_home(variables)
        first = swap(shop, home)
        answered(client, home, first.run_id, Given(Decision.reject, "leave CI alone", "ada"))
        checked_out(client, home, first.run_id, tmp_path / "mine")
        mine = commit_as_ada(tmp_path / "mine", "more.py", "y = 1\n")
        shown = returned(client, home, tmp_path / "mine", "say two")
        assert (shown.status, len(asked.requests)) == ("waiting", 4), shown.message
        leave(client, find_run(client, first.run_id), file, home)

        gate = gate_of(client, first.run_id)
        with pytest.raises(RunElsewhere, match=f"overhaul return {first.run_id[:8]} --take-back"):
            answer(client, gate, Given(Decision.approve, "", "ada"))
        assert first.run_id not in {each.run_id for each in list_open_gates(client)}
        with pytest.raises(RunElsewhere):
            leave(client, find_run(client, first.run_id), tmp_path / "more.bundle", home)

        there = shutil.copytree(shop, tmp_path / "there" / "shop")
        commit_files(there, {"later.txt": "x"}, "the branch goes on")
        variables |= {"OVERHAUL_HOME": str(elsewhere.home)}
        done = overhaul("return", "--bundle", file, *HERE, "--json", cwd=there, **variables)
        taken = only_run(done)
        assert (taken["status"], taken["tokens"], len(asked.requests)) == ("waiting", 440, 4), taken[
            "message"
        ]
        assert "The gate does not show" not in done.stderr, "the same is asked"
        assert taken["agent"]["todos"] == [{"step": "swap", "status": "completed"}]
        made = [(each.commit, each.by) for each in shown.batches]
        assert made[1] == (mine, "person"), "what was refused and what was handed back there counts here"
        assert [(each["commit"], each["by"]) for each in taken["batches"]] == made
        run_id = taken["run_id"]
        more = only_run(overhaul("revise", run_id, "--comment", "say three", "--json", **variables))
        assert (more["tokens"], len(asked.requests)) == (660, 6), more["message"]
        left = overhaul("checkout", run_id, "--bundle", back, **variables)
        assert "overhaul return --bundle back.bundle" in left.stderr, left.stderr
        said = [body["input"] for body in asked.bodies]
        assert said[4][: len(said[3])] == said[3], "the same words, in the same order"

        with pytest.raises(HandoffError, match="in which the run left here"):
            arrive(client, file, str(shop), Allowed(), home)
        assert arrive(client, back, str(shop), Allowed(), home).run_id == first.run_id
        home_again = execute(first.run_id, home)
        assert (home_again.status, home_again.tokens, home_again.head) == ("waiting", 660, more["head"])
        summary = gate_of(client, first.run_id).question.summary
        assert "has come from another machine" in summary
        with pytest.raises(HandoffError, match="has not left since"):
            arrive(client, back, str(shop), Allowed(), home)
        published = answered(client, home, first.run_id, Given(Decision.approve, "", "ada"))
    assert (published.status, len(asked.requests)) == ("published", 6), published.message
    assert git(shop, "show", f"{published.branch}:shop.py").endswith("# three")
