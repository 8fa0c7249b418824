"""What only GitLab does, or does in its own way; and that our stand-in for it speaks as others say GitLab does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from overhaul.flows.errors import PublishError
from overhaul.flows.forges.accounts import Account
from overhaul.flows.forges.base import Selection
from overhaul.flows.forges.calls import Refused
from tests.flows.forges.declared import interfaces
from tests.flows.forges.front import Fault, Front, Response
from tests.flows.forges.gitlab_here import TOKEN, GitLabHere
from tests.flows.forges.npm import GITLAB_TYPES, one_file
from tests.flows.forges.places import BRANCH, Place, hosted, pace


@pytest.fixture
def place(gitlab_repository: Place) -> Place:
    return gitlab_repository


@pytest.fixture
def here(gitlab: tuple[GitLabHere, Front]) -> GitLabHere:
    return gitlab[0]


def request_of(here: GitLabHere, place: Place) -> dict[str, Any]:
    return here.projects[place.repository.removeprefix(f"{here.url}/")].requests[0]


def test_draft_is_one_by_its_title_which_people_see_without_the_prefix(
    place: Place, here: GitLabHere
) -> None:
    made = place.forge.publish(place.draft(is_draft=True, title="Rename"))
    assert (request_of(here, place)["title"], made.title) == ("Draft: Rename", "Rename")
    place.forge.publish(place.draft(is_draft=True, title="Rename it"))
    assert request_of(here, place)["title"] == "Draft: Rename it"
    place.forge.publish(place.draft(title="Rename it"))
    assert request_of(here, place)["title"] == "Rename it"


def test_labels_and_reviewers_are_added_and_those_refused_are_noted(place: Place, here: GitLabHere) -> None:
    draft = replace(place.draft(), labels=("refactor",), reviewers=("reviewer", "nobody", "tools/team"))
    made = place.forge.publish(draft)
    assert [note.split(" refused to ")[1].split(" to review")[0] for note in made.notes] == [
        "ask nobody", "ask tools/team",
    ]  # fmt: skip
    request = request_of(here, place)
    assert (request["labels"], [each["username"] for each in request["reviewers"]]) == (
        ["refactor"],
        ["reviewer"],
    )


def test_merge_request_that_another_process_has_just_made_is_taken(place: Place) -> None:
    made = place.forge.publish(place.draft())
    place.front.faults.append(Fault("GET", "/merge_requests", Response.of(200, [])))  # type: ignore[union-attr]
    assert place.forge.publish(place.draft()) == made


def test_merge_is_of_the_commit_that_was_approved(place: Place) -> None:
    place.forge.publish(place.draft(is_draft=True))
    with pytest.raises(Refused, match="405"):
        place.forge.merge(place.repository, BRANCH, place.head)
    place.forge.publish(place.draft())
    with pytest.raises(PublishError, match="not at cccccccccccc which was to be merged"):
        place.forge.merge(place.repository, BRANCH, "c" * 40)
    for _ in range(2):
        place.forge.merge(place.repository, BRANCH, place.head)
    merged = place.forge.find(place.repository, BRANCH)
    assert merged is not None
    assert merged.state == "merged"


def test_projects_of_an_owner_or_found_by_search_are_listed(place: Place, here: GitLabHere) -> None:
    path = place.repository.removeprefix(f"{here.url}/")
    here.projects[path].data |= {"topics": ["python"], "archived": True}
    for selection in (Selection(owner="octocat", topic="python"), Selection(topic="python", owner="octocat")):
        (found,) = place.forge.repositories(selection)
        assert (found.address, found.facts.is_archived) == (f"{place.repository}.git", True)


def test_token_is_named_by_its_owner_and_a_wrong_one_refused(place: Place, here: GitLabHere) -> None:
    account = Account(here.url.removeprefix("http://"), "gitlab", here.url, TOKEN, "GITLAB_TOKEN")
    assert hosted(account, pace([])).who_am_i().startswith("octocat ")
    with pytest.raises(Refused, match=r"401.*overhaul doctor") as refused:
        hosted(replace(account, token="glpat-wrong"), pace([])).who_am_i()
    assert "glpat-wrong" not in str(refused.value)


def test_stand_in_answers_with_fields_that_are_declared_for_gitlab(place: Place, here: GitLabHere) -> None:
    declared = interfaces(one_file(GITLAB_TYPES, "dist/index.d.ts").read_text())
    place.forge.publish(place.draft())
    project = here.projects[place.repository.removeprefix(f"{here.url}/")]
    place.set_status("tests", "failed", "")
    note = here.say(project.data["path_with_namespace"], 1, "grace", "hello")
    for answer, name in (
        (project.data, "ProjectSchema"),
        (project.requests[0], "ExpandedMergeRequestSchema"),
        (note, "DiscussionNoteSchema"),
        (project.statuses[0], "CommitStatusSchema"),
    ):
        assert answer.keys() - declared[name] == set(), name


def test_train_takes_it_once_gitlab_knows_that_it_can_be_merged(place: Place, here: GitLabHere) -> None:
    place.protect()
    place.forge.publish(place.draft())
    request = request_of(here, place)
    undecided = Response.of(200, request | {"detailed_merge_status": "checking"})
    assert place.front is not None
    place.front.faults.append(Fault("GET", "/merge_requests/1", undecided))
    assert place.forge.publish(replace(place.draft(), merge="queue")).notes == ()
    assert (request["merge_when_pipeline_succeeds"], place.waits) == (True, [2.0])
