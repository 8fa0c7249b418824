"""What happens at open gates while no process works on their runs: comments are read, people reminded, timeouts kept.

One watcher runs beside the server (`overhaul serve`). Two of them do no harm: what is to happen once is recorded with
the run under a key that only one of them gets.
"""

from __future__ import annotations

import logging
import re
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, StateType

from overhaul.flows.detached import carry_on
from overhaul.flows.errors import AnswerRefused, NothingToAnswer, OverhaulError, RunElsewhere
from overhaul.flows.events import gate_escalated, gate_reminder
from overhaul.flows.forges.base import Comment
from overhaul.flows.forges.choose import forge_of
from overhaul.flows.gate_rules import Decision, Given, paths_in
from overhaul.flows.gates import (
    OpenGate,
    answer,
    gate_event,
    has_runner,
    is_answered,
    open_gate,
    record_once,
    recorded,
)
from overhaul.flows.run_lock import is_held
from overhaul.flows.runs import list_runs
from overhaul.flows.settings import Settings

TICK_SECONDS = 3.0
GRACE_SECONDS = 5
ABANDONED_SECONDS = 60
READING_TRIES = 6
AT_ONCE = 2
HOSTED_SECONDS = 60

_LOG = logging.getLogger("overhaul.watcher")
_COMMAND = re.compile(r"\s*[@/]overhaul\s+(approve|reject|revise)\b[:,]?[ \t]*(.*)", re.DOTALL)

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Watcher:
    """Looks at every open gate. `clock` tells the time, `start` carries a run on in a process of its own."""

    settings: Settings
    clock: Clock
    start: Callable[[str], None]
    looked_at: dict[str, datetime] = field(default_factory=dict)

    def look(self, client: SyncPrefectClient) -> None:
        """Look once at everything. What fails for one run is logged and does not stop the others."""
        for flow_run in list_runs(client, state=StateType.PAUSED):
            try:
                self._look_at_gate(client, flow_run)
            except NothingToAnswer:
                continue  # answered meanwhile, or paused by somebody at no gate of ours
            except OverhaulError as error:
                _LOG.warning("run %s: %s", flow_run.id, error)
        for flow_run in list_runs(client, state=StateType.RUNNING):
            if self._is_left_alone(flow_run):
                self._carry_on(client, flow_run)

    def _look_at_gate(self, client: SyncPrefectClient, flow_run: FlowRun) -> None:
        gate = open_gate(client, flow_run)
        if gate.is_elsewhere:
            return
        if self._is_due(gate) and read_comments(client, gate, carries_on=False):
            return
        rule, now = gate.question.gate_rule, self.clock()
        if gate.question.deadline and now >= datetime.fromisoformat(gate.question.deadline):
            self._deadline(client, flow_run, gate)
        elif rule.remind_every is not None:
            since = (now - datetime.fromisoformat(gate.question.asked_at)) / rule.remind_every
            if since >= 1 and record_once(client, flow_run.id, f"reminded-{gate.key}-{int(since)}", {}):
                gate_reminder(gate_event(flow_run, gate.question), gate.question.asked_at)

    def _is_due(self, gate: OpenGate) -> bool:
        """Whether there may be comments to read now. Hosted forges count requests: they are asked once a minute."""
        address = gate.question.so_far.get("pull_request")
        if not address or str(address).startswith("file://"):
            return bool(address)
        last = self.looked_at.get(gate.run_id)
        if last is not None and self.clock() - last < timedelta(seconds=HOSTED_SECONDS):
            return False
        self.looked_at[gate.run_id] = self.clock()
        return True

    def _deadline(self, client: SyncPrefectClient, flow_run: FlowRun, gate: OpenGate) -> None:
        rule = gate.question.gate_rule
        if rule.on_timeout == "reject":
            comment = f"nobody decided until {gate.question.deadline[:16]}"
            given = Given(Decision.reject, comment, "policy: timeout", via="timeout")
            answer(client, gate, given, carries_on=False)
        elif rule.on_timeout == "escalate":
            if record_once(client, flow_run.id, f"escalated-{gate.key}", {}):
                gate_escalated(gate_event(flow_run, gate.question), rule.escalate_to)
        elif record_once(client, flow_run.id, f"reminded-{gate.key}-deadline", {}):
            gate_reminder(gate_event(flow_run, gate.question), gate.question.asked_at)

    def _is_left_alone(self, flow_run: FlowRun) -> bool:
        """Whether nobody works on a run that should go on; whoever has just answered may be about to."""
        since = flow_run.state.timestamp if flow_run.state else None
        if has_runner(flow_run) or since is None or self.clock() - since < timedelta(seconds=GRACE_SECONDS):
            return False
        return not is_held(str(flow_run.id), self.settings)

    def _carry_on(self, client: SyncPrefectClient, flow_run: FlowRun) -> None:
        """Go on with a run whose answer came from elsewhere: once, lest a run that kills its process goes round.

        One whose answerer meant to go on, and has died, is taken over once.
        """
        key = is_answered(client, flow_run.id)
        if key is None:
            return
        since = flow_run.state.timestamp if flow_run.state else self.clock()
        is_abandoned = self.clock() - since > timedelta(seconds=ABANDONED_SECONDS)
        if record_once(client, flow_run.id, f"carried-{key}", {}) or (
            is_abandoned and record_once(client, flow_run.id, f"taken-over-{key}", {})
        ):
            self.start(str(flow_run.id))


