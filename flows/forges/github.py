"""GitHub, on github.com or a server of one's own, through PyGithub; drafts are made and ended by its GraphQL API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

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

if TYPE_CHECKING:
    from github.CheckRun import CheckRun
    from github.PaginatedList import PaginatedList
    from github.PullRequest import PullRequest
    from github.PullRequestComment import PullRequestComment
    from github.Repository import Repository

# `push` is what older servers call it.
_WRITERS = frozenset({"admin", "maintain", "write", "push"})
# What GitHub's tokens of installations, those of Actions too, begin with.
_OF_INSTALLATIONS = "ghs_"
_FAILED = frozenset({"failure", "timed_out"})
_STATES: Mapping[str, Literal["passed", "failed"]] = {
    "success": "passed", "failure": "failed", "error": "failed",
}  # fmt: skip


class GitHub:
    """One object speaks with one token to one server."""

    name = "github"
    texts = Texts("GitHub", 65_536)

    def __init__(self, account: Account, answer_within: int) -> None:
        try:
            from github import Auth, Github
        except ImportError as error:
            raise PublishError(
                "GitHub's library is not installed. Install it with: pip install 'overhaul[forges]'"
            ) from error
        self._forks = account.forks
        self._is_app = account.checked().token.startswith(_OF_INSTALLATIONS)
        connect = partial(
            Github, auth=Auth.Token(account.checked().token), base_url=account.api, user_agent="overhaul",
            per_page=100, timeout=answer_within, retry=None, seconds_between_requests=None,
            seconds_between_writes=None,
        )  # fmt: skip
        self._github = connect()
        self._unasked = connect(lazy=True)

    def answer_in(self, error: Exception) -> Answer | None:
        return answer_in(error)

    def page_of(self, path: str) -> str:
        return f"{path}/pull/"

    def exists_already(self, answer: Answer) -> bool:
        return answer.status == 422 and "already exists" in answer.message

    def pulls(self, path: str, branch: str) -> list[Pull]:
        owner = path.split("/")[0]
        found = self._of_head(path, f"{owner}:{branch}")
        if not found and self._forks and self._me.lower() != owner.lower():
            found = self._of_head(path, f"{self._me}:{branch}")
        return found

    def _of_head(self, path: str, head: str) -> list[Pull]:
        listed = self._repository(path).get_pulls(state="all", sort="created", direction="desc", head=head)
        # A head that the server cannot make out is no filter at all to it.
        return [_pull(path, each) for each in listed if (each.head.label or "").lower() == head.lower()]

    def pull(self, path: str, number: int) -> Pull:
        return _pull(path, self._repository(path).get_pull(number))

    def create(self, path: str, draft: PullRequestDraft, title: str, body: str) -> Pull:
        head = f"{draft.head_owner}:{draft.branch}" if draft.head_owner else draft.branch
        made = self._repository(path).create_pull(
            base=draft.base_branch, head=head, title=title, body=body, draft=draft.is_draft
        )
        return _pull(path, made)

    def edit(self, pull: Pull, title: str, body: str, base: str) -> None:
        self._of(pull).edit(title=title, body=body, base=base)

    def open(self, pull: Pull, is_open: bool) -> None:
        self._of(pull).edit(state="open" if is_open else "closed")

    def turn(self, pull: Pull, is_draft: bool) -> None:
        name = "convertPullRequestToDraft" if is_draft else "markPullRequestReadyForReview"
        data = self._mutate(name, {"pullRequestId": pull.node}, "pullRequest { isDraft }")
        if data["pullRequest"]["isDraft"] != is_draft:
            raise ValueError("it did not turn")

    def merge(self, pull: Pull, head: str) -> None:
        self._of(pull).merge(sha=head, merge_method=self._merge_method(pull.path))

    def have_merged(self, pull: Pull, head: str, how: Merging) -> None:
        """By auto-merge, which GitHub refuses itself where nothing is required, or by the queue of the branch.

        What may not be queued yet gets auto-merge, which queues it as soon as it may.
        """
        wanted = {"pullRequestId": pull.node, "expectedHeadOid": head}
        if how == "queue" and self._is_queued(pull, wanted):
            return
        method = {"mergeMethod": self._merge_method(pull.path).upper()}
        self._mutate(
            "enablePullRequestAutoMerge", wanted | method, "pullRequest { autoMergeRequest { enabledAt } }"
        )

    def _is_queued(self, pull: Pull, wanted: dict[str, Any]) -> bool:
        """Whether the queue took it, or had it."""
        from github.GithubException import GithubException

        _, answer = self._github.requester.graphql_node(
            pull.node, "isMergeQueueEnabled isInMergeQueue", "PullRequest"
        )
        state = answer["data"]["node"]
        if not state["isMergeQueueEnabled"]:
            raise GithubException(422, {"message": f"{pull.base} has no merge queue; there is merge: auto"})
        if state["isInMergeQueue"]:
            return True
        try:
            self._mutate("enqueuePullRequest", wanted, "mergeQueueEntry { position }")
        except GithubException as error:
            if (answered := self.answer_in(error)) and (answered.is_limited or answered.is_broken):
                raise
            return False
        return True

    def _mutate(self, name: str, given: dict[str, Any], wanted: str) -> dict[str, Any]:
        _, data = self._github.requester.graphql_named_mutation(name, given, wanted)
        return dict(data)

    def _merge_method(self, path: str) -> str:
        repository = self._github.get_repo(path)
        allowed = {
            "merge": repository.allow_merge_commit, "squash": repository.allow_squash_merge,
            "rebase": repository.allow_rebase_merge,
        }  # fmt: skip
        return next((name for name, is_allowed in allowed.items() if is_allowed is not False), "merge")

    def add_labels(self, pull: Pull, names: Sequence[str]) -> None:
        self._repository(pull.path).get_issue(pull.number).add_to_labels(*names)

    def ask_reviewer(self, pull: Pull, name: str) -> None:
        _, is_team, word = name.rpartition("/")
        kind = "team_reviewers" if is_team else "reviewers"
        self._of(pull).create_review_request(**{kind: [word]})

    def reviewers(self, pull: Pull) -> set[str]:
        return {each.user.login.lower() for each in self._of(pull).get_reviews() if each.user}

    def comments(self, pull: Pull) -> list[Said]:
        return [
            Said(each.id, each.user.login if each.user else "ghost", each.body, each.created_at)
            for each in self._repository(pull.path).get_issue(pull.number).get_comments()
        ]

    def comment(self, pull: Pull, body: str) -> None:
        _checked(self._repository(pull.path).get_issue(pull.number).create_comment(body).id)

    def line_comments(self, pull: Pull) -> list[LineComment]:
        return [_on_line(each) for each in self._of(pull).get_review_comments()]

    def comment_on_line(self, pull: Pull, commit: str, comment: LineComment) -> None:
        side = "LEFT" if comment.side == "base" else "RIGHT"
        several: dict[str, Any] = {}
        if comment.first_line != comment.last_line:
            several = {"start_line": comment.first_line, "start_side": side}
        made = self._of(pull).create_review_comment(
            comment.body, commit, comment.path, line=comment.last_line, side=side, **several
        )
        _checked(made.id)

    @cached_property
    def _me(self) -> str:
        return self._github.get_user().login

    def fork_of(self, path: str) -> ListedRepository | None:
        from github import UnknownObjectException

        try:
            found = self._github.get_repo(f"{self._me}/{path.split('/')[1]}")
        except UnknownObjectException:
            return None
        is_of_it = found.fork and found.parent and found.parent.full_name.lower() == path.lower()
        return _listed(found) if is_of_it else None

    def make_fork(self, path: str) -> ListedRepository:
        return _listed(self._repository(path).create_fork())

    def check_fork(self, path: str) -> None:
        from github.GithubException import GithubException, UnknownObjectException

        fork = self._github.get_repo(path)
        try:
            fork.get_branch(fork.default_branch)
        except UnknownObjectException as error:
            raise GithubException(503, {"message": "the fork is still being made"}) from error

    def checks(self, path: str, commit: str) -> list[Check]:
        of = self._repository(path).get_commit(commit)
        return [
            *(_check(run) for run in of.get_check_runs()),
            *(
                Check(
                    each.context,
                    _STATES.get(each.state, "pending"),
                    each.description or "",
                    each.target_url or "",
                )
                for each in of.get_combined_status().statuses
            ),
        ]

    def set_check(self, pull: Pull, commit: str, check: Check) -> None:
        """A check run, which only Apps may make, with its text; with other tokens a status, which is a line."""
        repository = self._repository(pull.path)
        if self._is_app:
            output = {"title": check.said, "summary": check.said, "text": check.text}
            made = repository.create_check_run(
                check.name, commit, details_url=check.address, status="completed", output=dict(output),
                conclusion="success" if check.state == "passed" else "failure",
            )  # fmt: skip
            _checked(made.id)
            return
        repository.get_commit(commit).create_status(
            "success" if check.state == "passed" else "failure", check.address, check.said[:140], check.name
        )

    def may_write(self, path: str, login: str) -> bool:
        return self._repository(path).get_collaborator_permission(login) in _WRITERS

    def repository(self, path: str) -> ListedRepository:
        return _listed(self._github.get_repo(path), self._is_app)

    def of_owner(self, owner: str) -> list[ListedRepository]:
        """All of an owner's, with private ones where we may see them."""
        if self._is_app:
            return [
                _listed(each, True) for each in self._installed() if each.owner.login.lower() == owner.lower()
            ]
        user = self._github.get_user(owner)
        if user.type == "Organization":
            return [_listed(each) for each in self._github.get_organization(owner).get_repos()]
        me = self._github.get_user()
        mine = me.get_repos(affiliation="owner") if me.login.lower() == owner.lower() else user.get_repos()
        return [_listed(each) for each in mine]

    def found(self, query: str, topic: str, owner: str) -> list[ListedRepository]:
        words = filter(None, (query, topic and f"topic:{topic}", owner and f"user:{owner}"))
        return [_listed(each) for each in self._github.search_repositories(" ".join(words))]

    def who_am_i(self) -> str:
        if self._is_app:
            count = len(list(self._installed()))
            return f"an App's installation with {count} repositories"
        login = self._github.get_user().login
        scopes = ", ".join(filter(None, self._github.oauth_scopes or ())) or "as the token was made"
        left, limit = self._github.rate_limiting
        until = datetime.fromtimestamp(self._github.rate_limiting_resettime, UTC)
        return f"{login} (rights: {scopes}); {left:,} of {limit:,} requests left until {until:%H:%M} UTC"

    def _installed(self) -> PaginatedList[Repository]:
        """The repositories of the installation whose token it is."""
        from github.PaginatedList import PaginatedList
        from github.Repository import Repository

        return PaginatedList(
            Repository, self._github.requester, "/installation/repositories", None, list_item="repositories"
        )

    def _repository(self, path: str) -> Repository:
        return self._unasked.get_repo(path)

    def _of(self, pull: Pull) -> PullRequest:
        return self._repository(pull.path).get_pull(pull.number)


