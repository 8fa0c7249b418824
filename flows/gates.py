"""Gates: points where a person decides. A gate is a flow run that holds no process while it waits (PREFECT.md, "park").

Each question is bound to the hash of what was shown. An answer counts only for that hash; if what would be done has
changed by the time the run goes on, the approval has lapsed and the gate asks again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.exceptions import Pause, PrefectHTTPStatusError
from prefect.input import RunInput, keyset_from_paused_state
from prefect.states import Paused
from pydantic import Field

from overhaul.flows.errors import AnswerRefused, NothingToAnswer
from overhaul.flows.events import GateEvent, gate_answered, gate_opened
from overhaul.flows.gate_rules import Decision, GateName, GateRule, Given, Verdict, refusal, settle
from overhaul.flows.moving.whereabouts import check_here, from_stored, said_there
from overhaul.flows.run_labels import campaign_of

# Prefect needs an end; it fails a run at its end. Ten years hold a gate open for as long as anybody may want.
OPEN_SECONDS = 10 * 365 * 86400


class Answer(RunInput):
    """The form that a gate shows."""

    # Never a default here: with one, an empty resume was accepted as an approval (PREFECT.md).
    decision: Decision = Field(
        description="approve: go on. reject: nothing leaves. revise: the comment reopens the plan."
    )
    comment: str = Field(
        default="", description="Why; it is kept with the run and shown in the pull request."
    )
    set_aside: str = Field(default="", description="Files to leave as they are, separated by commas.")
    approver: str = Field(default="", description="Who decides.")
    commit: str = Field(default="", description="Stays empty here; `overhaul return` fills it in.")

    def given(self, via: str) -> Given:
        """The answer without its form."""
        return Given(
            self.decision, self.comment, self.approver.strip(), _paths_in(self.set_aside), via, self.commit
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What a gate asks: `summary` is Markdown, `hash` that of everything the decision is about, `files` those changed.

    `so_far` is the run's result up to here, as JSON: what `run` and `show` tell of a run that waits. `page` is the path
    of the page that shows everything, if there is one. `deadline` is when the rule's timeout ends.
    `notes` say which answers have not counted, and who must still approve.
    """

    gate: GateName
    repository: str
    summary: str
    hash: str
    so_far: dict[str, Any]
    asked_at: str = ""
    page: str = ""
    files: list[str] = field(default_factory=list)
    rule: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    deadline: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def gate_rule(self) -> GateRule:
        """The rule under which it was asked."""
        return GateRule.model_validate(self.rule)


@dataclass(frozen=True, slots=True)
class OpenGate:
    """A question that waits for its answer in a parked run. `escalated`: those of `escalate_to` may decide, too.

    `is_elsewhere`: the run has left for another machine, and is asked about there.
    """

    run_id: str
    run_name: str
    key: str
    question: Question
    escalated: bool = False
    is_elsewhere: bool = False


def ask(question: Question) -> Verdict:
    """Return what the stored answers to exactly this question come to, or park the flow run and leave the process.

    Raises prefect.exceptions.Pause, which the caller of the flow meets as a paused state.
    """
    flow_run = current_flow_run()
    with get_client(sync_client=True) as client:
        stored = _inputs(client, flow_run.id)
        rounds = list(_rounds(stored, question.gate))
        same = [(key, asked) for key, asked in rounds if asked["hash"] == question.hash]
        answers = said_there(stored, question.gate, question.hash)
        answers += [given for key, _ in same if (given := _response(stored, key)) is not None]
        escalated = any(f"escalated-{key}" in stored for key, _ in same)
        shown = (question.hash, question.files)
        standing = settle(answers, shown, question.gate_rule, question.groups, escalated)
        if standing.verdict is not None:
            if record_once(client, flow_run.id, f"told-{question.gate}-{question.hash}", {}):
                gate_answered(
                    gate_event(flow_run, question), standing.verdict.decision.value, standing.verdict.approver
                )
            return standing.verdict
        first_asked = same[0][1]["asked_at"] if same else _now()
        question = replace(
            question, asked_at=_now(), deadline=_deadline(question.gate_rule, first_asked),
            summary=_with_notes(question.summary, standing.notes), notes=list(standing.notes),
        )  # fmt: skip
        # An unanswered key is not used again: pausing twice under one key can wedge a run.
        key = f"{question.gate}-{len(rounds) + 1}"
        if escalated:
            record_once(client, flow_run.id, f"escalated-{key}", {})
        _park(client, flow_run, key, question)
    raise AssertionError("parking always leaves by an exception")


