"""A repository without a hosted remote: the pull request is a record in the ledger and a page on disk.

It knows no labels, reviewers or lists of repositories, and merging is done by people.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import git
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from overhaul.flows.errors import PublishError, RepositoryError
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
from overhaul.flows.ledger import Ledger, LineCommentRecord, PullRequestEvent, PullRequestRecord, now
from overhaul.flows.mirror import Mirror

TURNS = {"draft": "draft", "ready": "open", "closed": "closed"}


class LocalForge:
    """Pull requests as records and pages."""

    name = "local"

    def __init__(self, ledger: Ledger, pages: Path, mirror: Mirror) -> None:
        self._ledger = ledger
        self._pages = pages
        self._mirror = mirror

    def find(self, repository: str, branch: str) -> PullRequest | None:
        with self._ledger.session() as session:
            record = self._record(session, repository, branch)
            return None if record is None else self._described(session, record)

    def publish(self, draft: PullRequestDraft) -> PullRequest:
        with self._ledger.session() as session:
            record = self._record(session, draft.repository, draft.branch)
            if record is None:
                highest = session.scalar(
                    select(func.max(PullRequestRecord.number)).where(
                        PullRequestRecord.repository == draft.repository
                    )
                )
                number = (highest or 0) + 1
                record = PullRequestRecord(
                    repository=draft.repository, branch=draft.branch, number=number, opened_at=now(),
                    page=str(self._page(number)),
                )  # fmt: skip
                session.add(record)
            record.base_branch = draft.base_branch
            record.head_commit = draft.head_commit
            if not draft.continues:
                record.title = draft.title
                record.body = draft.body
            record.updated_at = now()
            session.flush()
            page = Path(record.page)
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(draft.page, encoding="utf-8")
            kind = "draft" if draft.is_draft else "ready"
            if (self._last_turn(session, record) or "ready") != kind:
                self._add(session, record, kind, "overhaul", "", True)
            if draft.continues:
                self._add(session, record, "reply", "overhaul", draft.body, True)
            made = self._described(session, record)
        if draft.merge == "people" or draft.is_draft:
            return made
        by_hand = f"git -C {draft.repository} merge {draft.branch}"
        return replace(made, notes=(f"no forge merges it (merge: {draft.merge}): {by_hand}",))

    def close(self, repository: str, branch: str, reason: str) -> None:
        with self._ledger.session() as session:
            record = self._record(session, repository, branch)
            if record is not None and self._last_turn(session, record) != "closed":
                self._add(session, record, "closed", "overhaul", reason, True)

    def comments(self, repository: str, branch: str) -> list[Comment]:
        with self._ledger.session() as session:
            record = self._record(session, repository, branch)
            return [
                Comment(each.id, each.author, each.body, each.happened_at, each.may_write)
                for each in (self._events(session, record) if record else ())
                if each.kind == "comment"
            ]

    def reply(self, repository: str, branch: str, body: str) -> None:
        with self._ledger.session() as session:
            if (record := self._record(session, repository, branch)) is not None:
                self._add(session, record, "reply", "overhaul", body, True)

    def named(self, repository: str, text: str) -> PullRequest | None:
        with self._ledger.session() as session:
            records = session.scalars(
                select(PullRequestRecord).where(PullRequestRecord.repository == repository)
            ).all()
            for record in records:
                if text.removeprefix("#") == str(record.number) or text == Path(record.page).as_uri():
                    return self._described(session, record)
        return None

    def comment_on_lines(
        self, repository: str, branch: str, commit: str, comments: Sequence[LineComment]
    ) -> int:
        with self._ledger.session() as session:
            record = self._record(session, repository, branch)
            if record is None:
                raise PublishError(f"branch {branch} of {repository} has no pull request to comment on.")
            there = {each.key for each in self._line_records(session, record)}
            new = [each for each in comments if each.key not in there]
            session.add_all(
                LineCommentRecord(
                    repository=repository, number=record.number, commit=commit, key=each.key, path=each.path,
                    first_line=each.first_line, last_line=each.last_line, side=each.side, body=each.body,
                    written_at=now(),
                )
                for each in new
            )  # fmt: skip
            return len(new)

    def line_comments(self, repository: str, branch: str) -> list[LineComment]:
        """What was written to lines of the branch's pull request, oldest first."""
        with self._ledger.session() as session:
            record = self._record(session, repository, branch)
            return [
                LineComment(
                    row.key, row.path, row.first_line, row.last_line,
                    "base" if row.side == "base" else "head", row.body,
                )
                for row in (self._line_records(session, record) if record else ())
            ]  # fmt: skip

    def merge(self, repository: str, branch: str, head: str) -> None:
        if (found := self.find(repository, branch)) is None or found.state != "merged":
            raise PublishError(
                f"branch {branch} of {repository} is merged by people: git -C {repository} merge {head[:12]}"
            )

    def checks(self, repository: str, commit: str) -> list[Check]:  # noqa: ARG002  (nobody checks it)
        return []

    def describe(self, repository: str) -> RepositoryFacts:
        is_elsewhere = not Path(repository).is_dir()
        return RepositoryFacts(
            default_branch=self._mirror.default_branch() or "",
            is_archived=False,
            may_write=is_elsewhere or os.access(repository, os.W_OK),
        )

    def repositories(self, selection: Selection) -> Iterator[ListedRepository]:
        raise PublishError(
            f"repositories of {selection.owner or selection.topic or selection.query} cannot be listed without a forge."
            " Name their paths, or the forge (docs/forges.md)."
        )

    @staticmethod
    def _line_records(session: Session, record: PullRequestRecord) -> Sequence[LineCommentRecord]:
        return session.scalars(
            select(LineCommentRecord)
            .where(
                LineCommentRecord.repository == record.repository, LineCommentRecord.number == record.number
            )
            .order_by(LineCommentRecord.id)
        ).all()

    def comment(self, repository: str, branch: str, author: str, body: str, may_write: bool) -> None:
        """Write to the branch's pull request as a person. Raises PublishError if there is none."""
        with self._ledger.session() as session:
            record = self._record(session, repository, branch)
            if record is None:
                raise PublishError(f"branch {branch} of {repository} has no pull request to comment on.")
            self._add(session, record, "comment", author, body, may_write)

    def talk(self, repository: str, branch: str) -> list[tuple[str, str]]:
        """Who wrote what to the branch's pull request, oldest first; ours too."""
        with self._ledger.session() as session:
            record = self._record(session, repository, branch)
            events = self._events(session, record) if record else ()
            return [(each.author, each.body) for each in events if each.body]

    @staticmethod
    def _record(session: Session, repository: str, branch: str) -> PullRequestRecord | None:
        return session.scalar(
            select(PullRequestRecord).where(
                PullRequestRecord.repository == repository, PullRequestRecord.branch == branch
            )
        )

    @staticmethod
    def _events(session: Session, record: PullRequestRecord) -> Sequence[PullRequestEvent]:
        return session.scalars(
            select(PullRequestEvent)
            .where(PullRequestEvent.repository == record.repository, PullRequestEvent.number == record.number)
            .order_by(PullRequestEvent.id)
        ).all()

    def _last_turn(self, session: Session, record: PullRequestRecord) -> str | None:
        """`draft`, `ready` or `closed`; None for one that was ready from the start."""
        turns = [each.kind for each in self._events(session, record) if each.kind in TURNS]
        return turns[-1] if turns else None

    @staticmethod
    def _add(
        session: Session, record: PullRequestRecord, kind: str, author: str, body: str, may_write: bool
    ) -> None:
        session.add(
            PullRequestEvent(
                repository=record.repository, number=record.number, kind=kind, author=author, body=body,
                may_write=may_write, happened_at=now(),
            )
        )  # fmt: skip

    def _page(self, number: int) -> Path:
        return self._pages / self._mirror.folder.stem / f"{number}.html"

    def _described(self, session: Session, record: PullRequestRecord) -> PullRequest:
        turn = self._last_turn(session, record)
        return PullRequest(
            address=Path(record.page).as_uri(),
            number=record.number,
            title=record.title,
            body=record.body,
            branch=record.branch,
            base_branch=record.base_branch,
            state="merged" if self._is_merged(record) else TURNS[turn or "ready"],
            head=record.head_commit,
        )

    def _is_merged(self, record: PullRequestRecord) -> bool:
        try:
            base = self._mirror.remote_head(record.base_branch)
            if base is None:
                return False
            self._mirror.bring(base, record.base_branch)
            self._mirror.git("merge-base", "--is-ancestor", record.head_commit, base)
        except (git.GitCommandError, RepositoryError):
            return False
        return True
