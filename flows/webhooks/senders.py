"""Who sends a webhook: the secret that signs it, and the repositories that may have us do something."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from overhaul.flows.errors import SettingsError
from overhaul.flows.forges.accounts import configured_forges
from overhaul.flows.settings import Settings
from overhaul.flows.settings_file import ForgeKind, WebhookForm, read_settings

VARIABLE = "OVERHAUL_WEBHOOK_SECRET"
SHORTEST_SECRET = 16
LONGEST_HEADER = 100

Dialect = Literal["github", "gitlab", "forgejo"]
# Forgejo sends GitHub's headers as well, so it comes first.
_HEADERS: Sequence[tuple[Dialect, str, str, str]] = (
    ("forgejo", "x-forgejo-event", "x-forgejo-delivery", "x-forgejo-signature"),
    ("forgejo", "x-gitea-event", "x-gitea-delivery", "x-gitea-signature"),
    ("gitlab", "x-gitlab-event", "x-gitlab-event-uuid", "x-gitlab-token"),
    ("github", "x-github-event", "x-github-delivery", "x-hub-signature-256"),
)
_KINDS: Mapping[Dialect, frozenset[ForgeKind]] = {
    "github": frozenset({"github"}),
    "gitlab": frozenset({"gitlab"}),
    "forgejo": frozenset({"forgejo", "gitea"}),
}


@dataclass(frozen=True, slots=True)
class Secret:
    """What webhooks are signed with; of one host, or of every one if `host` is empty."""

    host: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the headers of a webhook say. `proof` is the signature in hexadecimal digits, or GitLab's secret itself."""

    dialect: Dialect
    event: str
    delivery: str
    proof: str = field(repr=False)


def envelope_of(headers: Mapping[str, str]) -> Envelope | None:
    """What a request's headers say, by names in small letters; None if it is no webhook with a signature."""
    for dialect, event, delivery, proof in _HEADERS:
        if name := headers.get(event):
            found = Envelope(dialect, name, headers.get(delivery, ""), headers.get(proof, ""))
            too_long = max(len(found.event), len(found.delivery)) > LONGEST_HEADER
            return None if too_long or not found.proof else found
    return None


def vouching(envelope: Envelope, body: bytes, secrets: Sequence[Secret]) -> frozenset[str]:
    """The hosts whose secrets the sender knows, "" for every host; comparing takes as long whatever was sent."""
    proof = envelope.proof.removeprefix("sha256=").encode()
    found = set()
    for secret in secrets:
        key = secret.value.encode()
        wanted = (
            key if envelope.dialect == "gitlab" else hmac.new(key, body, hashlib.sha256).hexdigest().encode()
        )
        if hmac.compare_digest(proof, wanted):
            found.add(secret.host)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Whose webhooks count: `senders` are patterns of HOST/OWNER/NAME, `kinds` the forges that are known by host."""

    secrets: Sequence[Secret]
    senders: Sequence[str]
    kinds: Mapping[str, ForgeKind]

    def admits(self, dialect: Dialect, hosts: frozenset[str], host: str, path: str) -> bool:
        """Whether a repository may have us do something, when those who vouch for it speak for these hosts."""
        vouched = "" in hosts or host in hosts
        is_forge = self.kinds.get(host) in _KINDS[dialect]
        name = f"{host}/{path}".lower()
        return vouched and is_forge and any(fnmatchcase(name, each) for each in self.senders)


def doorkeeper_of(settings: Settings, environment: Mapping[str, str] = os.environ) -> Doorkeeper:
    """Who may send, by the settings. Raises SettingsError where nobody may, or without a secret."""
    form = webhook_form(settings)
    kinds = {host: each.kind for host, each in configured_forges(settings).items()}
    return Doorkeeper(secrets_of(settings, environment), form.senders, kinds)


def webhook_form(settings: Settings) -> WebhookForm:
    """The settings of webhooks. Raises SettingsError where there are none."""
    form = read_settings(settings).webhook
    if form is None or not form.senders:
        raise SettingsError(
            f"{settings.file} allows no repository to send webhooks. Name some (docs/webhook.md):"
            ' [webhook] senders = ["github.com/OWNER/*"]'
        )
    return form


def secrets_of(settings: Settings, environment: Mapping[str, str] = os.environ) -> tuple[Secret, ...]:
    """The secrets that are set. Raises SettingsError if there is none, or one is easily guessed."""
    from overhaul.flows.providers import from_keyring

    hosts = list(configured_forges(settings))
    found = [Secret("", environment.get(VARIABLE, "").strip())]
    found += [Secret(host, from_keyring(f"webhook@{host}")) for host in hosts]
    given = tuple(each for each in found if each.value)
    if not given:
        raise SettingsError(
            f"no secret is set that webhooks are signed with. Set {VARIABLE}, or put one into the keyring with:"
            f" keyring set overhaul webhook@{hosts[0]}  (docs/webhook.md)"
        )
    if short := next((each for each in given if len(each.value) < SHORTEST_SECRET), None):
        where = f"webhook@{short.host} in the keyring" if short.host else VARIABLE
        raise SettingsError(
            f"the secret of webhooks ({where}) has fewer than {SHORTEST_SECRET} characters. Make one with:"
            " openssl rand -hex 32"
        )
    return given
