"""Gates against a real Prefect server: what counts as an answer and what does not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any
from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOCAL_STORAGE_PATH,
    PREFECT_LOGGING_LEVEL,
    temporary_settings,
)
from prefect.states import Pending, Scheduled

from overhaul.flows import server
from overhaul.flows.errors import NothingToAnswer
from overhaul.flows.gates import Decision, Question, answer, ask, decide_by_policy, open_gate, verdicts
from overhaul.flows.settings import Settings


@pytest.fixture(scope="module")
def client(home: Settings) -> Iterator[SyncPrefectClient]:
    running = server.ensure(home, lambda _: None)
    with (
        temporary_settings(
            {
                PREFECT_API_URL: running.api_url,
                PREFECT_API_AUTH_STRING: running.auth_string,
                PREFECT_LOCAL_STORAGE_PATH: home.home / "results",
                PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
                PREFECT_LOGGING_LEVEL: "CRITICAL",
            }
        ),
        get_client(sync_client=True) as opened,
    ):
        yield opened


@flow(persist_result=True, result_serializer="json")
def asking(shown: str) -> dict[str, str]:
    verdict = ask(Question("publish", "somewhere", "## Publish?", shown, {"edits": 1}))
    return {"decision": verdict.decision.value, "comment": verdict.comment, "approver": verdict.approver}


def start(client: SyncPrefectClient, shown: str = "one") -> UUID:
    """Run the flow up to its gate."""
    run = client.create_flow_run(asking, parameters={"shown": shown}, state=Pending())
    with pytest.raises(Pause):
        run_flow(asking, flow_run=run, parameters=run.parameters)
    return run.id


def go_on(client: SyncPrefectClient, run_id: UUID, **parameters: str) -> Any:
    client.set_flow_run_state(run_id, Scheduled(), force=True)
    run = client.read_flow_run(run_id)
    return run_flow(asking, flow_run=run, parameters={**run.parameters, **parameters})


def waiting(client: SyncPrefectClient, run_id: UUID) -> Any:
    return open_gate(client, client.read_flow_run(run_id))


def test_unanswered_gate_stays_open_when_the_run_goes_on(client: SyncPrefectClient) -> None:
    run_id = start(client)
    with pytest.raises(Pause):
        go_on(client, run_id)
    assert waiting(client, run_id).key == "publish-2", "a key is not used twice"


def test_answer_is_given_to_the_flow_with_who_and_why(client: SyncPrefectClient) -> None:
    run_id = start(client)
    answer(client, waiting(client, run_id), Decision.reject, "too large", "ada")
    assert go_on(client, run_id) == {"decision": "reject", "comment": "too large", "approver": "ada"}


def test_approval_of_one_thing_is_none_of_another(client: SyncPrefectClient) -> None:
    run_id = start(client, shown="one")
    answer(client, waiting(client, run_id), Decision.approve, "", "ada")
    with pytest.raises(Pause):
        go_on(client, run_id, shown="two")
    assert waiting(client, run_id).question.hash == "two"
    answer(client, waiting(client, run_id), Decision.approve, "again", "ada")
    assert go_on(client, run_id, shown="two")["comment"] == "again"


def test_empty_answer_is_refused(client: SyncPrefectClient) -> None:
    run_id = start(client)
    reply = client.request(
        "POST", "/flow_runs/{id}/resume", path_params={"id": run_id}, json={"run_input": {}}
    ).json()
    assert reply["status"] == "REJECT"
    assert waiting(client, run_id).question.gate == "publish"


@pytest.mark.parametrize("decision", ["", "maybe", None, True])
def test_unknown_decision_is_refused(client: SyncPrefectClient, decision: object) -> None:
    run_id = start(client)
    reply = client.request(
        "POST",
        "/flow_runs/{id}/resume",
        path_params={"id": run_id},
        json={"run_input": {"decision": decision}},
    ).json()
    assert reply["status"] == "REJECT"


def test_first_of_several_answers_counts_and_the_others_are_told(client: SyncPrefectClient) -> None:
    run_id = start(client)
    gate = waiting(client, run_id)

    def give(name: str) -> str | None:
        try:
            with get_client(sync_client=True) as own:
                answer(own, gate, Decision.approve, "", name)
        except NothingToAnswer:
            return None
        return name

    with ThreadPoolExecutor(3) as pool:
        tasks = [pool.submit(copy_context().run, give, name) for name in ("ada", "grace", "joan")]
        counted = [name for each in tasks if (name := each.result())]
    assert len(counted) == 1
    assert go_on(client, run_id)["approver"] == counted[0]


def test_run_that_waits_at_no_gate_has_nothing_to_answer(client: SyncPrefectClient) -> None:
    run_id = start(client)
    answer(client, waiting(client, run_id), Decision.approve, "", "ada")
    go_on(client, run_id)
    with pytest.raises(NothingToAnswer, match="waits at no gate"):
        waiting(client, run_id)


def test_decision_by_policy_is_recorded_once(client: SyncPrefectClient) -> None:
    @flow
    def by_policy() -> None:
        for _ in range(2):
            decide_by_policy(Question("plan", "somewhere", "", "x", {}), "--yes")

    run = client.create_flow_run(by_policy, state=Pending())
    run_flow(by_policy, flow_run=run)
    ((question, verdict),) = verdicts(client, run.id)
    assert (question.gate, verdict and verdict.approver) == ("plan", "--yes")
