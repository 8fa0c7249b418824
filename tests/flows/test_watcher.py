"""Gates that stay open for weeks, on a server of their own that is restarted under them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from prefect import flow, task
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOCAL_STORAGE_PATH,
    temporary_settings,
)
from prefect.states import Pending, Scheduled

from overhaul.flows import server
from overhaul.flows.errors import AnswerRefused
from overhaul.flows.gate_rules import Decision, Given
from overhaul.flows.gates import Question, answer, ask, open_gate, verdicts
from overhaul.flows.settings import Settings
from overhaul.flows.watcher import Watcher

pytestmark = pytest.mark.server
STEPS: list[str] = []


@task(persist_result=True, result_serializer="json", cache_key_fn=lambda _, given: f"step-{given['run_id']}")
def step(run_id: str) -> str:
    STEPS.append(run_id)
    return run_id


@flow(name="refactor-repository", persist_result=True, result_serializer="json")
def asking(rule: dict[str, Any]) -> dict[str, str]:
    from prefect.runtime import flow_run

    step(str(flow_run.id))
    verdict = ask(Question("publish", "somewhere", "## Publish?", "hash", {"edits": 1}, rule=rule))
    return {"decision": verdict.decision.value, "approver": verdict.approver, "comment": verdict.comment}


@dataclass
class World:
    """A server that can be restarted, a clock that can be set, and a watcher that goes by it."""

    settings: Settings
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    carried_on: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watcher = Watcher(self.settings, lambda: self.now, self.carried_on.append)

    def later(self, **time: int) -> None:
        """Let time go by and the watcher look twice: what is to happen once must not happen again."""
        self.now = max(self.now, datetime.now(UTC)) + timedelta(**time)
        for _ in range(2):
            with self.client() as client:
                self.watcher.look(client)

    @contextmanager
    def client(self) -> Iterator[SyncPrefectClient]:
        running = server.ensure(self.settings, lambda _: None, alone=True)
        with ExitStack() as stack:
            stack.enter_context(
                temporary_settings(
                    {
                        PREFECT_API_URL: running.api_url,
                        PREFECT_API_AUTH_STRING: running.auth_string,
                        PREFECT_LOCAL_STORAGE_PATH: self.settings.home / "results",
                        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
                    }
                )
            )
            yield stack.enter_context(get_client(sync_client=True))

    def start(self, **rule: Any) -> UUID:
        with self.client() as client:
            run = client.create_flow_run(asking, parameters={"rule": rule}, state=Pending())
            with pytest.raises(Pause):
                run_flow(asking, flow_run=run, parameters=run.parameters)
        return run.id

    def go_on(self, run_id: UUID) -> Any:
        with self.client() as client:
            client.set_flow_run_state(run_id, Scheduled(), force=True)
            run = client.read_flow_run(run_id)
            return run_flow(asking, flow_run=run, parameters=run.parameters)

    def events(self, name: str, run_id: UUID) -> list[dict[str, Any]]:
        wanted = {"filter": {"event": {"name": [name]}, "resource": {"id": [f"overhaul.run.{run_id}"]}}}
        with self.client() as client:
            found = client.request("POST", "/events/filter", json=wanted).json()["events"]
        return list(found)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = Settings(tmp_path_factory.mktemp("home"))
    yield made
    server.stop(made)


@pytest.fixture
def world(settings: Settings) -> World:
    return World(settings)


def say(world: World, run_id: UUID, decision: str, approver: str) -> None:
    with world.client() as client:
        gate = open_gate(client, client.read_flow_run(run_id))
        answer(client, gate, Given(Decision(decision), approver=approver, via="terminal"))


def test_gate_stays_open_for_a_month_over_three_restarts(world: World) -> None:
    run_id = world.start(timeout="40d", on_timeout="reject")
    address = server.ensure(world.settings, print, alone=True).ui_url
    for _ in range(3):
        server.stop(world.settings)
        world.later(days=10)
    assert server.ensure(world.settings, print, alone=True).ui_url == address, (
        "a link to the gate stays valid"
    )
    with world.client() as client:
        assert client.read_flow_run(run_id).state.is_paused()
    say(world, run_id, "approve", "ada")
    world.later(days=60)
    assert world.go_on(run_id)["approver"] == "ada"
    assert STEPS.count(str(run_id)) == 1, "no finished step runs again"


def test_answer_from_elsewhere_carries_the_run_on_once(world: World) -> None:
    run_id = world.start()
    world.later(seconds=1)
    assert str(run_id) not in world.carried_on
    with world.client() as client:  # as the Prefect UI does
        form = {"decision": "approve", "approver": "ada"}
        client.request("POST", f"/flow_runs/{run_id}/resume", json={"run_input": form})
    world.later(seconds=20)
    assert world.carried_on.count(str(run_id)) == 1


def test_run_is_left_to_whoever_answered_by_command_unless_they_have_died(world: World) -> None:
    run_id = world.start()
    say(world, run_id, "approve", "ada")
    world.later(seconds=30)
    assert str(run_id) not in world.carried_on
    world.later(minutes=2)
    world.later(minutes=2)
    assert world.carried_on.count(str(run_id)) == 1


def test_timeout_rejects_where_the_rule_says_so(world: World) -> None:
    run_id = world.start(approvers=["ada"], timeout="3d", on_timeout="reject")
    world.later(days=2)
    with world.client() as client:
        assert client.read_flow_run(run_id).state.is_paused()
    world.later(days=1, minutes=1)
    ended = world.go_on(run_id)
    assert (ended["decision"], ended["approver"]) == ("reject", "policy: timeout")
    assert ended["comment"].startswith("nobody decided until ")


def test_timeout_that_holds_tells_and_stays_open(world: World) -> None:
    run_id = world.start(timeout="3d")
    world.later(days=4)
    with world.client() as client:
        assert client.read_flow_run(run_id).state.is_paused()
    say(world, run_id, "approve", "ada")
    assert world.go_on(run_id)["decision"] == "approve"


def test_after_escalation_others_may_decide(world: World) -> None:
    run_id = world.start(approvers=["ada"], timeout="1d", on_timeout="escalate", escalate_to=["boss"])
    with pytest.raises(AnswerRefused):
        say(world, run_id, "approve", "boss")
    world.later(days=2)
    say(world, run_id, "approve", "boss")
    assert world.go_on(run_id)["approver"] == "boss"


def test_reminders_come_once_for_each_period(world: World) -> None:
    run_id = world.start(remind_every="1d")
    world.later(hours=1)
    world.later(days=1)
    world.later(days=1)
    with world.client() as client:
        kept = client.request(
            "POST", f"/flow_runs/{run_id}/input/filter", json={"prefix": "reminded-", "limit": 50}
        ).json()
    assert sorted(row["key"] for row in kept) == ["reminded-publish-1-1", "reminded-publish-1-2"]


def test_question_and_answer_are_told_as_events(world: World) -> None:
    run_id = world.start()
    say(world, run_id, "reject", "ada")
    world.go_on(run_id)
    for _ in range(50):  # the server writes events in batches
        opened, answered = (world.events(f"overhaul.gate.{name}", run_id) for name in ("opened", "answered"))
        if opened and answered:
            break
        threading.Event().wait(0.2)
    assert len(opened) == 1
    assert answered[0]["payload"]["decision"] == "reject"


def test_verdict_tells_where_it_came_from(world: World) -> None:
    run_id = world.start()
    say(world, run_id, "approve", "ada")
    with world.client() as client:
        ((_, given),) = verdicts(client, run_id)
    assert given
    assert (given.approver, given.via) == ("ada", "terminal")
