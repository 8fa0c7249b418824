"""Everything that is kept of a run, read at once: its steps with their attempts, waits at gates, results and logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State, TaskRun

from overhaul.flows.attempts import Attempt, Wait
from overhaul.flows.gates import OpenGate, open_gate, verdicts
from overhaul.flows.run_steps import task_runs_of
from overhaul.flows.runs import describe, log_lines
from overhaul.flows.settings import Settings


@dataclass(frozen=True, slots=True)
class RunRecord:
    """`described` is what `show --json` gives; `results` are those of the completed steps, by their names."""

    described: dict[str, Any]
    attempts: list[Attempt]
    waits: list[Wait]
    results: dict[str, Any]
    log: list[str]
    gate: OpenGate | None
    deployment: str | None
    read_at: datetime = field(default_factory=lambda: datetime.now(UTC))


def read_record(client: SyncPrefectClient, flow_run: FlowRun, settings: Settings) -> RunRecord:
    """Read a run's record. A result that is no longer on disk is left out."""
    described = describe(client, flow_run, settings)
    task_runs = task_runs_of(client, flow_run)
    return RunRecord(
        described=described,
        attempts=sorted(
            (attempt for each in task_runs for attempt in _attempts(client, each)),
            key=lambda attempt: attempt.started,
        ),
        waits=_waits(client, flow_run),
        results=dict(_results(task_runs)),
        log=list(log_lines(client, flow_run)),
        gate=open_gate(client, flow_run) if described["status"] == "waiting" else None,
        deployment=str(flow_run.deployment_id) if flow_run.deployment_id else None,
    )


def _attempts(client: SyncPrefectClient, task_run: TaskRun) -> Iterator[Attempt]:
    state = task_run.state
    if state is None or state.timestamp is None:
        return
    name = (state.name or state.type.value).lower()
    if task_run.run_count > 1:
        yield from _retried(task_run.name, client.read_task_run_states(task_run.id))
    elif task_run.start_time is None:
        yield Attempt(task_run.name, 1, name, state.timestamp, state.timestamp)
    else:
        yield Attempt(task_run.name, 1, name, task_run.start_time, task_run.end_time or state.timestamp)


def _retried(step: str, states: list[State[Any]]) -> Iterator[Attempt]:
    """One attempt for each time that the step began to run; it lasts until the state that follows."""
    ordered = sorted(states, key=lambda state: state.timestamp)
    begun = [place for place, state in enumerate(ordered) if state.is_running()]
    for number, place in enumerate(begun, 1):
        after = ordered[place + 1] if place + 1 < len(ordered) else ordered[place]
        waits_for_another = after.is_scheduled()  # Prefect calls it AwaitingRetry
        status = "failed" if waits_for_another else (after.name or after.type.value).lower()
        yield Attempt(step, number, status, ordered[place].timestamp, after.timestamp)


def _waits(client: SyncPrefectClient, flow_run: FlowRun) -> list[Wait]:
    """A wait ends with the first state after the pause."""
    states = sorted(client.read_flow_run_states(flow_run.id), key=lambda state: state.timestamp)
    gates = {question.asked_at: question.gate for question, _ in verdicts(client, UUID(str(flow_run.id)))}
    waits = []
    for place, state in enumerate(states):
        if state.is_paused():
            # A question is stored just before its pause begins.
            asked = max((at for at in gates if datetime.fromisoformat(at) <= state.timestamp), default="")
            ended = states[place + 1].timestamp if place + 1 < len(states) else None
            waits.append(Wait(gates.get(asked, "gate"), state.timestamp, ended))
    return waits


def _results(task_runs: list[TaskRun]) -> Iterator[tuple[str, Any]]:
    for each in task_runs:
        if each.state is None or not each.state.is_completed() or each.state.data is None:
            continue
        result = each.state.result(raise_on_failure=False, retry_result_failure=False)
        if not isinstance(result, BaseException):
            yield each.name, result
