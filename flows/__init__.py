"""When and who: flows, tasks, gates, git, forges, ledger and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
