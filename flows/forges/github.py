"""GitHub, on github.com or a server of one's own, through PyGithub; drafts are made and ended by its GraphQL API."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from overhaul.flows.errors import PublishError
from overhaul.flows.forges import github_records as records
from overhaul.flows.forges import marks
from overhaul.flows.forges.accounts import Account, parse_address
from overhaul.flows.forges.base import (
    Comment,
    LineComment,
    ListedRepository,
    PullRequest,
    PullRequestDraft,
    RepositoryFacts,
    Selection,
)
from overhaul.flows.forges.calls import Calls, Pace, Refused

if TYPE_CHECKING:
    from github.PullRequest import PullRequest as Pull
    from github.Repository import Repository

FOUND_AT_MOST = 1000
# `push` is what older servers call it.
_WRITERS = frozenset({"admin", "maintain", "write", "push"})


class GitHubForge:
    """Pull requests on GitHub. One object speaks with one token to one server."""

    name = "github"

    def __init__(self, account: Account, pace: Pace) -> None:
        try:
            from github import Auth, Github
        except ImportError as error:
            raise PublishError(
                "GitHub's library is not installed. Install it with: pip install 'overhaul[forges]'"
            ) from error
        self._account = account.checked()
        self._calls = Calls(account.host, records.answer_in, pace)
        connect = partial(
            Github, auth=Auth.Token(account.token), base_url=account.api, user_agent="overhaul", per_page=100,
            timeout=pace.answer_within, retry=None, seconds_between_requests=None, seconds_between_writes=None,
        )  # fmt: skip
        self._github = connect()
        self._unasked = connect(lazy=True)

    def find(self, repository: str, branch: str) -> PullRequest | None:
        pull = self._pull(repository, branch)
        return None if pull is None else records.described(pull)

    def publish(self, draft: PullRequestDraft) -> PullRequest:
        pull = self._pull(draft.repository, draft.branch)
        is_new = pull is None or pull.state == "closed"
        if pull is not None and pull.state == "closed":
            pull = self._reopened(pull, draft)
        if pull is None:
            pull = self._created(draft)
        self._say(pull, draft)
        if pull.draft != draft.is_draft:
            pull = self._turned(draft, pull)
        notes = (*self._label(pull, draft.labels), *self._ask_reviewers(pull, draft.reviewers, is_new))
        return records.described(self._existing(draft.repository, draft.branch), notes)

    def close(self, repository: str, branch: str, reason: str) -> None:
        pull = self._pull(repository, branch)
        if pull is None or pull.state == "closed":
            return
        if reason:
            self._comment_once(pull, reason)
        self._calls.write(f"close {pull.html_url}", lambda: pull.edit(state="closed"), _do_again)

    def comments(self, repository: str, branch: str) -> list[Comment]:
        pull = self._pull(repository, branch)
        if pull is None:
            return []
        said = [each for each in self._talk(pull) if not marks.is_ours(each[2])]
        writers = {who: self._may_write(repository, who) for who in {each[1] for each in said}}
        return [Comment(number, who, body, at, writers[who]) for number, who, body, at in said]

    def reply(self, repository: str, branch: str, body: str) -> None:
        if (pull := self._pull(repository, branch)) is not None:
            self._comment(pull, records.TEXTS.comment(body))

    def comment(self, repository: str, branch: str, author: str, body: str, may_write: bool) -> None:  # noqa: ARG002
        self._comment(self._existing(repository, branch), body)

    def talk(self, repository: str, branch: str) -> list[tuple[str, str]]:
        pull = self._pull(repository, branch)
        said = self._talk(pull) if pull is not None else []
        return [
            ("overhaul" if marks.is_ours(body) else who, marks.unmarked(body)) for _, who, body, _ in said
        ]

    def named(self, repository: str, text: str) -> PullRequest | None:
        path = _path(repository)
        page = rf"https?://{re.escape(self._account.host)}/{re.escape(path)}/pull/"
        match = re.fullmatch(rf"(?:#|{page})?(\d{{1,9}})(?:/.*)?", text, re.IGNORECASE)
        if match is None:
            return None
        try:
            return self._calls.ask(
                f"find pull request {match[1]} of {path}",
                lambda: records.described(self._repository(repository).get_pull(int(match[1]))),
            )
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def comment_on_lines(
        self, repository: str, branch: str, commit: str, comments: Sequence[LineComment]
    ) -> int:
        pull = self._existing(repository, branch)
        there = self._keys(pull)
        new = [each for each in comments if each.key not in there]
        for each in new:
            look = partial(self._has_key, pull, each.key)
            what = f"comment on {each.path} of {pull.html_url}"
            try:
                self._calls.write(what, partial(records.write_on_line, pull, commit, each), look)
            except Refused as refused:
                if refused.status != 422:
                    raise
                # A line that the pull request's difference does not show takes no comment.
                place = f"`{each.path.replace('`', '')}`, line {each.first_line}"
                body = records.TEXTS.on_line(each) + f"\n\n({place}, which is not in the difference)"
                self._calls.write(what, partial(records.write, pull, body), look)
        return len(new)

    def line_comments(self, repository: str, branch: str) -> list[LineComment]:
        pull = self._pull(repository, branch)
        if pull is None:
            return []
        return self._calls.ask(
            f"read the comments on lines of {pull.html_url}",
            lambda: [found for each in pull.get_review_comments() if (found := records.on_line(each))],
        )

    def merge(self, repository: str, branch: str, head: str) -> None:
        pull = self._existing(repository, branch)
        if pull.merged_at is not None:
            return
        if pull.head.sha != head:
            raise PublishError(
                f"{pull.html_url} stands at {pull.head.sha[:12]}, not at {head[:12]} which was to be merged: look at"
                " what was pushed to it."
            )
        whole = self._calls.ask(
            f"ask about {_path(repository)}", lambda: self._github.get_repo(_path(repository))
        )
        allowed = {
            "merge": whole.allow_merge_commit, "squash": whole.allow_squash_merge, "rebase": whole.allow_rebase_merge,
        }  # fmt: skip
        method = next((name for name, is_allowed in allowed.items() if is_allowed is not False), "merge")
        self._calls.write(
            f"merge {pull.html_url}",
            lambda: pull.merge(sha=head, merge_method=method).merged,
            lambda: self._existing(repository, branch).merged_at is not None or None,
        )

    def describe(self, repository: str) -> RepositoryFacts:
        path = _path(repository)
        found = self._calls.ask(f"ask about {path}", lambda: records.listed(self._github.get_repo(path)))
        if found.name.lower() != path.lower():
            raise PublishError(f"{repository} has moved: it is {found.address} now. Use that address.")
        return found.facts

    def repositories(self, selection: Selection) -> Iterator[ListedRepository]:
        query = " ".join(
            filter(None, (selection.query, selection.query and selection.owner and f"user:{selection.owner}"))
        )
        if selection.owner and not query:
            found = self._calls.ask(f"list {selection.owner}", lambda: self._of_owner(selection.owner))
            yield from (each for each in found if not selection.topic or selection.topic in each.facts.topics)
            return
        words = " ".join(filter(None, (query, selection.topic and f"topic:{selection.topic}")))
        if not words:
            raise PublishError("a selection names an owner, a topic or a search query. Give one of them.")
        found = self._calls.ask(f"search {words}", lambda: self._found_by(words))
        if len(found) >= FOUND_AT_MOST:
            raise PublishError(
                f"{self._account.host} finds more than the {FOUND_AT_MOST} repositories that it tells of for {words!r}."
                " Narrow the search, or name the owner."
            )
        yield from found

    def who_am_i(self) -> str:
        """Whose token it is, what it may do, and how many requests are left."""

        def ask() -> str:
            login = self._github.get_user().login
            scopes = ", ".join(filter(None, self._github.oauth_scopes or ())) or "as the token was made"
            left, limit = self._github.rate_limiting
            until = datetime.fromtimestamp(self._github.rate_limiting_resettime, UTC)
            return f"{login} (rights: {scopes}); {left:,} of {limit:,} requests left until {until:%H:%M} UTC"

        return self._calls.ask("ask who we are", ask)

    def _repository(self, repository: str) -> Repository:
        return self._unasked.get_repo(_path(repository))

    def _pull(self, repository: str, branch: str) -> Pull | None:
        """The branch's open pull request, or its newest one."""

        def ask() -> Pull | None:
            owner = _path(repository).split("/")[0]
            listed = self._repository(repository).get_pulls(
                state="all", sort="created", direction="desc", head=f"{owner}:{branch}"
            )
            # A head that the server cannot make out is no filter at all to it.
            pulls = [
                each for each in listed if (each.head.label or "").lower() == f"{owner}:{branch}".lower()
            ]
            for each in pulls:
                records.described(each)
            return min(pulls, key=lambda each: each.state != "open", default=None)

        return self._calls.ask(f"look for the pull request of {branch}", ask)

    def _existing(self, repository: str, branch: str) -> Pull:
        if (pull := self._pull(repository, branch)) is None:
            raise PublishError(f"branch {branch} of {repository} has no pull request.")
        return pull

    def _open(self, draft: PullRequestDraft) -> Pull | None:
        pull = self._pull(draft.repository, draft.branch)
        return pull if pull is not None and pull.state == "open" else None

    def _created(self, draft: PullRequestDraft) -> Pull:
        def create() -> Pull:
            pull = self._repository(draft.repository).create_pull(
                base=draft.base_branch, head=draft.branch, title=marks.title(draft.title),
                body=records.TEXTS.body(draft.branch, draft.body), draft=draft.is_draft,
            )  # fmt: skip
            records.described(pull)
            return pull

        what = f"open a pull request for {draft.branch} of {draft.repository}"
        try:
            return self._calls.write(what, create, lambda: self._open(draft))
        except Refused as refused:
            # Another process was faster, or the list was older than the pull request.
            if refused.status == 422 and "already exists" in refused.said and (found := self._open(draft)):
                return found
            raise

    def _reopened(self, pull: Pull, draft: PullRequestDraft) -> Pull | None:
        """Ours that was closed, open again; None if it was merged, is not ours or cannot be: then a new one is made."""
        if pull.merged_at is not None or marks.pull_request_mark(draft.branch) not in (pull.body or ""):
            return None
        try:
            self._calls.write(f"open {pull.html_url} again", lambda: pull.edit(state="open"), _do_again)
        except Refused as refused:
            if refused.status != 422:
                raise
            return None
        return pull

    def _say(self, pull: Pull, draft: PullRequestDraft) -> None:
        """Bring title, body and base up to date. A body of somebody else's stays; the evidence is a comment then."""
        if marks.pull_request_mark(draft.branch) not in (pull.body or ""):
            self._comment_once(pull, draft.body)
            return
        body, title = records.TEXTS.body(draft.branch, draft.body), marks.title(draft.title)
        is_same = (pull.title, pull.base.ref, (pull.body or "").replace("\r\n", "\n")) == (
            title, draft.base_branch, body.replace("\r\n", "\n"),
        )  # fmt: skip
        if not is_same:
            edit = partial(pull.edit, title=title, body=body, base=draft.base_branch)
            self._calls.write(f"update {pull.html_url}", edit, _do_again)

    def _turned(self, draft: PullRequestDraft, pull: Pull) -> Pull:
        """The pull request as a draft, or ready."""

        def look() -> Pull | None:
            found = self._existing(draft.repository, draft.branch)
            return found if found.draft == draft.is_draft else None

        def turn() -> Pull:
            pull.convert_to_draft() if draft.is_draft else pull.mark_ready_for_review()
            return pull

        return self._calls.write(
            f"make {pull.html_url} {'a draft' if draft.is_draft else 'ready'}", turn, look
        )

    def _label(self, pull: Pull, labels: Sequence[str]) -> list[str]:
        missing = [name for name in labels if name not in {each.name for each in pull.labels}]
        if not missing:
            return []
        add = partial(pull.add_to_labels, *missing)
        return self._besides(f"label {pull.html_url} {', '.join(missing)}", add)

    def _ask_reviewers(self, pull: Pull, reviewers: Sequence[str], is_new: bool) -> list[str]:
        """Ask those who were not asked yet; whoever has reviewed it is not asked again at each update."""
        if not reviewers:
            return []
        people = {each.login.lower() for each in pull.requested_reviewers} | {pull.user.login.lower()}
        teams = {each.slug.lower() for each in pull.requested_teams}
        if not is_new:
            what = f"read the reviews of {pull.html_url}"
            people |= self._calls.ask(
                what, lambda: {each.user.login.lower() for each in pull.get_reviews() if each.user}
            )
        notes = []
        for name in reviewers:
            _, is_team, word = name.removeprefix("@").rpartition("/")
            if word.lower() not in (teams if is_team else people):
                ask = partial(
                    pull.create_review_request, **{"team_reviewers" if is_team else "reviewers": [word]}
                )
                notes += self._besides(f"ask {name} to review {pull.html_url}", ask)
        return notes

    def _besides(self, what: str, call: Callable[[], None]) -> list[str]:
        """Do what the pull request stands without; a refusal is a note."""
        try:
            self._calls.write(what, call, _do_again)
        except Refused as refused:
            return [str(refused)]
        return []

    def _talk(self, pull: Pull) -> list[tuple[int, str, str, datetime]]:
        """The comments as number, author, body and time, oldest first."""
        return self._calls.ask(
            f"read the comments on {pull.html_url}",
            lambda: [
                (each.id, each.user.login if each.user else "ghost", each.body, each.created_at)
                for each in pull.get_issue_comments()
            ],
        )

    def _comment(self, pull: Pull, body: str) -> None:
        before = {number for number, _, _, _ in self._talk(pull)}

        def look() -> bool | None:
            return any(each[0] not in before and each[2] == body for each in self._talk(pull)) or None

        self._calls.write(f"comment on {pull.html_url}", partial(records.write, pull, body), look)

    def _comment_once(self, pull: Pull, body: str) -> None:
        """Write a comment of ours that is not there with the same words."""
        mark = f"<!-- overhaul:{hashlib.sha256(body.encode()).hexdigest()[:16]} -->"
        if not any(mark in said for _, _, said, _ in self._talk(pull)):
            self._comment(pull, records.TEXTS.comment(f"{mark}\n{body}"))

    def _keys(self, pull: Pull) -> set[str]:
        def ask() -> set[str]:
            bodies = [each.body for each in (*pull.get_review_comments(), *pull.get_issue_comments())]
            return {key for body in bodies if (key := marks.line_key(body))}

        return self._calls.ask(f"read the comments on {pull.html_url}", ask)

    def _has_key(self, pull: Pull, key: str) -> bool | None:
        return key in self._keys(pull) or None

    def _may_write(self, repository: str, login: str) -> bool:
        def ask() -> bool:
            return self._repository(repository).get_collaborator_permission(login) in _WRITERS

        try:
            return self._calls.ask(f"ask what {login} may do", ask)
        except Refused as refused:
            if refused.status == 404:
                return False
            raise

    def _of_owner(self, owner: str) -> list[ListedRepository]:
        """All of an owner's, with private ones where we may see them."""
        user = self._github.get_user(owner)
        if user.type == "Organization":
            return [records.listed(each) for each in self._github.get_organization(owner).get_repos()]
        me = self._github.get_user()
        mine = me.get_repos(affiliation="owner") if me.login.lower() == owner.lower() else user.get_repos()
        return [records.listed(each) for each in mine]

    def _found_by(self, words: str) -> list[ListedRepository]:
        return [records.listed(each) for each in self._github.search_repositories(words)]


def _do_again() -> None:
    """For what may be done twice."""


def _path(repository: str) -> str:
    address = parse_address(repository)
    if address is None or address.path.count("/") != 1:
        raise PublishError(f"{repository} is no address of a repository on GitHub: https://HOST/OWNER/NAME")
    return address.path
