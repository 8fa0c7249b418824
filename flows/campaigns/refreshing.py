"""Where the repositories of a campaign stand: asked of Prefect, of the forges and of the code itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import git
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import ObjectNotFound

from overhaul.flows.analysis import analyse_commit
from overhaul.flows.campaigns.advancing import Member, MemberState, left_to_spend
from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.campaigns.records import CampaignStore
from overhaul.flows.campaigns.requests import branch_of, request_for, run_options, what_is_done
from overhaul.flows.campaigns.selection import select
from overhaul.flows.errors import OverhaulError
from overhaul.flows.forges.choose import forge_of
from overhaul.flows.ledger import CHECKS_FAIL, now
from overhaul.flows.mirror import Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.parts import one_part, parts_of
from overhaul.flows.progress import tell
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.flows.results import RunResult
from overhaul.flows.rollout import in_dependency_order
from overhaul.flows.runs import Request, list_runs, result_of, seen_from_outside
from overhaul.flows.settings import Settings
from overhaul.refactors.errors import RefactorError

# Between taking a repository in hand and having its run there may lie a moment, but no more.
BEGINNING = timedelta(minutes=2)
_STATES: dict[str, MemberState] = {
    "published": "published",
    "waiting": "waiting",
    "planned": "planned",
    "unchanged": "unchanged",
    "not found": "unchanged",
    "rejected": "rejected",
    "running": "running",
    "scheduled": "running",
    "interrupted": "running",
}


@dataclass(frozen=True, slots=True)
class Refresher:
    """One look at a campaign; what cannot be asked now stays as it was, and says so."""

    store: CampaignStore
    campaign: Campaign
    folder: Path
    settings: Settings

    def begin(self) -> None:
        """Keep the campaign as it is now, and find out where everything stands."""
        what_is_done(self.campaign, self.folder)
        run_options(self.campaign, self.folder)
        self.store.save(self.campaign, str(self.folder))
        self.members()
        with get_client(sync_client=True) as client:
            self.runs(client)
        self.pull_requests()
        self.code()

    def members(self) -> None:
        """Select the repositories anew, and put libraries before their users."""
        selected = select(self.campaign, self.folder)
        known = {each.source: each for each in self.store.members()}
        sources = list(dict.fromkeys(each.source for each in selected if not each.left_out))
        needs = {source: known[source].needs for source in sources if source in known}
        if self.campaign.rollout.order == "dependency" and not set(sources) <= set(known):
            tell(f"reading what {len(sources):,} repositories depend on")
            ordered = in_dependency_order(sources, None, self.settings)
            needs = {each.source: each.needs for each in ordered}
            place = {each.source: number for number, each in enumerate(ordered)}
            selected.sort(key=lambda each: place.get(each.source, len(place)))
        elif self.campaign.rollout.order == "dependency":
            place = {source: known[source].position for source in sources}
            selected.sort(key=lambda each: place.get(each.source, len(place)))
        self.store.join(self.campaign, selected, needs)

    def runs(self, client: SyncPrefectClient) -> None:
        """Note how the runs that were in hand have gone on."""
        members = [each for each in self.store.members() if each.state in {"running", "waiting", "held"}]
        for number, member in enumerate(members):
            tell("asking how runs went", number, len(members))
            if not member.run_id:
                self._find_run(client, member)
                continue
            try:
                flow_run = client.read_flow_run(UUID(member.run_id))
            except ObjectNotFound:
                self.store.record(member, state="selected", run_id="")
                continue
            self.note(member, seen_from_outside(client, flow_run, self.settings))

    def _find_run(self, client: SyncPrefectClient, member: Member) -> None:
        """A process was killed, or is just between taking a repository in hand and noting its run."""
        for flow_run in list_runs(client, self.campaign.name):
            asked = flow_run.parameters
            options = asked["options"]
            of_member = (asked["repository"], options["base"] or "", options.get("part", "")) == (
                member.source, member.base, member.part,
            )  # fmt: skip
            if flow_run.start_time is None and of_member:
                self.store.record(member, run_id=str(flow_run.id))
                return
        # On one machine it was killed: the campaign's lock is ours.
        if self.store.is_local or (member.begun_at and now() - member.begun_at > BEGINNING):
            self.store.record(member, state="selected")

    def note(self, member: Member, result: RunResult) -> None:
        """Note how far a run has come."""
        state = "held" if result.held else _STATES.get(result.status, "failed")
        known = {"scanned": result.base, "sites_left": result.sites} if result.base else {}
        if state in {"published", "held"}:
            known["made_by"] = result.run_id
        if result.agent is not None:
            known |= {"tokens": result.tokens, "dollars": result.agent.dollars or 0.0}
        self.store.record(member, state=state, message=result.message, run_id=result.run_id, **known)

    def pull_requests(self) -> None:
        """Ask the forges what became of the pull requests."""
        self._each({"published"}, "asking what became of pull requests", self._look_at)

    def code(self) -> None:
        """Where base branches have moved, look what is left to do there, and take it up again if it is to be done."""
        if self.campaign.recipe_steps:
            self._each({"published", "merged", "unchanged"}, "looking what is left", self._scan_again)

    def _each(self, states: Collection[str], doing: str, look: Callable[[Member], None]) -> None:
        members = [each for each in self.store.members() if each.state in states]
        for number, member in enumerate(members):
            tell(doing, number, len(members))
            try:
                look(member)
            except (OverhaulError, RefactorError) as error:
                self.store.record(member, message=str(error))

    def request(self, member: Member) -> Request:
        """What is asked of a repository now; the libraries that it uses are those of the campaign, as they became."""
        by_source = {each.source: each for each in self.store.members()} if member.needs else {}
        with get_client(sync_client=True) as client:
            libraries = [
                (name, result_of(client, client.read_flow_run(UUID(by_source[source].made_by))))
                for name, source in member.needs.items()
                if source in by_source and by_source[source].made_by
            ]
        request = request_for(self.campaign, member, self.folder, libraries)
        return replace(request, options=self._within_budget(request.options))

    def divided(self, member: Member) -> Member:
        """The member, or the first of its parts where its edits have several owners: the others join the campaign."""
        recipe, parameters = what_is_done(self.campaign, self.folder)
        splits = self.campaign.split.by and find_recipe(recipe).independent_edits
        if not splits or member.part or member.made_by:
            return member
        mirror = Mirror.of(member.source, self.settings.mirrors)
        commit = mirror.fetch(member.base or None).commit
        parts = parts_of(mirror, commit, analyse_commit(mirror, commit, recipe, parameters))
        return self.store.divide(member, parts) if len(parts) > 1 else member

    def _within_budget(self, options: RunOptions) -> RunOptions:
        """The same, with no more for a model than the campaign has left."""
        if self.campaign.agent_step is None:
            return options
        tokens, dollars = left_to_spend(self.campaign, self.store.members())
        budget = options.budget
        if tokens is not None:
            budget = budget.model_copy(update={"tokens": max(1, min(budget.tokens, tokens))})
        if dollars is not None:
            most = dollars if budget.dollars is None else min(budget.dollars, dollars)
            budget = budget.model_copy(update={"dollars": max(0.01, most)})
        return options.model_copy(update={"budget": budget})

    def _look_at(self, member: Member) -> None:
        branch = branch_of(self.campaign, member, self.folder)
        with forge_of(member.source) as (forge, ledger):
            found = forge.find(member.source, branch)
            failed = {each.commit: each for each in ledger.failed_checks(member.source, branch)}
        if found is None or found.state == "closed":
            self.store.record(member, state="closed", message="its pull request was closed")
        elif found.state == "merged":
            self.store.record(member, state="merged", message="", scanned="")
        elif found.head in failed:
            self.store.record(member, message=str(failed[found.head]))
        elif member.message.startswith(CHECKS_FAIL):
            self.store.record(member, message="")

    def _scan_again(self, member: Member) -> None:
        mirror = Mirror.of(member.source, self.settings.mirrors)
        base = mirror.fetch(member.base or None)
        if base.commit == member.scanned:
            return
        request = self.request(member)
        beside = {
            each.distribution: (Mirror.of(each.repository, self.settings.mirrors), each.base_commit)
            for each in request.options.beside
        }
        record = analyse_commit(mirror, base.commit, request.recipe, request.parameters, beside)
        if member.part:
            self.store.divide(member, parts_of(mirror, base.commit, record))
            record = one_part(mirror, base.commit, record, member.part)
        sites = record.resolved + record.unresolved
        if record.failures and not sites:
            said = f"{len(record.failures)} files failed to parse, so that it is not known what is left"
            self.store.record(member, sites_left=None, scanned=base.commit, message=said)
            return
        left = {"sites_left": sites, "scanned": base.commit}
        if member.state != "published":
            again = {"state": "selected", "message": "there are new places to change"} if record.edits else {}
            self.store.record(member, **left, **again)
            return
        self.store.record(member, **left)
        branch = branch_of(self.campaign, member, self.folder)
        if not sites and self.campaign.pull_request.not_needed == "close":
            with forge_of(member.source) as (forge, _):
                forge.close(
                    member.source, branch, "Nothing is left to change here; this is not needed any more."
                )
            self.store.record(member, state="unchanged", message="its pull request was not needed any more")
        elif _conflicts(mirror, branch, base.commit):
            freezes = self.campaign.pull_request.human_commits == "freeze"
            if freezes and self._is_touched(member, mirror, branch):
                said = "it conflicts with its base, and holds commits of somebody else: it is left as it is"
                self.store.record(member, message=said)
                return
            said = "the base branch has moved; it is done again on that"
            self.store.record(member, state="selected", message=said)

    def _is_touched(self, member: Member, mirror: Mirror, branch: str) -> bool:
        """Whether somebody else has put commits on the branch."""
        there = mirror.remote_head(branch)
        with forge_of(member.source) as (_, ledger):
            return there is not None and there not in ledger.pushed_commits(branch)


def _conflicts(mirror: Mirror, branch: str, base: str) -> bool:
    """Whether a branch cannot be merged into its base as that is now."""
    try:
        mirror.git("merge-tree", "--write-tree", "--no-messages", base, f"refs/remotes/origin/{branch}")
    except git.GitCommandError as error:
        return bool(error.status == 1)
    return False
