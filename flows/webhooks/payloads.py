"""What a webhook says, of which little is used: ids, names of branches, and which repository it is about.

Its text is anybody's. Nothing here is believed about rights: whoever acts on an event asks the forge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from overhaul.flows.forges.accounts import parse_address
from overhaul.flows.webhooks.senders import Dialect

# The watcher's commands and those that are for no gate (docs/webhook.md).
COMMAND = re.compile(r"\s*[@/]overhaul\s+(approve|reject|revise|retry|close|review)\b")
_HEADS = "refs/heads/"
_DRAFT = re.compile(r"\s*(\[(draft|wip)\]|\(draft\)|(draft|wip):)", re.IGNORECASE)
_CHECKS = ("check_run", "check_suite", "workflow_run")
_FAILED = frozenset({"failure", "failed", "error", "timed_out"})
_KNOWN: Mapping[Dialect, frozenset[str]] = {
    "github": frozenset({"issue_comment", "pull_request", "push", *_CHECKS, "status"}),
    "forgejo": frozenset(
        {"issue_comment", "pull_request_comment", "pull_request", "push", *_CHECKS, "status"}
    ),
    "gitlab": frozenset({"Note Hook", "Merge Request Hook", "Push Hook", "Pipeline Hook"}),
}


@dataclass(frozen=True, slots=True)
class Event:
    """What happened in a repository: `path` is OWNER/NAME, `number` a pull request's, `comment` the id of one on it.

    `failed`: a check at `commit`.
    `comment`: somebody wrote what may be a command; `ready`: a draft became ready for review; `ended`: the pull request
    of `branch` was merged or closed; `pushed`: to `branch`.
    """

    kind: Literal["comment", "ready", "ended", "pushed", "failed"]
    host: str
    path: str
    number: int = 0
    comment: int = 0
    branch: str = ""
    commit: str = ""


Number = Annotated[int, Field(ge=1, lt=1 << 53)]
Name = Annotated[str, StringConstraints(max_length=1000)]
CommitId = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Repository(_Form):
    html_url: Name


class _Issue(_Form):
    number: Number
    pull_request: object = None


class _Comment(_Form):
    id: Number
    body: str = ""


class _Head(_Form):
    ref: Name


class _Pull(_Form):
    number: Number
    title: str
    head: _Head


class _Before(_Form):
    value: str = Field(alias="from")


class _Changes(_Form):
    title: _Before | None = None


class _CheckRun(_Form):
    head_sha: CommitId
    conclusion: str | None = None


class _HubPayload(_Form):
    """GitHub's, and Forgejo's and Gitea's, who took it over."""

    repository: _Repository
    action: str = ""
    issue: _Issue | None = None
    comment: _Comment | None = None
    pull_request: _Pull | None = None
    changes: _Changes | None = None
    ref: Name = ""
    deleted: bool = False
    check_run: _CheckRun | None = None
    check_suite: _CheckRun | None = None
    workflow_run: _CheckRun | None = None
    sha: CommitId | None = None
    state: str = ""

    @property
    def address(self) -> str:
        return self.repository.html_url

    def event(self, name: str, host: str, path: str) -> Event | None:
        if name == "push":
            return _pushed(host, path, self.ref, self.deleted)
        if name == "pull_request" and self.pull_request:
            number = self.pull_request.number
            if self.action == "closed":
                return Event("ended", host, path, number, branch=self.pull_request.head.ref)
            return Event("ready", host, path, number) if self._is_made_ready(self.pull_request) else None
        if name == "status" and self.sha:
            return _ended(host, path, self.sha, self.state)
        if name in _CHECKS and self.action == "completed":
            found = {"check_run": self.check_run, "check_suite": self.check_suite}.get(
                name, self.workflow_run
            )
            return _ended(host, path, found.head_sha, found.conclusion) if found else None
        if self.issue and self.issue.pull_request and self.comment and self.action == "created":
            return _said(host, path, self.issue.number, self.comment.id, self.comment.body)
        return None

    def _is_made_ready(self, pull: _Pull) -> bool:
        if self.action == "ready_for_review":
            return True
        before = self.changes.title if self.changes and self.action == "edited" else None
        return before is not None and bool(_DRAFT.match(before.value)) and not _DRAFT.match(pull.title)


class _Project(_Form):
    web_url: Name


class _Attributes(_Form):
    id: Number
    iid: Number | None = None
    action: str = ""
    note: str = ""
    noteable_type: str = ""
    source_branch: Name = ""
    sha: CommitId | None = None
    status: str = ""


class _MergeRequest(_Form):
    iid: Number


class _Turn(_Form):
    previous: bool | None = None
    current: bool | None = None


class _LabChanges(_Form):
    draft: _Turn | None = None


class _LabPayload(_Form):
    """GitLab's."""

    project: _Project
    object_attributes: _Attributes | None = None
    merge_request: _MergeRequest | None = None
    changes: _LabChanges | None = None
    ref: Name = ""
    after: str | None = None

    @property
    def address(self) -> str:
        return self.project.web_url

    def event(self, name: str, host: str, path: str) -> Event | None:
        if name == "Push Hook":
            return _pushed(host, path, self.ref, not (self.after or "").strip("0"))
        said = self.object_attributes
        if said is None:
            return None
        if name == "Pipeline Hook":
            return _ended(host, path, said.sha, said.status) if said.sha else None
        if name == "Note Hook":
            is_new = said.action in {"", "create"} and said.noteable_type == "MergeRequest"
            if is_new and self.merge_request:
                return _said(host, path, self.merge_request.iid, said.id, said.note)
        elif said.iid and said.action in {"merge", "close"}:
            return Event("ended", host, path, said.iid, branch=said.source_branch)
        elif said.iid and said.action == "update" and self.changes and self.changes.draft:
            turn = self.changes.draft
            return Event("ready", host, path, said.iid) if turn.previous and not turn.current else None
        return None


@dataclass(frozen=True, slots=True)
class Read:
    """A payload that was read: which repository it is about, and what happened, None if that concerns nobody."""

    host: str
    path: str
    event: Event | None


def is_known(dialect: Dialect, name: str) -> bool:
    """Whether events of this name may concern us."""
    return name in _KNOWN[dialect]


def read_payload(dialect: Dialect, name: str, body: bytes) -> Read:
    """Read what was sent. Raises ValueError for what is no such payload."""
    form: type[_HubPayload | _LabPayload] = _LabPayload if dialect == "gitlab" else _HubPayload
    payload = form.model_validate_json(body)
    address = parse_address(payload.address)
    if address is None or address.scheme == "ssh" or "/" not in address.path:
        raise ValueError("no repository")
    return Read(address.host, address.path, payload.event(name, address.host, address.path))


def _pushed(host: str, path: str, ref: str, is_gone: bool) -> Event | None:
    if is_gone or not ref.startswith(_HEADS):
        return None
    return Event("pushed", host, path, branch=ref.removeprefix(_HEADS))


def _ended(host: str, path: str, commit: str, state: str | None) -> Event | None:
    """What a check has come to; only failures concern us."""
    return Event("failed", host, path, commit=commit) if state in _FAILED else None


def _said(host: str, path: str, number: int, comment: int, body: str) -> Event | None:
    return Event("comment", host, path, number, comment) if COMMAND.match(body) else None
