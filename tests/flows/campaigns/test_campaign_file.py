"""A campaign's file: what it may say, that nothing is read as what it is not, and that faults name their lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from overhaul.flows.campaigns.advancing import Member
from overhaul.flows.campaigns.campaign_file import Campaign, Selection, Share, Step
from overhaul.flows.campaigns.reading import parse_campaign, read_campaign_file
from overhaul.flows.campaigns.requests import request_for, run_options, what_is_done
from overhaul.flows.errors import CampaignFileError

WHOLE = """
name: rename-fetch-user
description: acme.api.fetch_user becomes get_user
repositories:
  - path: ~/src/*
  - file: repositories.txt            # one a line, '#' comments
  - github: {organization: acme, topic: python}
  - url: https://git.example/core/lib
    base: main
exclude: ["acme/legacy-*"]
environment: {image: auto, setup: auto, network: setup-only}
steps:
  - recipe: rename-symbol
    with: {old: acme.api.fetch_user, new: get_user}
  - agent: leftovers.md
    only: unresolved
    budget: {tokens: 40000, minutes: 10}
  - run: ruff format {changed_files}
verify: {tests: auto, new_failures: 0, repair_attempts: 1, uncovered_lines: gate}
split: {max_files: 20}
rollout:
  order: dependency
  waves: [1, 20%, rest]
  advance_when: {merged: 80%}
  halt_when: {failed: 10%}
  limits: {open_pull_requests: 30, per_hour: 20}
gates: {plan: auto, publish: {approvers: [ada, group:core], timeout: 3d}, groups: {core: [grace]}}
pull_request:
  title: "refactor: {old} becomes {new}"
  body: body.md.j2
  draft: true
  reviewers: codeowners
  human_commits: freeze
  not_needed: close
schedule: "0 6 * * 1"
done_when: {sites: 0}
"""
SMALL = "name: a\nrepositories: [{path: .}]\nsteps: [{recipe: rename-symbol, with: {old: a.b, new: c}}]\n"


def campaign_of(text: str) -> Campaign:
    campaign, faults = parse_campaign(text)
    assert campaign is not None, faults
    return campaign


def faults_of(text: str) -> list[tuple[int, str]]:
    campaign, faults = parse_campaign(text)
    assert campaign is None
    return [(fault.line, str(fault)) for fault in faults]


def test_whole_file_is_read_and_survives_json() -> None:
    campaign = campaign_of(WHOLE)
    assert campaign.repositories[3] == Selection(url="https://git.example/core/lib", base=("main",))
    assert campaign.rollout.waves == (Share(count=1), Share(percent=20.0), Share(percent=100.0))
    assert campaign.environment.network == ()
    again = Campaign.model_validate_json(campaign.model_dump_json(exclude_defaults=True))
    assert again == campaign


def test_python_form_is_the_same_model() -> None:
    made = Campaign(
        name="a",
        repositories=(Selection(path="."),),
        steps=(Step(recipe="rename-symbol", parameters={"old": "a.b", "new": "c"}),),
    )
    assert made == campaign_of(SMALL)


def test_words_stay_words() -> None:
    text = SMALL.replace(
        "{old: a.b, new: c}", "{old: on, new: no, at: 12:30, version: 3.10, octal: 010, none: ~}"
    )
    step = campaign_of(text).steps[0]
    assert step.parameters == {
        "old": "on", "new": "no", "at": "12:30", "version": "3.10", "octal": "010", "none": "~",
    }  # fmt: skip


def test_all_faults_are_told_with_their_lines() -> None:
    text = """name: Rename It
repositories:
  - path: a
    url: b
  - github: {topc: python}
steps:
  - recipe: rename-symbol
    wih: {}
  - recipe: other
rollout:
  waves: [x, rest]
  advance_when: {merged: 80%, published: 3}
  halt_when:
  limits: {open_pull_requests: many}
gates: {publish: {approvers: [ada], timout: 3d}}
schedule: "0 6 * *"
pull_request: yes
"""
    told = faults_of(text)
    assert [line for line, _ in told] == [1, 3, 5, 8, 11, 12, 13, 14, 15, 16, 17]
    by_line = dict(told)
    assert by_line[3].endswith("there is path and url")
    assert "Did you mean 'topic'?" in by_line[5]
    assert "Did you mean 'with'?" in by_line[8]
    assert by_line[11] == "rollout.waves.0: 'x' is neither a number nor a part; write 5 or 20%"
    assert by_line[14] == "rollout.limits.open_pull_requests: 'many' is no whole number"
    assert "Did you mean 'timeout'" in by_line[15]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "a campaign is a table"),
        ("- a\n- b\n", 1, "a campaign is a table"),
        ("name: a\n  b: [\n", 2, "this is no YAML"),
        (SMALL + "name: b\n", 4, "name stands here a second time"),
        (SMALL + "x: !!python/object/apply:os.system [ls]\n", 4, "there is no such key"),
        (SMALL + "extra: 1\n", 4, "extra: there is no such key"),
        ("name: a\nsteps: [{recipe: b}]\n", 1, "repositories: it is missing"),
        (SMALL.replace("steps: [{", "steps: [{run: ls}, {"), 1, "it follows a recipe"),
        (SMALL.replace("}}]", "}}, {agent: p.md}]"), 1, "only: unresolved"),
        (SMALL + "verify: {new_failures: 3}\n", 4, "a change that breaks tests is not proposed"),
        (SMALL + "environment: {network: 'http://x'}\n", 4, "environment.network"),
        (SMALL + "rollout: {waves: [rest, 1]}\n", 4, "rest is the last wave"),
        (SMALL + "rollout: {waves: 5}\n", 4, "'5' is no list"),
        (SMALL + "pull_request: {draft: true, merge: auto}\n", 4, "merge: auto goes with no draft"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_stands(text: str, line: int, said: str) -> None:
    told = faults_of(text)
    assert any(at == line and said in what for at, what in told), told


def test_deep_and_self_containing_files_are_refused() -> None:
    assert "this is no YAML" in faults_of("a: " + "[" * 5000)[0][1]
    assert faults_of("&a [*a]")


def test_missing_and_binary_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(CampaignFileError, match="No such file"):
        read_campaign_file(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(CampaignFileError, match=r"binary\.yaml cannot be read: it is no UTF-8"):
        read_campaign_file(tmp_path / "binary.yaml")


def test_steps_become_what_a_run_takes(tmp_path: Path) -> None:
    campaign = campaign_of(WHOLE)
    with pytest.raises(CampaignFileError, match=r"leftovers\.md cannot be read"):
        run_options(campaign, tmp_path)
    (tmp_path / "leftovers.md").write_text("Finish it.")
    (tmp_path / "body.md.j2").write_text("fine\n{{ evidence }}\n{% if %}")
    with pytest.raises(CampaignFileError, match=r"body\.md\.j2:3: Expected an expression"):
        run_options(campaign, tmp_path)
    (tmp_path / "body.md.j2").write_text("{{ evidence }}")
    request = request_for(campaign, Member(1, "/src/billing", base="next", wave=2), tmp_path, [])
    assert (request.repository, request.recipe) == ("/src/billing", "rename-symbol")
    options = request.options
    assert (options.base, options.wave, options.campaign) == ("next", "2", "rename-fetch-user")
    assert (options.leftovers, options.budget.tokens, options.repair_attempts) == ("Finish it.", 40_000, 1)
    assert options.gates.rule("publish").approvers == ("ada", "group:core")
    assert options.pull_request.title == "refactor: {old} becomes {new}"
    assert (options.pull_request.draft, options.pull_request.body) == (True, "{{ evidence }}")
    assert options.commands == ("ruff format {changed_files}",)
    small = campaign_of(SMALL + "pull_request: {merge: queue, sign: true}\n")
    assert (run_options(small, tmp_path).pull_request.merge, run_options(small, tmp_path).sign) == (
        "queue",
        True,
    )


def test_unknown_recipe_or_parameter_is_a_fault_of_the_step() -> None:
    wrong = campaign_of(SMALL.replace("new: c", "nw: c"))
    with pytest.raises(CampaignFileError, match=r"campaign a: steps\.0: .*new"):
        what_is_done(wrong, Path())


def test_schema_is_that_of_the_design() -> None:
    schema = Campaign.model_json_schema()
    assert {"name", "repositories", "steps", "rollout", "gates", "pull_request", "done_when"} <= set(
        schema["properties"]
    )
    assert "with" in schema["$defs"]["Step"]["properties"]
    json.dumps(schema)
    assert yaml.safe_load(SMALL)


def test_recipes_stand_before_other_steps() -> None:
    recipe = "{recipe: replace-import, with: {old: mock, new: unittest.mock}}"
    text = f"name: a\nrepositories: [{{path: b}}]\nsteps: [{recipe}, {{run: ruff format .}}, {recipe}]\n"
    assert faults_of(text)[0][1].endswith(
        "recipes are applied together, so they stand before all other steps"
    )
