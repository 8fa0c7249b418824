"""Gates: points where a person decides. A gate is a paused flow run that holds no process (PREFECT.md, "park").

Each question is bound to the hash of what was shown. An answer counts only for that hash; if what would be done has
changed by the time the run goes on, the approval has lapsed and the gate asks again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from typing import Any, Literal
from uuid import UUID

import orjson
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.input import RunInput, keyset_from_paused_state
from prefect.states import Paused
from pydantic import Field

from overhaul.flows.errors import NothingToAnswer

GateName = Literal["plan", "publish"]

# Prefect needs an end; it fails a run at its end. Ten years hold a gate open for as long as anybody may want.
OPEN_SECONDS = 10 * 365 * 86400


class Decision(StrEnum):
    """What a person may decide."""

    approve = "approve"
    reject = "reject"


class Answer(RunInput):
    """The form that a gate shows."""

    # Never a default here: with one, an empty resume was accepted as an approval (PREFECT.md).
    decision: Decision = Field(description="What shall happen.")
    comment: str = Field(
        default="", description="Why; it is kept with the run and shown in the pull request."
    )
    approver: str = Field(default="", description="Who decides.")


@dataclass(frozen=True, slots=True)
class Question:
    """What a gate asks: `summary` is Markdown, `hash` that of everything the decision is about.

    `so_far` is the run's result up to here, as JSON: what `run` and `show` tell of a run that waits.
    """

    gate: GateName
    repository: str
    summary: str
    hash: str
    so_far: dict[str, Any]
    asked_at: str = ""


@dataclass(frozen=True, slots=True)
class OpenGate:
    """A question that waits for its answer in a parked run."""

    run_id: str
    run_name: str
    key: str
    question: Question


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer and what it was about. `approver` names the policy where no person was asked."""

    decision: Decision
    comment: str
    approver: str
    hash: str


def ask(question: Question) -> Verdict:
    """Return the stored answer to exactly this question, or park the flow run and leave the process.

    Raises prefect.exceptions.Pause, which the caller of the flow meets as a paused state.
    """
    flow_run = _current_flow_run()
    with get_client(sync_client=True) as client:
        stored = _inputs(client, flow_run.id)
        for number in count(1):
            key = f"{question.gate}-{number}"
            asked = stored.get(f"gate-{key}")
            if asked is None:
                break
            response = stored.get(f"paused-{key}-response")
            if response is not None and asked["hash"] == question.hash:
                answer = Answer.model_validate(response)
                return Verdict(answer.decision, answer.comment, answer.approver, question.hash)
        # An unanswered key is not used again: pausing twice under one key can wedge a run.
        _park(client, flow_run, key, question)
    raise AssertionError("parking always leaves by an exception")


def decide_by_policy(question: Question, policy: str) -> Verdict:
    """Record that a policy approved, so that the run tells who decided."""
    flow_run = _current_flow_run()
    verdict = Verdict(Decision.approve, "", policy, question.hash)
    key = f"gate-{question.gate}-policy"
    with get_client(sync_client=True) as client:
        if key not in _inputs(client, flow_run.id):
            value = {**asdict(question), "asked_at": _now(), "verdict": asdict(verdict)}
            _save(client, flow_run.id, key, value)
    return verdict


def open_gate(client: SyncPrefectClient, flow_run: FlowRun) -> OpenGate:
    """Return what a parked run asks. Raises NothingToAnswer."""
    state = flow_run.state
    if state is None or not state.is_paused() or not state.state_details.pause_key:
        status = (state.name or state.type.value).lower() if state else "unknown"
        raise NothingToAnswer(
            f"run {flow_run.name} ({flow_run.id}) waits at no gate; it is {status}. See: overhaul gates"
        )
    key = state.state_details.pause_key
    asked = _inputs(client, flow_run.id).get(f"gate-{key}")
    if asked is None:
        raise NothingToAnswer(f"run {flow_run.name} ({flow_run.id}) is paused, but not at a gate of ours.")
    return OpenGate(str(flow_run.id), flow_run.name, key, Question(**asked))


def answer(
    client: SyncPrefectClient, gate: OpenGate, decision: Decision, comment: str, approver: str
) -> None:
    """Give the answer. The first one counts; raises NothingToAnswer if somebody was faster."""
    response = client.request(
        "POST",
        "/flow_runs/{id}/resume",
        path_params={"id": UUID(gate.run_id)},
        json={"run_input": {"decision": decision.value, "comment": comment, "approver": approver}},
    ).json()
    if response["status"] != "ACCEPT":
        reason = (response.get("details") or {}).get("reason") or "somebody else has answered it"
        raise NothingToAnswer(
            f"the answer to gate '{gate.question.gate}' of run {gate.run_name} did not count: {reason}."
        )


def verdicts(client: SyncPrefectClient, flow_run_id: UUID) -> list[tuple[Question, Verdict | None]]:
    """Every question a run has asked, in order, with its answer if there is one."""
    stored = _inputs(client, flow_run_id)
    rows: list[tuple[Question, Verdict | None]] = []
    for key, value in stored.items():
        if not key.startswith("gate-"):
            continue
        by_policy = value.pop("verdict", None)
        question = Question(**value)
        response = stored.get(f"paused-{key.removeprefix('gate-')}-response")
        verdict = None
        if by_policy is not None:
            verdict = Verdict(**{**by_policy, "decision": Decision(by_policy["decision"])})
        elif response is not None:
            given = Answer.model_validate(response)
            verdict = Verdict(given.decision, given.comment, given.approver, question.hash)
        rows.append((question, verdict))
    return sorted(rows, key=lambda row: row[0].asked_at)


def _park(client: SyncPrefectClient, flow_run: FlowRun, key: str, question: Question) -> None:
    state: State[Any] = Paused(timeout_seconds=OPEN_SECONDS, reschedule=False, pause_key=key)
    keyset = keyset_from_paused_state(state)
    state.state_details.run_input_keyset = {name: str(key) for name, key in keyset.items()}
    asked = replace(question, asked_at=_now())
    _save(client, flow_run.id, f"gate-{key}", asdict(asked))
    Answer.with_initial_data(description=question.summary).save(keyset, flow_run_id=flow_run.id)
    raise Pause(state=client.set_flow_run_state(flow_run.id, state, force=True).state)


def _current_flow_run() -> FlowRun:
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("a gate can only be asked inside a flow run")
    return context.flow_run


def _inputs(client: SyncPrefectClient, flow_run_id: UUID) -> dict[str, Any]:
    rows = client.request(
        "POST",
        "/flow_runs/{id}/input/filter",
        path_params={"id": flow_run_id},
        json={"prefix": "", "limit": 200, "exclude_keys": []},
    ).json()
    return {row["key"]: orjson.loads(row["value"]) for row in reversed(rows)}


def _save(client: SyncPrefectClient, flow_run_id: UUID, key: str, value: dict[str, Any]) -> None:
    client.create_flow_run_input(flow_run_id=flow_run_id, key=key, value=orjson.dumps(value).decode())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
