"""Which recipes of other people may run on this machine: said by the user, and only for exactly these files."""

from __future__ import annotations

import getpass
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from overhaul.flows.foreign.sources import RecipeSource
from overhaul.flows.settings import Settings
from overhaul.flows.whole_files import write_whole


@dataclass(frozen=True, slots=True)
class Trust:
    """Who trusted what, when (in ISO form)."""

    word: str
    sha256: str
    by: str
    at: str


def trust(settings: Settings, source: RecipeSource) -> Trust:
    """Let a recipe run outside of the sandbox as it is now."""
    by = "somebody"
    with suppress(OSError, KeyError):
        by = getpass.getuser()
    given = Trust(source.word, source.sha256, by, datetime.now(UTC).isoformat(timespec="seconds"))
    write_whole(settings.trusted / f"{source.sha256}.json", json.dumps(asdict(given), indent=2) + "\n")
    return given


def trust_of(settings: Settings, source: RecipeSource) -> Trust | None:
    """The trust in a recipe as it is now; None if there is none, or it was for other files."""
    with suppress(OSError, ValueError, TypeError):
        text = (settings.trusted / f"{source.sha256}.json").read_text(encoding="utf-8")
        given = Trust(**json.loads(text))
        if given.sha256 == source.sha256:
            return given
    return None


def take_back(settings: Settings, source: RecipeSource) -> bool:
    """End the trust in a recipe as it is now. Returns whether there was any."""
    had = trust_of(settings, source) is not None
    (settings.trusted / f"{source.sha256}.json").unlink(missing_ok=True)
    return had
