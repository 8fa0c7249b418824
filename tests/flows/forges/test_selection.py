"""A campaign finds its repositories on a forge."""

from __future__ import annotations

from pathlib import Path

import pytest

from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.campaigns.selection import select
from overhaul.flows.settings import Settings
from tests.flows.forges.gitlab_here import TOKEN, gitlab_here


def test_repositories_of_a_group_are_selected_without_those_that_cannot_be_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERHAUL_HOME", str(tmp_path))
    monkeypatch.setenv("HERE", TOKEN)
    with gitlab_here() as (here, front):
        Settings(tmp_path).file.write_text(
            f'[forges."{front.host}"]\nkind = "gitlab"\napi = "{front.url}"\ntoken_variable = "HERE"\n'
        )
        for name in ("lib", "old", "theirs"):
            here.add(f"tools/{name}", {"main": "a" * 40})
        here.projects["tools/old"].data["archived"] = True
        here.projects["tools/theirs"].data["permissions"] = {"project_access": None, "group_access": None}
        campaign = Campaign.model_validate(
            {
                "name": "rename", "repositories": [{"gitlab": {"user": "tools", "host": front.host}}],
                "steps": [{"recipe": "rename-symbol", "with": {"old": "a.b", "new": "c"}}],
            }
        )  # fmt: skip
        found = {each.source.removeprefix(front.url): each.left_out for each in select(campaign, tmp_path)}
    assert found == {
        "/tools/lib.git": "", "/tools/old.git": "it is archived",
        "/tools/theirs.git": "the token may not write to it",
    }  # fmt: skip
