"""GitLab as tests have it: a small stateful server of our own, as no emulator of it is to be had.

It does what GitLab's documentation says of the calls that the client makes: projects, merge requests (409 for a second open
one of a branch, drafts by their titles, merging at a commit only), notes, discussions on lines, members, users. Fields have the names that
`@gitbeaker/core` 43.8.0 declares for GitLab's answers, which a test compares. It is no GitLab: what both of us got wrong stays
unseen.
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

TOKEN = "glpat-of-octocat"
PEOPLE = {"octocat": (1, 40), "grace": (2, 30), "mallory": (3, 20), "reviewer": (4, 30)}
AT = "2026-11-30T12:00:00.000Z"
_CALLS = (
    ("GET", r"/user", "me"),
    ("GET", r"/users", "users"),
    ("GET", r"/users/([^/]+)/projects", "of_user"),
    ("GET", r"/projects", "search"),
    ("GET", r"/projects/([^/]+)", "project"),
    ("GET", r"/projects/([^/]+)/members/all/(\d+)", "member"),
    ("GET", r"/projects/([^/]+)/merge_requests", "merge_requests"),
    ("POST", r"/projects/([^/]+)/merge_requests", "create"),
    ("GET", r"/projects/([^/]+)/merge_requests/(\d+)", "merge_request"),
    ("PUT", r"/projects/([^/]+)/merge_requests/(\d+)", "update"),
    ("PUT", r"/projects/([^/]+)/merge_requests/(\d+)/merge", "merge"),
    ("POST", r"/projects/([^/]+)/merge_trains/merge_requests/(\d+)", "train"),
    ("POST", r"/projects/([^/]+)/statuses/(\w+)", "post_status"),
    ("GET", r"/projects/([^/]+)/repository/commits/(\w+)/statuses", "statuses"),
    ("GET", r"/projects/([^/]+)/merge_requests/(\d+)/notes", "notes"),
    ("POST", r"/projects/([^/]+)/merge_requests/(\d+)/notes", "note"),
    ("POST", r"/projects/([^/]+)/merge_requests/(\d+)/discussions", "discussion"),
)


@dataclass
class Project:
    """One project with its merge requests; `heads` are its branches."""

    data: dict[str, Any]
    heads: dict[str, str] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)


class GitLabHere:
    """The server's state."""

    def __init__(self) -> None:
        self.projects: dict[str, Project] = {}
        self.url = ""
        self._ids = itertools.count(100)

    def add(self, path: str, heads: dict[str, str]) -> Project:
        data = {
            "id": next(self._ids), "path_with_namespace": path, "default_branch": "main", "archived": False,
            "topics": [], "http_url_to_repo": f"{self.url}/{path}.git",
            "permissions": {"project_access": {"access_level": 40}, "group_access": None},
            "only_allow_merge_if_pipeline_succeeds": False,
        }  # fmt: skip
        self.projects[path] = Project(data, heads)
        return self.projects[path]

    def answer(self, request: Request) -> Response:
        if request.headers.get("private-token") != TOKEN:
            return Response.of(401, {"message": "401 Unauthorized"})
        path = request.path.removeprefix("/api/v4")
        for method, pattern, name in _CALLS:
            if request.method == method and (match := re.fullmatch(pattern, path)):
                words = [unquote(each) for each in match.groups()]
                query = {key: values[0] for key, values in parse_qs(urlsplit(request.target).query).items()}
                return self._called(name, words, query | (request.json or {}))  # type: ignore[operator]
        return Response.of(404, {"error": "404 Not Found"})

    def say(self, path: str, number: int, author: str, body: str) -> dict[str, Any]:
        """Write as a person does."""
        return self._add_note(path, number, author, {"body": body}, None)

    def _called(self, name: str, words: list[str], given: dict[str, Any]) -> Response:
        if (
            name in {"project", "member", "merge_requests", "create", "statuses"}
            and words[0] not in self.projects
        ):
            return Response.of(404, {"message": "404 Project Not Found"})
        if name in {"merge_request", "update", "merge", "train", "notes", "note", "discussion"}:
            project = self.projects.get(words[0])
            if project is None or int(words[1]) > len(project.requests):
                return Response.of(404, {"message": "404 Not found"})
        answer = getattr(self, f"_{name}")(*words, given=given)
        return (
            answer if isinstance(answer, Response) else Response.of(201 if name == "create" else 200, answer)
        )

    def _me(self, given: dict[str, Any]) -> Any:
        return _user("octocat")

    def _users(self, given: dict[str, Any]) -> Any:
        return [_user(name) for name in PEOPLE if name == given.get("username")]

    def _of_user(self, name: str, given: dict[str, Any]) -> Any:
        return [each.data for path, each in self.projects.items() if path.startswith(f"{name}/")]

    def _search(self, given: dict[str, Any]) -> Any:
        return [
            each.data
            for path, each in self.projects.items()
            if given.get("search", "") in path and given.get("topic", "") in ("", *each.data["topics"])
        ]

    def _project(self, path: str, given: dict[str, Any]) -> Any:
        return self.projects[path].data

    def _member(self, path: str, number: str, given: dict[str, Any]) -> Any:
        name = next(name for name, (known, _) in PEOPLE.items() if known == int(number))
        return {**_user(name), "access_level": PEOPLE[name][1], "state": "active"}

    def _merge_requests(self, path: str, given: dict[str, Any]) -> Any:
        branch = given.get("source_branch")
        found = [each for each in self.projects[path].requests if branch in (None, each["source_branch"])]
        return found[::-1]

    def _merge_request(self, path: str, number: str, given: dict[str, Any]) -> Any:
        return self.projects[path].requests[int(number) - 1]

    def _create(self, path: str, given: dict[str, Any]) -> Any:
        project, branch = self.projects[path], given["source_branch"]
        for each in project.requests:
            if each["source_branch"] == branch and each["state"] == "opened":
                said = f"Another open merge request already exists for this source branch: !{each['iid']}"
                return Response.of(409, {"message": [said]})
        number = len(project.requests) + 1
        head, base = project.heads[branch], project.heads["main"]
        made = {
            "id": next(self._ids), "iid": number, "state": "opened", "labels": [], "reviewers": [], "sha": head,
            "author": _user("octocat"), "web_url": f"{self.url}/{path}/-/merge_requests/{number}",
            "source_branch": branch, "source_project_id": project.data["id"],
            "target_project_id": project.data["id"],
            "merge_when_pipeline_succeeds": False, "detailed_merge_status": "ci_still_running",
            "diff_refs": {"base_sha": base, "start_sha": base, "head_sha": head},
        }  # fmt: skip
        project.requests.append(made)
        project.notes[number] = []
        return self._changed(made, given)

    def _update(self, path: str, number: str, given: dict[str, Any]) -> Any:
        return self._changed(self.projects[path].requests[int(number) - 1], given)

    def _changed(self, data: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        data.update(
            {name: given[name] for name in ("title", "description", "target_branch") if name in given}
        )
        data["draft"] = data["title"].startswith("Draft: ")
        data["labels"] += [name for name in given.get("add_labels", "").split(",") if name]
        turned = {"close": "closed", "reopen": "opened"}
        data["state"] = turned.get(given.get("state_event", ""), data["state"])
        if "reviewer_ids" in given:
            data["reviewers"] = [
                _user(name) for name, (number, _) in PEOPLE.items() if number in given["reviewer_ids"]
            ]
        return data

    def _merge(self, path: str, number: str, given: dict[str, Any]) -> Any:
        data = self.projects[path].requests[int(number) - 1]
        if data["state"] != "opened" or data["draft"]:
            return Response.of(405, {"message": "405 Method Not Allowed"})
        if given.get("sha") != data["sha"]:
            return Response.of(409, {"message": "SHA does not match HEAD of source branch"})
        if given.get("merge_when_pipeline_succeeds"):
            assert given["auto_merge"]
            data["merge_when_pipeline_succeeds"] = True
        else:
            data["state"] = "merged"
        return data

    def _train(self, path: str, number: str, given: dict[str, Any]) -> Any:
        assert given["when_pipeline_succeeds"]
        given = given | {"merge_when_pipeline_succeeds": True}
        data = self._merge(path, number, given)
        return data if isinstance(data, Response) else [{"id": 1, "merge_request": data}]

    def _post_status(self, path: str, commit: str, given: dict[str, Any]) -> Any:
        assert given["target_url"].startswith(self.url)
        return self.set_status(path, commit, given["name"], given["state"], given["description"])

    def set_status(self, path: str, commit: str, name: str, status: str, said: str) -> dict[str, Any]:
        """Set one as a pipeline does."""
        made = {
            "id": next(self._ids), "sha": commit, "name": name, "status": status, "description": said,
            "target_url": None, "allow_failure": name == "flaky",
        }  # fmt: skip
        self.projects[path].statuses.append(made)
        return made

    def _statuses(self, path: str, commit: str, given: dict[str, Any]) -> Any:
        found = [each for each in self.projects[path].statuses if each["sha"] == commit]
        return list({each["name"]: each for each in found}.values())

    def _notes(self, path: str, number: str, given: dict[str, Any]) -> Any:
        return self.projects[path].notes[int(number)]

    def _note(self, path: str, number: str, given: dict[str, Any]) -> Any:
        return self._add_note(path, int(number), "octocat", given, None)

    def _discussion(self, path: str, number: str, given: dict[str, Any]) -> Any:
        note = self._add_note(path, int(number), "octocat", given, "DiffNote")
        return {"id": f"d{note['id']}", "notes": [note]}

    def _add_note(
        self, path: str, number: int, author: str, given: dict[str, Any], kind: str | None
    ) -> dict[str, Any]:
        note = {
            "id": next(self._ids), "type": kind, "body": given["body"], "author": _user(author), "system": False,
            "created_at": AT,
        }  # fmt: skip
        if position := given.get("position"):
            note["position"] = {"new_line": None, "old_line": None} | position
        self.projects[path].notes[number].append(note)
        return note


def _user(name: str) -> dict[str, Any]:
    return {"id": PEOPLE[name][0], "username": name}


@contextmanager
def gitlab_here() -> Iterator[tuple[GitLabHere, Front]]:
    """The server, started and ended."""
    here = GitLabHere()
    with serving(Front(here.answer)) as front:
        here.url = front.url
        yield here, front
