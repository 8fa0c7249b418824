"""Runs from outside the flow: start one, continue it, find it, describe it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort, LogSort
from prefect.exceptions import MissingResult, Pause
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Pending, Scheduled
from prefect.tasks import Task

from overhaul.flows.analysis import analyse_commit
from overhaul.flows.errors import BusyRun, PublishError, ResultElsewhere, SettingsError, UnknownRun
from overhaul.flows.forges.base import PullRequest
from overhaul.flows.forges.choose import forge_of
from overhaul.flows.gates import OpenGate, has_runner, open_gate, recorded, verdicts
from overhaul.flows.ledger import Ledger
from overhaul.flows.mirror import Mirror
from overhaul.flows.moving.whereabouts import check_here
from overhaul.flows.options import RunOptions
from overhaul.flows.progress import Watcher, watched_by
from overhaul.flows.refactor_repository import refactor_repository
from overhaul.flows.results import RunResult, RunStatus
from overhaul.flows.run_labels import campaign_of, repository_name, run_tags
from overhaul.flows.run_lock import is_held, working_on
from overhaul.flows.run_steps import steps_of, task_runs_of
from overhaul.flows.settings import Settings
from overhaul.refactors.prompt import Prompt

PAGE = 200
BEGINNING = timedelta(seconds=10)
RUNNER_SECONDS = 60
ELSEWHERE = "it has left for another machine; nothing can be answered here until it is back (docs/handoff.md)"


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked to be done to one repository."""

    repository: str
    recipe: str
    parameters: dict[str, Any]
    options: RunOptions


def create_run(request: Request, bulk_run_id: UUID | None = None, tags: Sequence[str] = ()) -> str:
    """Register a run with the Prefect server, below the run on many repositories if it is one of; return its id.

    `tags` are some besides the usual ones.
    """
    parameters = {
        "repository": request.repository,
        "recipe": request.recipe,
        "parameters": request.parameters,
        "options": request.options.model_dump(mode="json"),
    }
    tags = [*run_tags(request.repository, request.recipe, request.options), *tags]
    with get_client(sync_client=True) as client:
        above = None
        if bulk_run_id is not None:
            # This is how Prefect hangs a flow run below another; the server keeps the state of both the same.
            name = repository_name(request.repository)
            above = client.create_task_run(
                Task(refactor_repository.fn), bulk_run_id, request.repository, name=name, extra_tags=tags
            ).id
        flow_run = client.create_flow_run(
            refactor_repository, parameters=parameters, tags=tags, state=Pending(), parent_task_run_id=above
        )
    return str(flow_run.id)


def execute(run_id: str, settings: Settings, watcher: Watcher | None = None) -> RunResult:
    """Run, or go on with, a run in this process until it ends or parks at a gate.

    Finished steps come back from their results. A run that waits goes on waiting. A deployment's run is left to its
    runner, and waited for.
    Raises BusyRun if another process works on it, or it has left for another machine.
    """
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(UUID(run_id))
        if has_runner(flow_run):
            if _has_stopped(flow_run, settings):
                client.set_flow_run_state(UUID(run_id), Scheduled(), force=True)
            return wait_for_runner(client, run_id, watcher)
        if flow_run.state is not None and flow_run.state.is_paused():
            return result_of(client, flow_run)  # its question stands until it is answered
        check_here(run_id, recorded(client, flow_run.id, ""))
    with (
        working_on(run_id, settings),
        # Joining the heartbeat's thread costs each run a second.
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        watched_by(watcher),
    ):
        with get_client(sync_client=True) as client:
            if flow_run.start_time is not None:
                # Whatever state a killed or answered run was left in; nobody else works on it, as the lock shows.
                client.set_flow_run_state(UUID(run_id), Scheduled(), force=True)
            flow_run = client.read_flow_run(UUID(run_id))
        with suppress(Pause):
            run_flow(
                refactor_repository, flow_run=flow_run, parameters=flow_run.parameters, return_type="state"
            )
        with get_client(sync_client=True) as client:
            return result_of(client, client.read_flow_run(UUID(run_id)))


def _has_stopped(flow_run: FlowRun, settings: Settings) -> bool:
    """Whether a deployment's run has come to an end that is no end, or its process has."""
    state = flow_run.state
    if state is None or state.is_completed():
        return False
    return state.is_final() or (state.is_running() and not _is_live(flow_run, settings))


def _is_live(flow_run: FlowRun, settings: Settings) -> bool:
    """Whether a process works on the run. One of the runner's begins it before it takes the lock."""
    state = flow_run.state
    begins = has_runner(flow_run) and state and datetime.now(UTC) - state.timestamp < BEGINNING
    return bool(begins) or is_held(str(flow_run.id), settings)


