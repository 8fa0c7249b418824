"""What is done about an event: what counts is asked of ledger, Prefect and forge, never of the payload."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound
from sqlalchemy import select

from overhaul.flows.campaigns.records import MemberRecord
from overhaul.flows.deployments import go_on_with_campaign
from overhaul.flows.forges.accounts import account_at, parse_address
from overhaul.flows.forges.base import Comment, Forge, PullRequest
from overhaul.flows.forges.choose import forge_of
from overhaul.flows.gates import has_runner, is_answered, record_once, recorded
from overhaul.flows.ledger import Changeset, Ledger
from overhaul.flows.run_lock import is_held
from overhaul.flows.runs import seen_from_outside
from overhaul.flows.settings import Settings
from overhaul.flows.watcher import look_at
from overhaul.flows.webhooks.deliveries import KEPT, Delivery
from overhaul.flows.webhooks.payloads import COMMAND, Event
from overhaul.flows.webhooks.repairing import Repairs

GATE_COMMANDS = frozenset({"approve", "reject", "revise"})
RETRIED = frozenset({"failed", "interrupted"})
_NOT_OURS = "no pull request of ours"


@dataclass(frozen=True, slots=True)
class Said:
    """A command on a pull request of a repository; `run_id` is empty if no run of ours has made it."""

    repository: str
    pull_request: PullRequest
    comment: Comment
    run_id: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries events out. `repairs` is how often failed checks of a pull request may be mended.

    `carry_on` goes on with a run, `review` reviews a pull request; both in other processes.
    Every method may run twice for one event, and says in words what it did.
    """

    settings: Settings
    reviews: bool
    repairs: int
    carry_on: Callable[[str], None]
    review: Callable[[str, str], None]

    def carry_out(self, delivery: Delivery) -> str:
        """Do what an event asks for. Raises OverhaulError where a forge or the ledger cannot be asked."""
        event = delivery.event
        with closing(Ledger(self.settings.ledger_url)) as ledger:
            changesets = changesets_of(ledger, event)
            if event.kind == "comment":
                return self._comment(event, changesets)
            if event.kind == "ready":
                return self._ready(event, changesets)
            if event.kind == "failed":
                return self._failed(event, changesets, ledger)
            return self._advance(delivery, changesets, ledger)

    def _ready(self, event: Event, changesets: dict[str, Changeset]) -> str:
        if not self.reviews:
            return "reviews are not switched on"
        repository = self._repository(event, changesets)
        with forge_of(repository) as (forge, _):
            pull_request = _pull_request(forge, repository, event)
        if pull_request is None or pull_request.state != "open":
            return "no open pull request of a branch there"
        self.review(pull_request.address, repository)
        return f"review of {pull_request.address}"

    def _failed(self, event: Event, changesets: dict[str, Changeset], ledger: Ledger) -> str:
        made = next((each for each in changesets.values() if each.pushed_commit == event.commit), None)
        if made is None:
            return "no commit that we have pushed"
        return Repairs(self.settings, self.repairs, self.carry_on).look_at(made, event.commit, ledger)

    def _comment(self, event: Event, changesets: dict[str, Changeset]) -> str:
        repository = self._repository(event, changesets)
        with forge_of(repository) as (forge, _), get_client(sync_client=True) as client:
            pull_request = _pull_request(forge, repository, event)
            if pull_request is None:
                return _NOT_OURS
            said = forge.comments(repository, pull_request.branch)
            comment = next((each for each in said if each.id == event.comment), None)
            found = COMMAND.match(comment.body) if comment else None
            if comment is None or found is None or _is_old(comment):
                return "no command, or an old one"
            changeset = changesets.get(pull_request.branch)
            run_id = changeset.run_id if changeset else ""
            if found[1] in GATE_COMMANDS:
                return self._answer(client, run_id, comment)
            return self._command(found[1], Said(repository, pull_request, comment, run_id), forge, client)

    def _answer(self, client: SyncPrefectClient, run_id: str, comment: Comment) -> str:
        """Have the comments read at the run's gate, and go on with a run that one of them has answered."""
        flow_run = _run(client, run_id)
        if flow_run is None:
            return _NOT_OURS
        is_read = look_at(run_id)
        flow_run = client.read_flow_run(flow_run.id)
        state = flow_run.state
        goes_on = state is not None and (state.is_running() or state.is_scheduled())
        if (
            goes_on
            and comment.may_write
            and not has_runner(flow_run)
            and is_answered(client, flow_run.id)
            and not is_held(run_id, self.settings)
        ):
            self.carry_on(run_id)
        return "an answer was taken" if is_read else "no answer was taken"

    def _command(self, word: str, said: Said, forge: Forge, client: SyncPrefectClient) -> str:
        """`retry`, `close` or `review`; somebody who may not is told so, on a pull request of ours."""
        comment, branch = said.comment, said.pull_request.branch
        flow_run = _run(client, said.run_id)
        key = f"comment-{comment.id}"
        if flow_run is not None and recorded(client, flow_run.id, key):
            return "done before"
        if not comment.may_write:
            reply = "only people with write access to the repository decide here."
        elif word == "review":
            reply = self._asked_review(said)
        elif flow_run is None:
            return _NOT_OURS
        elif word == "retry":
            reply = self._retry(client, flow_run)
        else:
            forge.close(said.repository, branch, f"Closed, as @{comment.author} asked.")
            reply = ""
        if flow_run is not None and record_once(client, flow_run.id, key, {}) and reply:
            forge.reply(said.repository, branch, f"@{comment.author}: {reply}")
        return reply or "closed"

    def _asked_review(self, said: Said) -> str:
        if not self.reviews:
            return "reviews are not switched on here ([webhook] review = true)."
        self.review(said.pull_request.address, said.repository)
        return "a review has begun; its findings will be at the lines."

    def _retry(self, client: SyncPrefectClient, flow_run: FlowRun) -> str:
        status = seen_from_outside(client, flow_run, self.settings).status
        if status not in RETRIED:
            return f"the run is {status}, so there is nothing to retry."
        self.carry_on(str(flow_run.id))
        return "the run goes on."

    def _advance(self, delivery: Delivery, changesets: dict[str, Changeset], ledger: Ledger) -> str:
        """Have the campaigns go on that the repository takes part in."""
        event = delivery.event
        # Our own branches are no base; pull requests of others are of no interest until something is pushed.
        if (event.branch in changesets) != (event.kind == "ended"):
            return "no base branch" if event.kind == "pushed" else _NOT_OURS
        names = self._campaigns(event, changesets, ledger)
        with get_client(sync_client=True) as client:
            gone_on = [
                name for name in names if go_on_with_campaign(client, name, f"webhook-{delivery.key}-{name}")
            ]
        return f"goes on: {', '.join(gone_on)}" if gone_on else "no deployed campaign waits for it"

    def _campaigns(self, event: Event, changesets: dict[str, Changeset], ledger: Ledger) -> list[str]:
        wanted = select(MemberRecord.campaign, MemberRecord.source, MemberRecord.base).where(
            MemberRecord.state != "left out"
        )
        with ledger.session() as session:
            rows = session.execute(wanted).all()
        bases: dict[str, set[str]] = {}
        for campaign, source, base in rows:
            if _is_of(source, event):
                bases.setdefault(campaign, set()).add(base)
        if event.kind == "ended" or not bases:
            return sorted(bases)
        default = ""
        if any("" in each for each in bases.values()):
            repository = self._repository(event, changesets)
            with forge_of(repository) as (forge, _):
                default = forge.describe(repository).default_branch
        is_base = {event.branch, ""} if event.branch == default else {event.branch}
        return sorted(name for name, of_it in bases.items() if of_it & is_base)

    def _repository(self, event: Event, changesets: dict[str, Changeset]) -> str:
        """The address of an event's repository, as a run of ours was given it, if there was one."""
        for changeset in changesets.values():
            return changeset.repository
        account = account_at(event.host, self.settings)
        scheme = "http" if account and account.api.startswith("http://") else "https"
        return f"{scheme}://{event.host}/{event.path}"


