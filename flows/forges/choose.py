"""Which forge a repository lives on. `local` is the one there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from overhaul.flows.forges.local import LocalForge
from overhaul.flows.ledger import Ledger
from overhaul.flows.mirror import Mirror
from overhaul.flows.settings import Settings


@contextmanager
def forge_of(repository: str) -> Iterator[tuple[LocalForge, Ledger]]:
    """The repository's forge, and the ledger for as long as it is needed."""
    settings = Settings.from_environment()
    ledger = Ledger(settings.ledger_url)
    try:
        yield LocalForge(ledger, settings.pull_requests, Mirror.of(repository, settings.mirrors)), ledger
    finally:
        ledger.close()
