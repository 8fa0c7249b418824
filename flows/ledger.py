"""The campaigns' memory: one row per changeset, written before each push or forge call.

The truth about a pull request is asked of the forge; the ledger says what was meant to be done, by which run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, Select, String, Text, UniqueConstraint, create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from overhaul.flows.ledger_versions.upgrade import bring_up_to_date


class Row(DeclarativeBase):
    """Base of the ledger's tables."""


class Changeset(Row):
    """What becomes one pull request in one repository.

    `state`: `intended` before the push, `pushed` after it, `open` once the pull request is known.
    """

    __tablename__ = "changesets"
    __table_args__ = (UniqueConstraint("repository", "branch"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign: Mapped[str] = mapped_column(String(200))
    repository: Mapped[str] = mapped_column(Text)
    branch: Mapped[str] = mapped_column(String(250))
    base_branch: Mapped[str] = mapped_column(String(250))
    base_commit: Mapped[str] = mapped_column(String(64))
    head_commit: Mapped[str] = mapped_column(String(64))
    pushed_commit: Mapped[str | None] = mapped_column(String(64))
    run_id: Mapped[str] = mapped_column(String(36))
    forge: Mapped[str] = mapped_column(String(20))
    pull_request: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    updated_at: Mapped[datetime]


class PullRequestRecord(Row):
    """A pull request on the `local` forge: a record here and a page on disk."""

    __tablename__ = "local_pull_requests"
    __table_args__ = (UniqueConstraint("repository", "number"), UniqueConstraint("repository", "branch"))

    id: Mapped[int] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    branch: Mapped[str] = mapped_column(String(250))
    base_branch: Mapped[str] = mapped_column(String(250))
    head_commit: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    page: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PullRequestEvent(Row):
    """What happened to a pull request on the `local` forge, in order; its state is what happened last.

    `kind`: `comment` of a person, `reply` of ours, `draft`, `ready`, `closed`. `may_write` is about `author`.
    """

    __tablename__ = "local_pull_request_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(Text, index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    author: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    may_write: Mapped[bool]
    happened_at: Mapped[datetime]


class LineCommentRecord(Row):
    """A comment on lines of a pull request on the `local` forge; `key` is there once."""

    __tablename__ = "local_line_comments"
    __table_args__ = (UniqueConstraint("repository", "number", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(64))
    commit: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(Text)
    first_line: Mapped[int]
    last_line: Mapped[int]
    side: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]


class DeliveryRecord(Row):
    """A webhook that came, as `webhooks.payloads.Event`; `state`: `taken` until it is `done`, or has `failed`.

    `delivery` is its sender's id for it, `digest` that of its content.
    """

    __tablename__ = "webhook_deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery: Mapped[str] = mapped_column(String(120), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    event: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    message: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime]
    updated_at: Mapped[datetime]


CHECKS_FAIL = "checks fail at "


class FailedChecks(Row):
    """Checks of a forge that failed at a commit that we pushed, noted once; `run_id` is the run that mends them.

    `is_repaired`: that is to be tried, or was.
    """

    __tablename__ = "failed_checks"
    __table_args__ = (UniqueConstraint("repository", "branch", "commit"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(Text)
    branch: Mapped[str] = mapped_column(String(250))
    commit: Mapped[str] = mapped_column(String(64))
    names: Mapped[str] = mapped_column(Text)
    is_repaired: Mapped[bool]
    run_id: Mapped[str] = mapped_column(String(36))
    noted_at: Mapped[datetime]

    def __str__(self) -> str:
        mended = f"; run {self.run_id[:8]} mends them" if self.run_id else ""
        return f"{CHECKS_FAIL}{self.commit[:12]}: {self.names}{mended}"


class Ledger:
    """The database of changesets: SQLite by default, PostgreSQL by address.

    `is_local`: only processes of this machine use it.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_local = parsed.get_backend_name() == "sqlite"
        if self.is_local and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # Other processes hold SQLite's lock for moments only, but there may be many of them.
        patience = {"timeout": 60} if self.is_local else {}
        self._engine: Engine = create_engine(parsed, connect_args=patience)
        try:
            bring_up_to_date(self._engine)
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back on an error."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self._engine.dispose()

    def pushed_commits(self, branch: str) -> set[str]:
        """Every commit that a run of ours has meant to put on a branch of this name, however its path was spelled."""
        with self.session() as session:
            rows = session.scalars(select(Changeset).where(Changeset.branch == branch)).all()
        return {commit for row in rows for commit in (row.pushed_commit, row.head_commit) if commit}

    def intend(self, changeset: Changeset) -> Changeset:
        """Record what is about to be pushed; what an earlier run pushed to the same branch stays known."""
        with self.session() as session:
            known = session.scalar(
                select(Changeset).where(
                    Changeset.repository == changeset.repository, Changeset.branch == changeset.branch
                )
            )
            if known is None:
                session.add(changeset)
                known = changeset
            else:
                for name in ("campaign", "base_branch", "base_commit", "head_commit", "run_id", "forge"):
                    setattr(known, name, getattr(changeset, name))
            known.state = "intended"
            known.updated_at = now()
            return known

    def changeset(self, repository: str, branch: str) -> Changeset | None:
        """What was proposed on a branch, if anything was."""
        wanted = select(Changeset).where(Changeset.repository == repository, Changeset.branch == branch)
        with self.session() as session:
            return session.scalar(wanted)

    def note_failed_checks(self, repository: str, branch: str, commit: str, names: str) -> FailedChecks:
        """Note what fails at a commit; what was noted of it before stays, with the names of now."""
        with self.session() as session:
            known = session.scalar(_failed_at(repository, branch).where(FailedChecks.commit == commit))
            if known is None:
                known = FailedChecks(
                    repository=repository, branch=branch, commit=commit, names=names, is_repaired=False, run_id="",
                    noted_at=now(),
                )  # fmt: skip
                session.add(known)
            known.names = names
            return known

    def repair(self, failed_id: int, run_id: str) -> FailedChecks:
        """Note that failed checks are to be mended, and by which run once that is there."""
        with self.session() as session:
            known = session.get_one(FailedChecks, failed_id)
            known.is_repaired, known.run_id = True, run_id
            return known

    def failed_checks(self, repository: str, branch: str) -> Sequence[FailedChecks]:
        """What has failed on a branch, oldest first."""
        with self.session() as session:
            return session.scalars(_failed_at(repository, branch).order_by(FailedChecks.id)).all()

    def repairs_of(self, repository: str, branch: str) -> int:
        """How often failed checks of a branch were mended, or are."""
        return sum(each.is_repaired for each in self.failed_checks(repository, branch))

    def record(self, changeset_id: int, state: str, **values: str) -> None:
        """Record that an effect has happened."""
        with self.session() as session:
            known = session.get_one(Changeset, changeset_id)
            for name, value in values.items():
                setattr(known, name, value)
            known.state = state
            known.updated_at = now()


def _failed_at(repository: str, branch: str) -> Select[tuple[FailedChecks]]:
    return select(FailedChecks).where(FailedChecks.repository == repository, FailedChecks.branch == branch)


def now() -> datetime:
    """The present moment in UTC, without a zone: SQLite keeps none."""
    return datetime.now(UTC).replace(tzinfo=None)
