"""Tokens of a GitHub App's installations: for an hour each, kept in memory only, with no more rights than are used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from overhaul.flows.errors import PublishError
from overhaul.flows.forges.calls import Calls
from overhaul.flows.settings_file import ForgeForm

if TYPE_CHECKING:
    from github import GithubIntegration
    from github.Installation import Installation

REQUIRED: Mapping[str, str] = {"contents": "write", "pull_requests": "write"}
# What is asked for besides where the App has it: comments, checks, files of the CI, teams as reviewers.
USEFUL: Mapping[str, str] = {
    "metadata": "read", "issues": "write", "checks": "write", "statuses": "write", "workflows": "write",
    "members": "read",
}  # fmt: skip
# A step may wait for a limit of the forge for a quarter of an hour.
LEFT_AT_LEAST = timedelta(minutes=20)

_installations: dict[tuple[str, str, str], int] = {}
_tokens: dict[tuple[str, int], tuple[str, datetime]] = {}


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App at a host, as the settings name it."""

    host: str
    api: str
    form: ForgeForm

    @property
    def name(self) -> str:
        return f"App {self.form.app_id}"

    def token(self, path: str, now: datetime | None = None) -> str:
        """The token for a repository, OWNER/NAME, or for an owner's alone; another one before it expires.

        Raises PublishError where the App is not installed or lacks rights, or its key is none.
        """
        now = now or datetime.now(UTC)
        of = (self.host, self.name, path.lower())
        if of in _installations:
            known = _tokens.get((self.host, _installations[of]))
            if known and known[1] - now > LEFT_AT_LEAST:
                return known[0]
        connected = self._connected()
        calls = self._calls()
        installation = calls.ask(
            f"ask for the installation of {self.name}", lambda: self._found(connected, path)
        )
        _installations[of] = installation.id
        rights = self._rights(installation, path)
        given = calls.ask(
            f"ask for a token of {self.name}", lambda: connected.get_access_token(installation.id, rights)
        )
        _tokens[self.host, installation.id] = (given.token, given.expires_at)
        return given.token

    def who_am_i(self) -> str:
        """The App's name, and where it is installed."""
        connected = self._connected()
        name = self._calls().ask("ask who we are", lambda: connected.get_app().name)
        installed = self._calls().ask(
            "ask where the App is installed", lambda: [_owner(each) for each in connected.get_installations()]
        )
        if not installed:
            raise PublishError(f"{self.name} ({name}) is installed nowhere. Install it at {self.host}.")
        return f"{self.name} ({name}), installed for {', '.join(sorted(installed)[:10])}"

    def _connected(self) -> GithubIntegration:
        try:
            from github import Auth, GithubIntegration
            from jwt.exceptions import PyJWTError
        except ImportError as error:
            raise PublishError(
                "GitHub's library is not installed. Install it with: pip install 'overhaul[forges]'"
            ) from error
        try:
            key = Path(self.form.private_key_file).expanduser().read_text(encoding="ascii")
            auth = Auth.AppAuth(str(self.form.app_id), key)
            auth.create_jwt()
        except (OSError, ValueError, TypeError, PyJWTError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no private key in PEM"
            raise PublishError(
                f"the private key of {self.name} ({self.form.private_key_file}) cannot be used: {why}."
                " Download one from the App's settings (docs/forges.md)."
            ) from error
        return GithubIntegration(
            auth=auth, base_url=self.api, user_agent="overhaul", retry=None, per_page=100,
            seconds_between_requests=None, seconds_between_writes=None,
        )  # fmt: skip

    def _calls(self) -> Calls:
        from overhaul.flows.forges.github import answer_in

        return Calls(self.host, answer_in)

    def _found(self, connected: GithubIntegration, path: str) -> Installation:
        """Refused where there is none."""
        owner, _, name = path.partition("/")
        missing = PublishError(
            f"{self.name} is not installed for {path}. Install it there, or leave it out (docs/forges.md)."
        )
        if not name:
            listed = connected.get_installations()
            found = next((each for each in listed if _owner(each).lower() == owner.lower()), None)
            if found is None:
                raise missing
            return found
        from github import UnknownObjectException

        try:
            return connected.get_repo_installation(owner, name)
        except UnknownObjectException as error:
            raise missing from error

    def _rights(self, installation: Installation, path: str) -> dict[str, str]:
        granted = installation.raw_data.get("permissions") or {}
        lacking = [name for name in REQUIRED if granted.get(name) != "write"]
        if lacking:
            raise PublishError(
                f"{self.name} may not write {' and '.join(lacking)} at {path}. Grant that in the App's settings,"
                " and accept it where it is installed."
            )
        useful = {name: level for name, level in USEFUL.items() if granted.get(name) in {level, "write"}}
        return {**REQUIRED, **useful}


def _owner(installation: Installation) -> str:
    return str(installation.raw_data["account"]["login"])
