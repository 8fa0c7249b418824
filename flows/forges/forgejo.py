"""Forgejo and Gitea, by their common API; a draft is one by its title.

There is a library, pyforgejo; importing it reads a `.env` beside the environment that it is installed in and sets what
that says (2.0.7), and such a file may be a repository's. So the calls are made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from overhaul.flows.forges.accounts import Account
from overhaul.flows.forges.base import (
    Check,
    LineComment,
    ListedRepository,
    Merging,
    PullRequestDraft,
    RepositoryFacts,
)
from overhaul.flows.forges.calls import Answer
from overhaul.flows.forges.client import Pull, Said
from overhaul.flows.forges.marks import Texts
from overhaul.flows.forges.rest import Answered, answer_in, as_object, new_session, with_id

PAGE = 50
# The API has no list by branch: of closed ones, so many pages are looked through.
CLOSED_PAGES = 20
_STATES: Mapping[str, Literal["passed", "failed"]] = {
    "success": "passed", "warning": "passed", "failure": "failed", "error": "failed",
}  # fmt: skip
_DRAFT = "WIP: "
_PREFIX = re.compile(r"^(?:\[wip\]|wip:)\s*", re.IGNORECASE)
_WRITERS = frozenset({"owner", "admin", "write"})


class Forgejo:
    """One object speaks with one token to one server."""

    texts = Texts("Forgejo", 65_000)

    def __init__(self, account: Account, answer_within: int) -> None:
        self.name = account.kind
        self._api = account.api
        self._answer_within = answer_within
        self._session = new_session()
        self._session.headers.update(
            {"Authorization": f"token {account.checked().token}", "User-Agent": "overhaul"}
        )

    def answer_in(self, error: Exception) -> Answer | None:
        return answer_in(error)

    def page_of(self, path: str) -> str:
        return f"{path}/pulls/"

    def exists_already(self, answer: Answer) -> bool:
        return answer.status == 409

    def pulls(self, path: str, branch: str) -> list[Pull]:
        found = [
            each for each in self._pages(f"{_repository(path)}/pulls", state="open") if _is_of(each, branch)
        ]
        closed = self._pages(f"{_repository(path)}/pulls", CLOSED_PAGES, state="closed", sort="recentupdate")
        newest = next((each for each in closed if _is_of(each, branch)), None) if not found else None
        return [_pull(path, each) for each in (*found, *([newest] if newest else ()))]

    def pull(self, path: str, number: int) -> Pull:
        return _pull(path, as_object(self._call("GET", f"{_repository(path)}/pulls/{number}")))

    def create(self, path: str, draft: PullRequestDraft, title: str, body: str) -> Pull:
        given = {
            "head": draft.branch, "base": draft.base_branch, "title": _titled(title, draft.is_draft), "body": body,
        }  # fmt: skip
        return _pull(path, as_object(self._call("POST", f"{_repository(path)}/pulls", given)))

    def edit(self, pull: Pull, title: str, body: str, base: str) -> None:
        self._change(pull, title=_titled(title, pull.is_draft), body=body, base=base)

    def open(self, pull: Pull, is_open: bool) -> None:
        self._change(pull, state="open" if is_open else "closed")

    def turn(self, pull: Pull, is_draft: bool) -> None:
        self._change(pull, title=_titled(pull.title, is_draft))

    def merge(self, pull: Pull, head: str) -> None:
        self._merge(pull, {"head_commit_id": head})

    def have_merged(self, pull: Pull, head: str, how: Merging) -> None:
        """Once the checks that the branch requires succeed."""
        if how == "queue":
            raise Answered(Answer(422, {}, "it has no merge queue; there is merge: auto"))
        branch = as_object(
            self._call("GET", f"{_repository(pull.path)}/branches/{quote(pull.base, safe='')}")
        )
        if not (branch.get("enable_status_check") and branch.get("status_check_contexts")):
            said = f"{pull.base} requires no status check, so it would be merged at once"
            raise Answered(Answer(422, {}, said))
        try:
            self._merge(pull, {"head_commit_id": head, "merge_when_checks_succeed": True})
        except Answered as answered:
            if answered.answer.status != 409 or "already scheduled" not in answered.answer.message:
                raise

    def _merge(self, pull: Pull, how: dict[str, Any]) -> None:
        style = as_object(self._call("GET", _repository(pull.path))).get("default_merge_style") or "merge"
        self._call("POST", f"{_request(pull)}/merge", {"Do": style, **how})

    def add_labels(self, pull: Pull, names: Sequence[str]) -> None:
        labels = f"{_repository(pull.path)}/labels"
        known = {each["name"]: each["id"] for each in self._pages(labels)}
        for name in names:
            if name not in known:
                made = self._call("POST", labels, {"name": name, "color": "#1d76db"})
                known[name] = as_object(made)["id"]
        self._call("POST", f"{_issue(pull)}/labels", {"labels": [known[name] for name in names]})

    def ask_reviewer(self, pull: Pull, name: str) -> None:
        _, is_team, word = name.rpartition("/")
        given = {"team_reviewers" if is_team else "reviewers": [word]}
        self._call("POST", f"{_request(pull)}/requested_reviewers", given)

    def reviewers(self, pull: Pull) -> set[str]:
        reviews = self._pages(f"{_request(pull)}/reviews")
        return {each["user"]["login"].lower() for each in reviews if each.get("user")}

    def comments(self, pull: Pull) -> list[Said]:
        listed = self._call("GET", f"{_issue(pull)}/comments")
        return [
            Said(
                each["id"], each["user"]["login"] if each.get("user") else "ghost", each["body"],
                datetime.fromisoformat(each["created_at"]),
            )
            for each in map(as_object, _listing(listed))
        ]  # fmt: skip

    def comment(self, pull: Pull, body: str) -> None:
        with_id(self._call("POST", f"{_issue(pull)}/comments", {"body": body}))

    def line_comments(self, pull: Pull) -> list[LineComment]:
        found = []
        for review in self._pages(f"{_request(pull)}/reviews"):
            if review.get("comments_count"):
                listed = _listing(self._call("GET", f"{_request(pull)}/reviews/{review['id']}/comments"))
                found += [_on_line(as_object(each)) for each in listed]
        return found

    def comment_on_line(self, pull: Pull, commit: str, comment: LineComment) -> None:
        place = "old_position" if comment.side == "base" else "new_position"
        said = {"path": comment.path, "body": comment.body, place: comment.last_line}
        given = {"event": "COMMENT", "body": "", "commit_id": commit, "comments": [said]}
        with_id(self._call("POST", f"{_request(pull)}/reviews", given))

    def fork_of(self, path: str) -> ListedRepository | None:  # noqa: ARG002
        return None

    def make_fork(self, path: str) -> ListedRepository:  # noqa: ARG002
        raise Answered(Answer(422, {}, "pull requests from forks are made on GitHub only"))

    def check_fork(self, path: str) -> None:
        """There is none."""

    def checks(self, path: str, commit: str) -> list[Check]:
        listed = as_object(self._call("GET", f"{_repository(path)}/commits/{commit}/status"))["statuses"]
        return [
            Check(
                each["context"],
                _STATES.get(each["status"], "pending"),
                each.get("description") or "",
                each.get("target_url") or "",
            )
            for each in map(as_object, listed or ())
        ]

    def set_check(self, pull: Pull, commit: str, check: Check) -> None:
        given = {
            "state": "success" if check.state == "passed" else "failure", "context": check.name,
            "description": check.said[:255], "target_url": check.address,
        }  # fmt: skip
        with_id(self._call("POST", f"{_repository(pull.path)}/statuses/{commit}", given))

    def may_write(self, path: str, login: str) -> bool:
        asked = self._call("GET", f"{_repository(path)}/collaborators/{quote(login, safe='')}/permission")
        return as_object(asked)["permission"] in _WRITERS

    def repository(self, path: str) -> ListedRepository:
        return _listed(as_object(self._call("GET", _repository(path))))

    def of_owner(self, owner: str) -> list[ListedRepository]:
        """All of an organisation's, or of a user's."""
        whose = quote(owner, safe="")
        try:
            return [_listed(each) for each in self._pages(f"/orgs/{whose}/repos")]
        except Answered as answered:
            if answered.answer.status != 404:
                raise
        return [_listed(each) for each in self._pages(f"/users/{whose}/repos")]

    def found(self, query: str, topic: str, owner: str) -> list[ListedRepository]:
        words = {"q": topic or query, **({"topic": "true"} if topic else {})}
        listed = [_listed(each) for each in self._pages("/repos/search", CLOSED_PAGES, **words)]
        return [
            each
            for each in listed
            if query.lower() in each.name.lower()
            and (not owner or each.name.lower().startswith(f"{owner.lower()}/"))
        ]

    def who_am_i(self) -> str:
        return f"{as_object(self._call('GET', '/user'))['login']} (rights: as the token was made)"

    def _call(self, method: str, path: str, given: object = None, **query: str) -> object:
        answer = self._session.request(
            method, f"{self._api}{path}", json=given, params=query, timeout=self._answer_within
        )
        return answer.json() if answer.content else None

    def _change(self, pull: Pull, **changes: str) -> None:
        with_id(self._call("PATCH", _request(pull), changes))

    def _pages(self, path: str, at_most: int = 1000, **query: str) -> Iterator[dict[str, Any]]:
        for number in range(1, at_most + 1):
            answer = self._call("GET", path, None, limit=str(PAGE), page=str(number), **query)
            page = _listing(answer["data"] if isinstance(answer, dict) else answer)
            yield from map(as_object, page)
            if len(page) < PAGE:
                return


def _listing(answer: object) -> list[Any]:
    if not isinstance(answer, list):
        raise ValueError("no list")  # noqa: TRY004  (what an unreadable answer raises)
    return answer


def _repository(path: str) -> str:
    return f"/repos/{quote(path)}"


def _request(pull: Pull) -> str:
    return f"{_repository(pull.path)}/pulls/{pull.number}"


def _issue(pull: Pull) -> str:
    return f"{_repository(pull.path)}/issues/{pull.number}"


def _titled(title: str, is_draft: bool) -> str:
    return f"{_DRAFT}{title}" if is_draft else title


def _is_of(data: dict[str, Any], branch: str) -> bool:
    """Whether it is of a branch of the repository itself, and not of a fork's."""
    return bool(data["head"]["ref"] == branch and data["head"]["repo_id"] == data["base"]["repo_id"])


