"""What forges answer on bad days: nothing is lost and nothing is there twice."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from overhaul.flows.errors import PublishError
from overhaul.flows.forges.base import LineComment
from overhaul.flows.forges.calls import Answer, Calls, Pace, Refused
from tests.flows.forges.front import Fault, Front, Response
from tests.flows.forges.places import BRANCH, Place, pace

LIMITED = {
    "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
}
HTML = Response(200, b"<!doctype html><title>Sign in to the proxy</title>", {"Content-Type": "text/html"})
BROKEN = Response(200, b'{"number": 1, "title"', {"Content-Type": "application/json"})
BAD_GATEWAY = Response(502, b"<html>502 Bad Gateway</html>", {"Content-Type": "text/html"})


def front_of(place: Place) -> Front:
    assert place.front is not None
    return place.front


def creations(place: Place) -> int:
    return sum(path.endswith(place.listing) for method, path in front_of(place).writes() if method == "POST")


def pull_requests(place: Place) -> int:
    """How many there are, however they ended."""
    return sum(place.forge.named(place.repository, str(number)) is not None for number in range(1, 5))


@pytest.mark.parametrize(
    ("response", "waits"),
    [
        (Response.of(429, LIMITED, Retry_After="7"), [7]),
        (Response.of(403, LIMITED, Retry_After="7"), [7]),
        (Response.of(429, {"message": "slow down"}), [60]),
        (Response.of(403, LIMITED), [60]),
        (Response.of(403, {"message": "no"}, X_RateLimit_Remaining="0", X_RateLimit_Reset="1000030"), [31]),
    ],
    ids=["429-told", "403-told", "429-untold", "403-untold", "403-spent"],
)
def test_limit_is_waited_for_and_the_write_done_once(
    hosted: Place, response: Response, waits: list[float]
) -> None:
    front_of(hosted).faults.append(Fault("POST", hosted.listing, response))
    assert hosted.forge.publish(hosted.draft()).state == "open"
    assert (hosted.waits, creations(hosted), pull_requests(hosted)) == (waits, 2, 1)


@pytest.mark.parametrize("response", [BAD_GATEWAY, BROKEN, HTML], ids=["502", "broken", "html"])
def test_pull_request_that_was_made_after_all_is_found(hosted: Place, response: Response) -> None:
    front_of(hosted).faults.append(Fault("POST", hosted.listing, response, after=True))
    made = hosted.forge.publish(hosted.draft())
    assert (made.state, creations(hosted), pull_requests(hosted)) == ("open", 1, 1)


@pytest.mark.parametrize("response", [BAD_GATEWAY, BROKEN, HTML], ids=["502", "broken", "html"])
def test_question_without_a_readable_answer_is_asked_again(hosted: Place, response: Response) -> None:
    made = hosted.forge.publish(hosted.draft())
    front_of(hosted).faults.append(Fault("GET", hosted.listing, response))
    assert hosted.forge.find(hosted.repository, BRANCH) == made
    assert len(hosted.waits) == 1


def test_forge_that_never_answers_well_is_named_and_not_asked_for_ever(hosted: Place) -> None:
    front_of(hosted).faults += [Fault("GET", hosted.listing, HTML) for _ in range(5)]
    with pytest.raises(
        PublishError, match=r"look for the pull request of .* tried 5 times .* overhaul resume"
    ):
        hosted.forge.find(hosted.repository, BRANCH)


def test_limit_that_lasts_too_long_ends_with_what_to_do(hosted: Place) -> None:
    front_of(hosted).faults.append(
        Fault("POST", hosted.listing, Response.of(429, LIMITED, Retry_After="5000"))
    )
    with pytest.raises(PublishError, match=r"429.*overhaul resume"):
        hosted.forge.publish(hosted.draft())
    assert hosted.waits == []


def test_draft_that_became_ready_after_all_is_left(hosted: Place) -> None:
    hosted.forge.publish(hosted.draft(is_draft=True))
    method, ending = hosted.turning
    front_of(hosted).faults.append(Fault(method, ending, BAD_GATEWAY, after=True))
    assert hosted.forge.publish(hosted.draft()).state == "open"


def test_comment_that_was_written_after_all_is_not_written_again(hosted: Place) -> None:
    hosted.forge.publish(hosted.draft())
    front_of(hosted).faults.append(Fault("POST", hosted.commenting, BAD_GATEWAY, after=True))
    hosted.forge.reply(hosted.repository, BRANCH, "approve is taken.")
    assert hosted.forge.talk(hosted.repository, BRANCH) == [("overhaul", "approve is taken.")]


def test_line_comment_that_was_written_after_all_is_not_written_again(hosted: Place) -> None:
    hosted.forge.publish(hosted.draft())
    comment = LineComment("a1", "README.md", 1, 1, "head", "a finding")
    front_of(hosted).faults.append(Fault("POST", hosted.commenting_on_lines, BAD_GATEWAY, after=True))
    hosted.forge.comment_on_lines(hosted.repository, BRANCH, hosted.head, [comment])
    assert hosted.forge.line_comments(hosted.repository, BRANCH) == [comment]


def test_refusal_says_what_the_forge_said_and_is_not_repeated(hosted: Place) -> None:
    no = Response.of(403, {"message": "Resource not accessible by personal access token"})
    front_of(hosted).faults.append(Fault("POST", hosted.listing, no))
    with pytest.raises(Refused, match=r"403.*Resource not accessible.*docs/forges.md"):
        hosted.forge.publish(hosted.draft())
    assert (creations(hosted), hosted.waits) == (1, [])


def test_refusal_survives_the_way_between_processes() -> None:
    refused = Refused("git.example.org", "open a pull request", Answer(404, {}, "Not Found"))
    again = pickle.loads(pickle.dumps(refused))
    assert (str(again), again.status) == (str(refused), 404)


def test_writes_keep_their_distance_over_all_that_share_the_marks(tmp_path: Path) -> None:
    waits: list[float] = []
    shared = Pace(between_writes=30, sleep=waits.append, marks=tmp_path)
    for host in ("git.example.org", "elsewhere.example.org", "git.example.org"):
        Calls(host, lambda _: None, shared).write("write", lambda: True, lambda: None)
    assert [29 < wait <= 30 for wait in waits] == [True]


def test_error_of_our_own_is_no_fault_of_the_forge() -> None:
    def call() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Calls("git.example.org", lambda _: None, pace([])).ask("divide", call)
