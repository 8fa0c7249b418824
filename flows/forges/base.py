"""What every forge can do: `local` and the hosted ones satisfy the same Protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

OUR_CHECK = "overhaul"


@dataclass(frozen=True, slots=True)
class Check:
    """What a check of a forge, or a status of a commit, has come to. `said` is what it says of that, anybody's text.

    `text` is Markdown for a check of ours, where a forge shows more than a line.
    """

    name: str
    state: Literal["passed", "failed", "pending"]
    said: str = ""
    address: str = ""
    text: str = ""


# Who merges a pull request: people, the forge once its rules are met, or its merge queue.
Merging = Literal["people", "auto", "queue"]


@dataclass(frozen=True, slots=True)
class PullRequestDraft:
    """A pull request as it should be: found by its branch and updated, or made.

    `body` is Markdown, `page` the HTML page of a forge that has none of its own. `labels` and `reviewers` (logins, and
    teams as `organization/team`) are added to those that are there. What `merge` says counts for no draft.
    One that `continues` what is there keeps its title and body; its own body becomes a comment.
    `check` is set at its head, with the pull request as its address. `head_owner` is who
    owns the fork with the branch, if it is in one.
    """

    repository: str
    branch: str
    base_branch: str
    head_commit: str
    title: str
    body: str
    page: str
    is_draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    merge: Merging = "people"
    continues: bool = False
    check: Check | None = None
    head_owner: str = ""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as the forge knows it. `address` opens in a browser; `state` is draft, open, merged or closed.

    `head` is the commit at which it stands. `notes` say what the forge did not do of what was asked for besides (an
    unknown reviewer, say).
    """

    address: str
    number: int
    title: str
    body: str
    branch: str
    base_branch: str
    state: str
    notes: tuple[str, ...] = ()
    head: str = ""


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What a forge says of a repository. `may_write`: whether we may push to it."""

    default_branch: str
    is_archived: bool
    may_write: bool
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which repositories of a forge: an owner's, those with a topic, or what the forge's search finds."""

    owner: str = ""
    topic: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class ListedRepository:
    """A repository that a forge has; `address` is what git clones."""

    address: str
    name: str
    facts: RepositoryFacts


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request. `may_write`: whether the forge lets its author write to the repository."""

    id: int
    author: str
    body: str
    written_at: datetime
    may_write: bool


@dataclass(frozen=True, slots=True)
class LineComment:
    """A comment on lines of a pull request's difference, of its result (`head`) or of what it takes away (`base`).

    `key` tells it from others: a pull request has one of each key. `body` is Markdown.
    """

    key: str
    path: str
    first_line: int
    last_line: int
    side: Literal["base", "head"]
    body: str


class Forge(Protocol):
    """Where pull requests live. Every method may raise PublishError that says what the forge answered."""

    @property
    def name(self) -> str:
        """What the ledger calls it."""

    def find(self, repository: str, branch: str) -> PullRequest | None:
        """Return the pull request of a branch, if there is one."""

    def publish(self, draft: PullRequestDraft) -> PullRequest:
        """Update the branch's pull request, or make it: the same draft twice gives the same pull request."""

    def close(self, repository: str, branch: str, reason: str) -> None:
        """Close the branch's pull request without merging it, saying why; closing a closed one does nothing."""

    def comments(self, repository: str, branch: str) -> list[Comment]:
        """What people have written to the branch's pull request, oldest first; not what `reply` has."""

    def reply(self, repository: str, branch: str, body: str) -> None:
        """Write to the branch's pull request in our own name."""

    def comment(self, repository: str, branch: str, author: str, body: str, may_write: bool) -> None:
        """Write to the branch's pull request as a person; who that is, and may write, a hosted forge knows itself."""

    def talk(self, repository: str, branch: str) -> list[tuple[str, str]]:
        """Who wrote what to the branch's pull request, oldest first; ours too."""

    def named(self, repository: str, text: str) -> PullRequest | None:
        """Return the pull request that a person means by its number, with or without `#`, or by its address."""

    def comment_on_lines(
        self, repository: str, branch: str, commit: str, comments: Sequence[LineComment]
    ) -> int:
        """Write those to the branch's pull request, as it is at a commit, that are not there; return how many were not.

        Raises PublishError if there is no pull request.
        """

    def line_comments(self, repository: str, branch: str) -> list[LineComment]:
        """What `comment_on_lines` wrote to lines of the branch's pull request, oldest first."""

    def merge(self, repository: str, branch: str, head: str) -> None:
        """Merge the branch's pull request if it stands at that commit; merging a merged one does nothing."""

    def checks(self, repository: str, commit: str) -> list[Check]:
        """What the forge's checks, and statuses that others have set, say of a commit; of each name the last."""

    def describe(self, repository: str) -> RepositoryFacts:
        """What is to be known of a repository before anything is planned for it."""

    def repositories(self, selection: Selection) -> Iterator[ListedRepository]:
        """The repositories of a selection, archived ones too."""


class HostedForge(Forge, Protocol):
    """A forge that is asked over the network, with a token."""

    def fork(self, repository: str, *, make: bool) -> str:
        """The address of our fork of a repository, made if that is wanted; empty if there is none."""

    def who_am_i(self) -> str:
        """Whose token it is, what it may do, and how many requests are left, in words."""