def wait_for_runner(client: SyncPrefectClient, run_id: str, watcher: Watcher | None = None) -> RunResult:
    """Wait until a deployment's run ends or waits at a gate. Raises BusyRun if no runner takes it up."""
    began = time.monotonic()
    while True:
        flow_run = client.read_flow_run(UUID(run_id))
        state = flow_run.state
        if state is not None and (state.is_final() or state.is_paused()):
            return result_of(client, flow_run)
        if state is not None and state.is_running():
            began = time.monotonic()
        if time.monotonic() - began > RUNNER_SECONDS:
            raise BusyRun(
                f"run {flow_run.name} belongs to a deployment, and no runner has taken it up for {RUNNER_SECONDS} s."
                " Your answer is kept. Start the runner with: overhaul serve"
            )
        if watcher:
            watcher("waiting for the runner", None, None)
        time.sleep(1)


def result_of(client: SyncPrefectClient, flow_run: FlowRun) -> RunResult:
    """The outcome of a run as far as it has come. Raises ResultElsewhere."""
    state = flow_run.state
    repository = str(flow_run.parameters.get("repository", ""))
    if state is not None and state.is_final() and state.data is not None:
        try:
            data = state.result(raise_on_failure=False)
        except (ValueError, MissingResult) as error:
            raise ResultElsewhere(
                f"run {flow_run.name} has ended, and this machine does not find what it came to: {error}"
                " The machines of a Prefect server share their results (docs/deployment/README.md)."
            ) from error
        if isinstance(data, dict) and "run_id" in data:
            return RunResult.from_json(data)
        if isinstance(data, BaseException):
            return RunResult(repository, str(flow_run.id), "failed", message=str(data))
    if state is not None and state.is_paused():
        gate = open_gate(client, flow_run)
        so_far = RunResult.from_json(gate.question.so_far)
        return replace(so_far, message=ELSEWHERE) if gate.is_elsewhere else so_far
    status: RunStatus = "running"
    if state is not None and (state.is_crashed() or state.is_failed() or state.is_cancelled()):
        status = "interrupted"
    elif state is not None and flow_run.deployment_id and (state.is_scheduled() or state.is_pending()):
        status = "scheduled"
    return RunResult(repository, str(flow_run.id), status, message=(state.message or "") if state else "")


def list_runs(
    client: SyncPrefectClient, campaign: str | None = None, state: StateType | None = None
) -> list[FlowRun]:
    """All runs, newest first; of one campaign, or in one kind of state, if it is named."""
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[f"campaign:{campaign}"]) if campaign else None,
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[state])) if state else None,
    )
    return [run for run in _pages(client, wanted) if not _is_planned(run)]


def runs_below(client: SyncPrefectClient, bulk_run_id: UUID) -> dict[str, FlowRun]:
    """The runs that a run on many repositories has begun, by repository."""
    below = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[bulk_run_id]))
    return {str(run.parameters["repository"]): run for run in _pages(client, below)}


def find_run(client: SyncPrefectClient, text: str) -> FlowRun:
    """The run with this id, the beginning of its id, or its name. Raises UnknownRun."""
    runs = list_runs(client) if text else []
    found = [run for run in runs if str(run.id).startswith(text.lower())] or [
        run for run in runs if run.name == text
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UnknownRun(f"no run has the id or name '{text}'. See: overhaul status")
    ids = ", ".join(str(run.id)[:8] for run in found[:5])
    raise UnknownRun(f"{len(found)} runs match '{text}': {ids}. Give more of the id.")


def describe(client: SyncPrefectClient, flow_run: FlowRun, settings: Settings) -> dict[str, Any]:
    """A run as `show --json` gives it: its result, steps, decisions and open gate."""
    result = seen_from_outside(client, flow_run, settings)
    shown = result.to_json()
    decisions = verdicts(client, flow_run.id)
    shown |= {
        "name": flow_run.name,
        "campaign": campaign_of(flow_run),
        "recipe": flow_run.parameters.get("recipe"),
        "parameters": flow_run.parameters.get("parameters"),
        "options": flow_run.parameters.get("options"),
        "steps": steps_of(client, flow_run),
        "gates": [
            {
                "gate": question.gate,
                "asked_at": question.asked_at,
                "hash": question.hash,
                "deadline": question.deadline or None,
                "page": question.page or None,
                "decision": given.decision.value if given else None,
                "approver": given.approver if given else None,
                "comment": given.comment if given else None,
                "set_aside": list(given.set_aside) if given else [],
                "via": given.via if given else None,
                "commit": (given.commit if given else "") or None,
                "notes": question.notes,
            }
            for question, given in decisions
        ],
    }
    shown["page"] = _last_page([question.page for question, _ in decisions], result)
    if result.status == "waiting":
        shown["waits_at"] = open_gate(client, flow_run).question.gate
    if result.pull_request:
        shown["pull_request_record"] = pull_request_of(result)
        shown["failed_checks"] = failed_checks_of(result, settings)
    return shown


def overview(settings: Settings, campaign: str | None) -> list[dict[str, Any]]:
    """One row per run, newest first."""
    with get_client(sync_client=True) as client:
        rows = []
        for flow_run in list_runs(client, campaign):
            result = seen_from_outside(client, flow_run, settings)
            started = flow_run.start_time or flow_run.expected_start_time
            rows.append(
                result.to_json()
                | {"campaign": campaign_of(flow_run), "started_at": started.isoformat() if started else ""}
            )
    return rows


def list_open_gates(client: SyncPrefectClient) -> list[OpenGate]:
    """Every question that waits for people, oldest first."""
    waiting = (open_gate(client, run) for run in list_runs(client, state=StateType.PAUSED))
    asked = [gate for gate in waiting if not gate.question.so_far.get("held") and not gate.is_elsewhere]
    return sorted(asked, key=lambda gate: gate.question.asked_at)


def gate_of(client: SyncPrefectClient, run_id: str) -> OpenGate:
    """The gate at which a run waits. Raises NothingToAnswer."""
    return open_gate(client, client.read_flow_run(UUID(run_id)))


def diff_of(shown: dict[str, Any], settings: Settings) -> bytes:
    """The whole diff of a described run; of what it still plans, while nothing is committed yet."""
    if shown["base"] is None:
        return b""
    mirror = Mirror.of(shown["repository"], settings.mirrors)
    made = shown["head"] or (shown["agent"] or {}).get("commit")
    if made:
        return mirror.diff(shown["base"], made)
    if shown["recipe"] == Prompt.id:
        return b""
    beside = {
        each["distribution"]: (Mirror.of(each["repository"], settings.mirrors), each["base_commit"])
        for each in shown["options"]["beside"]
    }
    record = analyse_commit(mirror, shown["base"], shown["recipe"], shown["parameters"], beside)
    tree = mirror.change_tree(shown["base"], record.without(shown["set_aside"]).changes())
    return mirror.diff(shown["base"], tree)


def log_lines(client: SyncPrefectClient, flow_run: FlowRun) -> Iterator[str]:
    """What Prefect logged of a run, oldest first: when, in which step, what."""
    steps = {each.id: each.name for each in task_runs_of(client, flow_run)}
    offset = 0
    while True:
        page = client.read_logs(
            LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run.id])),
            limit=PAGE, offset=offset, sort=LogSort.TIMESTAMP_ASC,
        )  # fmt: skip
        for log in page:
            step = f"{steps[log.task_run_id]}: " if log.task_run_id in steps else ""
            yield f"{log.timestamp:%Y-%m-%d %H:%M:%S} {step}{log.message}"
        offset += len(page)
        if len(page) < PAGE:
            return


