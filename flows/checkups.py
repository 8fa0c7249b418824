"""What `overhaul doctor` looks at: each part of what a run needs, whether it is here, and what to do if it is not."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from overhaul.flows.errors import NoModel, SettingsError
from overhaul.flows.progress import Watcher
from overhaul.flows.settings import Settings

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Checkup:
    """One row. `missing`: something cannot be used; `unusable`: it is set up, or needed always, and does not work."""

    name: str
    status: Literal["ok", "missing", "unusable"]
    detail: str
    advice: str = ""


def checkups(settings: Settings, progress: Watcher) -> Iterator[Checkup]:
    """Look at everything; the progress is told of what may take a while."""
    yield Checkup("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.release()}")
    yield _git()
    yield from _signing()
    progress("looking at sandboxes", None, None)
    yield from _sandboxes(settings)
    yield _environments(settings)
    yield _browser()
    yield Checkup("forge local", "ok", "branches are pushed into the repository itself")
    yield from forge_checkups(settings, progress)
    progress("looking for the server", None, None)
    yield _server(settings)
    yield _home(settings)
    yield from model_checkups(settings, progress)
    yield from tool_checkups(settings)


def _git() -> Checkup:
    if shutil.which("git") is None:
        return Checkup("git", "unusable", "not found", "install git 2.30 or newer")
    version = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return Checkup("git", "ok", version)


def _signing() -> Iterator[Checkup]:
    """Whether the user's key signs, if commits are to be signed."""
    from overhaul.flows.errors import OverhaulError
    from overhaul.flows.signing import signing_here

    try:
        if key := signing_here():
            yield Checkup("signed commits", "ok", f"by your git configuration, with the {key}")
    except OverhaulError as error:
        yield Checkup("signed commits", "unusable", "by your git configuration", str(error))


def _sandboxes(settings: Settings) -> Iterator[Checkup]:
    from overhaul.sandbox.choose import availability, load
    from overhaul.sandbox.guarantees import missing_guarantees

    pythons: dict[bool, str] = {}
    for tier in availability(settings.sandbox):
        gaps = missing_guarantees(tier.name)
        detail = "isolates" if tier.isolates else "no isolation; only by --sandbox process"
        if gaps:
            detail += f", but for {len(gaps)} gap{'s' if len(gaps) > 1 else ''}: {'; '.join(gaps)}"
        in_images = tier.name == "docker"
        if tier.missing is None and in_images not in pythons:
            # All tiers but docker have this machine's.
            pythons[in_images] = ", ".join(load(tier.name, settings.sandbox).pythons())
        if tier.missing is None:
            detail += f"; Python {pythons[in_images] or 'of the image'}"
        yield Checkup(
            f"sandbox {tier.name}", "ok" if tier.missing is None else "missing", detail, tier.missing or ""
        )


def _environments(settings: Settings) -> Checkup:
    from overhaul.sandbox.choose import PROVIDERS, load

    counts = {name: len(load(name, settings.sandbox).environments()) for name in PROVIDERS}
    kept = ", ".join(f"{count} of {name}" for name, count in counts.items() if count)
    return Checkup("environments", "ok", kept or "none yet; overhaul run makes what it needs")


def _browser() -> Checkup:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        advice = "apt-get install chromium; only pictures of pages need it, and in Docker it comes with the environment"
        return Checkup("chromium", "missing", "not found", advice)
    return Checkup("chromium", "ok", found)


def forge_checkups(settings: Settings, progress: Watcher) -> Iterator[Checkup]:
    """Ask each hosted forge that has a token, or is named in the settings, who we are there."""
    from overhaul.flows.errors import PublishError
    from overhaul.flows.forges.accounts import KNOWN_HOSTS, account_at, app_at, configured_forges
    from overhaul.flows.forges.choose import hosted_forge

    try:
        forms = configured_forges(settings)
        accounts = [account_at(host, settings) for host in forms]
    except SettingsError:
        return  # the line about the settings says so
    for account in accounts:
        is_app = account is not None and forms[account.host].app_id is not None
        if account is None or (not account.token and account.host in KNOWN_HOSTS and not is_app):
            continue
        name = f"forge {account.host}"
        progress(f"asking {account.host}", None, None)
        try:
            if is_app:
                yield Checkup(name, "ok", app_at(account.host, forms[account.host]).who_am_i())
                continue
            yield Checkup(name, "ok", f"{hosted_forge(account, settings).who_am_i()}; {account.token_from}")
        except PublishError as error:
            yield Checkup(name, "unusable", account.kind, str(error))


