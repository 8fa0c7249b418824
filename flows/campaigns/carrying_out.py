"""Go on with a campaign: bring its records up to date, then begin what may be begun, until nothing more may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from prefect.client.orchestration import get_client
from prefect.context import SyncClientContext

from overhaul.flows.campaigns.advancing import Member, Next, what_next
from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.campaigns.hands import Hands
from overhaul.flows.campaigns.holding import release
from overhaul.flows.campaigns.records import CampaignStore
from overhaul.flows.campaigns.refreshing import Refresher
from overhaul.flows.errors import BusyRun, OverhaulError, ResultElsewhere
from overhaul.flows.ledger import Ledger, now
from overhaul.flows.results import RunResult
from overhaul.flows.run_lock import working_on
from overhaul.flows.settings import Settings


@dataclass(frozen=True, slots=True)
class Progressed:
    """What was done in one go: the runs that were carried on, and what the campaign may do next."""

    results: list[RunResult]
    then: Next
    members: list[Member]


@dataclass(slots=True)
class Conduct:
    """One go at a campaign. `given` is what a person has said beside the campaign's file: options of the runs."""

    campaign: Campaign
    folder: Path
    settings: Settings
    hands: Hands
    given: Mapping[str, Any] = field(default_factory=dict)
    results: list[RunResult] = field(default_factory=list)

    def go_on(self, first: Callable[[CampaignStore], None] | None = None) -> Progressed:
        """Carry on what was interrupted and begin what may be; `first` may change the records.

        A repository that fails does not end the others. Raises CampaignFileError before anything is done, and BusyRun
        if another process on this machine goes on with the campaign, or no runner takes up its runs, and
        ResultElsewhere if what the runners made does not reach this machine.
        """
        ledger = Ledger(self.settings.ledger_url)
        alone = working_on(f"campaign-{self.campaign.name}", self.settings)
        # Each client of its own would read all certificates of the machine: a tenth of what a repository costs.
        with alone, closing(ledger), SyncClientContext.get_or_create():
            store = CampaignStore(ledger, self.campaign.name)
            refresher = Refresher(store, self.campaign, self.folder, self.settings)
            refresher.begin()
            if first is not None:
                first(store)
            in_hand = [each for each in store.members() if each.state == "running" and each.run_id]
            while True:
                while len(in_hand) < self.hands.at_once:
                    begun, then = store.begin_next(self.campaign)
                    if begun is None:
                        break
                    if begun.run_id:
                        in_hand += self._released(refresher, begun)
                    else:
                        in_hand += self._begun(refresher, begun, begun.id in then.hold)
                if not in_hand:
                    return Progressed(self.results, then, store.members())
                still = [each for each in in_hand if not self._is_over(refresher, each)]
                if still == in_hand:
                    self.hands.rest()
                in_hand = still

    def _released(self, refresher: Refresher, member: Member) -> list[Member]:
        """Let a run that was held after its tests go on to publish."""
        try:
            release(member, refresher.store.members(), self.campaign.name)
        except OverhaulError as error:  # somebody was faster; the run itself says how it goes on
            refresher.store.record(member, message=str(error))
        return [member]

    def _begun(self, refresher: Refresher, member: Member, hold: bool) -> list[Member]:
        """The member with its run, or nothing if there cannot be one."""
        try:
            member = refresher.divided(member)
            request = refresher.request(member)
            options = request.options.model_copy(update={**self.given, "hold": hold})
            run_id = self.hands.begin(replace(request, options=options))
        except OverhaulError as error:
            refresher.note(member, RunResult(member.source, "", "failed", message=str(error)))
            return []
        refresher.store.record(member, run_id=run_id)
        return [replace(member, run_id=run_id)]

    def _is_over(self, refresher: Refresher, member: Member) -> bool:
        try:
            result = self.hands.look(member.run_id, member.source)
        except (BusyRun, ResultElsewhere):
            raise
        except OverhaulError as error:
            result = RunResult(member.source, member.run_id, "failed", message=str(error))
        if result is None:
            return False
        self.results.append(result)
        refresher.note(member, result)
        return True


def where_it_stands(name: str, settings: Settings) -> tuple[Campaign, list[Member], Next] | None:
    """A campaign that was run from a file, with what its runs and pull requests have come to; None if there is none."""
    with closing(Ledger(settings.ledger_url)) as ledger:
        store = CampaignStore(ledger, name)
        known = store.known()
        if known is None:
            return None
        refresher = Refresher(store, known.form, Path(known.folder), settings)
        with get_client(sync_client=True) as client:
            refresher.runs(client)
        refresher.pull_requests()
        members = store.members()
        return known.form, members, what_next(known.form, members, now())
