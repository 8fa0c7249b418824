"""What PyGithub answers and raises, as ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from overhaul.flows.forges import marks
from overhaul.flows.forges.base import LineComment, ListedRepository, PullRequest, RepositoryFacts
from overhaul.flows.forges.calls import Answer

if TYPE_CHECKING:
    from github.PullRequest import PullRequest as Pull
    from github.PullRequestComment import PullRequestComment
    from github.Repository import Repository

TEXTS = marks.Texts("GitHub", 65_536)


def answer_in(error: Exception) -> Answer | None:
    from github.GithubException import BadAttributeException, GithubException
    from requests import RequestException

    if isinstance(error, GithubException):
        data = error.data if isinstance(error.data, dict) else {}
        faults = [each for each in data.get("errors") or () if isinstance(each, dict)]
        words = [
            str(error.message or data.get("message") or ""),
            *(str(each.get("message") or "") for each in faults),
        ]
        is_limited = any(each.get("type") == "RATE_LIMITED" for each in faults)
        headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
        return Answer(429 if is_limited else error.status, headers, "; ".join(filter(None, words)))
    if isinstance(error, RequestException):
        return Answer(0, {}, f"the connection failed ({type(error).__name__})")
    if isinstance(error, BadAttributeException):
        return Answer(0, {}, "the answer is none of the forge's API")
    # PyGithub says so where a server redirects to another.
    return Answer(301, {}, str(error)) if isinstance(error, RuntimeError) else None


def described(pull: Pull, notes: Sequence[str] = ()) -> PullRequest:
    """The pull request as ours. Raises ValueError if the answer is none."""
    number, address = pull.number, pull.html_url
    if not isinstance(number, int) or not isinstance(address, str):
        raise ValueError("no pull request")  # noqa: TRY004  (what an unreadable answer raises)
    state = "merged" if pull.merged_at else "draft" if pull.draft and pull.state == "open" else pull.state
    return PullRequest(
        address,
        number,
        pull.title,
        marks.unmarked(pull.body or ""),
        pull.head.ref,
        pull.base.ref,
        state,
        tuple(notes),
    )


def listed(repository: Repository) -> ListedRepository:
    if not isinstance(repository.full_name, str) or not isinstance(repository.default_branch, str):
        raise ValueError("no repository")  # noqa: TRY004
    rights = repository.permissions
    facts = RepositoryFacts(
        repository.default_branch,
        repository.archived,
        bool(rights and rights.push),
        tuple(repository.topics or ()),
    )
    return ListedRepository(repository.clone_url, repository.full_name, facts)


def write(pull: Pull, body: str) -> bool:
    return pull.create_issue_comment(body).id > 0


def write_on_line(pull: Pull, commit: str, comment: LineComment) -> bool:
    side = "LEFT" if comment.side == "base" else "RIGHT"
    several: dict[str, Any] = {}
    if comment.first_line != comment.last_line:
        several = {"start_line": comment.first_line, "start_side": side}
    made = pull.create_review_comment(
        TEXTS.on_line(comment), commit, comment.path, line=comment.last_line, side=side, **several
    )
    return made.id > 0


def on_line(comment: PullRequestComment) -> LineComment | None:
    if (key := marks.line_key(comment.body)) is None:
        return None
    last = comment.line or comment.original_line or 0
    first = comment.start_line or comment.original_start_line or last
    body = marks.unmarked(comment.body)
    return LineComment(key, comment.path, first, last, "base" if comment.side == "LEFT" else "head", body)