def _server(settings: Settings) -> Checkup:
    from overhaul.flows.server import find, is_reachable

    if url := os.environ.get("PREFECT_API_URL"):
        if is_reachable(url):
            return Checkup("prefect server", "ok", f"yours: {url}")
        return Checkup(
            "prefect server",
            "unusable",
            f"yours: {url}",
            "nothing answers there: start it, or unset PREFECT_API_URL",
        )
    running = find(settings)
    return Checkup(
        "prefect server", "ok", f"runs at {running.ui_url}" if running else "starts with the first run"
    )


def _home(settings: Settings) -> Checkup:
    folder = next(place for place in (settings.home, *settings.home.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    if free < 1 << 30:
        return Checkup(
            "home", "missing", f"{settings.home}: {free >> 20} MiB free", "make room, or set OVERHAUL_HOME"
        )
    return Checkup("home", "ok", f"{settings.home}: {free >> 30} GiB free")


def model_checkups(settings: Settings, progress: Watcher) -> Iterator[Checkup]:
    """Ask it, if there is one: how it is spoken to is found out anew, and kept for runs."""
    from overhaul.flows.providers import HOW, choose, has_model, probe
    from overhaul.refactors.errors import ModelError

    try:
        if not has_model(settings):
            yield Checkup("model", "missing", "none is configured; recipes need none", HOW)
            return
        choice = choose(settings)
    except (NoModel, SettingsError) as error:
        yield Checkup("model", "unusable", "not wholly configured", str(error))
        return
    where = f"{choice.name} at {choice.provider.base_url} ({choice.key_from})"
    progress(f"asking {choice.name}", None, None)
    try:
        manner = probe(settings, choice)
    except ModelError as error:
        yield Checkup("model", "unusable", where, str(error))
        return
    wire = "Responses" if manner.wire == "responses" else "chat completions"
    lacks = f" without {' and '.join(sorted(manner.lacks))}" if manner.lacks else ""
    if manner.calls_tools:
        yield Checkup("model", "ok", f"{where}: {wire}{lacks}; calls tools")
    else:
        advice = "the agent needs tools: take another model, or let the server parse tool calls"
        yield Checkup("model", "unusable", f"{where}: {wire}{lacks}; called no tool when told to", advice)
    yield _price(settings, choice.name)


def _price(settings: Settings, model: str) -> Checkup:
    from overhaul.flows.errors import NoPrice
    from overhaul.flows.prices import price_for_limit

    try:
        price = price_for_limit(settings, model)
    except NoPrice as error:
        return Checkup("price", "missing", "unknown", str(error))
    detail = f"${price.input:g} in, ${price.cached:g} cached, ${price.output:g} out per million tokens"
    return Checkup("price", "ok", detail)


def tool_checkups(settings: Settings) -> Iterator[Checkup]:
    """The user's MCP servers, webhooks and web search; none of them is started."""
    from overhaul.flows.settings_file import read_settings

    try:
        form = read_settings(settings)
    except SettingsError as error:
        yield Checkup("settings", "unusable", str(settings.file), str(error))
        return
    for name in form.mcp:
        from overhaul.flows.mcp_tools import approved

        tools = approved(settings, name)
        if tools is None:
            advice = f"look at what its tools say, and approve them: overhaul mcp approve {name}"
            yield Checkup(f"mcp {name}", "missing", "not approved: the agent is not offered it", advice)
        else:
            yield Checkup(f"mcp {name}", "ok", f"{len(tools)} tools approved")
    if form.webhook is not None:
        yield _webhook(settings)
    if form.web_search is not None:
        by = form.web_search.url or " ".join(form.web_search.command) or "the provider, on Responses"
        yield Checkup("web search", "ok", f"{by}; offered in mode full, or with --network full")


def _webhook(settings: Settings) -> Checkup:
    from overhaul.flows.webhooks.senders import doorkeeper_of

    try:
        doorkeeper = doorkeeper_of(settings)
    except SettingsError as error:
        return Checkup("webhook", "unusable", "overhaul webhook would not start", str(error))
    hosts = ", ".join(each.host or "every host" for each in doorkeeper.secrets)
    return Checkup("webhook", "ok", f"a secret is set for {hosts}; from {', '.join(doorkeeper.senders)}")
