"""Gates against a real Prefect server: what counts as an answer and what does not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
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
from overhaul.flows.errors import AnswerRefused, NothingToAnswer
from overhaul.flows.gate_rules import Decision, Given
from overhaul.flows.gates import OpenGate, Question, answer, ask, decide_by_policy, open_gate, verdicts
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
def asking(shown: str, rule: dict[str, Any] | None = None) -> dict[str, Any]:
    groups = {"core": ["grace", "joan"]}
    files = ["a.py", "b.py", "c, d\n.py"]
    question = Question("publish", "somewhere", "## Publish?", shown, {"edits": 1}, files=files)
    verdict = ask(replace(question, rule=rule or {}, groups=groups))
    return {"decision": verdict.decision.value, "comment": verdict.comment, "approver": verdict.approver} | (
        {"set_aside": list(verdict.set_aside)} if verdict.set_aside else {}
    )


def start(client: SyncPrefectClient, shown: str = "one", **rule: Any) -> UUID:
    """Run the flow up to its gate."""
    run = client.create_flow_run(asking, parameters={"shown": shown, "rule": rule}, state=Pending())
    with pytest.raises(Pause):
        run_flow(asking, flow_run=run, parameters=run.parameters)
    return run.id


def go_on(client: SyncPrefectClient, run_id: UUID, **parameters: str) -> Any:
    client.set_flow_run_state(run_id, Scheduled(), force=True)
    run = client.read_flow_run(run_id)
    return run_flow(asking, flow_run=run, parameters={**run.parameters, **parameters})


def waiting(client: SyncPrefectClient, run_id: UUID) -> OpenGate:
    return open_gate(client, client.read_flow_run(run_id))


def say(client: SyncPrefectClient, run_id: UUID, decision: str, approver: str = "ada", **more: Any) -> None:
    answer(client, waiting(client, run_id), Given(Decision(decision), approver=approver, **more))


def say_in_the_form(client: SyncPrefectClient, run_id: UUID, **form: Any) -> Any:
    """Answer as the Prefect UI does, which knows nothing of our rules."""
    reply = client.request(
        "POST", "/flow_runs/{id}/resume", path_params={"id": run_id}, json={"run_input": form}
    )
    return reply.json()


def test_unanswered_gate_stays_open_when_the_run_goes_on(client: SyncPrefectClient) -> None:
    run_id = start(client)
    with pytest.raises(Pause):
        go_on(client, run_id)
    assert waiting(client, run_id).key == "publish-2", "a key is not used twice"


def test_answer_is_given_to_the_flow_with_who_and_why(client: SyncPrefectClient) -> None:
    run_id = start(client)
    say(client, run_id, "reject", comment="too large")
    assert go_on(client, run_id) == {"decision": "reject", "comment": "too large", "approver": "ada"}


def test_approval_of_one_thing_is_none_of_another(client: SyncPrefectClient) -> None:
    run_id = start(client, shown="one")
    say(client, run_id, "approve")
    with pytest.raises(Pause):
        go_on(client, run_id, shown="two")
    assert waiting(client, run_id).question.hash == "two"
    say(client, run_id, "approve", comment="again")
    assert go_on(client, run_id, shown="two")["comment"] == "again"


def test_empty_answer_is_refused(client: SyncPrefectClient) -> None:
    run_id = start(client)
    assert say_in_the_form(client, run_id)["status"] == "REJECT"
    assert waiting(client, run_id).question.gate == "publish"


@pytest.mark.parametrize("decision", ["", "maybe", None, True])
def test_unknown_decision_is_refused(client: SyncPrefectClient, decision: object) -> None:
    run_id = start(client)
    assert say_in_the_form(client, run_id, decision=decision)["status"] == "REJECT"


def test_first_of_several_answers_counts_and_the_others_are_told(client: SyncPrefectClient) -> None:
    run_id = start(client)
    gate = waiting(client, run_id)

    told: list[str] = []

    def give(name: str) -> str | None:
        try:
            with get_client(sync_client=True) as own:
                answer(own, gate, Given(Decision.approve, approver=name))
        except NothingToAnswer as error:
            told.append(str(error))
            return None
        return name

    with ThreadPoolExecutor(3) as pool:
        tasks = [pool.submit(copy_context().run, give, name) for name in ("ada", "grace", "joan")]
        counted = [name for each in tasks if (name := each.result())]
    assert len(counted) == 1
    assert len(told) == 2
    assert all("did not count" in each for each in told)
    assert go_on(client, run_id)["approver"] == counted[0]


def test_run_that_waits_at_no_gate_has_nothing_to_answer(client: SyncPrefectClient) -> None:
    run_id = start(client)
    say(client, run_id, "approve")
    go_on(client, run_id)
    with pytest.raises(NothingToAnswer, match=r"waits at no gate.* was approve by ada\."):
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


def test_somebody_who_may_not_decide_is_told_and_the_gate_stays_open(client: SyncPrefectClient) -> None:
    run_id = start(client, approvers=["ada", "group:core"])
    with pytest.raises(
        AnswerRefused, match="mallory answered approve; it did not count: only ada, group:core"
    ):
        say(client, run_id, "approve", "mallory")
    say(client, run_id, "approve", "Grace")
    assert go_on(client, run_id)["approver"] == "Grace"


def test_answer_of_the_wrong_person_in_the_form_lets_the_gate_ask_again(client: SyncPrefectClient) -> None:
    run_id = start(client, approvers=["ada"])
    assert say_in_the_form(client, run_id, decision="approve", approver="mallory")["status"] == "ACCEPT"
    with pytest.raises(Pause):
        go_on(client, run_id)
    assert "mallory answered approve; it did not count" in waiting(client, run_id).question.summary
    say_in_the_form(client, run_id, decision="approve", approver="")
    with pytest.raises(Pause):
        go_on(client, run_id)
    assert "this gate asks for a name" in waiting(client, run_id).question.summary
    say(client, run_id, "reject")
    assert go_on(client, run_id)["decision"] == "reject"


def test_two_different_people_must_approve_where_two_are_needed(client: SyncPrefectClient) -> None:
    run_id = start(client, needed=2)
    for name in ("ada", "Ada "):
        say(client, run_id, "approve", name, comment="fine")
        with pytest.raises(Pause):
            go_on(client, run_id)
    question = waiting(client, run_id).question
    assert "approved by ada; 1 more person must approve" in question.summary
    assert question.notes[-1].startswith("approved by ada; 1 more")
    say(client, run_id, "approve", "grace", set_aside=("a.py",))
    assert go_on(client, run_id) == {
        "decision": "approve", "comment": "fine", "approver": "ada and grace", "set_aside": ["a.py"],
    }  # fmt: skip


def test_rejection_by_one_of_two_counts_at_once(client: SyncPrefectClient) -> None:
    run_id = start(client, needed=2)
    say(client, run_id, "approve", "ada")
    with pytest.raises(Pause):
        go_on(client, run_id)
    say(client, run_id, "reject", "grace")
    assert go_on(client, run_id)["decision"] == "reject"


def test_approval_of_one_person_lapses_with_what_was_shown(client: SyncPrefectClient) -> None:
    run_id = start(client, needed=2)
    say(client, run_id, "approve", "ada")
    with pytest.raises(Pause):
        go_on(client, run_id, shown="two")
    say(client, run_id, "approve", "grace")
    with pytest.raises(Pause):
        go_on(client, run_id, shown="two")
    assert "approved by grace; 1 more" in waiting(client, run_id).question.summary


@pytest.mark.parametrize(
    ("decision", "more", "why"),
    [
        ("approve", {"set_aside": ("other.py",)}, "other.py is not among the changed files"),
        (
            "approve",
            {"set_aside": ("a.py", "b.py", "c, d\n.py")},
            "nothing is left if all files are set aside",
        ),
        ("revise", {}, "a comment must say what shall change"),
    ],
)
def test_answer_that_makes_no_sense_is_refused_with_the_reason(
    client: SyncPrefectClient, decision: str, more: dict[str, Any], why: str
) -> None:
    run_id = start(client)
    with pytest.raises(AnswerRefused, match=why):
        say(client, run_id, decision, **more)
    assert waiting(client, run_id).key == "publish-1"


def test_files_of_the_form_are_read_by_line_or_comma(client: SyncPrefectClient) -> None:
    run_id = start(client)
    say_in_the_form(client, run_id, decision="approve", set_aside=" b.py,\n", approver="ada")
    assert go_on(client, run_id)["set_aside"] == ["b.py"]


def test_file_with_a_comma_in_its_name_is_set_aside(client: SyncPrefectClient) -> None:
    run_id = start(client)
    say(client, run_id, "approve", set_aside=("a.py", "c, d\n.py"))
    assert go_on(client, run_id)["set_aside"] == ["a.py", "c, d\n.py"]


def test_bytes_in_a_comment_that_are_no_utf8_are_kept_as_escapes(client: SyncPrefectClient) -> None:
    run_id = start(client)
    say(client, run_id, "approve", comment="na\udcefve")
    assert go_on(client, run_id)["comment"] == "na\\udcefve"