def decide_by_policy(question: Question, policy: str) -> Verdict:
    """Record that a policy approved, so that the run tells who decided."""
    flow_run = current_flow_run()
    verdict = Verdict(Decision.approve, "", policy, question.hash, via="policy")
    value = {**asdict(question), "asked_at": _now(), "verdict": asdict(verdict)}
    with get_client(sync_client=True) as client:
        key = f"gate-{question.gate}-policy"
        is_first = record_once(client, flow_run.id, key, value)
        if not is_first and _inputs(client, flow_run.id)[key]["hash"] != question.hash:
            record_once(client, flow_run.id, f"{key}-{question.hash[:16]}", value)
    return verdict


def open_gate(client: SyncPrefectClient, flow_run: FlowRun) -> OpenGate:
    """Return what a parked run asks. Raises NothingToAnswer."""
    state = flow_run.state
    if state is None or not state.is_paused() or not state.state_details.pause_key:
        status = (state.name or state.type.value).lower() if state else "unknown"
        raise NothingToAnswer(
            f"run {flow_run.name} ({flow_run.id}) waits at no gate; it is {status}.{_last_answer(client, flow_run)}"
            " See: overhaul gates"
        )
    key = state.state_details.pause_key
    stored = _inputs(client, flow_run.id)
    asked = stored.get(f"gate-{key}")
    if asked is None:
        raise NothingToAnswer(f"run {flow_run.name} ({flow_run.id}) is paused, but not at a gate of ours.")
    return OpenGate(
        str(flow_run.id), flow_run.name, key, Question(**asked), f"escalated-{key}" in stored,
        from_stored(stored).is_elsewhere,
    )  # fmt: skip


def answer(client: SyncPrefectClient, gate: OpenGate, given: Given, *, carries_on: bool = True) -> None:
    """Give the answer. The first one counts. Whoever gives it carries the run on, or else the watcher does.

    Raises AnswerRefused if it could not count, and the gate stays open; NothingToAnswer if somebody was faster;
    RunElsewhere if the run has left for another machine.
    """
    question = gate.question
    check_here(gate.run_id, _inputs(client, UUID(gate.run_id)))
    why = refusal(given, question.files, question.gate_rule, question.groups, gate.escalated)
    if why and given.via != "timeout":
        raise AnswerRefused(f"{why} The gate of run {gate.run_name} stays open.")
    form = {
        "decision": given.decision.value, "comment": _sendable(given.comment),
        "approver": _sendable(given.approver),
        "set_aside": _written(given.set_aside),
    }  # fmt: skip
    if given.commit:
        record_once(client, UUID(gate.run_id), f"returned-{given.commit}", {})
        form["commit"] = given.commit
    response = client.request(
        "POST",
        "/flow_runs/{id}/resume",
        path_params={"id": UUID(gate.run_id)},
        json={"run_input": form},
    ).json()
    if response["status"] != "ACCEPT":
        first = _response(_inputs(client, UUID(gate.run_id)), gate.key)
        reason = (response.get("details") or {}).get("reason") or "somebody else has answered it"
        if first is not None:
            reason = f"{first.approver or 'somebody'} was faster and answered {first.decision}"
        raise NothingToAnswer(
            f"the answer to gate '{question.gate}' of run {gate.run_name} did not count: {reason}."
        )
    record_once(client, UUID(gate.run_id), f"via-{gate.key}", {"via": given.via})
    if carries_on:
        record_once(client, UUID(gate.run_id), f"carried-{gate.key}", {})


def verdicts(client: SyncPrefectClient, flow_run_id: UUID) -> list[tuple[Question, Given | None]]:
    """Every question a run has asked, in order, with the answer that was given, if there is one."""
    stored = _inputs(client, flow_run_id)
    rows: list[tuple[Question, Given | None]] = []
    for name, value in stored.items():
        if not name.startswith("gate-"):
            continue
        by_policy = value.pop("verdict", None)
        given = _response(stored, name.removeprefix("gate-"))
        if by_policy is not None:
            given = Given(Decision(by_policy["decision"]), "", by_policy["approver"], (), "policy")
        rows.append((Question(**value), given))
    return sorted(rows, key=lambda row: row[0].asked_at)


def is_answered(client: SyncPrefectClient, flow_run_id: UUID) -> str | None:
    """The key of a run's last question if it has an answer: then the run can go on."""
    stored = _inputs(client, flow_run_id)
    rounds = [
        (value["asked_at"], name.removeprefix("gate-"))
        for name, value in stored.items()
        if name.startswith("gate-") and "verdict" not in value
    ]
    if not rounds:
        return None
    key = max(rounds)[1]
    return key if _response(stored, key) is not None else None


def record_once(client: SyncPrefectClient, flow_run_id: UUID, key: str, value: dict[str, Any]) -> bool:
    """Store something with a run under a key that is given only once. Returns whether this call did it."""
    try:
        client.create_flow_run_input(flow_run_id=flow_run_id, key=key, value=orjson.dumps(value).decode())
    except PrefectHTTPStatusError as error:
        if error.response.status_code == 409:
            return False
        raise
    return True


