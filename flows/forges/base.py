"""What every forge can do. `local` is the one there is; hosted ones satisfy the same Protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class PullRequestDraft:
    """A pull request as it should be: found by its branch and updated, or made."""

    repository: str
    branch: str
    base_branch: str
    head_commit: str
    title: str
    body: str
    page: str
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as the forge knows it. `address` opens in a browser; `state` is draft, open, merged or closed."""

    address: str
    number: int
    title: str
    body: str
    branch: str
    base_branch: str
    state: str


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
    """Where pull requests live."""

    name: str

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

    def named(self, repository: str, text: str) -> PullRequest | None:
        """Return the pull request that a person means by its number, with or without `#`, or by its address."""

    def comment_on_lines(
        self, repository: str, branch: str, commit: str, comments: Sequence[LineComment]
    ) -> int:
        """Write those to the branch's pull request, as it is at a commit, that are not there; return how many were not.

        Raises PublishError if there is no pull request.
        """