def changesets_of(ledger: Ledger, event: Event) -> dict[str, Changeset]:
    """What runs of ours have made in an event's repository, by branch, however its address was written."""
    with ledger.session() as session:
        rows = session.scalars(
            select(Changeset).where(Changeset.repository.icontains(event.path, autoescape=True))
        ).all()
    found = sorted((row for row in rows if _is_of(row.repository, event)), key=lambda row: row.updated_at)
    return {row.branch: row for row in found}


def _is_of(repository: str, event: Event) -> bool:
    address = parse_address(repository)
    return address is not None and (address.host, address.path.lower()) == (event.host, event.path.lower())


def _pull_request(forge: Forge, repository: str, event: Event) -> PullRequest | None:
    """The event's pull request, if it is of a branch of the repository itself: a fork's may have the same name."""
    named = forge.named(repository, str(event.number))
    if named is None:
        return None
    of_branch = forge.find(repository, named.branch)
    return of_branch if of_branch is not None and of_branch.number == named.number else None


def _run(client: SyncPrefectClient, run_id: str) -> FlowRun | None:
    try:
        return client.read_flow_run(UUID(run_id)) if run_id else None
    except ObjectNotFound:
        return None


def _is_old(comment: Comment) -> bool:
    """Whether a webhook about it may have been forgotten, and sent again by somebody else."""
    written = comment.written_at
    return datetime.now(UTC) - (written if written.tzinfo else written.replace(tzinfo=UTC)) > KEPT
