"""A campaign's file, read so that every value is what was written, and every fault has its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.errors import CampaignFileError
from overhaul.refactors.careful_yaml import Fault, read_form

LARGEST = 1 << 20


def read_campaign_file(path: Path) -> Campaign:
    """Read and check a campaign. Raises CampaignFileError with every fault and its line."""
    campaign, faults = parse_campaign(_text(path))
    if campaign is None:
        lines = "\n".join(f"  {path}:{fault.line}: {fault}" for fault in faults)
        raise CampaignFileError(f"{path} is no campaign yet:\n{lines}\nIts form: overhaul validate --schema")
    return campaign


def faults_in(path: Path) -> Sequence[Fault]:
    """What is wrong with a campaign, in the order of the lines. Raises CampaignFileError if it cannot be read."""
    return parse_campaign(_text(path))[1]


def _text(path: Path) -> str:
    try:
        if path.stat().st_size <= LARGEST:
            return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise CampaignFileError(f"the campaign {path} cannot be read: {why}.") from error
    raise CampaignFileError(
        f"the campaign {path} is larger than {LARGEST >> 20} MiB. Use file: for long lists."
    )


def parse_campaign(text: str) -> tuple[Campaign | None, Sequence[Fault]]:
    """A campaign from YAML, or what is wrong with it, in the order of the lines."""
    read = read_form(text, Campaign, "a campaign is a table with name, repositories and steps")
    return read.form, read.faults
