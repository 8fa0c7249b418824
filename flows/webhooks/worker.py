"""Does what webhooks ask for, one after another, beside the requests; what one process leaves, the next one does."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from overhaul.flows.errors import LedgerError, OverhaulError
from overhaul.flows.webhooks.deliveries import Deliveries, Delivery
from overhaul.flows.webhooks.payloads import Event

TRIES = 5
AGAIN_SECONDS = 60.0
PROCESSES_AT_ONCE = 2

_LOG = logging.getLogger("overhaul.webhook")


class Stopped(Exception):
    """The worker was told to end before something was done, which stays to be done."""


@dataclass
class Worker:
    """Carries deliveries out. `carry_out` says in words what it did; the same twice must do no harm."""

    deliveries: Deliveries
    carry_out: Callable[[Delivery], str]
    stop: threading.Event
    _come: threading.Event = field(default_factory=threading.Event)

    def take(self, delivery: str, digest: str, event: Event) -> bool:
        """Record a delivery and have it done; return False if it is known."""
        is_new = self.deliveries.take(delivery, digest, event)
        if is_new:
            self._come.set()
        return is_new

    def end(self) -> None:
        self.stop.set()
        self._come.set()

    def work(self) -> None:
        """Do what is taken until told to stop; what went wrong is tried again later, a few times."""
        while not self.stop.is_set():
            self._come.clear()
            try:
                left = self.do_what_is_taken()
            except LedgerError as error:
                _LOG.warning("%s", error)
                left = True
            except Exception:
                _LOG.exception("the deliveries could not be read; trying again")
                left = True
            self._come.wait(AGAIN_SECONDS if left else None)

    def do_what_is_taken(self) -> bool:
        """Do each that is taken once; return whether some are left for another try."""
        left = False
        for delivery in self.deliveries.taken():
            if self.stop.is_set():
                return True
            left |= not self._do(delivery)
        return left

    def _do(self, delivery: Delivery) -> bool:
        """Do one; return whether it needs no other try."""
        event = delivery.event
        try:
            done = self.carry_out(delivery)
        except Stopped:
            return False
        except Exception as error:
            is_over = delivery.attempts + 1 >= TRIES
            log = _LOG.warning if isinstance(error, OverhaulError) else _LOG.exception
            log("%s of %s/%s: %s", event.kind, event.host, event.path, error)
            self.deliveries.note(delivery, "failed" if is_over else "taken", str(error)[:2000])
            return is_over
        _LOG.info("%s of %s/%s: %s", event.kind, event.host, event.path, done)
        self.deliveries.note(delivery, "done", done)
        return True


@dataclass
class Processes:
    """Commands that were started; a few at a time, as each is a run."""

    stop: threading.Event
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add(self, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        """Start one once there is room. Raises Stopped."""
        while True:
            self._running = [each for each in self._running if each.poll() is None]
            if len(self._running) < PROCESSES_AT_ONCE:
                self._running.append(start())
                return
            if self.stop.wait(1.0):
                raise Stopped