def recorded(client: SyncPrefectClient, flow_run_id: UUID, prefix: str) -> dict[str, Any]:
    """What `record_once` has stored under keys that begin so."""
    stored = _inputs(client, flow_run_id)
    return {key: value for key, value in stored.items() if key.startswith(prefix)}


def _paths_in(text: str) -> tuple[str, ...]:
    """The paths of a form's field: separated by commas, or a JSON list, where one has a comma in its name."""
    with suppress(ValueError):
        listed = json.loads(text)
        if isinstance(listed, list):
            return tuple(dict.fromkeys(str(path) for path in listed))
    lines = text.replace("\n", ",").split(",")
    return tuple(dict.fromkeys(path.strip() for path in lines if path.strip()))


def _sendable(text: str) -> str:
    """Bytes of a terminal that are no UTF-8 as escapes: JSON has no other way to take them."""
    return text.encode(errors="backslashreplace").decode()


def _written(paths: tuple[str, ...]) -> str:
    text = ", ".join(paths)
    return text if text.isprintable() and _paths_in(text) == paths else json.dumps(paths)


def _rounds(stored: dict[str, Any], gate: GateName) -> Iterator[tuple[str, dict[str, Any]]]:
    """The questions that this gate has asked so far, in order."""
    number = 1
    while (asked := stored.get(f"gate-{gate}-{number}")) is not None:
        yield f"{gate}-{number}", asked
        number += 1


def _response(stored: dict[str, Any], key: str) -> Given | None:
    """The answer under a key: the response of a pause, or of a suspension where a deployment's run waited."""
    for kind in ("paused", "suspended"):
        if (response := stored.get(f"{kind}-{key}-response")) is not None:
            given = Answer.model_validate(response).given(stored.get(f"via-{key}", {}).get("via", "prefect"))
            # What somebody types into the form has not been brought here.
            known = f"returned-{given.commit}" in stored
            return given if known else replace(given, commit="")
    return None


def _park(client: SyncPrefectClient, flow_run: FlowRun, key: str, question: Question) -> None:
    """Pause the run and leave. A deployment's run is suspended: its runner starts it again after the answer."""
    suspended = has_runner(flow_run)
    state: State[Any] = Paused(
        name="Suspended" if suspended else None,
        timeout_seconds=OPEN_SECONDS, reschedule=suspended, pause_key=key,
    )  # fmt: skip
    keyset = keyset_from_paused_state(state)
    state.state_details.run_input_keyset = {name: str(key) for name, key in keyset.items()}
    record_once(client, flow_run.id, f"gate-{key}", asdict(question))
    Answer.with_initial_data(description=question.summary).save(keyset, flow_run_id=flow_run.id)
    paused = client.set_flow_run_state(flow_run.id, state, force=True).state
    if not question.so_far.get("held"):  # nobody needs to know of one that waits for its campaign
        gate_opened(gate_event(flow_run, question))
    raise Pause(state=paused)


def _last_answer(client: SyncPrefectClient, flow_run: FlowRun) -> str:
    answered = [(question, given) for question, given in verdicts(client, flow_run.id) if given is not None]
    if not answered:
        return ""
    question, given = answered[-1]
    return f" The last answer, at gate '{question.gate}', was {given.decision} by {given.approver or 'somebody'}."


def _with_notes(summary: str, notes: tuple[str, ...]) -> str:
    return summary + "".join(f"\n- {note}" for note in notes) if notes else summary


def _deadline(rule: GateRule, first_asked: str) -> str:
    if rule.timeout is None:
        return ""
    return (datetime.fromisoformat(first_asked) + rule.timeout).isoformat(timespec="milliseconds")


def has_runner(flow_run: FlowRun) -> bool:
    """Whether a runner starts this run again by itself once it is answered: then no other process may."""
    return flow_run.deployment_id is not None and flow_run.parent_task_run_id is None


def current_flow_run() -> FlowRun:
    """The flow run that this code is part of."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("a gate can only be asked inside a flow run")
    return context.flow_run


def _inputs(client: SyncPrefectClient, flow_run_id: UUID) -> dict[str, Any]:
    """All that is stored with a run, oldest first."""
    found: dict[str, Any] = {}
    while True:
        rows = client.request(
            "POST",
            "/flow_runs/{id}/input/filter",
            path_params={"id": flow_run_id},
            json={"prefix": "", "limit": 200, "exclude_keys": list(found)},
        ).json()
        found |= {row["key"]: orjson.loads(row["value"]) for row in reversed(rows)}
        if len(rows) < 200:
            return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def gate_event(flow_run: FlowRun, question: Question) -> GateEvent:
    """What an event tells of a question."""
    return GateEvent(
        run_id=str(flow_run.id), run_name=flow_run.name, repository=question.repository,
        campaign=campaign_of(flow_run),
        gate=question.gate, summary=question.summary, hash=question.hash, page=question.page,
        deadline=question.deadline,
    )  # fmt: skip
