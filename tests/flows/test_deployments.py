"""Deployments, schedules and the runner beside the server, as a user's command and the real server show them."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil  # type: ignore[import-untyped]
import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Abort
from prefect.flow_engine import run_flow

from overhaul.flows import server
from overhaul.flows.errors import ResultElsewhere
from overhaul.flows.options import RunOptions
from overhaul.flows.refactor_repositories import refactor_repositories
from overhaul.flows.refactor_repository import refactor_repository
from overhaul.flows.run_labels import run_name, run_tags
from overhaul.flows.runs import Request, create_run, result_of, runs_below
from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul, rename, sample_repository

PATIENCE_SECONDS = 300
RENAME = {"old": "acme.api.fetch_user", "new": "get_user"}


def test_schedule_refactors_repositories_one_failing_and_one_waiting(
    overhaul: Overhaul, client: SyncPrefectClient, new_acme: Path, tmp_path: Path
) -> None:
    billing = sample_repository("billing", tmp_path / "billing")
    gone = sample_repository("directory", tmp_path / "directory")
    name = f"spring-{tmp_path.name}"
    overhaul(
        "deploy", *rename(), "--gate", "publish=ask", "--campaign", name, "--every", "60s", billing, new_acme, gone
    )  # fmt: skip
    shutil.rmtree(gone)
    (row,) = [
        each for each in overhaul("deploy", "--list", "--json").json["deployments"] if each["name"] == name
    ]
    assert (row["schedules"], len(row["repositories"])) == (["every 0:01:00"], 3)

    deployment = client.read_deployment_by_name(f"refactor-repositories/{name}")
    of_deployment = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment.id]))

    def first_end() -> FlowRun | None:
        ended = [
            run
            for run in client.read_flow_runs(flow_run_filter=of_deployment)
            if run.state and run.state.is_final()
        ]
        return ended[0] if ended else None

    bulk = awaited(first_end)
    overhaul("deploy", "--delete", name)
    assert bulk.auto_scheduled
    assert bulk.name == "3 repositories: Rename acme.api.fetch_user to get_user"
    assert bulk.state
    assert bulk.state.message == "1 failed, 2 waiting"
    results = bulk.state.result(raise_on_failure=False)["runs"]
    assert [Path(each["repository"]).name for each in results] == ["directory", "acme", "billing"], (
        "a library before its users"
    )
    below = runs_below(client, bulk.id)
    assert {Path(repository).name for repository in below} == {"acme", "billing"}
    assert {run.state_name for run in below.values()} == {"Paused"}
    tags = below[str(billing)].tags
    assert set(tags) == {f"campaign:{name}", "recipe:rename-symbol", "repository:billing"}
    done = overhaul("approve", str(below[str(new_acme)].id), "--json").json
    assert done["runs"][0]["status"] == "published"


def test_runner_that_died_is_started_again_and_never_twice(home: Settings) -> None:
    before = server.ensure(home, lambda _: None)
    pid = runner_of(before)
    os.killpg(pid, signal.SIGKILL)
    with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        psutil.Process(pid).wait(timeout=1)  # a child of this process stays as a zombie until it is asked for
    after = server.ensure(home, lambda _: None)
    assert (after.pid, after.port) == (before.pid, before.port), "the server itself goes on"
    assert runner_of(after) != pid
    assert runner_of(server.ensure(home, lambda _: None)) == runner_of(after)


def test_run_that_another_process_works_on_is_left_alone(
    home: Settings, client: SyncPrefectClient, acme: Path
) -> None:
    run_id = create_run(Request(str(acme), "rename-symbol", RENAME, RunOptions()))
    folder = home.run_folder(run_id)
    folder.mkdir(parents=True)
    with (folder / "lock").open("w") as lock, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OVERHAUL_HOME", str(home.home))
        fcntl.flock(lock, fcntl.LOCK_EX)
        flow_run = client.read_flow_run(UUID(run_id))
        with pytest.raises(Abort, match="is being worked on"):
            run_flow(refactor_repository, flow_run=flow_run, parameters=flow_run.parameters)
    state = client.read_flow_run(UUID(run_id)).state
    assert state is not None
    assert not state.is_final()


@pytest.mark.parametrize("is_bulk", [False, True])
def test_recipe_that_is_gone_is_told_by_the_state_of_a_scheduled_run(
    home: Settings, client: SyncPrefectClient, acme: Path, monkeypatch: pytest.MonkeyPatch, is_bulk: bool
) -> None:
    monkeypatch.setenv("OVERHAUL_HOME", str(home.home))
    if is_bulk:
        state = refactor_repositories([str(acme)], "rename-symbl", {}, return_state=True)
    else:
        state = refactor_repository(str(acme), "rename-symbl", {}, return_state=True)
    assert (state.is_failed(), "recipe 'rename-symbl' is unknown" in (state.message or "")) == (True, True)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["rename-symbol"],
        [*rename(), ".", "--cron", "every monday"],
        [*rename(), ".", "--cron", "0 6 * * 1", "--timezone", "Europe/Atlantis"],
        [*rename(), ".", "--cron", "0 6 * * 1", "--every", "1d"],
        [*rename(), ".", "--every", "sometimes"],
        [*rename(), ".", "--every", "99999999999w"],
        [*rename(), ".", "--name", "spring/1"],
    ],
)
def test_wrong_deployment_is_refused(overhaul: Overhaul, acme: Path, arguments: list[str]) -> None:
    done = overhaul("deploy", *arguments, cwd=acme)
    assert done.exit_code == 2, done.stderr


def test_result_that_is_kept_elsewhere_is_an_error_that_says_so(
    home: Settings, client: SyncPrefectClient, acme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERHAUL_HOME", str(home.home))
    state = refactor_repository(str(acme), "rename-symbl", {}, return_state=True)
    assert state.state_details.flow_run_id
    Path(state.data.metadata.storage_key).unlink()
    with pytest.raises(ResultElsewhere, match="does not find what it came to"):
        result_of(client, client.read_flow_run(state.state_details.flow_run_id))


def test_run_is_named_for_what_it_does_and_where() -> None:
    assert run_name("https://example.org/acme.git", "rename-symbol", RENAME) == (
        "acme: Rename acme.api.fetch_user to get_user"
    )
    assert run_name("/src/acme/", "no-such-recipe", {}) == "acme: no-such-recipe"
    assert run_tags("/src/acme", "rename-symbol", RunOptions(wave="2")) == [
        "campaign:rename-symbol", "recipe:rename-symbol", "wave:2", "repository:acme",
    ]  # fmt: skip


def runner_of(running: server.Server) -> int:
    return next(each.pid for each in running.companions if each.name == "runner")


def awaited(look: Callable[[], FlowRun | None]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := look()) is None:
        assert time.monotonic() < deadline, "it has not come about"
        time.sleep(0.5)
    return found
