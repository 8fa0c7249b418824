"""What a hosted forge's API is asked, in one vocabulary; what is done with the answers is in `hosted.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from overhaul.flows.forges.base import (
    Check,
    LineComment,
    ListedRepository,
    Merging,
    PullRequest,
    PullRequestDraft,
)
from overhaul.flows.forges.calls import Answer
from overhaul.flows.forges.marks import Texts, unmarked


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request as the forge answers it; `body` has our mark, `title` no prefix that makes it a draft.

    `path` is that of its repository; `asked` holds who was asked to review it and who has made it, in small letters.
    `merges_itself`: the forge does so once its rules are met.
    """

    path: str
    number: int
    address: str
    title: str
    body: str
    branch: str
    base: str
    head: str
    is_open: bool
    is_merged: bool
    is_draft: bool
    node: str = ""
    labels: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    merges_itself: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for what only looks like an answer."""
        if type(self.number) is not int or not all(
            isinstance(each, str) for each in (self.address, self.title, self.branch, self.base, self.head)
        ):
            raise ValueError("no pull request")

    def described(self, notes: Sequence[str] = ()) -> PullRequest:
        is_over = "merged" if self.is_merged else "closed"
        state = is_over if not self.is_open else "draft" if self.is_draft else "open"
        return PullRequest(
            self.address,
            self.number,
            self.title,
            unmarked(self.body),
            self.branch,
            self.base,
            state,
            tuple(notes),
            self.head,
        )


@dataclass(frozen=True, slots=True)
class Said:
    """A comment on a pull request; `author` is a login."""

    id: int
    author: str
    body: str
    written_at: datetime = field(compare=False)


class Client(Protocol):
    """One forge's API. Every method makes a call or a few, and raises what its library raises."""

    @property
    def name(self) -> str:
        """What the ledger calls the forge."""

    @property
    def texts(self) -> Texts:
        """How long its texts may be."""

    def answer_in(self, error: Exception) -> Answer | None:
        """The answer that an exception of its library holds; None for an exception of something else."""

    def page_of(self, path: str) -> str:
        """A pattern of what stands before the number in the address of a pull request."""

    def exists_already(self, answer: Answer) -> bool:
        """Whether a refusal to make a pull request says that there is one."""

    def pulls(self, path: str, branch: str) -> list[Pull]:
        """All pull requests of a branch of the repository itself, the newest first."""

    def pull(self, path: str, number: int) -> Pull:
        """One by its number."""

    def create(self, path: str, draft: PullRequestDraft, title: str, body: str) -> Pull:
        """Make one."""

    def edit(self, pull: Pull, title: str, body: str, base: str) -> None:
        """Change its texts and base; a draft stays one."""

    def open(self, pull: Pull, is_open: bool) -> None:
        """Open or close it."""

    def turn(self, pull: Pull, is_draft: bool) -> None:
        """Make it a draft, or ready."""

    def merge(self, pull: Pull, head: str) -> None:
        """Merge it if it stands at that commit."""

    def have_merged(self, pull: Pull, head: str, how: Merging) -> None:
        """Have the forge merge it, or queue it, once its rules allow it, if it still stands at that commit then.

        Refused where nothing is required of what is merged: it would be merged before anybody has looked.
        """

    def add_labels(self, pull: Pull, names: Sequence[str]) -> None:
        """Add labels, made if there are none of the name."""

    def ask_reviewer(self, pull: Pull, name: str) -> None:
        """Ask a person, or a team as `organization/team`."""

    def reviewers(self, pull: Pull) -> set[str]:
        """The logins of those who have reviewed it, in small letters."""

    def comments(self, pull: Pull) -> list[Said]:
        """What was written to it as a whole, oldest first."""

    def comment(self, pull: Pull, body: str) -> None:
        """Write to it."""

    def line_comments(self, pull: Pull) -> list[LineComment]:
        """What was written to its lines; `key` is empty and the body whole."""

    def comment_on_line(self, pull: Pull, commit: str, comment: LineComment) -> None:
        """Write to a line; `body` is whole."""

    def fork_of(self, path: str) -> ListedRepository | None:
        """Our fork of a repository, if there is one under its name."""

    def make_fork(self, path: str) -> ListedRepository:
        """Make it."""

    def check_fork(self, path: str) -> None:
        """Raises an answer to come back later while a fork is being made."""

    def checks(self, path: str, commit: str) -> list[Check]:
        """What checks and statuses say of a commit."""

    def set_check(self, pull: Pull, commit: str, check: Check) -> None:
        """Set a check or status of ours at a commit; a later one of the same name takes its place."""

    def may_write(self, path: str, login: str) -> bool:
        """Whether somebody may push. May raise that there is no such person there."""

    def repository(self, path: str) -> ListedRepository:
        """What a repository is."""

    def of_owner(self, owner: str) -> list[ListedRepository]:
        """All of an owner's."""

    def found(self, query: str, topic: str, owner: str) -> list[ListedRepository]:
        """Those that the forge's search finds."""

    def who_am_i(self) -> str:
        """Whose token it is, and what is left of its requests, in words."""
