"""Which forge a repository's address belongs to, and with which token we speak to it.

Tokens come from the environment or the keyring, go to their forge only, and into no file, argument or address.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from overhaul.flows.errors import PublishError
from overhaul.flows.settings import Settings
from overhaul.flows.settings_file import ForgeForm, ForgeKind, read_settings

if TYPE_CHECKING:
    from overhaul.flows.forges.app import App

KNOWN_HOSTS: Mapping[str, ForgeForm] = {
    "github.com": ForgeForm(kind="github", api="https://api.github.com"),
    "gitlab.com": ForgeForm(kind="gitlab"),
    "codeberg.org": ForgeForm(kind="forgejo"),
}
_VARIABLES: Mapping[ForgeKind, tuple[str, ...]] = {
    "github": ("GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab": ("GITLAB_TOKEN",),
    "forgejo": ("FORGEJO_TOKEN", "GITEA_TOKEN"),
    "gitea": ("GITEA_TOKEN", "FORGEJO_TOKEN"),
}
# As GitHub's own command does: the token of github.com is no other server's business.
_ENTERPRISE_VARIABLES = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
_API_PATHS: Mapping[ForgeKind, str] = {
    "github": "/api/v3", "gitlab": "", "forgejo": "/api/v1", "gitea": "/api/v1",
}  # fmt: skip
_GIT_USERS: Mapping[ForgeKind, str] = {
    "github": "x-access-token", "gitlab": "oauth2", "forgejo": "oauth2", "gitea": "oauth2",
}  # fmt: skip
_SCP = re.compile(r"(?:[^@/:]+@)?(?P<host>[^@/:]+):(?!/)(?P<path>.+)")


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a repository in parts: `host` with its port, if one is named; `path` is OWNER/NAME."""

    scheme: str
    host: str
    path: str

    @property
    def owner(self) -> str:
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are on a forge. `token` is empty if there is none; `token_from` says where it is from or is looked for.

    `forks`: branches for repositories to which we may not write go to forks of ours.
    """

    host: str
    kind: ForgeKind
    api: str
    token: str = field(repr=False)
    token_from: str
    forks: bool = False

    def checked(self) -> Account:
        """Raises PublishError if there is no token."""
        if not self.token and self.token_from.startswith("App "):
            raise PublishError(f"{self.token_from} at {self.host} has a token for each owner: name an owner.")
        if not self.token:
            raise PublishError(
                f"there is no token for {self.host}. Set {self.token_from}, or put it into the keyring with:"
                f" keyring set overhaul {self.host}  (docs/forges.md says what it must be allowed to do)"
            )
        return self


def parse_address(repository: str) -> Address | None:
    """The parts of an https, http or ssh address; None for a path."""
    if "://" in repository:
        try:
            parts = urlsplit(repository)
            host = (parts.hostname or "").lower()
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in {"https", "http", "ssh"} or not host:
            return None
        # The port of ssh is not that of the forge's pages.
        named = f"{host}:{port}" if port and parts.scheme != "ssh" else host
        return Address(parts.scheme, named, _plain(parts.path))
    match = _SCP.fullmatch(repository)
    return Address("ssh", match["host"].lower(), _plain(match["path"])) if match else None


def account_of(
    repository: str, settings: Settings, environment: Mapping[str, str] = os.environ
) -> Account | None:
    """The account for a repository's forge, with or without a token; None if it is on no forge that we know.

    Raises SettingsError.
    """
    address = parse_address(repository)
    return account_at(address.host, settings, environment, address.path) if address else None


def account_at(
    host: str, settings: Settings, environment: Mapping[str, str] = os.environ, path: str = ""
) -> Account | None:
    """The account for a host. A GitHub App has one for each owner, or OWNER/NAME: without that `path`, no token.

    Raises SettingsError, and PublishError where an App gets no token.
    """
    form = configured_forges(settings).get(host)
    if form is None:
        return None
    if form.app_id is not None:
        app = app_at(host, form)
        return Account(host, form.kind, app.api, app.token(path) if path else "", app.name)
    names = (form.token_variable,) if form.token_variable else _variables(host, form.kind)
    api = _api(host, form)
    for name in names:
        if token := environment.get(name, "").strip():
            return Account(host, form.kind, api, token, name, form.forks)
    from overhaul.flows.providers import from_keyring

    if token := from_keyring(host):
        return Account(host, form.kind, api, token, "keyring", form.forks)
    return Account(host, form.kind, api, "", names[0], form.forks)


def app_at(host: str, form: ForgeForm) -> App:
    """The GitHub App of a form that names one."""
    from overhaul.flows.forges.app import App

    return App(host, _api(host, form), form)


def _api(host: str, form: ForgeForm) -> str:
    known = KNOWN_HOSTS[host].api if host in KNOWN_HOSTS else ""
    return form.api.rstrip("/") or known or f"https://{host}{_API_PATHS[form.kind]}"


def configured_forges(settings: Settings) -> dict[str, ForgeForm]:
    """The hosts of hosted forges: those that everybody knows and those of the settings file. Raises SettingsError."""
    return {**KNOWN_HOSTS, **read_settings(settings).forges}


def git_environment(repository: str, settings: Settings) -> dict[str, str]:
    """What makes git authenticate at a forge over https: a header for that host only, in no argument and no file.

    Empty for everything else: there the user's own git configuration counts.
    """
    address = parse_address(repository)
    if address is None or address.scheme == "ssh":
        return {}
    account = account_of(repository, settings)
    if account is None or not account.token:
        return {}
    if address.scheme == "http" and not account.api.startswith("http://"):
        return {}  # a token is not sent in the clear, unless the settings say so
    login = base64.b64encode(f"{_GIT_USERS[account.kind]}:{account.token}".encode()).decode()
    count = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    return {
        "GIT_CONFIG_COUNT": str(count + 1),
        f"GIT_CONFIG_KEY_{count}": f"http.{address.scheme}://{address.host}/.extraHeader",
        f"GIT_CONFIG_VALUE_{count}": f"Authorization: Basic {login}",
    }


def _variables(host: str, kind: ForgeKind) -> tuple[str, ...]:
    return _ENTERPRISE_VARIABLES if kind == "github" and host not in KNOWN_HOSTS else _VARIABLES[kind]


def _plain(path: str) -> str:
    return path.strip("/").removesuffix(".git")
