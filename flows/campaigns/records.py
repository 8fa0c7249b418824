"""A campaign in the ledger: its form, and where each of its repositories stands."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import String, Text, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from overhaul.flows.campaigns.advancing import Member, MemberState, Next, assign_waves, what_next
from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.campaigns.selection import Selected
from overhaul.flows.errors import UnknownCampaign
from overhaul.flows.ledger import Ledger, Row, now
from overhaul.refactors.errors import did_you_mean


class CampaignRecord(Row):
    """A campaign as it was last run. `folder` is where its file was, from which its paths are relative."""

    __tablename__ = "campaigns"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    form: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    begun_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MemberRecord(Row):
    """A repository of a campaign, or a branch or part of it (see `advancing.Member`).

    `tokens` and `dollars` are those of its last run, the `earlier_` ones those of all before.
    """

    __tablename__ = "campaign_members"
    __table_args__ = (UniqueConstraint("campaign", "source", "base", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80), index=True)
    source: Mapped[str] = mapped_column(Text)
    base: Mapped[str] = mapped_column(String(250))
    part: Mapped[str] = mapped_column(String(250), default="")
    wave: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    needs: Mapped[str] = mapped_column(Text, default="{}")
    state: Mapped[str] = mapped_column(String(20), default="selected")
    message: Mapped[str] = mapped_column(Text, default="")
    run_id: Mapped[str] = mapped_column(String(36), default="")
    made_by: Mapped[str] = mapped_column(String(36), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime | None]
    sites_left: Mapped[int | None]
    scanned: Mapped[str] = mapped_column(String(64), default="")
    tokens: Mapped[int] = mapped_column(default=0)
    dollars: Mapped[float] = mapped_column(default=0.0)
    earlier_tokens: Mapped[int] = mapped_column(default=0)
    earlier_dollars: Mapped[float] = mapped_column(default=0.0)
    updated_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """A campaign that was run, with the folder from which its paths are relative."""

    form: Campaign
    folder: str
    begun_at: datetime


class CampaignStore:
    """One campaign's rows. Each method is a transaction; several processes may use it at once."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self._ledger = ledger
        self.name = name
        self.is_local = ledger.is_local

    def known(self) -> KnownCampaign | None:
        """The campaign as it was last run, if it was."""
        with self._ledger.session() as session:
            record = session.get(CampaignRecord, self.name)
            if record is None:
                return None
            return KnownCampaign(Campaign.model_validate_json(record.form), record.folder, record.begun_at)

    def save(self, campaign: Campaign, folder: str) -> None:
        """Keep the form as it is now."""
        form = campaign.model_dump_json(exclude_defaults=True)
        with self._ledger.session() as session:
            record = session.get(CampaignRecord, self.name)
            if record is None:
                session.add(
                    CampaignRecord(name=self.name, form=form, folder=folder, begun_at=now(), updated_at=now())
                )
            else:
                record.form, record.folder, record.updated_at = form, folder, now()

    def members(self) -> list[Member]:
        """Where each repository stands, by position."""
        with self._ledger.session() as session:
            return self._members(session)

    def join(
        self, campaign: Campaign, selected: Sequence[Selected], needs: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Take in what was selected, in that order: new ones join, those that are not selected any more are left out.

        `needs` maps the distributions that a source depends on to their sources, by source.
        """
        with self._locked() as session:
            known: dict[tuple[str, str], list[MemberRecord]] = {}
            for row in self._rows(session):
                known.setdefault((row.source, row.base), []).append(row)
            for position, each in enumerate(selected):
                rows = known.pop((each.source, each.base), [])
                if not rows:
                    rows = [self._new(each.source, each.base)]
                    session.add(rows[0])
                for row in rows:
                    row.position = position
                    row.needs = json.dumps(dict(needs.get(each.source, {})))
                    if each.left_out and row.state in {"selected", "left out"}:
                        row.state, row.message = "left out", each.left_out
                    elif not each.left_out and row.state == "left out":
                        row.state, row.message = "selected", ""
            for row in (row for rows in known.values() for row in rows):
                if row.state == "selected":
                    row.state, row.message = "left out", "the campaign does not select it any more"
            session.flush()
            waves = assign_waves(campaign, self._members(session))
            for row in self._rows(session):
                row.wave = waves.get(row.id, row.wave)

    def begin_next(self, campaign: Campaign) -> tuple[Member | None, Next]:
        """Take the next repository in hand, if one may be: no other process gets the same, or goes over a limit.

        One that was held keeps its run, others have none yet.
        """
        with self._locked() as session:
            then = what_next(campaign, self._members(session), now())
            if then.release:
                row = session.get_one(MemberRecord, then.release[0].id)
                row.state, row.updated_at = "running", now()
            elif then.begin:
                row = session.get_one(MemberRecord, then.begin[0].id)
                row.state, row.message, row.run_id = "running", "", ""
                row.earlier_tokens, row.tokens = row.earlier_tokens + row.tokens, 0
                row.earlier_dollars, row.dollars = row.earlier_dollars + row.dollars, 0.0
                row.attempts += 1
                row.begun_at = row.updated_at = now()
            else:
                return None, then
            session.flush()
            return _member(row), then

    def divide(self, member: Member, parts: Sequence[str]) -> Member:
        """Have a member for each of the parts beside those that there are; a whole one becomes the first of them."""
        with self._locked() as session:
            row = session.get_one(MemberRecord, member.id)
            same = MemberRecord.source == row.source, MemberRecord.base == row.base
            known = session.scalars(
                select(MemberRecord.part).where(MemberRecord.campaign == self.name, *same)
            )
            new = sorted(set(parts) - set(known))
            if new and not row.part:
                row.part = new.pop(0)
            for part in new:
                beside = self._new(row.source, row.base, part)
                beside.wave, beside.position, beside.needs = row.wave, row.position, row.needs
                session.add(beside)
            session.flush()
            return _member(row)

    def record(self, member: Member, **values: Any) -> None:
        """Note where a repository stands; nothing if another attempt has been begun since."""
        with self._ledger.session() as session:
            session.execute(
                update(MemberRecord)
                .where(MemberRecord.id == member.id, MemberRecord.attempts == member.attempts)
                .values(**values, updated_at=now())
            )

    def again(self, states: Collection[str]) -> int:
        """Have those that stand in one of these states done again; return how many."""
        with self._locked() as session:
            rows = [row for row in self._rows(session) if row.state in states]
            for row in rows:
                row.state, row.message, row.updated_at = "selected", "", now()
            return len(rows)

    @contextmanager
    def _locked(self) -> Iterator[Session]:
        """A transaction that begins with a write to the campaign's row, so that another one waits until it ends."""
        with self._ledger.session() as session:
            session.execute(
                update(CampaignRecord).where(CampaignRecord.name == self.name).values(updated_at=now())
            )
            yield session

    def _new(self, source: str, base: str, part: str = "") -> MemberRecord:
        return MemberRecord(
            campaign=self.name, source=source, base=base, part=part, state="selected", message="",
            wave=0, run_id="", attempts=0, updated_at=now(),
        )  # fmt: skip

    def _rows(self, session: Session) -> Sequence[MemberRecord]:
        wanted = select(MemberRecord).where(MemberRecord.campaign == self.name)
        return session.scalars(wanted.order_by(MemberRecord.position, MemberRecord.id)).all()

    def _members(self, session: Session) -> list[Member]:
        return [_member(row) for row in self._rows(session)]


def _member(row: MemberRecord) -> Member:
    return Member(
        row.id, row.source, row.base, row.wave, row.position, json.loads(row.needs),
        cast(MemberState, row.state), row.message, row.run_id, row.made_by, row.attempts,
        row.begun_at, row.sites_left, row.scanned,
        row.earlier_tokens + row.tokens, row.earlier_dollars + row.dollars, row.part,
    )  # fmt: skip


def known_campaigns(ledger: Ledger) -> list[str]:
    """The names of all campaigns that were run, the newest first."""
    with ledger.session() as session:
        return list(session.scalars(select(CampaignRecord.name).order_by(CampaignRecord.begun_at.desc())))


def find_campaign(name: str, ledger_url: str) -> KnownCampaign:
    """A campaign that was run. Raises UnknownCampaign."""
    with closing(Ledger(ledger_url)) as ledger:
        known = CampaignStore(ledger, name).known()
        if known is None:
            names = known_campaigns(ledger)
            hint = did_you_mean(name, names) or (f" There are: {', '.join(names[:10])}." if names else "")
            raise UnknownCampaign(
                f"no campaign {name!r} was run from a file.{hint} Begin one: overhaul run FILE.yaml"
            )
        return known