def answer_in(error: Exception) -> Answer | None:
    """The answer that an exception of PyGithub holds; None for an exception of something else."""
    from github.GithubException import BadAttributeException, GithubException
    from requests import RequestException

    if isinstance(error, GithubException):
        data = error.data if isinstance(error.data, dict) else {}
        faults = [each for each in data.get("errors") or () if isinstance(each, dict)]
        words = [error.message or data.get("message"), *(each.get("message") for each in faults)]
        is_limited = any(each.get("type") == "RATE_LIMITED" for each in faults)
        headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
        return Answer(429 if is_limited else error.status, headers, "; ".join(map(str, filter(None, words))))
    if isinstance(error, RequestException):
        return Answer(0, {}, f"the connection failed ({type(error).__name__})")
    if isinstance(error, BadAttributeException):
        return Answer(0, {}, "the answer is none of the forge's API")
    # PyGithub says so where a server redirects to another.
    return Answer(301, {}, str(error)) if isinstance(error, RuntimeError) else None


def _pull(path: str, pull: PullRequest) -> Pull:
    people = {each.login for each in pull.requested_reviewers} | ({pull.user.login} if pull.user else set())
    teams = {f"{path.split('/')[0]}/{each.slug}" for each in pull.requested_teams}
    return Pull(
        path=path, number=pull.number, address=pull.html_url, title=pull.title, body=pull.body or "",
        branch=pull.head.ref, base=pull.base.ref, head=pull.head.sha, is_open=pull.state == "open",
        is_merged=pull.merged_at is not None, is_draft=bool(pull.draft), node=pull.node_id,
        labels=frozenset(each.name for each in pull.labels),
        asked=frozenset(each.lower() for each in people | teams), merges_itself=bool(pull.raw_data.get("auto_merge")),
    )  # fmt: skip


