"""What every forge can do. `local` is the one there is; hosted ones satisfy the same Protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as the forge knows it. `address` opens in a browser; `state` is open or merged."""

    address: str
    number: int
    title: str
    body: str
    branch: str
    base_branch: str
    state: str


class Forge(Protocol):
    """Where pull requests live."""

    name: str

    def find(self, repository: str, branch: str) -> PullRequest | None:
        """Return the pull request of a branch, if there is one."""

    def publish(self, draft: PullRequestDraft) -> PullRequest:
        """Update the branch's pull request, or make it: the same draft twice gives the same pull request."""
