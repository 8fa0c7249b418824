"""A campaign as a flow: what its deployment runs, by a schedule or by hand, to go on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run as this_run
from prefect.states import Completed, Failed

from overhaul.flows.campaigns.advancing import Member, Next, counts, members_by_wave
from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.campaigns.carrying_out import Conduct, Progressed
from overhaul.flows.campaigns.hands import hands_for
from overhaul.flows.errors import OverhaulError
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.settings import Settings

BAR = 30


def _run_name() -> str:
    return f"{this_run.get_parameters()['campaign'].name}: next go"


@flow(
    name="campaign",
    flow_run_name=_run_name,
    persist_result=True,
    result_serializer="json",
    validate_parameters=True,
)
def campaign(campaign: Campaign, folder: str = "") -> State[Any]:
    """Go on with a campaign as far as gates, waves and limits let it.

    Args:
        campaign: what stands in its file.
        folder: where the file is; paths in it are relative to that.
    """
    settings = Settings.from_environment()
    try:
        progressed = Conduct(campaign, Path(folder), settings, hands_for(campaign, settings)).go_on()
    except OverhaulError as error:
        return Failed(message=str(error))
    _show(campaign, progressed)
    make = Failed if progressed.then.halted else Completed
    return make(message=summary(progressed.members, progressed.then), data={"runs": len(progressed.results)})


def summary(members: list[Member], then: Next) -> str:
    """`3 merged, 2 published; wave 2 begins once ...`."""
    found = ", ".join(f"{count:,} {state}" for state, count in sorted(counts(members).items()))
    return "; ".join(filter(None, [found, then.halted, *then.waits, "all is done" if then.is_done else ""]))


def _show(campaign: Campaign, progressed: Progressed) -> None:
    """The campaign as the Prefect UI shows it: a table of its repositories, and how far its waves are."""
    rows = [
        {
            "repository": on_one_line(each.source),
            "wave": each.wave or "",
            "state": each.state,
            "sites left": "" if each.sites_left is None else each.sites_left,
            "run": each.run_id[:8],
            "says": on_one_line(each.message),
        }
        for each in progressed.members
    ]
    create_table_artifact(key=f"campaign-{_key(campaign.name)}", table=rows, description=campaign.description)
    lines = [f"# {campaign.name}", "", summary(progressed.members, progressed.then), ""]
    for number, wave in members_by_wave(progressed.members).items():
        over = sum(each.state in {"merged", "unchanged", "planned"} for each in wave)
        bar = "█" * round(BAR * over / len(wave))
        lines.append(f"- wave {number}: `{bar:░<{BAR}}` {over} of {len(wave)}")
    create_markdown_artifact(key=f"waves-{_key(campaign.name)}", markdown="\n".join(lines))


def _key(name: str) -> str:
    """Prefect's keys take small letters, digits and dashes."""
    return name.replace(".", "-").replace("_", "-")
