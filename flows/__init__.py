"""When and who: flows, tasks, gates, git, forges, ledger and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from overhaul.flows.campaigns.campaign_file import Campaign
    from overhaul.flows.campaigns.carrying_out import Progressed
    from overhaul.flows.opened_campaign import OpenedCampaign
    from overhaul.flows.opened_run import OpenedRun

# The modules are imported when they are called for: this package is part of every command's start.


def open_run(run_id: str) -> OpenedRun:
    """Open a run by its id, the beginning of it, or its name, to look at it and to answer its gate.

    Raises UnknownRun, and ServerError if no Prefect server answers.
    """
    from overhaul.flows.opened_run import OpenedRun
    from overhaul.flows.settings import Settings

    return OpenedRun(run_id, Settings.from_environment())


def open_campaign(name: str) -> OpenedCampaign:
    """Open a campaign by its name. Raises UnknownCampaign, and ServerError if no Prefect server answers."""
    from overhaul.flows.opened_campaign import OpenedCampaign
    from overhaul.flows.settings import Settings

    return OpenedCampaign(name, Settings.from_environment())


def run_campaign(campaign: Campaign, folder: str = ".") -> Progressed:
    """Go on with a campaign as `overhaul run FILE` does; paths in it are relative to `folder`.

    Gates park, and are answered as everywhere. Raises CampaignFileError, BusyRun, ServerError.
    """
    from pathlib import Path

    from overhaul.flows.connection import ask_prefect
    from overhaul.flows.settings import Settings

    settings = Settings.from_environment()

    def carry_on(_: object) -> Progressed:
        from overhaul.flows.campaigns.carrying_out import Conduct
        from overhaul.flows.campaigns.hands import hands_for

        return Conduct(campaign, Path(folder).absolute(), settings, hands_for(campaign, settings)).go_on()

    return ask_prefect(settings, carry_on)
