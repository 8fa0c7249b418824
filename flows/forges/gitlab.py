"""GitLab, through python-gitlab. Its merge requests are pull requests here; a draft is one by its title."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from overhaul.flows.errors import PublishError
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

DEVELOPER = 30
_STATES: Mapping[str, Literal["passed", "failed"]] = {
    "success": "passed", "canceled": "passed", "skipped": "passed", "failed": "failed",
}  # fmt: skip
_UNDECIDED = frozenset({"checking", "preparing", "unchecked", "approvals_syncing"})
_DRAFT = "Draft: "
_PREFIX = re.compile(r"^(?:\[?draft\]?:?|\(draft\)|\[?wip\]?:?)\s+", re.IGNORECASE)


class GitLab:
    """One object speaks with one token to one server."""

    name = "gitlab"
    texts = Texts("GitLab", 1_000_000)

    def __init__(self, account: Account, answer_within: int) -> None:
        try:
            from gitlab import Gitlab
        except ImportError as error:
            raise PublishError(
                "GitLab's library is not installed. Install it with: pip install 'overhaul[forges]'"
            ) from error
        self._gitlab = Gitlab(
            account.api, private_token=account.checked().token, timeout=answer_within, session=new_session(),
            per_page=100, user_agent="overhaul",
        )  # fmt: skip

    def answer_in(self, error: Exception) -> Answer | None:
        from gitlab.exceptions import GitlabError

        if isinstance(error, GitlabError):
            return Answer(error.response_code or 0, {}, str(error))
        return answer_in(error)

    def page_of(self, path: str) -> str:
        return f"{path}/-/merge_requests/"

    def exists_already(self, answer: Answer) -> bool:
        return answer.status == 409 and "already exists" in answer.message

    def pulls(self, path: str, branch: str) -> list[Pull]:
        wanted = {"source_branch": branch, "state": "all", "order_by": "created_at", "sort": "desc"}
        listed = self._list(f"{_project(path)}/merge_requests", **wanted)
        return [
            _pull(path, each)
            for each in listed
            if each["source_branch"] == branch and each["source_project_id"] == each["target_project_id"]
        ]

    def pull(self, path: str, number: int) -> Pull:
        return _pull(path, self._get(f"{_project(path)}/merge_requests/{number}"))

    def create(self, path: str, draft: PullRequestDraft, title: str, body: str) -> Pull:
        made = self._gitlab.http_post(
            f"{_project(path)}/merge_requests",
            post_data={
                "source_branch": draft.branch, "target_branch": draft.base_branch,
                "title": _titled(title, draft.is_draft), "description": body,
            },
        )  # fmt: skip
        return _pull(path, as_object(made))

    def edit(self, pull: Pull, title: str, body: str, base: str) -> None:
        self._put(pull, title=_titled(title, pull.is_draft), description=body, target_branch=base)

    def open(self, pull: Pull, is_open: bool) -> None:
        self._put(pull, state_event="reopen" if is_open else "close")

    def turn(self, pull: Pull, is_draft: bool) -> None:
        self._put(pull, title=_titled(pull.title, is_draft))

    def merge(self, pull: Pull, head: str) -> None:
        as_object(self._gitlab.http_put(f"{_request(pull)}/merge", post_data={"sha": head}))

    def have_merged(self, pull: Pull, head: str, how: Merging) -> None:
        """By auto-merge or, as a queue, by the merge train of the project; names are those before and since 17.11."""
        if not self._get(_project(pull.path)).get("only_allow_merge_if_pipeline_succeeds"):
            raise Answered(
                Answer(
                    422,
                    {},
                    "the project does not require its pipelines to succeed, so it would be merged at once",
                )
            )
        if self._get(_request(pull)).get("detailed_merge_status") in _UNDECIDED:
            raise Answered(Answer(0, {}, "GitLab is still looking whether it can be merged"))
        if how == "queue":
            path = f"{_project(pull.path)}/merge_trains/merge_requests/{pull.number}"
            self._gitlab.http_post(
                path, post_data={"sha": head, "when_pipeline_succeeds": True, "auto_merge": True}
            )
            return
        given = {"sha": head, "merge_when_pipeline_succeeds": True, "auto_merge": True}
        as_object(self._gitlab.http_put(f"{_request(pull)}/merge", post_data=given))

    def add_labels(self, pull: Pull, names: Sequence[str]) -> None:
        self._put(pull, add_labels=",".join(names))

    def ask_reviewer(self, pull: Pull, name: str) -> None:
        if "/" in name:
            raise Answered(Answer(422, {}, "GitLab asks people, not groups"))
        there = [each["id"] for each in self._get(_request(pull)).get("reviewers") or ()]
        self._put(pull, reviewer_ids=[*there, self._user(name)])

    def reviewers(self, pull: Pull) -> set[str]:
        return {name for name in pull.asked if "/" not in name}

    def comments(self, pull: Pull) -> list[Said]:
        return [
            Said(
                each["id"],
                each["author"]["username"],
                each["body"],
                datetime.fromisoformat(each["created_at"]),
            )
            for each in self._notes(pull)
            if not each["system"] and each.get("type") != "DiffNote"
        ]

    def comment(self, pull: Pull, body: str) -> None:
        with_id(self._gitlab.http_post(f"{_request(pull)}/notes", post_data={"body": body}))

    def line_comments(self, pull: Pull) -> list[LineComment]:
        found = []
        for each in self._notes(pull):
            if position := each.get("position"):
                line, is_base = position.get("new_line"), position.get("new_line") is None
                line = position.get("old_line") if is_base else line
                path = position["old_path" if is_base else "new_path"]
                found.append(LineComment("", path, line, line, "base" if is_base else "head", each["body"]))
        return found

    def comment_on_line(self, pull: Pull, commit: str, comment: LineComment) -> None:
        references = self._get(_request(pull))["diff_refs"]
        side = "old_line" if comment.side == "base" else "new_line"
        position = {
            "position_type": "text", "base_sha": references["base_sha"], "start_sha": references["start_sha"],
            "head_sha": commit, "old_path": comment.path, "new_path": comment.path, side: comment.last_line,
        }  # fmt: skip
        path = f"{_request(pull)}/discussions"
        with_id(self._gitlab.http_post(path, post_data={"body": comment.body, "position": position}))

    def fork_of(self, path: str) -> ListedRepository | None:  # noqa: ARG002
        return None

    def make_fork(self, path: str) -> ListedRepository:  # noqa: ARG002
        raise Answered(Answer(422, {}, "pull requests from forks are made on GitHub only"))

    def check_fork(self, path: str) -> None:
        """There is none."""

    def checks(self, path: str, commit: str) -> list[Check]:
        return [
            Check(
                each["name"],
                "passed" if each.get("allow_failure") else _STATES.get(each["status"], "pending"),
                each.get("description") or "",
                each.get("target_url") or "",
            )
            for each in self._list(f"{_project(path)}/repository/commits/{commit}/statuses")
        ]

    def set_check(self, pull: Pull, commit: str, check: Check) -> None:
        given = {
            "state": "success" if check.state == "passed" else "failed", "name": check.name,
            "description": check.said[:255], "target_url": check.address,
        }  # fmt: skip
        with_id(self._gitlab.http_post(f"{_project(pull.path)}/statuses/{commit}", post_data=given))

    def may_write(self, path: str, login: str) -> bool:
        member = self._get(f"{_project(path)}/members/all/{self._user(login)}")
        return bool(member["access_level"] >= DEVELOPER and member.get("state", "active") == "active")

    def repository(self, path: str) -> ListedRepository:
        return _listed(self._get(_project(path)))

    def of_owner(self, owner: str) -> list[ListedRepository]:
        """All of a group's with its groups below, or of a user's."""
        whose = quote(owner, safe="")
        try:
            listed = self._list(f"/groups/{whose}/projects", include_subgroups="true")
        except Answered as answered:
            if answered.answer.status != 404:
                raise
            listed = self._list(f"/users/{whose}/projects")
        return [_listed(each) for each in listed]

    def found(self, query: str, topic: str, owner: str) -> list[ListedRepository]:
        words = {name: value for name, value in (("search", query), ("topic", topic)) if value}
        listed = [_listed(each) for each in self._list("/projects", **words)]
        return [each for each in listed if not owner or each.name.lower().startswith(f"{owner.lower()}/")]

    def who_am_i(self) -> str:
        return f"{self._get('/user')['username']} (rights: as the token was made)"

    def _get(self, path: str) -> dict[str, Any]:
        return as_object(self._gitlab.http_get(path))

    def _list(self, path: str, **wanted: str) -> list[dict[str, Any]]:
        return [as_object(each) for each in self._gitlab.http_list(path, query_data=wanted, get_all=True)]

    def _notes(self, pull: Pull) -> list[dict[str, Any]]:
        return self._list(f"{_request(pull)}/notes", sort="asc", order_by="created_at")

    def _put(self, pull: Pull, **changes: object) -> None:
        as_object(self._gitlab.http_put(_request(pull), post_data=changes))

    def _user(self, login: str) -> int:
        found = self._list("/users", username=login)
        if not found:
            raise Answered(Answer(404, {}, f"there is no user {login}"))
        return int(found[0]["id"])


def _project(path: str) -> str:
    return f"/projects/{quote(path, safe='')}"


def _request(pull: Pull) -> str:
    return f"{_project(pull.path)}/merge_requests/{pull.number}"


def _titled(title: str, is_draft: bool) -> str:
    return f"{_DRAFT}{title}" if is_draft else title


def _pull(path: str, data: dict[str, Any]) -> Pull:
    is_draft = bool(data["draft"])
    people = {each["username"].lower() for each in (*(data.get("reviewers") or ()), data["author"])}
    return Pull(
        path=path, number=data["iid"], address=data["web_url"],
        title=_PREFIX.sub("", data["title"]) if is_draft else data["title"], body=data["description"] or "",
        branch=data["source_branch"], base=data["target_branch"], head=data["sha"] or "",
        is_open=data["state"] in {"opened", "locked"}, is_merged=data["state"] == "merged", is_draft=is_draft,
        labels=frozenset(data["labels"]), asked=frozenset(people),
        merges_itself=bool(data.get("merge_when_pipeline_succeeds")),
    )  # fmt: skip


def _listed(data: dict[str, Any]) -> ListedRepository:
    rights = data.get("permissions") or {}
    levels = [
        (rights.get(name) or {}).get("access_level") or 0 for name in ("project_access", "group_access")
    ]
    facts = RepositoryFacts(
        data["default_branch"] or "", bool(data["archived"]), max(levels) >= DEVELOPER, tuple(data["topics"])
    )
    return ListedRepository(data["http_url_to_repo"], data["path_with_namespace"], facts)