def _listed(repository: Repository, is_app: bool = False) -> ListedRepository:
    """`is_app`: what GitHub says of rights is about people; an App has its token for repositories it may write to."""
    if not isinstance(repository.full_name, str) or not isinstance(repository.default_branch, str):
        raise ValueError("no repository")  # noqa: TRY004  (what an unreadable answer raises)
    rights = repository.permissions
    facts = RepositoryFacts(
        repository.default_branch,
        repository.archived,
        is_app or bool(rights and rights.push),
        tuple(repository.topics or ()),
    )
    return ListedRepository(repository.clone_url, repository.full_name, facts)


def _on_line(comment: PullRequestComment) -> LineComment:
    last = comment.line or comment.original_line or 0
    first = comment.start_line or comment.original_start_line or last
    return LineComment(
        "", comment.path, first, last, "base" if comment.side == "LEFT" else "head", comment.body
    )


def _check(run: CheckRun) -> Check:
    words = (run.output.title, run.output.summary, run.output.text) if run.output else ()
    said, address = "\n".join(filter(None, words)), run.html_url or ""
    if run.conclusion in _FAILED:
        return Check(run.name, "failed", said, address)
    return Check(run.name, "passed" if run.conclusion else "pending", said, address)


def _checked(number: object) -> None:
    if type(number) is not int:
        raise ValueError("no comment")
