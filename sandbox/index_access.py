"""How the user's own package index settings reach a setup: as environment variables and read-only files, never
written into an environment, an image or a repository.

uv reads neither pip's variables nor pip.conf; users who have only these get the same index from uv.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PASSED_PREFIXES = (
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX",
    "UV_FIND_LINKS",
    "UV_INSECURE",
    "UV_HTTP",
    "PIP_",
)
PASSED = frozenset(
    {
        "UV_NATIVE_TLS",
        "UV_SYSTEM_CERTS",
        "UV_OFFLINE",
        "UV_NO_INDEX",
        "UV_KEYRING_PROVIDER",
        "UV_EXCLUDE_NEWER",
    }
    | {"npm_config_registry", "NPM_CONFIG_REGISTRY"}
    | {
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
    }
)
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")
# pip's option -> uv's variable. pip takes the best version from all indexes; uv the first index that has the name.
_PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
}


@dataclass(frozen=True, slots=True)
class IndexAccess:
    """`environment` for the setup's commands; `files` are the host paths that it names, for the same places inside."""

    environment: Mapping[str, str]
    files: tuple[Path, ...]


def replaced_words(environment: Mapping[str, str], inside: Mapping[str, str]) -> dict[str, str]:
    """Return settings for an isolated setup: host paths as they are there, and no indexes that are folders.

    The files of such an index may be anywhere on the host.
    """
    found = {}
    for name, value in environment.items():
        words = [inside.get(word, word) for word in value.replace(",", " , ").split()]
        kept = [word for word in words if not word.startswith("file:")]
        if any(word != "," for word in kept):
            found[name] = " ".join(kept).replace(" , ", ",")
    return found


def index_access(environment: Mapping[str, str], pip_files: tuple[Path, ...] | None = None) -> IndexAccess:
    """Collect it from the user's environment and pip's configuration files (those of this machine by default)."""
    passed = {
        name: value
        for name, value in environment.items()
        if name.startswith(PASSED_PREFIXES) or name in PASSED
    }
    options = _pip_options(environment, _pip_configuration(environment) if pip_files is None else pip_files)
    for option, name in _PIP_TO_UV.items():
        if options.get(option):
            passed.setdefault(name, _uv_value(name, options[option]))
            passed.setdefault("PIP_" + option.upper().replace("-", "_"), " ".join(options[option].split()))
    if "UV_INDEX" in passed and options.get("extra-index-url"):
        passed.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    certificate = next(
        (environment[name] for name in CERTIFICATES if environment.get(name)), options.get("cert")
    )
    files = []
    if certificate and Path(certificate).is_file():
        passed |= dict.fromkeys(CERTIFICATES, certificate)
        files.append(Path(certificate))
    for name in ("UV_FIND_LINKS", "PIP_FIND_LINKS"):
        files += [
            Path(word) for word in passed.get(name, "").replace(",", " ").split() if word.startswith("/")
        ]
    # Everything in pip's files that is about an index is in variables by now.
    passed.pop("PIP_CONFIG_FILE", None)
    if environment.get("UV_CONFIG_FILE"):
        passed["UV_CONFIG_FILE"] = environment["UV_CONFIG_FILE"]
        files.append(Path(environment["UV_CONFIG_FILE"]))
    return IndexAccess(passed, tuple(dict.fromkeys(path for path in files if path.exists())))


def _uv_value(name: str, value: str) -> str:
    words = value.split()
    return ",".join(words) if name == "UV_FIND_LINKS" else " ".join(words)


def _pip_configuration(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """pip's files, the weaker first: machine, user, the one that a variable names."""
    home = Path(environment.get("HOME", "/"))
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    named = environment.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return ()
    return (
        Path("/etc/pip.conf"),
        home / ".pip/pip.conf",
        settings / "pip/pip.conf",
        *([Path(named)] if named else []),
    )


def _pip_options(environment: Mapping[str, str], files: tuple[Path, ...]) -> dict[str, str]:
    options: dict[str, str] = {}
    for path in files:
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            options |= dict(parser[section]) if parser.has_section(section) else {}
    for option in (*_PIP_TO_UV, "cert"):
        value = environment.get("PIP_" + option.upper().replace("-", "_"))
        if value:
            options[option] = value
    return options
