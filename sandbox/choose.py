"""The tiers of isolation, and which of them is used."""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass
from pathlib import Path

from overhaul.sandbox.errors import NoSandbox
from overhaul.sandbox.network import why_no_way_out
from overhaul.sandbox.provider import Provider, SandboxSettings

# Name -> module:class, the strongest first. Only the chosen one is imported: the Docker SDK takes its time.
PROVIDERS = {
    "docker": "overhaul.sandbox.docker:DockerProvider",
    "bubblewrap": "overhaul.sandbox.bubblewrap:BubblewrapProvider",
    "landlock": "overhaul.sandbox.landlock:LandlockProvider",
    "process": "overhaul.sandbox.process:ProcessProvider",
}


@dataclass(frozen=True, slots=True)
class Availability:
    """One row of `overhaul doctor`: `missing` is None if the tier can be used."""

    name: str
    isolates: bool
    missing: str | None


def choose(name: str, home: Path, settings: SandboxSettings | None = None) -> Provider:
    """The provider of that name, or for "auto" the strongest one that isolates and is there.

    Raises NoSandbox, which says what to install. `process` never comes from "auto": it does not isolate.
    """
    provider = _strongest(home, settings) if name == "auto" else _named(name, home, settings)
    if provider.isolates and not (settings and settings.network.full):
        from urllib.request import getproxies_environment  # it takes its time

        no_way_out = why_no_way_out(getproxies_environment())
        if no_way_out:
            raise NoSandbox(f"environments cannot be set up: {no_way_out}")
    return provider


def _named(name: str, home: Path, settings: SandboxSettings | None) -> Provider:
    if name not in PROVIDERS:
        near = difflib.get_close_matches(name, [*PROVIDERS, "auto"], 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise NoSandbox(f"sandbox {name!r} is unknown.{hint} There are: auto, {', '.join(PROVIDERS)}")
    provider = load(name, home, settings)
    missing = provider.missing()
    if missing:
        raise NoSandbox(f"sandbox {name!r} cannot be used here: {missing}")
    return provider


def availability(home: Path) -> list[Availability]:
    """All tiers, the strongest first, and what each of them lacks here."""
    providers = [load(name, home) for name in PROVIDERS]
    return [Availability(provider.name, provider.isolates, provider.missing()) for provider in providers]


def load(name: str, home: Path, settings: SandboxSettings | None = None) -> Provider:
    module, _, class_name = PROVIDERS[name].partition(":")
    provider: Provider = getattr(importlib.import_module(module), class_name)(home, settings)
    return provider


def _strongest(home: Path, settings: SandboxSettings | None) -> Provider:
    reasons = []
    for name in PROVIDERS:
        provider = load(name, home, settings)
        missing = provider.missing() if provider.isolates else None
        if provider.isolates and missing is None:
            return provider
        if provider.isolates:
            reasons.append(f"{name}: {missing}")
    words = "; ".join(reasons)
    raise NoSandbox(
        f"no sandbox that isolates is available here ({words}). "
        "A repository that you trust runs without isolation with: --sandbox process"
    )