def seen_from_outside(client: SyncPrefectClient, flow_run: FlowRun, settings: Settings) -> RunResult:
    """A run that Prefect believes to be running may have been killed: then nobody holds its lock."""
    result = result_of(client, flow_run)
    if result.status == "running" and not _is_live(flow_run, settings):
        return replace(result, status="interrupted", message="its process has ended; it can be resumed")
    return result


def _last_page(pages: Sequence[str], result: RunResult) -> str | None:
    """The page on which everything about a run is shown: its pull request's, or that of its last question."""
    if result.pull_request and result.pull_request.startswith("file://") and result.status != "waiting":
        return unquote(result.pull_request.removeprefix("file://"))
    return next((page for page in reversed(pages) if page), None)


def pull_request_of(result: RunResult) -> dict[str, Any] | None:
    """The pull request of a result as its forge knows it, with what was said to it.

    A forge that does not answer leaves its state `unknown`; the body says why.
    """
    branch = result.branch or ""
    try:
        with forge_of(result.repository) as (forge, _):
            found = forge.find(result.repository, branch)
            talk = forge.talk(result.repository, branch) if found else []
            on_lines = (
                [asdict(each) for each in forge.line_comments(result.repository, branch)] if found else []
            )
    except (PublishError, SettingsError) as error:
        unknown = PullRequest(result.pull_request or "", 0, "pull request", str(error), branch, "", "unknown")
        return {**asdict(unknown), "comments": [], "line_comments": []}
    return (
        {
            **asdict(found),
            "comments": [{"author": who, "body": what} for who, what in talk],
            "line_comments": on_lines,
        }
        if found
        else None
    )


def failed_checks_of(result: RunResult, settings: Settings) -> list[dict[str, str]]:
    """Checks that failed on the branch of a result, as webhooks have told, oldest first."""
    with closing(Ledger(settings.ledger_url)) as ledger:
        return [
            {"commit": each.commit, "names": each.names, "run_id": each.run_id, "says": str(each)}
            for each in ledger.failed_checks(result.repository, result.branch or "")
        ]


def _pages(client: SyncPrefectClient, wanted: FlowRunFilter | None) -> Iterator[FlowRun]:
    offset = 0
    while True:
        page = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[refactor_repository.name])),
            flow_run_filter=wanted,
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=PAGE,
            offset=offset,
        )
        yield from page
        offset += len(page)
        if len(page) < PAGE:
            return


def _is_planned(flow_run: FlowRun) -> bool:
    """A schedule's runs are registered weeks before they are due."""
    state = flow_run.state
    return flow_run.auto_scheduled and state is not None and state.is_scheduled() and not flow_run.start_time
