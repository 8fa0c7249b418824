"""What only GitHub does, or does in its own way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from overhaul.flows.errors import PublishError
from overhaul.flows.forges.accounts import Account
from overhaul.flows.forges.base import OUR_CHECK, Check, LineComment, Selection
from overhaul.flows.forges.calls import Refused
from tests.flows.forges.front import Fault, Front, Response
from tests.flows.forges.github_here import APP_TOKEN, TOKEN, GitHubHere
from tests.flows.forges.places import BRANCH, Place, hosted, pace


@pytest.fixture
def place(github_repository: Place) -> Place:
    return github_repository


def pulls_of(here: GitHubHere, place: Place) -> list[dict[str, Any]]:
    name = place.repository.rsplit("/", 1)[-1]
    return list(here.as_person("octocat", "GET", f"/repos/octocat/{name}/pulls?state=all"))


@pytest.fixture
def here(github: tuple[GitHubHere, Front]) -> GitHubHere:
    return github[0]


def test_labels_and_reviewers_are_added_once_and_those_refused_are_noted(
    place: Place, here: GitHubHere
) -> None:
    draft = replace(
        place.draft(), labels=("refactor", "bot"), reviewers=("reviewer", "nobody-here", "octocat")
    )
    made = place.forge.publish(draft)
    assert [note.split(" (")[0] for note in made.notes] == [
        f"{place.front.host} refused to ask nobody-here to review {made.address}"  # type: ignore[union-attr]
    ]
    (pull,) = pulls_of(here, place)
    assert [each["name"] for each in pull["labels"]] == ["refactor", "bot"]
    assert [each["login"] for each in pull["requested_reviewers"]] == ["reviewer"]
    place.front.requests.clear()  # type: ignore[union-attr]
    place.forge.publish(replace(draft, reviewers=("reviewer",)))
    assert place.front.writes() == []  # type: ignore[union-attr]


def test_body_that_a_person_rewrote_stays_and_the_evidence_becomes_a_comment(
    place: Place, here: GitHubHere
) -> None:
    made = place.forge.publish(place.draft())
    name = place.repository.rsplit("/", 1)[-1]
    here.as_person("octocat", "PATCH", f"/repos/octocat/{name}/pulls/{made.number}", body="my own words")
    for _ in range(2):
        again = place.forge.publish(place.draft(body="New evidence."))
    assert (again.number, again.body) == (made.number, "my own words")
    assert [who for who, body in place.forge.talk(place.repository, BRANCH) if "New evidence." in body] == [
        "overhaul"
    ]


def test_pull_request_that_another_process_has_just_made_is_taken(place: Place) -> None:
    made = place.forge.publish(place.draft())
    empty = Response.of(200, [])
    place.front.faults.append(Fault("GET", "/pulls", empty))  # type: ignore[union-attr]
    assert place.forge.publish(place.draft()) == made


def test_merged_pull_request_is_followed_by_another(place: Place) -> None:
    made = place.forge.publish(place.draft())
    with pytest.raises(PublishError, match="not at 000000000000 which was to be merged"):
        place.forge.merge(place.repository, BRANCH, "0" * 40)
    for _ in range(2):
        place.forge.merge(place.repository, BRANCH, place.head)
    merged = place.forge.find(place.repository, BRANCH)
    assert merged == replace(made, state="merged")
    another = place.forge.publish(place.draft(title="Rename the rest"))
    assert (another.number, another.state) == (made.number + 1, "open")


def test_merge_that_was_done_after_all_is_not_repeated(place: Place) -> None:
    place.forge.publish(place.draft())
    bad = Response(502, b"bad gateway")
    place.front.faults.append(Fault("PUT", "/merge", bad, after=True))  # type: ignore[union-attr]
    place.forge.merge(place.repository, BRANCH, place.head)
    assert sum(path.endswith("/merge") for _, path in place.front.writes()) == 1  # type: ignore[union-attr]


def test_finding_outside_the_difference_is_said_in_a_comment(place: Place) -> None:
    place.forge.publish(place.draft())
    no = Response.of(
        422, {"message": "Validation Failed", "errors": [{"message": "line must be part of the diff"}]}
    )
    place.front.faults.append(Fault("POST", "/pulls/1/comments", no))  # type: ignore[union-attr]
    finding = LineComment("c3", "src/far.py", 7, 9, "head", "a finding")
    for expected in (1, 0):
        written = place.forge.comment_on_lines(place.repository, BRANCH, place.head, [finding])
        assert written == expected
    ((who, said),) = place.forge.talk(place.repository, BRANCH)
    assert (who, "`src/far.py`, line 7" in said) == ("overhaul", True)


def test_repositories_of_an_owner_with_a_topic_or_found_by_search_are_listed(
    place: Place, here: GitHubHere
) -> None:
    name = place.repository.rsplit("/", 1)[-1]
    here.as_person("octocat", "PUT", f"/repos/octocat/{name}/topics", names=["python"])
    here.as_person("octocat", "PATCH", f"/repos/octocat/{name}", archived=True)
    for selection in (
        Selection(owner="octocat", topic="python"),
        Selection(topic="python"),
        Selection(owner="octocat", query=name),
    ):
        (found,) = place.forge.repositories(selection)
        assert (found.address, found.facts.is_archived) == (f"{place.repository}.git", True)
        assert found.facts.topics == ("python",)
    with pytest.raises(PublishError, match="an owner, a topic or a search query"):
        list(place.forge.repositories(Selection()))


def test_repository_that_has_moved_or_is_not_there_is_said(place: Place) -> None:
    name = place.repository.rsplit("/", 1)[-1]
    assert place.front is not None
    moved = Response(301, b"{}", {"Location": f"{place.front.url}/repos/octocat/{name}"})
    place.front.faults.append(Fault("GET", "/repos/octocat/old-name", moved))
    address = place.repository.replace(name, "old-name")
    with pytest.raises(PublishError, match=f"has moved: it is .*{name}"):
        place.forge.describe(address)
    with pytest.raises(Refused, match="404"):
        place.forge.describe(place.repository + "-gone")


def test_token_is_named_by_its_owner_and_a_wrong_one_refused(place: Place) -> None:
    front = place.front
    assert front is not None
    account = Account(front.host, "github", front.url, TOKEN, "GITHUB_TOKEN")
    assert hosted(account, pace([])).who_am_i().startswith("octocat (rights: ")
    with pytest.raises(Refused, match=r"401.*Bad credentials.*overhaul doctor") as refused:
        hosted(replace(account, token="ghp_wrong"), pace([])).who_am_i()
    assert "ghp_wrong" not in str(refused.value)
    with pytest.raises(PublishError, match=r"no token for .*Set GITHUB_TOKEN.*keyring set overhaul"):
        hosted(replace(account, token=""), pace([]))


def test_answer_that_does_not_come_is_waited_for_only_so_long(place: Place) -> None:
    front = place.front
    assert front is not None
    account = Account(front.host, "github", front.url, TOKEN, "GITHUB_TOKEN")
    forge = hosted(account, pace([], answer_within=1))
    front.faults.append(Fault("POST", "/pulls", None, after=True))
    made = forge.publish(place.draft())
    assert (made.state, [path for _, path in front.writes()].count(f"/repos{place.repository[len(front.url):]}/pulls")) == (
        "open", 1,
    )  # fmt: skip


def test_queue_takes_it_at_once_or_as_soon_as_it_may(place: Place, here: GitHubHere) -> None:
    name = "octocat/" + place.repository.rsplit("/", 1)[-1]
    draft = replace(place.draft(), merge="queue")
    (note,) = place.forge.publish(draft).notes
    assert "main has no merge queue; there is merge: auto" in note
    here.protect(name, queue=True)
    assert place.forge.publish(draft).notes == ()
    assert (here.queued[name], place.merges_itself()) == ([], True), "its checks have not passed"
    here.merging.clear()
    here.passing.add(name)
    for _ in range(2):
        assert place.forge.publish(draft).notes == ()
    assert (len(here.queued[name]), place.merges_itself()) == (1, False)


def test_commit_that_nobody_has_approved_does_not_merge_itself(place: Place) -> None:
    place.protect()
    (note,) = place.forge.publish(replace(place.draft(), head_commit="c" * 40, merge="auto")).notes
    assert "Head sha didn't match" in note
    assert not place.merges_itself()


def test_check_runs_are_told_with_what_they_say(place: Place, here: GitHubHere) -> None:
    runs = f"/repos/octocat/{place.repository.rsplit('/', 1)[-1]}/check-runs"
    said = {"title": "Tests", "summary": "1 failed"}
    here.as_person(
        "octocat",
        "POST",
        runs,
        name="tests",
        head_sha=place.head,
        status="completed",
        conclusion="failure",
        output=said,
    )
    here.as_person("octocat", "POST", runs, name="lint", head_sha=place.head, status="in_progress")
    found = [(each.name, each.state, each.said) for each in place.forge.checks(place.repository, place.head)]
    assert sorted(found) == [("lint", "pending", ""), ("tests", "failed", "Tests\n1 failed")]


def test_token_that_may_not_see_checks_is_said_and_the_pull_request_stands(place: Place) -> None:
    assert place.front is not None
    no = Response.of(403, {"message": "Resource not accessible by personal access token"})
    place.front.faults.append(Fault("GET", "/check-runs", no))
    made = place.forge.publish(replace(place.draft(), check=Check(OUR_CHECK, "passed", "40 tests passed")))
    assert made.state == "open"
    assert ["not accessible" in note for note in made.notes] == [True]


def test_app_makes_a_check_run_with_its_text(place: Place, here: GitHubHere) -> None:
    front = place.front
    assert front is not None
    account = Account(front.host, "github", front.url, APP_TOKEN, "GITHUB_TOKEN")
    app = hosted(account, pace([]))
    check = Check(OUR_CHECK, "failed", "1 new failure", text="New failure: `tests/test_a.py::test_b`")
    for _ in range(2):
        made = app.publish(replace(place.draft(), check=check))
        assert made.notes == ()
    name = place.repository.rsplit("/", 1)[-1]
    runs = here.as_person("octocat", "GET", f"/repos/octocat/{name}/commits/{place.head}/check-runs")
    (run,) = runs["check_runs"]
    assert (run["name"], run["conclusion"], run["output"]["text"]) == (OUR_CHECK, "failure", check.text)
    assert run["details_url"] == made.address
    assert not any("/statuses/" in path for _, path in front.writes())