def _pull(path: str, data: dict[str, Any]) -> Pull:
    is_draft = _PREFIX.match(data["title"]) is not None
    people = {each["login"] for each in (*(data.get("requested_reviewers") or ()), data["user"])}
    teams = {f"{path.split('/')[0]}/{each['name']}" for each in data.get("requested_reviewers_teams") or ()}
    return Pull(
        path=path, number=data["number"], address=data["html_url"], title=_PREFIX.sub("", data["title"]),
        body=data["body"] or "", branch=data["head"]["ref"], base=data["base"]["ref"], head=data["head"]["sha"],
        is_open=data["state"] == "open", is_merged=bool(data["merged"]), is_draft=is_draft,
        labels=frozenset(each["name"] for each in data["labels"] or ()),
        asked=frozenset(each.lower() for each in people | teams),
    )  # fmt: skip


def _on_line(data: dict[str, Any]) -> LineComment:
    is_base = not data.get("position")
    line = data["original_position" if is_base else "position"]
    return LineComment("", data["path"], line, line, "base" if is_base else "head", data["body"])


def _listed(data: dict[str, Any]) -> ListedRepository:
    facts = RepositoryFacts(
        data["default_branch"], bool(data["archived"]), bool((data.get("permissions") or {}).get("push")),
        tuple(data.get("topics") or ()),
    )  # fmt: skip
    return ListedRepository(data["clone_url"], data["full_name"], facts)
