"""A repository without a hosted remote: the pull request is a record in the ledger and a page on disk."""

from __future__ import annotations

from pathlib import Path

import git
from sqlalchemy import func, select

from overhaul.flows.errors import RepositoryError
from overhaul.flows.forges.base import PullRequest, PullRequestDraft
from overhaul.flows.ledger import Ledger, PullRequestRecord, now
from overhaul.flows.mirror import Mirror


class LocalForge:
    """Pull requests as records and pages."""

    name = "local"

    def __init__(self, ledger: Ledger, pages: Path, mirror: Mirror) -> None:
        self._ledger = ledger
        self._pages = pages
        self._mirror = mirror

    def find(self, repository: str, branch: str) -> PullRequest | None:
        with self._ledger.session() as session:
            record = session.scalar(
                select(PullRequestRecord).where(
                    PullRequestRecord.repository == repository, PullRequestRecord.branch == branch
                )
            )
        return None if record is None else self._described(record)

    def publish(self, draft: PullRequestDraft) -> PullRequest:
        with self._ledger.session() as session:
            record = session.scalar(
                select(PullRequestRecord).where(
                    PullRequestRecord.repository == draft.repository, PullRequestRecord.branch == draft.branch
                )
            )
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
            record.title = draft.title
            record.body = draft.body
            record.updated_at = now()
            session.flush()
            page = Path(record.page)
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(draft.page, encoding="utf-8")
        return self._described(record)

    def _page(self, number: int) -> Path:
        return self._pages / self._mirror.folder.stem / f"{number}.html"

    def _described(self, record: PullRequestRecord) -> PullRequest:
        return PullRequest(
            address=Path(record.page).as_uri(),
            number=record.number,
            title=record.title,
            body=record.body,
            branch=record.branch,
            base_branch=record.base_branch,
            state="merged" if self._is_merged(record) else "open",
        )

    def _is_merged(self, record: PullRequestRecord) -> bool:
        try:
            base = self._mirror.remote_head(record.base_branch)
            if base is None:
                return False
            self._mirror.git("merge-base", "--is-ancestor", record.head_commit, base)
        except (git.GitCommandError, RepositoryError):
            return False
        return True
