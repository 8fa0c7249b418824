"""Who answers the agent: found in the environment, then in the user's settings; how to speak to it is probed once.

The key comes from the environment or the keyring. It goes to the provider's address only, and into no file.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from overhaul.flows.errors import NoModel, SettingsError
from overhaul.flows.settings import Settings
from overhaul.flows.settings_file import read_settings
from overhaul.flows.whole_files import write_whole
from overhaul.refactors.agent.provider import Provider, Wire

if TYPE_CHECKING:
    from overhaul.refactors.agent.conversation import Model
    from overhaul.refactors.agent.probing import Manner

OPENAI_URL = "https://api.openai.com/v1"
KEYRING_SERVICE = "overhaul"
KEYRING_SECONDS = 60.0
NO_KEY = "none"
_WIRES: Mapping[str, Wire] = {"responses": "responses", "chat": "chat"}
HOW = (
    "Set OVERHAUL_MODEL and OPENAI_API_KEY, and OPENAI_BASE_URL unless it is OpenAI's; then see what it says with:"
    " overhaul doctor"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that is to answer, and where. `wire` is None if it is to be found out."""

    provider: Provider
    name: str
    wire: Wire | None
    key_from: str


def has_model(settings: Settings) -> bool:
    """Whether a model is configured; nobody is asked. Raises SettingsError."""
    return bool(os.environ.get("OVERHAUL_MODEL") or read_settings(settings).model.name)


def model_of(settings: Settings) -> Model:
    """The configured model, ready to be asked. The first time for an address and model, it is probed.

    OVERHAUL_WIRE (`responses`, `chat`) or `model.wire` in the settings spares the probing of the other one; tests set
    it to have the whole script for themselves. Raises NoModel, SettingsError, ModelError.
    """
    from overhaul.refactors.agent.model import OpenAIModel

    choice = choose(settings)
    manner = known_manner(settings, choice) or probe(settings, choice)
    return OpenAIModel(choice.provider, choice.name, manner.wire, lacks=manner.lacks)


def choose(settings: Settings, environment: Mapping[str, str] = os.environ) -> Choice:
    """Read who is to answer. Raises NoModel, SettingsError."""
    if find_spec("openai") is None:
        raise NoModel(
            "the agent's libraries are not installed. Install them with: pip install 'overhaul[agent]'"
        )
    form = read_settings(settings).model
    name = environment.get("OVERHAUL_MODEL") or form.name
    if not name:
        raise NoModel(f"no model is configured. {HOW}")
    wire = _WIRES.get(environment.get("OVERHAUL_WIRE", ""), form.wire)
    if (given := environment.get("OVERHAUL_WIRE")) and given not in _WIRES:
        raise NoModel(
            f"OVERHAUL_WIRE is {given!r}; it takes responses or chat. Unset it to have it found out."
        )
    azure = environment.get("AZURE_OPENAI_ENDPOINT", "")
    base_url = (environment.get("OPENAI_BASE_URL") or ("" if azure else form.base_url)).rstrip("/")
    if azure and base_url:
        raise NoModel("OPENAI_BASE_URL and AZURE_OPENAI_ENDPOINT are both set. Unset one of them.")
    version = environment.get("OPENAI_API_VERSION", "") if azure else ""
    if azure and not version:
        raise NoModel(
            "AZURE_OPENAI_ENDPOINT needs OPENAI_API_VERSION. Or, for the API without versions, set"
            f" OPENAI_BASE_URL={azure.rstrip('/')}/openai/v1 instead."
        )
    address = azure.rstrip("/") or base_url or OPENAI_URL
    _check(address)
    key, key_from = _key(address, bool(azure), environment)
    is_token = key_from == "AZURE_OPENAI_AD_TOKEN"
    provider = Provider(address, key, form.deadline_seconds, azure_version=version, is_token=is_token)
    return Choice(provider, name, wire, key_from)


def known_manner(settings: Settings, choice: Choice) -> Manner | None:
    """What was found out before about this address and model, unless the user says otherwise now."""
    from overhaul.refactors.agent.probing import Manner

    with suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads(_kept_at(settings, choice).read_text(encoding="utf-8"))
        manner = Manner(data["wire"], frozenset(data["lacks"]), bool(data["calls_tools"]))
        if choice.wire in (None, manner.wire) and manner.wire in ("responses", "chat"):
            return manner
    return Manner(choice.wire) if choice.wire is not None else None


def probe(settings: Settings, choice: Choice) -> Manner:
    """Find out how the model is spoken to, and keep it. Raises ModelError."""
    from overhaul.refactors.agent.probing import find_manner

    manner = find_manner(choice.provider, choice.name, choice.wire)
    if manner.is_sure:
        kept = {
            "base_url": choice.provider.base_url, "model": choice.name, "wire": manner.wire,
            "lacks": sorted(manner.lacks), "calls_tools": manner.calls_tools,
        }  # fmt: skip
        write_whole(_kept_at(settings, choice), json.dumps(kept, indent=2) + "\n")
    return manner


def _kept_at(settings: Settings, choice: Choice) -> Path:
    which = f"{choice.provider.base_url}\n{choice.provider.azure_version}\n{choice.name}"
    return settings.providers / f"{hashlib.sha256(which.encode()).hexdigest()[:16]}.json"


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        raise SettingsError(
            "the model's base URL is no address of the web. It begins with https://."
        ) from None
    if parts.username or parts.password or parts.query:
        raise SettingsError(
            "the model's base URL holds a user, password or query. Set the key by OPENAI_API_KEY."
        )
    if not is_good:
        raise SettingsError(
            f"the model's base URL {address!r} is no address of the web. It begins with https://."
        )


def _key(address: str, is_azure: bool, environment: Mapping[str, str]) -> tuple[str, str]:
    """The key and where it is from. A server of one's own may need none; OpenAI and Azure do."""
    names = ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN") if is_azure else ("OPENAI_API_KEY",)
    for name in names:
        if key := environment.get(name, "").strip():
            return key, name
    if key := from_keyring(address):
        return key, "keyring"
    if is_azure or address == OPENAI_URL:
        raise NoModel(
            f"no key for {address}. Set {names[0]}, or put it into the keyring with:"
            f" keyring set {KEYRING_SERVICE} {address}"
        )
    return NO_KEY, "no key"


@cache
def from_keyring(address: str) -> str:
    """The key or token that the user's keyring has for an address; nothing without the library or a keyring that opens.

    A locked one asks for its password: whoever does not give it is waited for a minute, once.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    found: list[str] = []

    def look() -> None:
        with suppress(KeyringError):
            found.append((keyring.get_password(KEYRING_SERVICE, address) or "").strip())

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(KEYRING_SECONDS)
    return found[0] if found else ""
