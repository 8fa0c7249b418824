"""Forgejo as tests have it: a small stateful server of our own, as no emulator of it is to be had.

It does what the API's description says of the calls that the client makes: repositories, pull requests (409 for a second
open one of a branch, drafts by their titles, merging at a commit only), comments, reviews with comments on lines, labels,
permissions. Fields, of questions and answers, have the names that `gitea-js` 1.23.0 declares, which is generated from that
description; a test compares. It is no Forgejo: what both of us got wrong stays unseen.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.flows.forges.front import Front, Request, Response, serving

TOKEN = "forgejo-token-of-octocat"
RIGHTS = {"octocat": "owner", "grace": "write", "mallory": "read", "reviewer": "write"}
AT = "2026-11-30T12:00:00Z"
_REPOSITORY = r"/repos/([^/]+/[^/]+)"
_CALLS = (
    ("GET", r"/user", "me"),
    ("GET", r"/users/([^/]+)/repos", "of_user"),
    ("GET", r"/repos/search", "search"),
    ("GET", _REPOSITORY, "repository"),
    ("GET", rf"{_REPOSITORY}/collaborators/([^/]+)/permission", "permission"),
    ("GET", rf"{_REPOSITORY}/branches/([^/]+)", "branch"),
    ("GET", rf"{_REPOSITORY}/commits/(\w+)/status", "status"),
    ("POST", rf"{_REPOSITORY}/statuses/(\w+)", "post_status"),
    ("GET", rf"{_REPOSITORY}/labels", "labels"),
    ("POST", rf"{_REPOSITORY}/labels", "label"),
    ("GET", rf"{_REPOSITORY}/pulls", "pulls"),
    ("POST", rf"{_REPOSITORY}/pulls", "create"),
    ("GET", rf"{_REPOSITORY}/pulls/(\d+)", "pull"),
    ("PATCH", rf"{_REPOSITORY}/pulls/(\d+)", "edit"),
    ("POST", rf"{_REPOSITORY}/pulls/(\d+)/merge", "merge"),
    ("POST", rf"{_REPOSITORY}/pulls/(\d+)/requested_reviewers", "request"),
    ("GET", rf"{_REPOSITORY}/pulls/(\d+)/reviews", "reviews"),
    ("POST", rf"{_REPOSITORY}/pulls/(\d+)/reviews", "review"),
    ("GET", rf"{_REPOSITORY}/pulls/(\d+)/reviews/(\d+)/comments", "review_comments"),
    ("GET", rf"{_REPOSITORY}/issues/(\d+)/comments", "comments"),
    ("POST", rf"{_REPOSITORY}/issues/(\d+)/comments", "comment"),
    ("POST", rf"{_REPOSITORY}/issues/(\d+)/labels", "add_labels"),
)


@dataclass
class Kept:
    """One repository; `heads` are its branches."""

    data: dict[str, Any]
    heads: dict[str, str]
    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[tuple[dict[str, Any], list[dict[str, Any]]]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    required: list[str] = field(default_factory=list)
    scheduled: set[int] = field(default_factory=set)
    statuses: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


class ForgejoHere:
    """The server's state; `asked` are the fields of the bodies that came, by call."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.asked: dict[str, set[str]] = {}
        self.url = ""
        self._ids = itertools.count(100)

    def add(self, path: str, heads: dict[str, str]) -> Kept:
        data = {
            "id": next(self._ids), "full_name": path, "default_branch": "main", "archived": False, "topics": [],
            "clone_url": f"{self.url}/{path}.git", "permissions": {"admin": True, "push": True, "pull": True},
            "default_merge_style": "squash",
        }  # fmt: skip
        self.kept[path] = Kept(data, heads)
        return self.kept[path]

    def answer(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"token {TOKEN}":
            return Response.of(401, {"message": "invalid username, password or token"})
        path = request.path.removeprefix("/api/v1")
        for method, pattern, name in _CALLS:
            if request.method == method and (match := re.fullmatch(pattern, path)):
                words = [unquote(each) for each in match.groups()]
                query = {key: values[0] for key, values in parse_qs(urlsplit(request.target).query).items()}
                body: Any = request.json or {}
                self.asked.setdefault(name, set()).update(body)
                return self._called(name, words, query | body)
        return Response.of(404, {"message": "Not Found"})

    def say(self, path: str, author: str, body: str) -> dict[str, Any]:
        """Write to the first pull request as a person does."""
        said = {"id": next(self._ids), "body": body, "user": {"login": author}, "created_at": AT}
        self.kept[path].comments.append(said)
        return said

    def _called(self, name: str, words: list[str], given: dict[str, Any]) -> Response:
        if name in {"me", "of_user", "search"}:
            return Response.of(200, getattr(self, f"_{name}")(*words, given=given))
        kept = self.kept.get(words[0])
        if kept is None or (
            "status" not in name and len(words) > 1 and words[1].isdigit() and int(words[1]) > len(kept.pulls)
        ):
            return Response.of(404, {"message": "The target couldn't be found."})
        answer = getattr(self, f"_{name}")(kept, *words[1:], given=given)
        return answer if isinstance(answer, Response) else Response.of(200, answer)

    def _me(self, given: dict[str, Any]) -> Any:
        return {"login": "octocat"}

    def _of_user(self, name: str, given: dict[str, Any]) -> Any:
        return [each.data for path, each in self.kept.items() if path.startswith(f"{name}/")]

    def _search(self, given: dict[str, Any]) -> Any:
        word = given.get("q", "")
        by_topic = given.get("topic") == "true"
        found = [
            each.data
            for path, each in self.kept.items()
            if (word in each.data["topics"] if by_topic else word in path)
        ]
        return {"ok": True, "data": found}

    def _repository(self, kept: Kept, given: dict[str, Any]) -> Any:
        return kept.data

    def _permission(self, kept: Kept, name: str, given: dict[str, Any]) -> Any:
        return {"permission": RIGHTS.get(name, "none"), "role_name": "", "user": {"login": name}}

    def _labels(self, kept: Kept, given: dict[str, Any]) -> Any:
        return kept.labels

    def _label(self, kept: Kept, given: dict[str, Any]) -> Any:
        kept.labels.append({"id": next(self._ids), "name": given["name"], "color": given["color"].strip("#")})
        return kept.labels[-1]

    def _pulls(self, kept: Kept, given: dict[str, Any]) -> Any:
        state = given.get("state", "open")
        return [each for each in reversed(kept.pulls) if state in ("all", each["state"])]

    def _create(self, kept: Kept, given: dict[str, Any]) -> Any:
        branch = given["head"]
        if any(each["head"]["ref"] == branch and each["state"] == "open" for each in kept.pulls):
            return Response.of(409, {"message": "pull request already exists for these targets"})
        number, project = len(kept.pulls) + 1, kept.data["id"]
        made = {
            "id": next(self._ids), "number": number, "state": "open", "merged": False, "labels": [],
            "requested_reviewers": [], "requested_reviewers_teams": [], "user": {"login": "octocat"},
            "html_url": f"{self.url}/{kept.data['full_name']}/pulls/{number}",
            "head": {"ref": branch, "sha": kept.heads[branch], "repo_id": project},
        }  # fmt: skip
        kept.pulls.append(made)
        return self._edit(kept, str(number), given=given)

    def _pull(self, kept: Kept, number: str, given: dict[str, Any]) -> Any:
        return kept.pulls[int(number) - 1]

    def _edit(self, kept: Kept, number: str, given: dict[str, Any]) -> Any:
        data = kept.pulls[int(number) - 1]
        data.update({name: given[name] for name in ("title", "body", "state") if name in given})
        if "base" in given:
            data["base"] = {"ref": given["base"], "sha": kept.heads["main"], "repo_id": kept.data["id"]}
        data["draft"] = data["title"].startswith("WIP:")
        return data

    def _merge(self, kept: Kept, number: str, given: dict[str, Any]) -> Any:
        data = kept.pulls[int(number) - 1]
        if data["draft"] or data["state"] != "open":
            return Response.of(405, {"message": "Please try again later"})
        if given["head_commit_id"] != data["head"]["sha"]:
            return Response.of(409, {"message": "head out of date"})
        if given.get("merge_when_checks_succeed"):
            if int(number) in kept.scheduled:
                said = "pull request is already scheduled to auto merge when checks succeed [pull_id: 1]"
                return Response.of(409, {"message": said})
            kept.scheduled.add(int(number))
            return Response(201)
        data.update(state="closed", merged=True)
        return Response(200)

    def _post_status(self, kept: Kept, commit: str, given: dict[str, Any]) -> Any:
        assert given["target_url"].startswith(self.url)
        path = kept.data["full_name"]
        return self.set_status(path, commit, given["context"], given["state"], given["description"])

    def set_status(self, path: str, commit: str, name: str, status: str, said: str) -> dict[str, Any]:
        """Set one as a runner does."""
        made = {
            "id": next(self._ids), "context": name, "status": status, "description": said, "target_url": "",
        }  # fmt: skip
        self.kept[path].statuses.append((commit, made))
        return made

    def _status(self, kept: Kept, commit: str, given: dict[str, Any]) -> Any:
        last = {each["context"]: each for at, each in kept.statuses if at == commit}
        return {"sha": commit, "state": "pending", "statuses": list(last.values()) or None}

    def _branch(self, kept: Kept, name: str, given: dict[str, Any]) -> Any:
        return {
            "name": name, "protected": bool(kept.required), "enable_status_check": bool(kept.required),
            "status_check_contexts": kept.required,
        }  # fmt: skip

    def _request(self, kept: Kept, number: str, given: dict[str, Any]) -> Any:
        unknown = [name for name in given.get("reviewers", ()) if name not in RIGHTS]
        if unknown or given.get("team_reviewers"):
            return Response.of(404, {"message": "user or team does not exist"})
        kept.pulls[int(number) - 1]["requested_reviewers"] += [{"login": name} for name in given["reviewers"]]
        return []

    def _reviews(self, kept: Kept, number: str, given: dict[str, Any]) -> Any:
        return [review for review, _ in kept.reviews]

    def _review(self, kept: Kept, number: str, given: dict[str, Any]) -> Any:
        comments = [
            {
                "id": next(self._ids), "path": each["path"], "body": each["body"], "user": {"login": "octocat"},
                "position": each.get("new_position", 0), "original_position": each.get("old_position", 0),
            }
            for each in given["comments"]
        ]  # fmt: skip
        review = {"id": next(self._ids), "user": {"login": "octocat"}, "comments_count": len(comments)}
        kept.reviews.append((review, comments))
        return review

    def _review_comments(self, kept: Kept, number: str, review_id: str, given: dict[str, Any]) -> Any:
        return next(comments for review, comments in kept.reviews if review["id"] == int(review_id))

    def _comments(self, kept: Kept, number: str, given: dict[str, Any]) -> Any:
        return kept.comments

    def _comment(self, kept: Kept, number: str, given: dict[str, Any]) -> Any:
        return self.say(kept.data["full_name"], "octocat", given["body"])

    def _add_labels(self, kept: Kept, number: str, given: dict[str, Any]) -> Any:
        added = [each for each in kept.labels if each["id"] in given["labels"]]
        kept.pulls[int(number) - 1]["labels"] += added
        return added


@contextmanager
def forgejo_here() -> Iterator[tuple[ForgejoHere, Front]]:
    """The server, started and ended."""
    here = ForgejoHere()
    with serving(Front(here.answer)) as front:
        here.url = front.url
        yield here, front
