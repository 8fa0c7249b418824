"""A hosted forge: one pull request per branch, whatever the network does and however often we are run."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from overhaul.flows.errors import PublishError
from overhaul.flows.forges import marks
from overhaul.flows.forges.accounts import parse_address
from overhaul.flows.forges.base import (
    Check,
    Comment,
    LineComment,
    ListedRepository,
    PullRequest,
    PullRequestDraft,
    RepositoryFacts,
    Selection,
)
from overhaul.flows.forges.calls import Calls, Pace, Refused
from overhaul.flows.forges.client import Client, Pull, Said

T = TypeVar("T")
FOUND_AT_MOST = 1000


class Hosted:
    """Pull requests on a forge that a client speaks with."""

    def __init__(self, client: Client, host: str, pace: Pace) -> None:
        self._client = client
        self._host = host
        self._calls = Calls(host, client.answer_in, pace)

    @property
    def name(self) -> str:
        return self._client.name

    def find(self, repository: str, branch: str) -> PullRequest | None:
        pull = self._pull(repository, branch)
        return None if pull is None else pull.described()

    def publish(self, draft: PullRequestDraft) -> PullRequest:
        pull = self._pull(draft.repository, draft.branch)
        is_new = pull is None or not pull.is_open
        if pull is not None and not pull.is_open:
            pull = self._reopened(pull, draft)
        if pull is None:
            pull = self._created(draft)
        if pull.is_draft != draft.is_draft:
            pull = self._turned(draft, pull)
        self._say(pull, draft)
        notes = (
            *self._label(pull, draft.labels),
            *self._ask_reviewers(pull, draft.reviewers, is_new),
            *self._checked(pull, draft),
            *self._have_merged(pull, draft),
        )
        # By its number: a list may be older than what was just done.
        return self._calls.ask(
            f"read {pull.address}", lambda: self._client.pull(pull.path, pull.number).described(notes)
        )

    def close(self, repository: str, branch: str, reason: str) -> None:
        pull = self._pull(repository, branch)
        if pull is None or not pull.is_open:
            return
        if reason:
            self._comment_once(pull, reason)
        self._calls.write(f"close {pull.address}", partial(self._client.open, pull, False), _do_again)

    def comments(self, repository: str, branch: str) -> list[Comment]:
        pull = self._pull(repository, branch)
        if pull is None:
            return []
        said = [each for each in self._talk(pull) if not marks.is_ours(each.body)]
        writers = {who: self._may_write(pull.path, who) for who in {each.author for each in said}}
        return [
            Comment(each.id, each.author, each.body, each.written_at, writers[each.author]) for each in said
        ]

    def reply(self, repository: str, branch: str, body: str) -> None:
        if (pull := self._pull(repository, branch)) is not None:
            self._comment(pull, self._client.texts.comment(body))

    def comment(self, repository: str, branch: str, author: str, body: str, may_write: bool) -> None:  # noqa: ARG002
        self._comment(self._existing(repository, branch), body)

    def talk(self, repository: str, branch: str) -> list[tuple[str, str]]:
        pull = self._pull(repository, branch)
        said = self._talk(pull) if pull is not None else []
        return [
            ("overhaul" if marks.is_ours(each.body) else each.author, marks.unmarked(each.body))
            for each in said
        ]

    def named(self, repository: str, text: str) -> PullRequest | None:
        path = _path(repository)
        page = rf"https?://{re.escape(self._host)}/{self._client.page_of(re.escape(path))}"
        match = re.fullmatch(rf"(?:#|!|{page})?(\d{{1,9}})(?:/.*)?", text, re.IGNORECASE)
        if match is None:
            return None
        what = f"find pull request {match[1]} of {path}"
        return self._or_none(what, lambda: self._client.pull(path, int(match[1])).described())

    def comment_on_lines(
        self, repository: str, branch: str, commit: str, comments: Sequence[LineComment]
    ) -> int:
        pull = self._existing(repository, branch)
        there = self._keys(pull)
        new = [each for each in comments if each.key not in there]
        for each in new:
            look = partial(self._has_key, pull, each.key)
            what = f"comment on {each.path} of {pull.address}"
            whole = replace(each, body=self._client.texts.on_line(each))
            try:
                self._write(what, partial(self._client.comment_on_line, pull, commit, whole), look)
            except Refused as refused:
                if refused.status not in {400, 422}:
                    raise
                # A line that the pull request's difference does not show takes no comment.
                place = f"`{each.path.replace('`', '')}`, line {each.first_line}"
                body = f"{whole.body}\n\n({place}, which is not in the difference)"
                self._write(what, partial(self._client.comment, pull, body), look)
        return len(new)

    def line_comments(self, repository: str, branch: str) -> list[LineComment]:
        pull = self._pull(repository, branch)
        if pull is None:
            return []
        found = self._calls.ask(f"read {pull.address}", lambda: self._client.line_comments(pull))
        return [
            replace(each, key=key, body=marks.unmarked(each.body))
            for each in found
            if (key := marks.line_key(each.body))
        ]

    def merge(self, repository: str, branch: str, head: str) -> None:
        pull = self._existing(repository, branch)
        if pull.is_merged:
            return
        if pull.head != head:
            raise PublishError(
                f"{pull.address} stands at {pull.head[:12]}, not at {head[:12]} which was to be merged: look at what"
                " was pushed to it."
            )
        self._write(
            f"merge {pull.address}",
            lambda: self._client.merge(pull, head),
            lambda: self._existing(repository, branch).is_merged or None,
        )

    def fork(self, repository: str, *, make: bool) -> str:
        path, address = _path(repository), parse_address(repository)
        found = self._calls.ask(f"look for our fork of {path}", lambda: self._client.fork_of(path))
        if found is None and make:
            found = self._calls.write(
                f"fork {path}", lambda: self._client.make_fork(path), lambda: self._client.fork_of(path)
            )
            # It is made after the answer.
            made = found.name
            self._calls.ask(f"wait for {made}", lambda: self._client.check_fork(made))
        if found is None:
            return ""
        is_by_ssh = address is not None and address.scheme == "ssh"
        return f"ssh://git@{self._host}/{found.name}.git" if is_by_ssh else found.address

    def checks(self, repository: str, commit: str) -> list[Check]:
        path = _path(repository)
        return self._calls.ask(f"read the checks of {commit[:12]}", lambda: self._client.checks(path, commit))

    def describe(self, repository: str) -> RepositoryFacts:
        path = _path(repository)
        found = self._calls.ask(f"ask about {path}", lambda: self._client.repository(path))
        if found.name.lower() != path.lower():
            raise PublishError(f"{repository} has moved: it is {found.address} now. Use that address.")
        return found.facts

    def repositories(self, selection: Selection) -> Iterator[ListedRepository]:
        owner, topic, query = selection.owner, selection.topic, selection.query
        if owner and not query:
            found = self._calls.ask(f"list {owner}", lambda: self._client.of_owner(owner))
            yield from (each for each in found if not topic or topic in each.facts.topics)
            return
        if not (topic or query):
            raise PublishError("a selection names an owner, a topic or a search query. Give one of them.")
        words = " ".join(filter(None, (query, topic)))
        found = self._calls.ask(f"search {words}", lambda: self._client.found(query, topic, owner))
        if len(found) >= FOUND_AT_MOST:
            raise PublishError(
                f"{self._host} finds {FOUND_AT_MOST} repositories or more for {words!r}, and may not tell of all."
                " Narrow the search, or name the owner."
            )
        yield from found

    def who_am_i(self) -> str:
        """Whose token it is, what it may do, and how many requests are left."""
        return self._calls.ask("ask who we are", self._client.who_am_i)

    def _pull(self, repository: str, branch: str) -> Pull | None:
        """The branch's open pull request, or its newest one."""
        path = _path(repository)
        pulls = self._calls.ask(
            f"look for the pull request of {branch}", lambda: self._client.pulls(path, branch)
        )
        return min(pulls, key=lambda each: not each.is_open, default=None)

    def _existing(self, repository: str, branch: str) -> Pull:
        if (pull := self._pull(repository, branch)) is None:
            raise PublishError(f"branch {branch} of {repository} has no pull request.")
        return pull

    def _open(self, draft: PullRequestDraft) -> Pull | None:
        pull = self._pull(draft.repository, draft.branch)
        return pull if pull is not None and pull.is_open else None

    def _created(self, draft: PullRequestDraft) -> Pull:
        path = _path(draft.repository)
        title, body = marks.title(draft.title), self._client.texts.body(draft.branch, draft.body)
        try:
            return self._calls.write(
                f"open a pull request for {draft.branch} of {draft.repository}",
                lambda: self._client.create(path, draft, title, body),
                lambda: self._open(draft),
            )
        except Refused as refused:
            # Another process was faster, or the list was older than the pull request.
            if self._client.exists_already(refused.answer) and (found := self._open(draft)):
                return found
            raise

    def _reopened(self, pull: Pull, draft: PullRequestDraft) -> Pull | None:
        """Ours that was closed, open again; None if it was merged, is not ours or cannot be: then a new one is made."""
        if pull.is_merged or not _is_ours(pull):
            return None
        try:
            self._calls.write(f"open {pull.address} again", partial(self._client.open, pull, True), _do_again)
        except Refused as refused:
            if refused.status not in {403, 409, 422}:
                raise
            return None
        return self._open(draft)

    def _say(self, pull: Pull, draft: PullRequestDraft) -> None:
        """Bring title, body and base up to date.

        A body of somebody else's stays, as does one that is gone on with; the evidence is a comment then.
        """
        if draft.continues or not _is_ours(pull):
            self._comment_once(pull, draft.body)
            return
        body, title = self._client.texts.body(draft.branch, draft.body), marks.title(draft.title)
        if (pull.title, pull.base, _lines(pull.body)) != (title, draft.base_branch, _lines(body)):
            edit = partial(self._client.edit, pull, title, body, draft.base_branch)
            self._calls.write(f"update {pull.address}", edit, _do_again)

    def _turned(self, draft: PullRequestDraft, pull: Pull) -> Pull:
        """The pull request as a draft, or ready."""

        def look() -> Pull | None:
            found = self._existing(draft.repository, draft.branch)
            return found if found.is_draft == draft.is_draft else None

        def turn() -> Pull:
            self._client.turn(pull, draft.is_draft)
            return replace(pull, is_draft=draft.is_draft)

        what = f"make {pull.address} {'a draft' if draft.is_draft else 'ready'}"
        return self._calls.write(what, turn, look)

    def _label(self, pull: Pull, labels: Sequence[str]) -> list[str]:
        missing = [name for name in labels if name not in pull.labels]
        if not missing:
            return []
        add = partial(self._client.add_labels, pull, missing)
        return self._besides(f"label {pull.address} {', '.join(missing)}", add)

    def _ask_reviewers(self, pull: Pull, reviewers: Sequence[str], is_new: bool) -> list[str]:
        """Ask those who were not asked yet; whoever has reviewed it is not asked again at each update."""
        missing = [
            name.removeprefix("@") for name in reviewers if name.removeprefix("@").lower() not in pull.asked
        ]
        if missing and not is_new:
            seen = self._calls.ask(
                f"read the reviews of {pull.address}", lambda: self._client.reviewers(pull)
            )
            missing = [name for name in missing if name.lower() not in seen]
        notes = []
        for name in missing:
            what = f"ask {name} to review {pull.address}"
            notes += self._besides(what, partial(self._client.ask_reviewer, pull, name))
        return notes

    def _checked(self, pull: Pull, draft: PullRequestDraft) -> list[str]:
        """Set our check, unless it stands there."""
        if draft.check is None:
            return []
        check = replace(draft.check, address=pull.address)

        def look() -> bool | None:
            for each in self._client.checks(pull.path, draft.head_commit):
                if (each.name, each.state) == (check.name, check.state) and each.said.startswith(check.said):
                    return True
            return None

        what = f"set the check of {draft.head_commit[:12]}"
        try:
            if self._calls.ask(f"{what}: look", look):
                return []
        except Refused as refused:  # a token that may not read checks
            return [refused.said]
        return self._besides(what, partial(self._client.set_check, pull, draft.head_commit, check), look)

    def _have_merged(self, pull: Pull, draft: PullRequestDraft) -> list[str]:
        """Have it merged without people, if that is wanted and not under way."""
        if draft.merge == "people" or draft.is_draft or pull.merges_itself:
            return []

        def look() -> bool | None:
            found = self._client.pull(pull.path, pull.number)
            return found.merges_itself or found.is_merged or None

        what = f"merge {pull.address} without people (merge: {draft.merge})"
        call = partial(self._client.have_merged, pull, draft.head_commit, draft.merge)
        return self._besides(what, call, look)

    def _besides(
        self, what: str, call: Callable[[], None], look: Callable[[], bool | None] = lambda: None
    ) -> list[str]:
        """Do what the pull request stands without; a refusal is a note."""
        try:
            self._write(what, call, look)
        except Refused as refused:
            return [refused.said]
        return []

    def _talk(self, pull: Pull) -> list[Said]:
        return self._calls.ask(f"read the comments on {pull.address}", lambda: self._client.comments(pull))

    def _comment(self, pull: Pull, body: str) -> None:
        before = {each.id for each in self._talk(pull)}

        def look() -> bool | None:
            return any(each.id not in before and each.body == body for each in self._talk(pull)) or None

        self._write(f"comment on {pull.address}", lambda: self._client.comment(pull, body), look)

    def _comment_once(self, pull: Pull, body: str) -> None:
        """Write a comment of ours that is not there with the same words."""
        mark = f"<!-- overhaul:{hashlib.sha256(body.encode()).hexdigest()[:16]} -->"
        if not any(mark in each.body for each in self._talk(pull)):
            self._comment(pull, self._client.texts.comment(f"{mark}\n{body}"))

    def _keys(self, pull: Pull) -> set[str]:
        def ask() -> list[str]:
            on_lines = [each.body for each in self._client.line_comments(pull)]
            return [*on_lines, *(each.body for each in self._client.comments(pull))]

        bodies = self._calls.ask(f"read the comments on {pull.address}", ask)
        return {key for body in bodies if (key := marks.line_key(body))}

    def _has_key(self, pull: Pull, key: str) -> bool | None:
        return key in self._keys(pull) or None

    def _may_write(self, path: str, login: str) -> bool:
        return self._or_none(f"ask what {login} may do", lambda: self._client.may_write(path, login)) or False

    def _write(self, what: str, call: Callable[[], None], look: Callable[[], bool | None]) -> None:
        """Write what `look` finds, if it is there."""

        def written() -> bool:
            call()
            return True

        self._calls.write(what, written, look)

    def _or_none(self, what: str, call: Callable[[], T]) -> T | None:
        """The answer; None if there is no such thing."""
        try:
            return self._calls.ask(what, call)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise


def _is_ours(pull: Pull) -> bool:
    return marks.pull_request_mark(pull.branch) in pull.body


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _do_again() -> None:
    """For what may be done twice."""


def _path(repository: str) -> str:
    address = parse_address(repository)
    if address is None or "/" not in address.path:
        raise PublishError(f"{repository} is no address of a repository on a forge: https://HOST/OWNER/NAME")
    return address.path
