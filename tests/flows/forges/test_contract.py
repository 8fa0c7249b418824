"""What every forge does in the same way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from overhaul.flows.errors import PublishError
from overhaul.flows.forges.base import OUR_CHECK, Check, LineComment
from tests.flows.forges.places import BRANCH, Place


def test_branch_without_a_pull_request_has_none(place: Place) -> None:
    assert place.forge.find(place.repository, BRANCH) is None
    assert place.forge.comments(place.repository, BRANCH) == []
    assert place.forge.talk(place.repository, BRANCH) == []
    assert place.forge.line_comments(place.repository, BRANCH) == []
    place.forge.reply(place.repository, BRANCH, "nobody hears it")
    place.forge.close(place.repository, BRANCH, "there is nothing to close")
    with pytest.raises(PublishError, match="no pull request"):
        place.forge.comment(place.repository, BRANCH, "grace", "hello", True)


def test_pull_request_is_made_once_and_then_updated(place: Place) -> None:
    first = place.forge.publish(place.draft())
    again = place.forge.publish(place.draft())
    updated = place.forge.publish(place.draft(title="Rename it", body="Proved, and tested."))
    assert first == again
    assert (first.state, first.branch, first.base_branch) == ("open", BRANCH, "main")
    assert (updated.number, updated.address) == (first.number, first.address)
    assert (updated.title, updated.body) == ("Rename it", "Proved, and tested.")
    assert place.forge.find(place.repository, BRANCH) == updated


def test_draft_becomes_ready_and_a_draft_again(place: Place) -> None:
    states = [place.forge.publish(place.draft(is_draft=is_draft)) for is_draft in (True, True, False, True)]
    assert [each.state for each in states] == ["draft", "draft", "open", "draft"]
    assert {(each.number, each.title) for each in states} == {(states[0].number, "Rename")}


def test_closed_pull_request_says_why_and_is_opened_again_by_publishing(place: Place) -> None:
    number = place.forge.publish(place.draft()).number
    for _ in range(2):
        place.forge.close(place.repository, BRANCH, "not needed any more")
    closed = place.forge.find(place.repository, BRANCH)
    assert closed is not None
    assert closed.state == "closed"
    said = [body for _, body in place.forge.talk(place.repository, BRANCH)]
    assert sum("not needed any more" in body for body in said) == 1
    again = place.forge.publish(place.draft())
    assert (again.number, again.state) == (number, "open")


def test_comments_are_those_of_people_with_their_rights(place: Place) -> None:
    place.forge.publish(place.draft(is_draft=True))
    place.say("mallory", "@overhaul approve")
    place.forge.reply(place.repository, BRANCH, "@mallory: only people with write access decide")
    place.say("grace", "@overhaul reject: too early")
    comments = place.forge.comments(place.repository, BRANCH)
    assert [(each.author, each.body, each.may_write) for each in comments] == [
        ("mallory", "@overhaul approve", False),
        ("grace", "@overhaul reject: too early", True),
    ]
    assert len({each.id for each in comments}) == 2
    assert place.forge.talk(place.repository, BRANCH) == [
        ("mallory", "@overhaul approve"),
        ("overhaul", "@mallory: only people with write access decide"),
        ("grace", "@overhaul reject: too early"),
    ]


def test_person_comments_through_us(place: Place) -> None:
    place.forge.publish(place.draft(is_draft=True))
    place.forge.comment(place.repository, BRANCH, "octocat", "@overhaul approve", True)
    (comment,) = place.forge.comments(place.repository, BRANCH)
    assert (comment.author, comment.body, comment.may_write) == ("octocat", "@overhaul approve", True)


def test_pull_request_is_found_by_number_and_address(place: Place) -> None:
    made = place.forge.publish(place.draft())
    for text in (str(made.number), f"#{made.number}", made.address):
        assert place.forge.named(place.repository, text) == made
    for text in ("feature", "999", "https://elsewhere.example.org/a/b/pull/1"):
        assert place.forge.named(place.repository, text) is None


def test_lines_are_commented_on_once(place: Place) -> None:
    made = place.forge.publish(place.draft())
    first = LineComment("a1", "README.md", 1, 1, "head", "**P1** a finding")
    second = replace(first, key="b2", side="base", body="another")
    assert place.forge.comment_on_lines(place.repository, BRANCH, place.head, [first]) == 1
    assert place.forge.comment_on_lines(place.repository, BRANCH, place.head, [first, second]) == 1
    assert place.forge.comment_on_lines(place.repository, BRANCH, place.head, [first, second]) == 0
    assert place.forge.line_comments(place.repository, BRANCH) == [first, second]
    assert place.forge.comments(place.repository, BRANCH) == []
    assert place.forge.find(place.repository, BRANCH) == made


def test_repository_is_described(place: Place) -> None:
    facts = place.forge.describe(place.repository)
    assert (facts.default_branch, facts.is_archived, facts.may_write) == ("main", False, True)


def test_text_of_any_length_and_content_is_published(place: Place) -> None:
    title, body = "T" * 400, "ä😀`<b>\r\n" * 20_000
    made = place.forge.publish(place.draft(title=title, body=body))
    assert place.forge.publish(place.draft(title=title, body=body)) == made
    assert made.body.endswith(body[-3:]) or "is cut" in made.body.splitlines()[0]


def test_draft_is_never_merged_without_people(place: Place) -> None:
    place.protect()
    made = place.forge.publish(replace(place.draft(is_draft=True), merge="auto"))
    assert (made.state, made.notes, place.merges_itself()) == ("draft", (), False)


def test_pull_request_merges_itself_where_the_forge_can_and_something_is_required(place: Place) -> None:
    draft = replace(place.draft(), merge="auto")
    (note,) = place.forge.publish(draft).notes
    assert ("git -C" in note) if place.front is None else ("merge: auto" in note), note
    assert not place.merges_itself()
    if place.front is None:
        return
    place.protect()
    assert [place.forge.publish(draft).notes for _ in range(2)] == [(), ()]
    assert place.merges_itself()
    found = place.forge.find(place.repository, BRANCH)
    assert found is not None
    assert found.state == "open"


def test_checks_of_a_commit_are_told(place: Place) -> None:
    assert place.forge.checks(place.repository, place.head) == []
    if place.front is None:
        return
    place.set_status("tests", "failure", "2 of 40 failed")
    place.set_status("build", "success", "")
    place.set_status("deploy", "pending", "")
    found = {each.name: (each.state, each.said) for each in place.forge.checks(place.repository, place.head)}
    assert found == {
        "tests": ("failed", "2 of 40 failed"),
        "build": ("passed", ""),
        "deploy": ("pending", ""),
    }


def test_our_check_is_set_once_for_each_result(place: Place) -> None:
    passed = Check(OUR_CHECK, "passed", "40 tests passed (40 at base), 0 new failures", text="all of it")
    failed = replace(passed, state="failed", said="39 tests passed (40 at base), 1 new failure")
    for check in (passed, passed, failed):
        assert place.forge.publish(replace(place.draft(), check=check)).notes == ()
    if place.front is None:
        assert place.forge.checks(place.repository, place.head) == []
        return
    # Forges keep what was set before, and tell of the last.
    found = [each for each in place.forge.checks(place.repository, place.head) if each.name == OUR_CHECK]
    assert (found[-1].state, found[-1].said) == ("failed", failed.said)
    assert sum("/statuses/" in path for _, path in place.front.writes()) == 2
