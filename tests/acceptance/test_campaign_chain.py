"""A breaking rename along three real projects that use each other: tested together before anything is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Checkout
from tests.flows.conftest import Overhaul
from tests.flows.repositories import git

pytestmark = pytest.mark.acceptance

CAMPAIGN = """name: real-chain
repositories:
  - path: {top}/simple_websocket
  - path: {top}/wsproto
  - path: {top}/h11
environment: {{sandbox: bubblewrap}}
steps:
  - recipe: rename-symbol
    with: {{old: wsproto.connection.ConnectionType, new: Role}}
"""


def test_users_are_tested_with_the_changed_library_before_it_is_published(
    overhaul: Overhaul, checkout: Checkout, tmp_path: Path
) -> None:
    for name, version in (("h11", "0.16.0"), ("wsproto", "1.3.2"), ("simple_websocket", "1.1.0")):
        git(tmp_path, "clone", "--quiet", str(checkout(name, version)), name)
    file = tmp_path / "campaign.yaml"
    file.write_text(CAMPAIGN.format(top=tmp_path))
    done = overhaul("run", file, "--yes", "--json")
    assert done.exit_code == 0, done.stderr
    stand = {Path(each["repository"]).name: each for each in done.json["repositories"]}
    assert list(stand) == ["h11", "wsproto", "simple_websocket"], "libraries come first"
    assert [each["state"] for each in stand.values()] == ["unchanged", "published", "published"]

    wsproto, user = (
        overhaul("show", stand[name]["run_id"], "--json").json for name in ("wsproto", "simple_websocket")
    )
    for run in (wsproto, user):
        assert run["tests"]["base"] == run["tests"]["head"] > 0
        assert run["tests"]["new_failures"] == 0
    (decided,) = [each for each in wsproto["gates"] if each["gate"] == "publish"]
    assert decided["approver"] == "the campaign real-chain"
    assert decided["comment"] == (
        "its users were tested with it, before anything was published: simple_websocket"
    )
    assert user["options"]["beside"][0]["head_commit"] == wsproto["head"]
    for name in ("wsproto", "simple_websocket"):
        diff = git(tmp_path / name, "diff", "main", branch_of(tmp_path / name))
        added = [line for line in diff.splitlines() if line.startswith("+") and not line.startswith("+++")]
        assert any("Role" in line for line in added)
        assert not any("ConnectionType" in line for line in added)


def branch_of(repository: Path) -> str:
    return git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads/overhaul")