def watch(settings: Settings, stop: threading.Event) -> None:
    """Look at the gates until told to stop. The process must be connected to a Prefect server."""
    running: list[subprocess.Popen[bytes]] = []

    def start(run_id: str) -> None:
        while len(running) >= AT_ONCE and not stop.wait(0.5):
            running[:] = [each for each in running if each.poll() is None]
        running.append(carry_on(run_id, settings))

    watcher = Watcher(settings, _now, start)
    while not stop.wait(TICK_SECONDS):
        running[:] = [each for each in running if each.poll() is None]
        try:
            with get_client(sync_client=True) as client:
                watcher.look(client)
        except Exception:
            # A server that is away for a minute must not end what waits for weeks.
            _LOG.exception("the gates could not be looked at; trying again")
    for process in running:
        process.wait()


def read_comments(client: SyncPrefectClient, gate: OpenGate, *, carries_on: bool) -> bool:
    """Take the first comment on the run's pull request that answers the gate. Returns whether one did.

    Whoever calls this `carries_on` the run afterwards, or leaves that to the watcher. Each comment is looked at once;
    whoever wrote one that does not count is told why.
    """
    run_id, so_far = UUID(gate.run_id), gate.question.so_far
    repository, branch = so_far["repository"], so_far["branch"]
    seen = recorded(client, run_id, "comment-")
    with forge_of(repository) as (forge, _):
        for comment in forge.comments(repository, branch):
            if f"comment-{comment.id}" in seen or (given := answer_in(comment, gate)) is None:
                continue
            if not record_once(client, run_id, f"comment-{comment.id}", {}):
                continue
            if isinstance(given, str):
                forge.reply(repository, branch, given)
                continue
            try:
                answer(client, gate, given, carries_on=carries_on)
            except (AnswerRefused, NothingToAnswer, RunElsewhere) as error:
                forge.reply(repository, branch, f"@{comment.author}: {error}")
            else:
                forge.reply(repository, branch, f"@{comment.author}: {given.decision} is taken.")
                return True
    return False


def answer_in(comment: Comment, gate: OpenGate) -> Given | str | None:
    """The answer that a comment gives, why it cannot, or None if it gives none.

    `@overhaul approve`, `@overhaul approve without PATH...`, `@overhaul reject REASON`, `@overhaul revise WHAT`.
    """
    found = _COMMAND.match(comment.body)
    written_at = comment.written_at.replace(tzinfo=UTC)
    if found is None or written_at < datetime.fromisoformat(gate.question.asked_at):
        return None
    if not comment.may_write:
        return f"@{comment.author}: only people with write access to the repository decide here."
    decision, rest = Decision(found[1]), found[2].strip()
    aside: tuple[str, ...] = ()
    if rest.startswith("without "):
        first, _, rest = rest.removeprefix("without ").partition("\n")
        aside = paths_in(first)
    if decision is Decision.reject and not rest.strip():
        return f"@{comment.author}: a rejection says why: @overhaul reject REASON."
    return Given(decision, rest.strip(), comment.author, aside, "comment")


def look_at(run_id: str) -> bool:
    """Read the comments on one run's pull request now. Returns whether its gate has been answered."""
    with suppress(NothingToAnswer), get_client(sync_client=True) as client:
        gate = open_gate(client, client.read_flow_run(UUID(run_id)))
        return read_comments(client, gate, carries_on=True)
    return False


def was_read(client: SyncPrefectClient, run_id: str, text: str) -> bool:
    """Whether the watcher has taken a comment with this text as the answer; one that it reads now is waited for."""
    for _ in range(READING_TRIES if _COMMAND.match(text) else 0):
        state = client.read_flow_run(UUID(run_id)).state
        if state is None or not state.is_paused():
            return True
        time.sleep(TICK_SECONDS / READING_TRIES)
    return False
