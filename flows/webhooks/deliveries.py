"""The webhooks that came, in the ledger: each is taken once, and kept until it is done."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from overhaul.flows.ledger import DeliveryRecord, Ledger, now
from overhaul.flows.webhooks.payloads import Event

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that was taken: `key` is its sender's id for it, `attempts` how often doing it went wrong."""

    id: int
    key: str
    event: Event
    attempts: int


class Deliveries:
    """The ledger's table of them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def take(self, delivery: str, digest: str, event: Event) -> bool:
        """Record what came; return False if it is known, by its id or, as no signature covers that, by its content.

        One that failed is taken again.
        """
        self._forget_old_ones()
        known = or_(DeliveryRecord.delivery == delivery, DeliveryRecord.digest == digest)
        try:
            with self._ledger.session() as session:
                failed = session.execute(
                    update(DeliveryRecord)
                    .where(known, DeliveryRecord.state == "failed")
                    .values(state="taken", attempts=0, updated_at=now())
                )
                if failed.rowcount:  # type: ignore[attr-defined]
                    return True
                if session.scalar(select(DeliveryRecord.id).where(known).limit(1)):
                    return False
                session.add(
                    DeliveryRecord(
                        delivery=delivery, digest=digest, event=json.dumps(asdict(event)), state="taken",
                        attempts=0, message="", taken_at=now(), updated_at=now(),
                    )
                )  # fmt: skip
        except IntegrityError:
            return False  # the same one came twice at once
        return True

    def taken(self) -> list[Delivery]:
        """Those that are to be done, the oldest first."""
        wanted = select(DeliveryRecord).where(DeliveryRecord.state == "taken").order_by(DeliveryRecord.id)
        with self._ledger.session() as session:
            return [
                Delivery(row.id, row.delivery, Event(**json.loads(row.event)), row.attempts)
                for row in session.scalars(wanted)
            ]

    def note(self, delivery: Delivery, state: str, message: str) -> None:
        """Note how doing it went: `done`, `failed`, or `taken` if it is to be tried again."""
        with self._ledger.session() as session:
            session.execute(
                update(DeliveryRecord)
                .where(DeliveryRecord.id == delivery.id)
                .values(state=state, message=message, attempts=delivery.attempts + 1, updated_at=now())
            )

    def _forget_old_ones(self) -> None:
        with self._ledger.session() as session:
            session.execute(
                delete(DeliveryRecord).where(
                    DeliveryRecord.taken_at < now() - KEPT, DeliveryRecord.state != "taken"
                )
            )
