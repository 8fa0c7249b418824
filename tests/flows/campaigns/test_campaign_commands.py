"""The commands about campaigns, where they need no run: checks, faults, wrong words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.conftest import Overhaul, sample_repository

FILE = """name: spring
repositories:
  - path: src/*
exclude: [billing]
steps:
  - recipe: rename-symbol
    with: {old: acme.api.fetch_user, new: get_user}
"""


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A campaign over one repository; a second one is excluded."""
    for name in ("acme", "billing"):
        sample_repository(name, tmp_path / "src" / name)
    file = tmp_path / "campaign.yaml"
    file.write_text(FILE)
    return file


def test_validate_shows_what_a_campaign_is_about(overhaul: Overhaul, campaign: Path) -> None:
    done = overhaul("validate", campaign, "--json").json
    assert done["faults"] == []
    assert [(Path(each["repository"]).name, each["left_out"]) for each in done["repositories"]] == [
        ("acme", ""), ("billing", "excluded by billing"),
    ]  # fmt: skip


def test_validate_tells_every_fault_with_its_line(overhaul: Overhaul, campaign: Path) -> None:
    campaign.write_text(FILE.replace("recipe:", "recpie:") + "rollout: {waves: [many]}\n")
    told = overhaul("validate", campaign)
    assert told.exit_code == 1
    assert f"{campaign}:6: steps.0.recpie: there is no such key. Did you mean 'recipe'?" in told.stderr
    assert f"{campaign}:8: rollout.waves.0: 'many' is neither a number nor a part" in told.stderr
    as_json = overhaul("validate", campaign, "--json")
    assert (as_json.exit_code, [each["line"] for each in as_json.json["faults"]]) == (1, [6, 8])


def test_parameters_are_checked_before_a_server_is_started(overhaul: Overhaul, campaign: Path) -> None:
    campaign.write_text(FILE.replace("new: get_user", "nwe: get_user"))
    told = overhaul("validate", campaign)
    assert told.exit_code == 1
    assert "campaign spring: steps.0:" in told.stderr


@pytest.mark.parametrize("more", [["--base", "main"], ["-p", "old=a.b"], ["other/repository"]])
def test_what_stands_in_the_file_is_not_given_beside_it(
    overhaul: Overhaul, campaign: Path, more: list[str]
) -> None:
    told = overhaul("run", campaign, *more)
    assert told.exit_code == 2
    assert "not on the command line. Beside a campaign go" in told.stderr


def test_unknown_campaign_is_told_with_what_to_do(overhaul: Overhaul) -> None:
    for command in ("retry", "rollback"):
        told = overhaul(command, "no-such-campaign")
        assert told.exit_code == 1
        assert "Begin one: overhaul run FILE.yaml" in told.stderr


COMPOSITE = """name: leave-mock
steps:
  - recipe: replace-import
    with: {old: mock, new: unittest.mock}
"""


def test_a_campaign_takes_a_composite_by_its_file(overhaul: Overhaul, campaign: Path) -> None:
    campaign.write_text(FILE.replace("rename-symbol", "leave.yaml").split("    with:")[0])
    (campaign.parent / "leave.yaml").write_text(COMPOSITE)
    assert "spring: composite over 1 repository" in overhaul("validate", campaign).stdout
    (campaign.parent / "leave.yaml").write_text(COMPOSITE.replace("old:", "odl:"))
    told = overhaul("validate", campaign)
    assert (told.exit_code, "leave.yaml:3: steps.0: recipe 'replace-import'" in told.stderr) == (1, True)


def test_a_composite_is_scanned_and_is_not_run_without_a_repository(
    overhaul: Overhaul, tmp_path: Path
) -> None:
    file = tmp_path / "leave.yaml"
    file.write_text(COMPOSITE)
    (tmp_path / "m.py").write_text("import mock\n")
    (site,) = overhaul("scan", file, tmp_path, "--json").json["sites"]
    assert (site["line"], site["reason"]) == (1, "step 1 (replace-import): import of mock")
    told = overhaul("run", file)
    assert (told.exit_code, "name at least one REPOSITORY" in told.stderr) == (2, True)
