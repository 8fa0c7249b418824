"""Which forge a repository lives on: by the host of its address; a path, or any other host, is `local`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from overhaul.flows.errors import PublishError
from overhaul.flows.forges.accounts import Account, account_at, account_of, configured_forges
from overhaul.flows.forges.base import Forge, HostedForge
from overhaul.flows.forges.calls import Pace
from overhaul.flows.forges.client import Client
from overhaul.flows.forges.hosted import Hosted
from overhaul.flows.forges.local import LocalForge
from overhaul.flows.ledger import Ledger
from overhaul.flows.mirror import Mirror
from overhaul.flows.settings import Settings


@contextmanager
def forge_of(repository: str) -> Iterator[tuple[Forge, Ledger]]:
    """The repository's forge, and the ledger for as long as it is needed. Raises PublishError, SettingsError."""
    settings = Settings.from_environment()
    account = account_of(repository, settings)
    ledger = Ledger(settings.ledger_url)
    try:
        if account is not None:
            yield hosted_forge(account, settings), ledger
        else:
            mirror = Mirror.of(repository, settings.mirrors)
            yield LocalForge(ledger, settings.pull_requests, mirror), ledger
    finally:
        ledger.close()


def forge_at(host: str, owner: str = "") -> HostedForge:
    """The forge at a host, to list its repositories; an App lists those of an owner.

    Raises PublishError, SettingsError.
    """
    settings = Settings.from_environment()
    account = account_at(host, settings, path=owner)
    if account is None:
        known = ", ".join(configured_forges(settings))
        raise PublishError(
            f"{host} is no forge that is known: {known}. Name it in {settings.file} (docs/forges.md)."
        )
    return hosted_forge(account, settings)


def hosted_forge(account: Account, settings: Settings) -> HostedForge:
    """The forge of an account. Raises PublishError where there is no token or no library."""
    pace = Pace(marks=settings.home / "forges")
    return Hosted(client_of(account, pace.answer_within), account.host, pace)


def client_of(account: Account, answer_within: int) -> Client:
    """What speaks with the forge; the libraries are imported here. `answer_within` is in seconds."""
    if account.kind == "gitlab":
        from overhaul.flows.forges.gitlab import GitLab

        return GitLab(account, answer_within)
    if account.kind in {"forgejo", "gitea"}:
        from overhaul.flows.forges.forgejo import Forgejo

        return Forgejo(account, answer_within)
    from overhaul.flows.forges.github import GitHub

    return GitHub(account, answer_within)


def refuse_what_cannot_be_published(repository: str) -> None:
    """Ask a hosted forge before any work is done: a token, an archive or rights that are missing stop a run here.

    Raises PublishError, SettingsError.
    """
    settings = Settings.from_environment()
    account = account_of(repository, settings)
    if account is None:
        return
    forge = hosted_forge(account, settings)
    facts = forge.describe(repository)
    if facts.is_archived:
        raise PublishError(f"{repository} is archived: nothing can be pushed to it. Leave it out.")
    if not facts.may_write and account.forks:
        Mirror.of(repository, settings.mirrors).use_fork(forge.fork(repository, make=False))
        return
    if not facts.may_write:
        raise PublishError(
            f"the token for {account.host} ({account.token_from}) may not write to {repository}. Take one that may"
            " (docs/forges.md), have branches go to forks of yours (forks = true there), or look only: --mode read-only"
        )


def fork_where_needed(mirror: Mirror) -> None:
    """Make our fork, where the settings want one and we may not write, before something is pushed.

    Raises PublishError, SettingsError.
    """
    settings = Settings.from_environment()
    account = account_of(mirror.source, settings)
    if account is None or not account.forks or mirror.fork:
        return
    forge = hosted_forge(account, settings)
    if not forge.describe(mirror.source).may_write:
        mirror.use_fork(forge.fork(mirror.source, make=True))
