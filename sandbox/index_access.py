"""How the user's own package index settings reach a setup: as environment variables and read-only files, never
written into an environment, an image or a repository.

uv reads neither pip's variables nor pip.conf; users who have only these get the same indexes from uv, with one
difference. pip takes the best version that any index has, so that whoever publishes a private package's name with a
high version is installed instead of it (dependency confusion). uv takes a name from the first index that has it.
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

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
# pip's option -> uv's variable, where they mean the same.
_PIP_TO_UV = {
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
}
_PIP_OPTIONS = (*_PIP_TO_UV, "index-url", "extra-index-url")
# The Python Package Index, where anybody can take a name.
_PUBLIC_HOST = re.compile(r"(?:test\.)?pypi(?:\.python)?\.[a-z]{3}")


@dataclass(frozen=True, slots=True)
class IndexAccess:
    """`environment` for the setup's commands; `files` are the host paths that it names, for the same places inside.

    `remarks` are for the setup's log.
    """

    environment: Mapping[str, str]
    files: tuple[Path, ...]
    remarks: tuple[str, ...] = ()


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
    for option in _PIP_OPTIONS:
        if options.get(option):
            passed.setdefault("PIP_" + option.upper().replace("-", "_"), " ".join(options[option].split()))
    remarks = _add_indexes(passed, options)
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
    return IndexAccess(passed, tuple(dict.fromkeys(path for path in files if path.exists())), remarks)


def _add_indexes(passed: dict[str, str], options: Mapping[str, str]) -> tuple[str, ...]:
    """Give uv the user's pip indexes: extra ones first, the public one last. Return what is to be said of it."""
    default, extra = options.get("index-url", "").split(), options.get("extra-index-url", "").split()
    if not extra or passed.keys() & {"UV_DEFAULT_INDEX", "UV_INDEX"}:
        for name, words in (("UV_DEFAULT_INDEX", default), ("UV_INDEX", extra)):
            if words:
                passed.setdefault(name, " ".join(words))
        return ()
    # Without an index-url the last is uv's own default, which is the public one.
    order = sorted([*extra, *default], key=_precedence)
    if default:
        passed["UV_DEFAULT_INDEX"] = order.pop()
    passed["UV_INDEX"] = " ".join(order)
    if all(word.startswith("file:") for word in extra):
        # A folder of the user's own that has no fitting version of a package must not hide the index that has one.
        passed.setdefault("UV_INDEX_STRATEGY", "unsafe-first-match")
    how = "a package comes from the first that has its name (pip takes the best version of all)"
    if "UV_INDEX_STRATEGY" in passed:
        how = f"UV_INDEX_STRATEGY={passed['UV_INDEX_STRATEGY']}"
    asked = ", ".join([*order, passed.get("UV_DEFAULT_INDEX", "uv's default index")])
    return (f"package indexes in the order in which uv asks them: {asked}; {how}",)


def _precedence(index: str) -> int:
    if index.startswith("file:"):
        return 0
    return 2 if _PUBLIC_HOST.fullmatch(urlsplit(index).hostname or "") else 1


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
    for option in (*_PIP_OPTIONS, "cert"):
        value = environment.get("PIP_" + option.upper().replace("-", "_"))
        if value:
            options[option] = value
    return options
