"""What only Forgejo and Gitea do, or do in their own way; and that our stand-in speaks as their description says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from overhaul.flows.errors import PublishError
from overhaul.flows.forges.accounts import Account
from overhaul.flows.forges.base import OUR_CHECK, Check, LineComment, Selection
from overhaul.flows.forges.calls import Refused
from tests.flows.forges.declared import interfaces
from tests.flows.forges.forgejo_here import TOKEN, ForgejoHere, Kept
from tests.flows.forges.front import Fault, Front, Response
from tests.flows.forges.npm import FORGEJO_TYPES, one_file
from tests.flows.forges.places import BRANCH, Place, hosted, pace


@pytest.fixture
def place(forgejo_repository: Place) -> Place:
    return forgejo_repository


@pytest.fixture
def here(forgejo: tuple[ForgejoHere, Front]) -> ForgejoHere:
    return forgejo[0]


def kept_of(here: ForgejoHere, place: Place) -> Kept:
    return here.kept[place.repository.removeprefix(f"{here.url}/")]


def test_draft_is_one_by_its_title_which_people_see_without_the_prefix(
    place: Place, here: ForgejoHere
) -> None:
    made = place.forge.publish(place.draft(is_draft=True, title="Rename"))
    (pull,) = kept_of(here, place).pulls
    assert (pull["title"], made.title) == ("WIP: Rename", "Rename")
    place.forge.publish(place.draft(title="Rename it"))
    assert pull["title"] == "Rename it"


def test_labels_and_reviewers_are_added_and_those_refused_are_noted(place: Place, here: ForgejoHere) -> None:
    kept_of(here, place).labels.append({"id": 1, "name": "bot", "color": "000000"})
    draft = replace(place.draft(), labels=("bot", "refactor"), reviewers=("reviewer", "nobody"))
    made = place.forge.publish(draft)
    assert ["ask nobody to review" in note for note in made.notes] == [True]
    (pull,) = kept_of(here, place).pulls
    assert [each["name"] for each in pull["labels"]] == ["bot", "refactor"]
    assert pull["requested_reviewers"] == [{"login": "reviewer"}]


def test_pull_request_that_another_process_has_just_made_is_taken(place: Place) -> None:
    made = place.forge.publish(place.draft())
    empty = Response.of(200, [])
    place.front.faults += [Fault("GET", "/pulls", empty), Fault("GET", "/pulls", empty)]  # type: ignore[union-attr]
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


def test_repositories_of_an_owner_or_found_by_search_are_listed(place: Place, here: ForgejoHere) -> None:
    kept_of(here, place).data.update(topics=["python"], archived=True)
    for selection in (Selection(owner="octocat", topic="python"), Selection(topic="python", owner="octocat")):
        (found,) = place.forge.repositories(selection)
        assert (found.address, found.facts.is_archived) == (f"{place.repository}.git", True)


def test_token_is_named_by_its_owner_and_a_wrong_one_refused(here: ForgejoHere) -> None:
    account = Account(here.url.removeprefix("http://"), "gitea", f"{here.url}/api/v1", TOKEN, "GITEA_TOKEN")
    assert hosted(account, pace([])).who_am_i().startswith("octocat ")
    with pytest.raises(Refused, match=r"401.*overhaul doctor") as refused:
        hosted(replace(account, token="wrong-token"), pace([])).who_am_i()
    assert "wrong-token" not in str(refused.value)


def test_stand_in_speaks_in_fields_that_the_description_declares(place: Place, here: ForgejoHere) -> None:
    declared = interfaces(one_file(FORGEJO_TYPES, "dist/index.d.ts").read_text())
    here.asked.clear()
    place.forge.publish(replace(place.draft(), labels=("bot",), reviewers=("reviewer",)))
    place.forge.publish(place.draft(title="Rename it"))
    place.forge.reply(place.repository, BRANCH, "hello")
    comment = LineComment("a1", "README.md", 1, 1, "head", "a finding")
    place.forge.comment_on_lines(place.repository, BRANCH, place.head, [comment])
    place.set_status("tests", "failure", "")
    place.forge.publish(replace(place.draft(), check=Check(OUR_CHECK, "passed", "40 tests passed")))
    place.protect()
    place.forge.publish(replace(place.draft(), merge="auto"))
    place.forge.merge(place.repository, BRANCH, place.head)
    kept = kept_of(here, place)
    ((review, (on_line,)),) = kept.reviews
    answers: tuple[tuple[dict[str, Any], str], ...] = (
        (kept.data, "Repository"), (kept.pulls[0], "PullRequest"), (kept.pulls[0]["head"], "PRBranchInfo"),
        (kept.comments[0], "Comment"), (review, "PullReview"), (on_line, "PullReviewComment"),
        (kept.labels[0], "Label"), (here._branch(kept, "main", {}), "Branch"),
        (here._status(kept, place.head, {}), "CombinedStatus"), (kept.statuses[0][1], "CommitStatus"),
    )  # fmt: skip
    questions = {
        "create": "CreatePullRequestOption", "edit": "EditPullRequestOption", "merge": "MergePullRequestOption",
        "request": "PullReviewRequestOptions", "review": "CreatePullReviewOptions", "label": "CreateLabelOption",
        "post_status": "CreateStatusOption", "comment": "CreateIssueCommentOption", "add_labels": "IssueLabelsOption",
    }  # fmt: skip
    unknown = [(name, answer.keys() - declared[name]) for answer, name in answers]
    unknown += [(name, here.asked[call] - declared[name]) for call, name in questions.items()]
    assert [each for each in unknown if each[1]] == []
